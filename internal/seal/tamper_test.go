package seal

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// mutation is an object with one thing changed.
type mutation struct {
	path string
	json []byte
}

// mutations changes every leaf of a JSON object: each bit of each base64url
// value, each number by one, each flag, and each text by a letter.
func mutations(t *testing.T, object any) []mutation {
	t.Helper()
	data := must(json.Marshal(object))
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	var out []mutation
	walk(tree, "", func(path string, set func(any), leaf any) {
		for i, v := range changed(leaf) {
			set(v)
			out = append(out, mutation{fmt.Sprintf("%s[%d]", path, i), must(json.Marshal(tree))})
		}
		set(leaf)
	})
	return out
}

func walk(node any, path string, visit func(path string, set func(any), leaf any)) {
	each := func(path string, child any, set func(any)) {
		switch child.(type) {
		case map[string]any, []any:
			walk(child, path, visit)
		default:
			visit(path, set, child)
		}
	}
	switch n := node.(type) {
	case map[string]any:
		for k, v := range n {
			each(path+"."+k, v, func(x any) { n[k] = x })
		}
	case []any:
		for i, v := range n {
			each(fmt.Sprintf("%s.%d", path, i), v, func(x any) { n[i] = x })
		}
	}
}

func changed(leaf any) []any {
	switch v := leaf.(type) {
	case float64:
		return []any{v + 1, v + 256}
	case bool:
		return []any{!v}
	case string:
		raw, err := decode64(v)
		if err != nil || len(raw) < 16 {
			return []any{v + "x"}
		}
		var out []any
		for bit := range len(raw) * 8 {
			out = append(out, encode64(flip(raw, bit)))
		}
		return out
	}
	return nil
}

func flip(b []byte, bit int) []byte {
	out := slices.Clone(b)
	out[bit/8] ^= 1 << (bit % 8)
	return out
}

func TestEveryBitOfABody(t *testing.T) {
	w := newWorld(t)
	room, _ := w.room(t)
	key := must(room.Key(0))
	h := Header{Sender: Seeker, ID: "m1", N: 1, After: 0}
	body := must(key.Seal(h, []byte("hello")))
	for bit := range len(body) * 8 {
		if _, err := key.Open(h, flip(body, bit)); err != ErrTag {
			t.Fatalf("bit %d: got %v", bit, err)
		}
	}
	for n := range len(body) {
		if _, err := key.Open(h, body[:n]); err != ErrEncoding {
			t.Fatalf("cut to %d: got %v", n, err)
		}
	}
}

func TestEveryFieldOfAHeader(t *testing.T) {
	w := newWorld(t)
	room, _ := w.room(t)
	key := must(room.Key(0))
	h := Header{Sender: Seeker, ID: "m1", N: 7, After: 5}
	body := must(key.Seal(h, []byte("hello")))
	for bit := range 32 {
		for _, x := range []Header{
			{h.Sender, h.ID, h.N ^ 1<<bit, h.After}, {h.Sender, h.ID, h.N, h.After ^ 1<<bit},
		} {
			_, err := key.Open(x, body)
			wantErr(t, err, ErrTag)
		}
	}
	for bit := range len(Seeker) * 8 {
		_, err := key.Open(Header{string(flip([]byte(Seeker), bit)), h.ID, h.N, h.After}, body)
		wantErr(t, err, ErrTag)
	}
	for bit := range 16 {
		_, err := key.Open(Header{h.Sender, string(flip([]byte(h.ID), bit)), h.N, h.After}, body)
		wantErr(t, err, ErrTag)
	}
	for _, k := range []RoomKey{{Room: key.Room, Epoch: 1, secret: key.secret}, {Room: RoomID{1}, secret: key.secret}} {
		_, err := k.Open(h, body)
		wantErr(t, err, ErrTag)
	}
}

// TestEveryBitOfAnEpoch changes each leaf of an epoch with link and history. No
// reader may accept it, except that a wrap and the own mark concern one reader.
func TestEveryBitOfAnEpoch(t *testing.T) {
	w := newWorld(t)
	seeker, ben := w.room(t)
	e1 := must(seeker.Next(Change{Chain: w.chain, Readers: []KID{w.ben.KID(), w.cem.KID()}, History: true, At: noon}))
	rooms := []*Room{}
	for _, key := range []*PrivateKey{w.seeker, w.ben.KEM(), w.cem.KEM()} {
		room := must(OpenRoom(key, []Epoch{ben.Current()}))
		if unchanged := *room; unchanged.Accept(e1) != nil {
			t.Fatal("the unchanged epoch is refused")
		}
		rooms = append(rooms, room)
	}
	for _, m := range mutations(t, e1) {
		refused := w.refusals(m.json, rooms)
		oneReader := strings.HasPrefix(m.path, ".wraps.") || strings.HasPrefix(m.path, ".own")
		if refused == 0 || refused < len(rooms) && !oneReader {
			t.Fatalf("%s: only %d of %d readers refuse", m.path, refused, len(rooms))
		}
	}
}

// refusals counts the rooms that do not take a changed epoch.
func (w *world) refusals(data []byte, rooms []*Room) (n int) {
	e, err := ParseEpoch(data)
	if err != nil || w.chain.CheckCurrent(e, noon) != nil {
		return len(rooms)
	}
	for _, r := range rooms {
		if room := *r; room.Accept(e) != nil {
			n++
		}
	}
	return n
}

func TestEveryBitOfAChain(t *testing.T) {
	w := newWorld(t)
	dora := newKeys(t)
	member := dora.Member("Dora", true, false)
	member.NotAfter = noon.Unix() + 3600
	second := sign(t, w.ada, NewState("team-1", &w.signed[0].State, append(slices.Clone(w.signed[0].Members), member)))
	for i, state := range []SignedState{w.signed[0], second} {
		for _, m := range mutations(t, state) {
			chain := []SignedState{w.signed[0], second}
			s, err := ParseSigned(m.json)
			if err == nil {
				chain[i] = s
				_, err = Verify("team-1", chain, Hash{})
			}
			if err == nil {
				t.Fatalf("state %d %s is accepted", i, m.path)
			}
		}
	}
}

func TestEveryBitOfAKeyFile(t *testing.T) {
	kek := KEK{Kind: WrapPasskey, ID: "Y3JlZA", Key: random(32)}
	_, file, err := NewStaffKeys(kek)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mutations(t, file) {
		f, err := ParseKeyFile(m.json)
		if err == nil {
			_, err = Unlock(f, kek)
		}
		if err == nil {
			t.Fatalf("%s is accepted", m.path)
		}
	}
}

func TestEveryBitOfADayBox(t *testing.T) {
	dir := must(OpenKeyDir(t.TempDir()))
	box := must(dir.Seal("2026-11-25", []byte("wraps")))
	for bit := range len(box) * 8 {
		_, err := dir.Open("2026-11-25", flip(box, bit))
		want := ErrTag
		if bit < 32 {
			want = ErrDayKey
		}
		wantErr(t, err, want)
	}
}
