package seal

import (
	"errors"
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

func TestCodeAndKeys(t *testing.T) {
	code := NewCode()
	again, err := ParseCode(code.Text())
	if err != nil || again != code {
		t.Fatal(again, err)
	}
	_, file, err := NewStaffKeys(KEK{Kind: WrapRecovery, Key: code.RecoveryKEK()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Unlock(file, KEK{Kind: WrapRecovery, Key: code.RecoveryKEK()}); err != nil {
		t.Fatal(err)
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

func TestDayKeys(t *testing.T) {
	dir, err := OpenKeyDir(t.TempDir() + "/keys")
	if err != nil {
		t.Fatal(err)
	}
	day := DayOf(noon)
	box, err := dir.Seal(day, []byte("wrap"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := dir.Open(day, box); err != nil || string(got) != "wrap" {
		t.Fatal(got, err)
	}
	if err := dir.Destroy("2026-11-26"); err != nil {
		t.Fatal(err)
	}
	_, err = dir.Open(day, box)
	wantErr(t, err, ErrDayGone)
}
