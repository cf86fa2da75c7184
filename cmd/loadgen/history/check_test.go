package history

import (
	"slices"
	"testing"
)

// good is the history of one conversation in which everything is as promised: a
// seeker on two connections, two counsellors one after the other.
func good() []Event {
	const c, k1, k2 = "c", "kid-1", "kid-2"
	log := []Event{{Kind: Opened, Who: "s", C: c}, {Kind: Resumed, Who: "s", Conn: 1, C: c}}
	state := func(who string, conn int, rev int64, s, holder string) {
		log = append(log, Event{Kind: Shown, Who: who, Conn: conn, C: c, Rev: rev, State: s, Holder: holder})
		if holder != "" && who != "s" {
			log = append(log, Event{Kind: Held, Who: who, Conn: conn, C: c, Holder: holder})
		}
	}
	read := func(who, key string, seq int64) {
		log = append(log, Event{Kind: Read, Who: who, C: c, Seq: seq, Good: true, Holder: key})
	}
	got := func(who string, conn int, seq int64, id, sender string) {
		log = append(log, Event{Kind: Got, Who: who, Conn: conn, C: c, Seq: seq, ID: id, Sender: sender})
	}
	acked := func(who string, conn int, seq int64, id string) {
		log = append(log, Event{Kind: Sent, Who: who, C: c, ID: id})
		log = append(log, Event{Kind: Acked, Who: who, Conn: conn, C: c, Seq: seq, ID: id})
	}
	state("s", 1, 1, "waiting", "")
	acked("s", 1, 1, "m1")
	read("s", "", 1)
	state("a", 1, 3, "active", k1)
	state("s", 1, 3, "active", k1)
	got("a", 1, 1, "m1", Seeker)
	read("a", k1, 1)
	acked("a", 1, 2, "m2")
	read("a", k1, 2)
	log = append(log, Event{Kind: Resumed, Who: "s", Conn: 2, C: c, Seq: 1})
	got("s", 2, 2, "m2", k1)
	read("s", "", 2)
	log = append(log, Event{Kind: Refused, Who: "a", C: c, ID: "m-refused"})
	state("s", 2, 4, "waiting", "")
	state("b", 1, 6, "active", k2)
	got("b", 1, 1, "m1", Seeker)
	got("b", 1, 2, "m2", k1)
	acked("b", 1, 3, "m3")
	got("s", 2, 3, "m3", k2)
	read("s", "", 3)
	for seq := range int64(3) {
		read("b", k2, seq+1)
	}
	return append(log,
		Event{Kind: Stored, C: c, Seq: 1, ID: "m1", Sender: Seeker},
		Event{Kind: Stored, C: c, Seq: 2, ID: "m2", Sender: k1},
		Event{Kind: Stored, C: c, Seq: 3, ID: "m3", Sender: k2},
		Event{Kind: Ended, C: c, Seq: 3, State: "closed", Holder: k2})
}

func TestGoodHistoryPasses(t *testing.T) {
	for _, v := range Check(good()) {
		t.Error(v)
	}
}

// find is the place of the nth event of a kind of somebody.
func find(log []Event, kind Kind, who string, nth int) int {
	for i, e := range log {
		if e.Kind == kind && e.Who == who {
			if nth--; nth == 0 {
				return i
			}
		}
	}
	panic("no such event")
}

// drop takes the nth event of a kind away.
func drop(log []Event, kind Kind, who string, nth int) []Event {
	i := find(log, kind, who, nth)
	return slices.Delete(log, i, i+1)
}

// change alters the nth event of a kind.
func change(log []Event, kind Kind, who string, nth int, do func(*Event)) []Event {
	do(&log[find(log, kind, who, nth)])
	return log
}

// forgeries break one rule each in the good history.
var forgeries = []struct {
	name  string
	rule  string
	forge func([]Event) []Event
}{
	{"a conversation disappears", RuleLost, func(l []Event) []Event { return drop(l, Ended, "", 1) }},
	{"a conversation hangs", RuleStuck, func(l []Event) []Event {
		return change(l, Ended, "", 1, func(e *Event) { e.State = "offered" })
	}},
	{"a number is left out", RuleGap, func(l []Event) []Event {
		return change(l, Stored, "", 3, func(e *Event) { e.Seq = 4 })
	}},
	{"the count is wrong", RuleGap, func(l []Event) []Event { return change(l, Ended, "", 1, func(e *Event) { e.Seq = 7 }) }},
	{"a message is stored twice", RuleDouble, func(l []Event) []Event {
		return append(l, Event{Kind: Stored, C: "c", Seq: 4, ID: "m1", Sender: Seeker})
	}},
	{"an acknowledged message is gone", RuleAck, func(l []Event) []Event { return drop(l, Stored, "", 3) }},
	{"an acknowledged message is another one", RuleAck, func(l []Event) []Event {
		return change(l, Acked, "b", 1, func(e *Event) { e.ID = "m9" })
	}},
	{"a message has two acknowledged numbers", RuleAck, func(l []Event) []Event {
		return append(l, Event{Kind: Acked, Who: "s", Conn: 1, C: "c", Seq: 2, ID: "m1"})
	}},
	{"a refused message is stored", RuleRefused, func(l []Event) []Event {
		return change(l, Refused, "a", 1, func(e *Event) { e.ID = "m2" })
	}},
	{"a frame carries another message", RuleForeign, func(l []Event) []Event {
		return change(l, Got, "s", 1, func(e *Event) { e.ID = "m9" })
	}},
	{"a frame names another sender", RuleForeign, func(l []Event) []Event {
		return change(l, Got, "s", 1, func(e *Event) { e.Sender = Seeker })
	}},
	{"a frame comes twice", RuleOrder, func(l []Event) []Event {
		i := find(l, Got, "s", 1)
		return slices.Insert(l, i, l[i])
	}},
	{"frames come in the wrong order", RuleOrder, func(l []Event) []Event {
		i, j := find(l, Got, "b", 1), find(l, Got, "b", 2)
		l[i], l[j] = l[j], l[i]
		return l
	}},
	{"a frame is left out", RuleOrder, func(l []Event) []Event { return drop(l, Got, "s", 1) }},
	{"resuming repeats what is there", RuleOrder, func(l []Event) []Event {
		return change(l, Resumed, "s", 2, func(e *Event) { e.Seq = 2 })
	}},
	{"a seeker misses a message", RuleReader, func(l []Event) []Event { return drop(l, Read, "s", 3) }},
	{"a seeker reads one twice", RuleReader, func(l []Event) []Event {
		i := find(l, Read, "s", 1)
		return slices.Insert(l, i, l[i])
	}},
	{"a counsellor reads in the wrong order", RuleReader, func(l []Event) []Event {
		return change(l, Read, "a", 1, func(e *Event) { e.Seq = 2 })
	}},
	{"the last counsellor misses the last message", RuleReader, func(l []Event) []Event { return drop(l, Read, "b", 3) }},
	{"the last counsellor gets no message at all", RuleReader, func(l []Event) []Event {
		return slices.DeleteFunc(l, func(e Event) bool { return e.Who == "b" && (e.Kind == Got || e.Kind == Read) })
	}},
	{"a message does not open", RuleReader, func(l []Event) []Event {
		return change(l, Read, "s", 2, func(e *Event) { e.Good = false })
	}},
	{"two see different states", RuleState, func(l []Event) []Event {
		return change(l, Shown, "s", 2, func(e *Event) { e.Holder = "kid-2" })
	}},
	{"a state goes back", RuleBack, func(l []Event) []Event {
		return append(l, Event{Kind: Shown, Who: "s", Conn: 2, C: "c", Rev: 1, State: "waiting"})
	}},
	{"two counsellors hold one chat", RuleHolders, func(l []Event) []Event {
		return append(l, Event{Kind: Shown, Who: "d", Conn: 1, C: "c", Rev: 7, State: "active", Holder: "kid-4"})
	}},
	{"somebody writes who does not hold it", RuleHolders, func(l []Event) []Event {
		for i := range l {
			if l[i].ID == "m3" {
				l[i].Sender = "kid-9"
			}
		}
		return l
	}},
	{"a message comes from nowhere", RuleNowhere, func(l []Event) []Event { return drop(l, Sent, "b", 1) }},
	{"an honest client is refused", RuleOdd, func(l []Event) []Event {
		return append(l, Event{Kind: Odd, Who: "s", C: "c", Text: "out_of_order"})
	}},
	{"a seat is taken by nobody", RuleSeatLost, func(l []Event) []Event {
		return append(l, Event{Kind: Seated, Who: "s", Conn: 2, C: "c"})
	}},
}

// Each forgery breaks one promise, and that one is among those found: a message that
// is gone is missed in more places than one.
func TestForgedHistoriesAreFound(t *testing.T) {
	covered := map[string]bool{}
	for _, f := range forgeries {
		t.Run(f.name, func(t *testing.T) {
			found := Check(f.forge(good()))
			if !slices.ContainsFunc(found, func(v Violation) bool { return v.Rule == f.rule }) {
				t.Errorf("not found; got %v", found)
			}
		})
		covered[f.rule] = true
	}
	for _, rule := range []string{RuleLost, RuleStuck, RuleGap, RuleDouble, RuleAck, RuleRefused, RuleForeign, RuleOrder, RuleReader,
		RuleState, RuleBack, RuleHolders, RuleSeatLost, RuleNowhere, RuleOdd} {
		if !covered[rule] {
			t.Errorf("no forgery breaks %q", rule)
		}
	}
}

func TestTransferMayFollowDirectly(t *testing.T) {
	log := []Event{
		{Kind: Shown, Who: "s", Conn: 1, C: "c", Rev: 1, State: "active", Holder: "a"},
		{Kind: Shown, Who: "s", Conn: 1, C: "c", Rev: 2, State: "active", Holder: "a", Asked: true},
		{Kind: Shown, Who: "s", Conn: 1, C: "c", Rev: 3, State: "active", Holder: "b"},
	}
	for _, v := range Check(log) {
		t.Error(v)
	}
}

func TestFollowingAnewMayRepeat(t *testing.T) {
	log := []Event{
		{Kind: Sent, C: "c", ID: "m"}, {Kind: Stored, C: "c", Seq: 1, ID: "m", Sender: Seeker},
		{Kind: Got, Who: "a", C: "c", Seq: 1, ID: "m", Sender: Seeker},
		{Kind: Anew, Who: "a", C: "c"},
		{Kind: Got, Who: "a", C: "c", Seq: 1, ID: "m", Sender: Seeker},
	}
	for _, v := range Check(log) {
		t.Error(v)
	}
}
