package roster

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"lotse/internal/staff"
)

// TestRandomPlanning walks through random acts of a planner and keeps beside
// the service what a planner would expect of it: the plan in force, and the
// drafts beside it.
func TestRandomPlanning(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			each(t, func(h *house) {
				w := &walk{house: h, dice: rand.New(rand.NewPCG(seed, 7)), inForce: map[ShiftID]Planned{}, drafts: map[ShiftID]*Planned{}}
				for range 80 {
					w.step()
				}
				w.publish()
				w.check()
			})
		})
	}
}

// walk is what a planner expects: drafts holds nil for a shift to be removed.
type walk struct {
	*house
	dice      *rand.Rand
	inForce   map[ShiftID]Planned
	drafts    map[ShiftID]*Planned
	overrides []Override
	absences  []Absence
	past      []Publication
}

func (w *walk) step() {
	acts := []func(){
		w.add, w.add, w.edit, w.edit, w.move, w.assign, w.assign, w.assign, w.unassign, w.remove, w.revert, w.publish, w.discard, w.override, w.away,
	}
	acts[w.dice.IntN(len(acts))]()
	w.check()
}

// planned is the plan as the planner sees it, without what is to be removed.
func (w *walk) planned() map[ShiftID]Planned {
	plan := maps.Clone(w.inForce)
	for id, d := range w.drafts {
		if delete(plan, id); d != nil {
			plan[id] = *d
		}
	}
	return plan
}

// any is a shift that is not to be removed; false when there is none.
func (w *walk) any() (Planned, bool) {
	plan := w.planned()
	ids := sortedIDs(plan)
	if len(ids) == 0 {
		return Planned{}, false
	}
	p := plan[ids[w.dice.IntN(len(ids))]]
	p.People = slices.Clone(p.People)
	return p, true
}

func sortedIDs[V any](m map[ShiftID]V) []ShiftID {
	return slices.SortedFunc(maps.Keys(m), func(a, b ShiftID) int { return bytes.Compare(a.UUID[:], b.UUID[:]) })
}

func (w *walk) keep(p Planned) { w.drafts[p.ID] = &p }

func (w *walk) person() staff.Actor { return []staff.Actor{w.anna, w.ben, w.cem}[w.dice.IntN(3)] }

func (w *walk) revision(id ShiftID) int {
	e, err := w.Shift(w.ctx(), w.lea, id)
	w.must(err)
	return e.Revision
}

func (w *walk) add() {
	from := w.dice.IntN(20)
	s := w.shift(w.addiction, w.dice.IntN(7), from, from+1+w.dice.IntN(8))
	s.ID, s.Min = NewShiftID(), w.dice.IntN(2)
	e, err := w.Save(w.ctx(), w.lea, s)
	w.must(err)
	w.keep(e.Planned)
}

func (w *walk) edit() {
	if p, ok := w.any(); ok {
		p.Note, p.Opt, p.Revision = fmt.Sprint("Stand ", w.dice.IntN(99)), p.Min+1+w.dice.IntN(3), w.revision(p.ID)
		_, err := w.Save(w.ctx(), w.lea, p.Shift)
		w.must(err)
		w.keep(p)
	}
}

func (w *walk) move() {
	if p, ok := w.any(); ok {
		date := w.week.Monday().Add(w.dice.IntN(7))
		e, err := w.Move(w.ctx(), w.lea, p.ID, w.revision(p.ID), date)
		w.must(err)
		if c := w.Clock(e.Start, e.End); c.Date != date {
			w.t.Fatalf("moved to %s, want %s", c.Date, date)
		}
		p.Start, p.End = e.Start, e.End
		w.keep(p)
	}
}

func (w *walk) assign() {
	if p, ok := w.any(); ok {
		who := w.person().ID
		_, err := w.Assign(w.ctx(), w.lea, p.ID, who)
		w.must(err)
		p.People = sortPeople(append(p.People, who))
		w.keep(p)
	}
}

func (w *walk) unassign() {
	if p, ok := w.any(); ok {
		who := w.person().ID
		_, err := w.Unassign(w.ctx(), w.lea, p.ID, who)
		w.must(err)
		p.People = slices.DeleteFunc(p.People, func(id staff.ID) bool { return id == who })
		w.keep(p)
	}
}

func (w *walk) remove() {
	if p, ok := w.any(); ok {
		w.must(w.Remove(w.ctx(), w.lea, p.ID, w.revision(p.ID)))
		if _, published := w.inForce[p.ID]; published {
			w.drafts[p.ID] = nil
		} else {
			delete(w.drafts, p.ID)
		}
	}
}

func (w *walk) revert() {
	for _, id := range sortedIDs(w.drafts) {
		w.must(w.Revert(w.ctx(), w.lea, id))
		delete(w.drafts, id)
		return
	}
}

func (w *walk) publish() {
	d, err := w.Diff(w.ctx(), w.lea, w.addiction, Scope{})
	w.must(err)
	if len(d.Changes) == 0 {
		return
	}
	_, err = w.Publish(w.ctx(), w.lea, w.addiction, Scope{}, d.Digest)
	w.must(err)
	w.inForce, w.drafts = w.planned(), map[ShiftID]*Planned{}
}

func (w *walk) discard() {
	d, err := w.Diff(w.ctx(), w.lea, w.addiction, Scope{})
	w.must(err)
	if len(d.Changes) > 0 && w.dice.IntN(3) == 0 {
		w.must(w.Discard(w.ctx(), w.lea, w.addiction, Scope{}, d.Digest))
		w.drafts = map[ShiftID]*Planned{}
	}
}

func (w *walk) override() {
	s := w.shift(w.addiction, w.dice.IntN(7), 6, 18)
	o := Override{Team: w.addiction, Start: s.Start, End: s.End, Class: Swap, Remove: w.person().ID, Add: w.person().ID}
	if o.Add == o.Remove {
		o.Remove = staff.ID{}
	}
	o, err := w.AddOverride(w.ctx(), w.lea, o)
	w.must(err)
	w.overrides = append(w.overrides, o)
}

func (w *walk) away() {
	s := w.shift(w.addiction, w.dice.IntN(7), 0, 24)
	who := w.person()
	a, err := w.AddAbsence(w.ctx(), who, Absence{Person: who.ID, Start: s.Start, End: s.End, Class: Holiday})
	w.must(err)
	w.absences = append(w.absences, a)
}

func (w *walk) plan(shifts map[ShiftID]Planned) Plan {
	p := Plan{Overrides: w.overrides, Absences: w.absences}
	for _, s := range shifts {
		p.Shifts = append(p.Shifts, s.Shift)
		for _, person := range s.People {
			p.Assignments = append(p.Assignments, Assignment{s.ID, person})
		}
	}
	return p
}

// check compares what is in force, what the planner sees and what was
// published before with what is expected.
func (w *walk) check() {
	w.t.Helper()
	from, to := w.week.Span(w.Zone())
	to = to.Add(MaxShift)
	want := w.plan(w.inForce).Duties(from, to)
	got, err := w.livePlan(w.ctx(), []staff.TeamID{w.addiction}, from, to)
	w.must(err)
	if !slices.EqualFunc(want, got.Duties(from, to), sameDuty) {
		w.t.Fatalf("in force are\n%v\nwant\n%v", got.Duties(from, to), want)
	}
	for _, e := range w.readWeek(w.lea, w.addiction).Entries {
		if p, ok := w.planned()[e.ID]; ok != (e.Change != Removed) || ok && !p.same(e.Planned) {
			w.t.Fatalf("the planner sees %+v, want %+v", e, p)
		}
	}
	w.checkHistory()
}

// checkHistory: what was published once is never told differently.
func (w *walk) checkHistory() {
	w.t.Helper()
	h, err := w.History(w.ctx(), w.lea, w.addiction, time.Time{})
	w.must(err)
	told := map[PublicationID]Publication{}
	for _, p := range h.Publications {
		told[p.ID] = p
	}
	for _, p := range w.past {
		if now, ok := told[p.ID]; ok && !reflect.DeepEqual(p, now) {
			w.t.Fatalf("the history has changed: %+v, was %+v", now, p)
		}
	}
	w.past = h.Publications
}
