package seal

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"testing"
)

// seedGolden adds what pick chooses from every golden room to a corpus.
func seedGolden(f *testing.F, pick func(golden) []any) {
	f.Helper()
	for _, name := range []string{"2026-11-go.json", "2026-11-ts.json"} {
		var g golden
		if err := json.Unmarshal(must(os.ReadFile("testdata/golden/"+name)), &g); err != nil {
			f.Fatal(err)
		}
		for _, v := range pick(g) {
			f.Add(must(json.Marshal(v)))
		}
	}
	f.Add([]byte(`{}`))
	f.Add([]byte(`null`))
}

// FuzzEpoch: whatever parses is checked, and survives a round trip unchanged.
func FuzzEpoch(f *testing.F) {
	seedGolden(f, func(g golden) (out []any) {
		for _, e := range g.Epochs {
			out = append(out, e)
		}
		return out
	})
	key := must(GenerateKey())
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := ParseEpoch(data)
		if err != nil {
			return
		}
		again, err := ParseEpoch(must(json.Marshal(e)))
		if err != nil || epochDigest(again) != epochDigest(e) {
			t.Errorf("round trip: %v", err)
		}
		if _, err := e.Open(key); err == nil {
			t.Error("a stranger opens an epoch")
		}
	})
}

// FuzzSignedState: whatever parses verifies only with a signature of its own.
func FuzzSignedState(f *testing.F) {
	seedGolden(f, func(g golden) []any { return []any{g.Chain[0], g.Chain[1]} })
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ParseSigned(data)
		if err != nil {
			return
		}
		again, err := ParseSigned(must(json.Marshal(s)))
		if err != nil || again.Hash() != s.Hash() {
			t.Errorf("round trip: %v", err)
		}
		if _, err := Verify(s.Team, []SignedState{s}, Hash{}); err != nil {
			return
		}
		s.Sig[0] ^= 1
		if _, err := Verify(s.Team, []SignedState{s}, Hash{}); err == nil {
			t.Error("a changed signature is accepted")
		}
	})
}

// FuzzKeyFile: no file opens under a key that is not its own.
func FuzzKeyFile(f *testing.F) {
	seedGolden(f, func(g golden) []any { return []any{g.Staff[0].File} })
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := ParseKeyFile(data)
		if err != nil {
			return
		}
		if _, err := Unlock(file, KEK{Kind: WrapRecovery, Key: make([]byte, 32)}); err == nil {
			t.Error("opens under a key that is not its own")
		}
	})
}

// FuzzTranscript: no message that was not sealed is ever shown, and each place
// shows something.
func FuzzTranscript(f *testing.F) {
	var g golden
	if err := json.Unmarshal(must(os.ReadFile("testdata/golden/2026-11-go.json")), &g); err != nil {
		f.Fatal(err)
	}
	f.Add(must(json.Marshal(g.Messages)))
	room := must(OpenRoom(must(SeekerKey(g.Seed)), g.Epochs[:2]))
	genuine := map[string]bool{}
	for _, it := range read(room, g.Messages...) {
		genuine[string(it.Plain)] = true
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var log []Message
		if json.Unmarshal(data, &log) != nil {
			return
		}
		tr := NewTranscript(room)
		for _, m := range log {
			before := tr.Seq()
			items := tr.Add(m)
			if m.Seq > before && len(items) == 0 {
				t.Error("a message was dropped silently")
			}
			for _, it := range items {
				if it.Kind == ItemMessage && !genuine[string(it.Plain)] {
					t.Errorf("shown: %q", it.Plain)
				}
			}
		}
	})
}

// FuzzBody: what is sealed opens to the same bytes, nothing else opens, and unpadding
// never invents.
func FuzzBody(f *testing.F) {
	key := RoomKey{secret: [32]byte{1}}
	h := Header{Sender: Seeker, ID: "m1", N: 1}
	f.Add([]byte("hello"), []byte(must(key.Seal(h, []byte("hello")))))
	f.Fuzz(func(t *testing.T, plain, body []byte) {
		if len(plain) <= MaxPlain {
			sealed := must(key.Seal(h, plain))
			got, err := key.Open(h, sealed)
			if err != nil || !bytes.Equal(got, plain) || !ValidBody(len(sealed)) {
				t.Errorf("round trip of %d bytes: %v", len(plain), err)
			}
		}
		if text, err := key.Open(h, body); err == nil && string(text) != "hello" {
			t.Errorf("%d bytes of somebody else open", len(body))
		}
		if text, err := unpad(body); err == nil && len(text) >= len(body) {
			t.Error("nothing was padding")
		}
	})
}

// FuzzCode: whatever is read as a code is shown as one that reads the same.
func FuzzCode(f *testing.F) {
	f.Add(Code{"00000000000000000000000000"}.Text())
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		code, err := ParseCode(s)
		if err != nil {
			return
		}
		if again, err := ParseCode(code.Text()); err != nil || again != code {
			t.Errorf("%q: %v", s, err)
		}
	})
}

// FuzzLP: the encoding can be taken apart again in only one way.
func FuzzLP(f *testing.F) {
	f.Add([]byte("a"), []byte(""), []byte("bc"))
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		got, ok := splitLP(lp(a, b, c))
		if !ok || len(got) != 3 || !bytes.Equal(got[0], a) || !bytes.Equal(got[1], b) || !bytes.Equal(got[2], c) {
			t.Errorf("%q", got)
		}
		if fields, ok := splitLP(a); ok && !bytes.Equal(lp(fields...), a) {
			t.Error("two encodings of one list")
		}
	})
}

// splitLP is the strict reader of lp; BEK1 itself never needs one.
func splitLP(data []byte) (fields [][]byte, ok bool) {
	for len(data) > 0 {
		if len(data) < 4 {
			return nil, false
		}
		n := binary.BigEndian.Uint32(data)
		if uint64(n) > uint64(len(data)-4) {
			return nil, false
		}
		fields = append(fields, data[4:4+n])
		data = data[4+n:]
	}
	return fields, true
}

// FuzzDayBox: only the sealed box opens, and only for its day.
func FuzzDayBox(f *testing.F) {
	key := make([]byte, 32)
	f.Add("2026-11-25", sealDay(key, "2026-11-25", []byte("wraps")))
	f.Fuzz(func(t *testing.T, day string, box []byte) {
		if _, err := ParseDay(day); err != nil {
			return
		}
		if plain, err := openDay(key, Day(day), box); err == nil && (day != "2026-11-25" || string(plain) != "wraps") {
			t.Errorf("opens %q for %s", plain, day)
		}
	})
}
