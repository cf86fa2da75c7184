package seal

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// server counts as the real one would.
type server struct {
	log []Message
	n   map[string]uint32
}

// say seals one message as somebody in a room and stores it.
func (s *server) say(t *testing.T, r *Room, sender, text string) Message {
	t.Helper()
	if s.n == nil {
		s.n = map[string]uint32{}
	}
	s.n[sender]++
	seq := uint32(len(s.log) + 1)
	h := Header{Sender: sender, ID: fmt.Sprintf("m-%d", seq), N: s.n[sender], After: seq - 1}
	epoch, body, err := r.Seal(h, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s.log = append(s.log, Message{Seq: seq, ID: h.ID, Sender: sender, Epoch: epoch, N: h.N, After: h.After, Body: body})
	return s.log[seq-1]
}

// read feeds messages to a new transcript and lists the kinds and texts.
func read(r *Room, log ...Message) (out []Item) {
	t := NewTranscript(r)
	for _, m := range log {
		out = append(out, t.Add(m)...)
	}
	return out
}

func wantItems(t *testing.T, got []Item, want ...string) {
	t.Helper()
	var have []string
	for _, it := range got {
		switch it.Kind {
		case ItemMessage:
			have = append(have, string(it.Plain))
		case ItemMissing:
			have = append(have, "missing "+it.Sender+" "+string(rune('0'+it.Count)))
		default:
			have = append(have, string(it.Kind)+" "+string(it.Reason))
		}
	}
	if !slices.Equal(have, want) {
		t.Errorf("got  %q\nwant %q", have, want)
	}
}

// conversation has three messages of the seeker and two of ben.
func conversation(t *testing.T) (w *world, seeker, ben *Room, log []Message) {
	w = newWorld(t)
	seeker, ben = w.room(t)
	var s server
	s.say(t, seeker, Seeker, "a1")
	s.say(t, ben, w.ben.KID().String(), "b1")
	s.say(t, seeker, Seeker, "a2")
	s.say(t, ben, w.ben.KID().String(), "b2")
	s.say(t, seeker, Seeker, "a3")
	return w, seeker, ben, s.log
}

func TestTranscriptInOrder(t *testing.T) {
	_, seeker, ben, log := conversation(t)
	wantItems(t, read(ben, log...), "a1", "b1", "a2", "b2", "a3")
	wantItems(t, read(seeker, log...), "a1", "b1", "a2", "b2", "a3")
	wantItems(t, read(seeker, append(slices.Clone(log), log...)...), "a1", "b1", "a2", "b2", "a3")
}

func TestDroppedIsShown(t *testing.T) {
	_, _, ben, log := conversation(t)
	wantItems(t, read(ben, log[0], log[1], log[3], log[4]), "a1", "b1", "missing  1", "b2", "a3")
	// The server closes the hole in its own order: the answers no longer fit.
	log[3].Seq, log[4].Seq = 3, 4
	wantItems(t, read(ben, log[0], log[1], log[3], log[4]), "a1", "b1", "altered wrong_position", "altered wrong_position")
}

func TestDroppedBehindTheAnswerIsShown(t *testing.T) {
	w := newWorld(t)
	seeker, ben := w.room(t)
	var s server
	s.say(t, seeker, Seeker, "a1")
	s.say(t, seeker, Seeker, "a2")
	third := s.say(t, seeker, Seeker, "a3")
	third.Seq, third.After = 2, 1 // claims to be second
	wantItems(t, read(ben, s.log[0], third), "a1", "altered bad_tag")
	h := Header{Sender: Seeker, ID: "late", N: 3, After: 1}
	_, body, err := seeker.Seal(h, []byte("late"))
	if err != nil {
		t.Fatal(err)
	}
	wantItems(t, read(ben, s.log[0], Message{Seq: 2, ID: h.ID, Sender: Seeker, N: 3, After: 1, Body: body}), "a1", "missing seeker 1", "late")
}

func TestReorderedIsShown(t *testing.T) {
	_, _, ben, log := conversation(t)
	log[0], log[2] = log[2], log[0]
	log[0].Seq, log[2].Seq = 1, 3
	wantItems(t, read(ben, log...), "altered wrong_position", "b1", "a1", "b2", "missing seeker 1", "a3")
	_, _, ben, log = conversation(t)
	wantItems(t, read(ben, log[1], log[0], log[2], log[3], log[4]), "missing  1", "b1", "altered replayed", "a2", "b2", "a3")
}

func TestReplayedIsShown(t *testing.T) {
	w, _, ben, log := conversation(t)
	again := func(change func(*Message)) []Item {
		m := log[0]
		m.Seq = 6
		change(&m)
		return read(ben, append(slices.Clone(log), m)...)[5:]
	}
	wantItems(t, again(func(*Message) {}), "altered replayed")
	wantItems(t, again(func(m *Message) { m.N = 4 }), "altered replayed")
	wantItems(t, again(func(m *Message) { m.N, m.ID = 4, "new" }), "altered wrong_position")
	wantItems(t, again(func(m *Message) { m.N, m.ID, m.After = 4, "new", 5 }), "altered bad_tag")
	wantItems(t, again(func(m *Message) { m.Sender, m.N, m.ID, m.After = w.ben.KID().String(), 3, "new", 5 }), "altered bad_tag")
	wantItems(t, again(func(m *Message) { m.Sender = w.cem.KID().String() }), "altered wrong_sender")
	wantItems(t, again(func(m *Message) { m.Sender = "admin" }), "altered wrong_sender")
	wantItems(t, again(func(m *Message) { m.Epoch = 1 }), "altered wrong_epoch")
	wantItems(t, again(func(m *Message) { m.Seq = 2 }), "altered replayed")
}

func TestReplayAcrossRoomsAndEpochs(t *testing.T) {
	w, seeker, ben, log := conversation(t)
	other, first, err := NewRoom(w.seeker, w.chain, []KID{w.ben.KID()}, noon)
	if err != nil {
		t.Fatal(err)
	}
	wantItems(t, read(other, log[0]), "altered bad_tag")
	wantErr(t, ben.Accept(first), ErrRoom)
	e1 := must(seeker.Next(Change{Chain: w.chain, Readers: []KID{w.ben.KID()}, At: noon}))
	if err := ben.Accept(e1); err != nil {
		t.Fatal(err)
	}
	moved := log[0]
	moved.Epoch = 1
	wantItems(t, read(ben, moved), "altered bad_tag")
	s := server{log: log, n: map[string]uint32{Seeker: 3}}
	s.say(t, seeker, Seeker, "a4")
	old := must(ben.Key(0))
	h := Header{Sender: Seeker, ID: "x", N: 5, After: 6}
	late := Message{Seq: 7, ID: "x", Sender: Seeker, Epoch: 0, N: 5, After: 6, Body: must(old.Seal(h, []byte("old key")))}
	wantItems(t, read(ben, append(s.log, late)...), "a1", "b1", "a2", "b2", "a3", "a4", "altered wrong_epoch")
}

func TestAlteredCountsOnce(t *testing.T) {
	_, _, ben, log := conversation(t)
	log[2].Body = flip(log[2].Body, 99)
	wantItems(t, read(ben, log...), "a1", "b1", "altered bad_tag", "b2", "a3")
}

func TestLockedTextIsShown(t *testing.T) {
	w, seeker, ben, log := conversation(t)
	e1 := must(seeker.Next(Change{Chain: w.chain, Readers: []KID{w.cem.KID()}, At: noon}))
	s := server{log: log, n: map[string]uint32{Seeker: 3}}
	s.say(t, seeker, Seeker, "a4")
	cem := must(OpenRoom(w.cem.KEM(), []Epoch{ben.Current(), e1}))
	wantItems(t, read(cem, s.log...), "locked locked", "locked locked", "locked locked", "locked locked", "locked locked", "a4")
	if err := ben.Accept(e1); err != nil {
		t.Fatal(err)
	}
	wantItems(t, read(ben, s.log...), "a1", "b1", "a2", "b2", "a3", "locked locked")
	_, _, err := ben.Seal(Header{Sender: w.ben.KID().String(), ID: "x", N: 3}, []byte("x"))
	wantErr(t, err, ErrLocked)
}

func TestInjectedEpochs(t *testing.T) {
	w := newWorld(t)
	seeker, ben := w.room(t)
	forged, _, err := NewEpoch(Plan{
		Room: seeker.ID, Team: "team-1", TeamState: w.chain.HeadHash(), Earlier: []RoomKey{{Room: seeker.ID, secret: [32]byte{1}}},
		Readers: []Reader{{w.seeker.KID(), KindSeeker, w.seeker.Public()}, {w.ben.KID(), KindStaff, w.ben.KEM().Public()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	wantErr(t, ben.Accept(forged), ErrLink)
	forged.Link = nil
	wantErr(t, ben.Accept(forged), ErrEncoding)
	if len(ben.Epochs()) != 1 {
		t.Error("a refused epoch stays")
	}
	second, _, err := NewRoom(w.seeker, w.chain, nil, noon)
	if err != nil {
		t.Fatal(err)
	}
	other := second.Current()
	other.Room = seeker.ID
	wantErr(t, ben.Accept(other), ErrChanged)
	e1 := must(seeker.Next(Change{Chain: w.chain, At: noon}))
	e2 := must(seeker.Next(Change{Chain: w.chain, At: noon}))
	wantErr(t, ben.Accept(e2), ErrEpoch)
	if err := ben.Accept(e1); err != nil {
		t.Fatal(err)
	}
	if err := ben.Accept(e1); err != nil {
		t.Error("the same epoch again:", err)
	}
}

func TestInjectedAndRemovedRecipients(t *testing.T) {
	w := newWorld(t)
	spy := newKeys(t)
	plan := Plan{Room: RoomID{9}, Team: "team-1", TeamState: w.chain.HeadHash(), Readers: []Reader{
		{w.seeker.KID(), KindSeeker, w.seeker.Public()}, {w.ben.KID(), KindStaff, w.ben.KEM().Public()}, {spy.KID(), KindStaff, spy.KEM().Public()},
	}}
	e, _, err := NewEpoch(plan)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenRoom(w.ben.KEM(), []Epoch{e}); err != nil {
		t.Fatal(err)
	}
	wantErr(t, w.chain.CheckCurrent(e, noon), ErrRecipient)
	for i, r := range e.Recipients { // the server takes one out again, or adds one later
		if r.KID != spy.KID() {
			continue
		}
		e.Recipients = slices.Delete(e.Recipients, i, i+1)
		e.Wraps = slices.Delete(e.Wraps, i, i+1)
		break
	}
	_, err = OpenRoom(w.ben.KEM(), []Epoch{e})
	wantErr(t, err, ErrTag)
	plan.Readers[2].Kind = KindRecovery
	plan.Readers[2].KID, plan.Readers[2].Pub = w.cem.KID(), w.cem.KEM().Public()
	e, _, err = NewEpoch(plan)
	if err != nil {
		t.Fatal(err)
	}
	wantErr(t, w.chain.Check(e), ErrRecipient)
}

func TestLeaversAndExpiry(t *testing.T) {
	w := newWorld(t)
	_, ben := w.room(t)
	limited := slices.Clone(w.signed[0].Members)
	for i, m := range limited {
		if m.KID == w.ben.KID() {
			limited[i].NotAfter = noon.Add(time.Hour).Unix()
		}
	}
	second := sign(t, w.ada, NewState("team-1", &w.chain.states[0], limited))
	chain := must(w.chain.Append(second))
	if err := chain.CheckCurrent(ben.Current(), noon); err != nil {
		t.Error(err)
	}
	wantErr(t, chain.CheckCurrent(ben.Current(), noon.Add(time.Hour)), ErrExpired)
	_, err := chain.Pick([]KID{w.ben.KID()}, noon.Add(time.Hour))
	wantErr(t, err, ErrExpired)
	without := slices.DeleteFunc(slices.Clone(limited), func(m Member) bool { return m.KID == w.ben.KID() })
	third := sign(t, w.ada, NewState("team-1", &second.State, without))
	chain = must(chain.Append(third))
	if err := chain.Check(ben.Current()); err != nil {
		t.Error("the past stays valid:", err)
	}
	wantErr(t, chain.CheckCurrent(ben.Current(), noon), ErrRemoved)
	_, err = chain.Pick([]KID{w.ben.KID()}, noon)
	wantErr(t, err, ErrRecipient)
	_, newer, err := NewRoom(w.seeker, chain, nil, noon)
	if err != nil {
		t.Fatal(err)
	}
	wantErr(t, chain.CheckOrder(newer, ben.Current()), ErrRollback)
	if err := chain.CheckOrder(ben.Current(), newer); err != nil {
		t.Error(err)
	}
}

// TestRoomStartedAnew: everybody can wrap a key to the seeker's public key. A
// server that does so, to be able to read, lacks the own mark.
func TestRoomStartedAnew(t *testing.T) {
	w := newWorld(t)
	seeker, _ := w.room(t)
	plan := Plan{Room: seeker.ID, Team: "team-1", TeamState: w.chain.HeadHash(), Readers: []Reader{
		{w.seeker.KID(), KindSeeker, w.seeker.Public()}, {w.ben.KID(), KindStaff, w.ben.KEM().Public()},
	}}
	forged, _, err := NewEpoch(plan)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.chain.CheckCurrent(forged, noon); err != nil {
		t.Fatal("the recipients are in order:", err)
	}
	_, err = OpenRoom(w.seeker, []Epoch{forged})
	wantErr(t, err, ErrOwn)
	forged.Own = seeker.Current().Own
	_, err = OpenRoom(w.seeker, []Epoch{forged})
	wantErr(t, err, ErrOwn)
	plan.Seeker = must(SeekerKey(NewSeed()))
	forged, _, err = NewEpoch(plan)
	if err != nil {
		t.Fatal(err)
	}
	_, err = OpenRoom(w.seeker, []Epoch{forged})
	wantErr(t, err, ErrOwn)
	if _, err := OpenRoom(w.seeker, seeker.Epochs()); err != nil {
		t.Error(err)
	}
}

// TestReturnStartedAnew does the same to somebody who comes back with a code.
func TestReturnStartedAnew(t *testing.T) {
	w := newWorld(t)
	seeker, ben := w.room(t)
	again := must(SeekerKey(NewCode().ReturnSeed()))
	e1 := must(seeker.Next(Change{Chain: w.chain, Seeker: again, History: true, At: noon}))
	if err := ben.Accept(e1); err != nil {
		t.Fatal(err)
	}
	e2 := must(ben.Next(Change{Chain: w.chain, History: true, At: noon}))
	back := must(OpenRoom(again, []Epoch{ben.epochs[0], e1, e2}))
	if must(back.Key(0)) != must(seeker.Key(0)) || len(e2.Own) != 0 {
		t.Error("the room is not the same")
	}
	if err := seeker.Accept(e2); err != nil || must(seeker.Key(2)).IsZero() {
		t.Error("the tab that took the code reads on with the new key:", err)
	}
	e1.Own = nil
	_, err := OpenRoom(again, []Epoch{ben.epochs[0], e1})
	wantErr(t, err, ErrOwn)
}

func TestFollow(t *testing.T) {
	w := newWorld(t)
	seeker, ben := w.room(t)
	first := seeker.Current()
	wantErr(t, ben.Follow(nil), ErrEpoch)
	mine := must(ben.Next(Change{Chain: w.chain, Readers: []KID{w.ben.KID()}, At: noon}))
	taken := must(seeker.Next(Change{Chain: w.chain, At: noon}))
	if err := ben.Follow([]Epoch{first, taken}); err != nil || epochDigest(ben.Current()) != epochDigest(taken) {
		t.Error("an own epoch that the server did not take is given up:", err)
	}
	wantErr(t, ben.Follow([]Epoch{first, mine}), ErrChanged)
	wantErr(t, ben.Follow([]Epoch{first}), ErrEpoch)
	other, forged, err := NewRoom(w.seeker, w.chain, nil, noon)
	if err != nil {
		t.Fatal(err)
	}
	forged.Room = first.Room
	wantErr(t, ben.Follow([]Epoch{forged, taken}), ErrChanged)
	wantErr(t, ben.Follow(other.Epochs()), ErrEpoch)
	if err := ben.Follow([]Epoch{first, taken}); err != nil {
		t.Error(err)
	}
}
