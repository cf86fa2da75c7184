package seal

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// world is a team of three: ada signs and reads, ben and cem read.
type world struct {
	ada, ben, cem *StaffKeys
	signed        []SignedState
	chain         *Chain
	seeker        *PrivateKey
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{ada: newKeys(t), ben: newKeys(t), cem: newKeys(t)}
	w.signed = []SignedState{sign(t, w.ada, NewState("team-1", nil, []Member{
		w.ada.Member("Ada", true, true), w.ben.Member("Ben", true, false), w.cem.Member("Cem", true, false),
	}))}
	w.chain = mustVerify(t, w.signed)
	w.seeker = must(SeekerKey(NewSeed()))
	return w
}

func newKeys(t *testing.T) *StaffKeys {
	t.Helper()
	k, _, err := NewStaffKeys(KEK{Kind: WrapRecovery, Key: NewCode().RecoveryKEK()})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sign(t *testing.T, k *StaffKeys, s State) SignedState {
	t.Helper()
	signed, err := k.Sign(s)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func mustVerify(t *testing.T, chain []SignedState) *Chain {
	t.Helper()
	c, err := Verify("team-1", chain, Hash{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func wantErr(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
}

// room opens a fresh room with ben reading, as the seeker and as ben.
func (w *world) room(t *testing.T) (seeker, ben *Room) {
	t.Helper()
	seeker, e, err := NewRoom(w.seeker, w.chain, []KID{w.ben.KID()}, noon)
	if err != nil {
		t.Fatal(err)
	}
	ben, err = OpenRoom(w.ben.KEM(), []Epoch{e})
	if err != nil {
		t.Fatal(err)
	}
	return seeker, ben
}

func TestRoomBothWays(t *testing.T) {
	w := newWorld(t)
	seeker, ben := w.room(t)
	if err := w.chain.CheckCurrent(ben.Current(), noon); err != nil {
		t.Fatal(err)
	}
	out := NewTranscript(ben)
	_, body, err := seeker.Seal(Header{Sender: Seeker, ID: "m1", N: 1}, []byte(`{"text":"Hallo"}`))
	if err != nil {
		t.Fatal(err)
	}
	items := out.Add(Message{Seq: 1, ID: "m1", Sender: Seeker, N: 1, Body: body})
	if len(items) != 1 || items[0].Kind != ItemMessage || string(items[0].Plain) != `{"text":"Hallo"}` {
		t.Fatalf("got %+v", items)
	}
	if out.Seq() != 1 || out.Next(Seeker) != 2 || !out.Has("m1") {
		t.Error("transcript does not count")
	}
}

func TestHistoryForNewReader(t *testing.T) {
	w := newWorld(t)
	seeker, ben := w.room(t)
	e, err := seeker.Next(Change{Chain: w.chain, Readers: []KID{w.cem.KID()}, History: true, At: noon})
	if err != nil {
		t.Fatal(err)
	}
	if err := ben.Accept(e); err != nil {
		t.Fatal(err)
	}
	_, err = ben.Key(1)
	wantErr(t, err, ErrLocked)
	cem, err := OpenRoom(w.cem.KEM(), ben.Epochs())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cem.Key(0); err != nil {
		t.Fatal(err)
	}
}

func TestHistoryMustFit(t *testing.T) {
	w := newWorld(t)
	seeker, _ := w.room(t)
	other, _, err := NewRoom(w.seeker, w.chain, nil, noon)
	if err != nil {
		t.Fatal(err)
	}
	fake := must(other.Key(0))
	fake.Room = seeker.ID
	plan := Plan{Room: seeker.ID, Team: "team-1", TeamState: w.chain.HeadHash(), Earlier: []RoomKey{fake}, History: true, Readers: []Reader{
		{w.seeker.KID(), KindSeeker, w.seeker.Public()}, {w.cem.KID(), KindStaff, w.cem.KEM().Public()},
	}}
	e, _, err := NewEpoch(plan)
	if err != nil {
		t.Fatal(err)
	}
	_, err = OpenRoom(w.cem.KEM(), []Epoch{seeker.Current(), e})
	wantErr(t, err, ErrHistory)
	plan.Earlier = []RoomKey{{}}
	plan.Earlier[0].Room = seeker.ID
	_, _, err = NewEpoch(plan)
	wantErr(t, err, ErrHistory)
}

// TestSeekerAway lets a reader make the next epoch with the seeker still in it.
func TestSeekerAway(t *testing.T) {
	w := newWorld(t)
	seeker, ben := w.room(t)
	e1 := must(ben.Next(Change{Chain: w.chain, Readers: []KID{w.cem.KID()}, History: true, At: noon}))
	if err := seeker.Accept(e1); err != nil {
		t.Fatal(err)
	}
	cem := must(OpenRoom(w.cem.KEM(), seeker.Epochs()))
	if must(cem.Key(0)) != must(seeker.Key(0)) || must(cem.Key(1)) != must(seeker.Key(1)) {
		t.Error("keys differ")
	}
	_, err := ben.Next(Change{Chain: w.chain, Readers: []KID{w.ben.KID()}, At: noon})
	if err != nil {
		t.Error("the maker of an epoch keeps its key until told otherwise:", err)
	}
}

func TestCommitment(t *testing.T) {
	w := newWorld(t)
	seeker, _ := w.room(t)
	e := seeker.Current()
	for i, wrap := range e.Wraps { // a maker who gives ben another key than the rest
		if wrap.KID == w.ben.KID() {
			enc, ct, err := hpkeSeal(w.ben.KEM().Public(), e.wrapAAD(wrap.KID), random(32))
			if err != nil {
				t.Fatal(err)
			}
			e.Wraps[i] = Wrap{wrap.KID, enc, ct}
		}
	}
	_, err := OpenRoom(w.ben.KEM(), []Epoch{e})
	wantErr(t, err, ErrCommit)
}

func TestPadding(t *testing.T) {
	for _, n := range []int{0, 1, 255, 256, 511, 512, 1023, 1024, 16382, 16383} {
		plain := random(n)
		for i := range plain {
			plain[i] |= 1
		}
		padded := must(pad(plain))
		if !slices.Contains(buckets, len(padded)) || len(padded) <= n {
			t.Errorf("%d bytes become %d", n, len(padded))
		}
		if got, err := unpad(padded); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	_, err := pad(make([]byte, 16384))
	wantErr(t, err, ErrTooLong)
	for name, bad := range map[string][]byte{
		"no mark": make([]byte, 256), "wrong mark": append(make([]byte, 255), 0x81), "bucket too large": append([]byte{0x80}, make([]byte, 511)...),
	} {
		if _, err := unpad(bad); err != ErrPadding {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestUnusableHeadersAndKeys(t *testing.T) {
	w := newWorld(t)
	room, _ := w.room(t)
	key := must(room.Key(0))
	long := strings.Repeat("x", 65)
	for _, h := range []Header{{"", "id", 1, 0}, {long, "id", 1, 0}, {Seeker, "", 1, 0}, {Seeker, long, 1, 0}, {Seeker, "id", 0, 0}} {
		_, err := key.Seal(h, nil)
		wantErr(t, err, ErrEncoding)
		_, err = key.Open(h, make([]byte, 284))
		wantErr(t, err, ErrEncoding)
	}
	_, err := RoomKey{}.Seal(Header{Seeker, "id", 1, 0}, nil)
	wantErr(t, err, ErrKey)
	_, err = SeekerKey(make([]byte, 31))
	wantErr(t, err, ErrKey)
	_, err = room.Key(1)
	wantErr(t, err, ErrEpoch)
	_, err = OpenRoom(w.seeker, nil)
	wantErr(t, err, ErrEpoch)
}

// TestSecretsDoNotPrint formats secrets in every way a log might.
func TestSecretsDoNotPrint(t *testing.T) {
	w := newWorld(t)
	room, _ := w.room(t)
	key, code := must(room.Key(0)), NewCode()
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, nil))
	log.Info("x", "key", key, "code", code)
	fmt.Fprintf(&out, "%v %+v %#v %s", key, key, key, key)
	fmt.Fprintf(&out, "%v %+v %#v %s", code, code, code, code)
	for _, secret := range []string{fmt.Sprint(key.secret[:6])[1:], code.symbols[:8], fmt.Sprintf("0x%x, 0x%x", key.secret[0], key.secret[1])} {
		if strings.Contains(out.String(), strings.Trim(secret, "[]")) {
			t.Errorf("%q is in %q", secret, out.String())
		}
	}
}
