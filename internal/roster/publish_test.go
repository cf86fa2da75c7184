package roster

import (
	"slices"
	"testing"
	"time"

	"lotse/internal/fault"
	"lotse/internal/staff"
)

func TestDiff(t *testing.T) {
	each(t, func(h *house) {
		stays := h.plan(h.shift(h.addiction, 0, 8, 12), h.anna)
		moves := h.plan(h.shift(h.addiction, 1, 8, 12), h.anna, h.ben)
		goes := h.plan(h.shift(h.addiction, 2, 8, 12), h.cem)
		h.publish(h.addiction)

		comes := h.plan(h.shift(h.addiction, 3, 8, 12), h.ben)
		_, err := h.Move(h.ctx(), h.lea, moves.ID, moves.Revision, h.week.Monday().Add(4))
		h.must(err)
		h.must(h.Remove(h.ctx(), h.lea, goes.ID, goes.Revision))
		_, err = h.Assign(h.ctx(), h.lea, stays.ID, h.cem.ID)
		h.must(err)
		_, err = h.Unassign(h.ctx(), h.lea, stays.ID, h.anna.ID)
		h.must(err)
		h.plan(h.shift(h.youth, 0, 8, 12), h.dora) // another team's draft is none of this diff

		d, err := h.Diff(h.ctx(), h.lea, h.addiction, Scope{})
		h.must(err)
		kinds := map[ShiftID]ChangeKind{}
		affected := map[ShiftID][]staff.ID{}
		for _, c := range d.Changes {
			kinds[c.Shift().ID], affected[c.Shift().ID] = c.Kind(), c.Affected()
		}
		if len(kinds) != 4 || kinds[stays.ID] != Changed || kinds[moves.ID] != Changed || kinds[goes.ID] != Removed || kinds[comes.ID] != Added {
			h.t.Errorf("changes are %v", kinds)
		}
		for id, want := range map[ShiftID][]staff.ID{
			stays.ID: {h.anna.ID, h.cem.ID}, moves.ID: {h.anna.ID, h.ben.ID}, goes.ID: {h.cem.ID}, comes.ID: {h.ben.ID},
		} {
			if !slices.Equal(affected[id], sortPeople(want)) {
				h.t.Errorf("affected by %s: %v, want %v", kinds[id], affected[id], want)
			}
		}
		if d.Names[h.cem.ID] != "Cem" || len(d.Affected()) != 3 {
			h.t.Errorf("names %v, affected %v", d.Names, d.Affected())
		}
	})
}

// TestPublishWhatWasShown: a change that the publisher has not seen is not
// published along with the ones seen.
func TestPublishWhatWasShown(t *testing.T) {
	each(t, func(h *house) {
		e := h.plan(h.shift(h.addiction, 0, 8, 12), h.anna)
		shown, err := h.Diff(h.ctx(), h.lea, h.addiction, Scope{})
		h.must(err)
		_, err = h.Assign(h.ctx(), h.max, e.ID, h.ben.ID)
		h.must(err)
		_, err = h.Publish(h.ctx(), h.lea, h.addiction, Scope{}, shown.Digest)
		h.wantFault(err, fault.Conflict, "plan_changed")
		h.wantFault(h.Discard(h.ctx(), h.lea, h.addiction, Scope{}, shown.Digest), fault.Conflict, "plan_changed")
		if got := h.dutiesOf(h.anna); len(got) != 0 {
			h.t.Errorf("published all the same: %v", got)
		}
		h.publish(h.addiction)
		none, err := h.Diff(h.ctx(), h.lea, h.addiction, Scope{})
		h.must(err)
		_, err = h.Publish(h.ctx(), h.lea, h.addiction, Scope{}, none.Digest)
		h.wantFault(err, fault.Conflict, "plan_changed")
	})
}

func TestPublishOneWeek(t *testing.T) {
	each(t, func(h *house) {
		e := h.plan(h.shift(h.addiction, 0, 8, 12), h.anna)
		next, err := h.Copy(h.ctx(), h.lea, e.ID, h.week.Add(1).Monday(), true)
		h.must(err)
		from, to := h.week.Span(h.Zone())
		scope := Scope{from, to}
		d, err := h.Diff(h.ctx(), h.lea, h.addiction, scope)
		h.must(err)
		_, err = h.Publish(h.ctx(), h.lea, h.addiction, scope, d.Digest)
		h.must(err)
		left, err := h.Diff(h.ctx(), h.lea, h.addiction, Scope{})
		if h.must(err); len(left.Changes) != 1 || left.Changes[0].After.ID != next.ID {
			h.t.Errorf("left to publish: %+v", left.Changes)
		}
		moved, err := h.Move(h.ctx(), h.lea, e.ID, e.Revision, h.week.Add(2).Monday())
		h.must(err)
		d, err = h.Diff(h.ctx(), h.lea, h.addiction, scope)
		if h.must(err); len(d.Changes) != 1 || d.Changes[0].After.ID != moved.ID {
			h.t.Errorf("a shift that leaves the week is a change of the week: %+v", d.Changes)
		}
	})
}

func TestDiscard(t *testing.T) {
	each(t, func(h *house) {
		kept := h.plan(h.shift(h.addiction, 0, 8, 12), h.anna)
		h.publish(h.addiction)
		h.plan(h.shift(h.addiction, 1, 8, 12))
		h.must(h.Remove(h.ctx(), h.lea, kept.ID, kept.Revision))
		d, err := h.Diff(h.ctx(), h.lea, h.addiction, Scope{})
		h.must(err)
		h.must(h.Discard(h.ctx(), h.lea, h.addiction, Scope{}, d.Digest))
		p := h.readWeek(h.lea, h.addiction)
		if len(p.Entries) != 1 || p.Entries[0].ID != kept.ID || p.Entries[0].Change != "" || p.Unsaved != 0 {
			h.t.Errorf("after discarding the week is %+v", p.Entries)
		}
		if got := h.dutiesOf(h.anna); len(got) != 1 {
			h.t.Errorf("Anna has %v", got)
		}
	})
}

func TestHistory(t *testing.T) {
	each(t, func(h *house) {
		e := h.plan(h.shift(h.addiction, 0, 8, 12), h.anna)
		h.publish(h.addiction)
		_, err := h.Assign(h.ctx(), h.lea, e.ID, h.ben.ID)
		h.must(err)
		d, err := h.Diff(h.ctx(), h.lea, h.addiction, Scope{})
		h.must(err)
		_, err = h.Publish(h.ctx(), h.lea, h.addiction, Scope{}, d.Digest)
		h.must(err)
		h.must(h.Remove(h.ctx(), h.max, e.ID, e.Revision))
		h.publish(h.addiction)

		past, err := h.History(h.ctx(), h.lea, h.addiction, time.Time{})
		h.must(err)
		if len(past.Publications) != 3 || past.More {
			h.t.Fatalf("history is %+v", past)
		}
		removed, changed, added := past.Publications[0], past.Publications[1], past.Publications[2]
		if added.By != h.max.ID || added.Changes[0].Kind() != Added || !slices.Equal(added.Changes[0].After.People, []staff.ID{h.anna.ID}) {
			h.t.Errorf("first %+v", added)
		}
		if changed.By != h.lea.ID || changed.Changes[0].Kind() != Changed || !slices.Equal(changed.Changes[0].Joined(), []staff.ID{h.ben.ID}) || len(changed.Changes[0].Left()) != 0 {
			h.t.Errorf("second %+v", changed)
		}
		if removed.Changes[0].Kind() != Removed || len(removed.Changes[0].Before.People) != 2 {
			h.t.Errorf("third %+v", removed)
		}
		if past.Names[h.lea.ID] != "Lea" || past.Names[h.ben.ID] != "Ben" {
			h.t.Errorf("names are %v", past.Names)
		}
		older, err := h.History(h.ctx(), h.lea, h.addiction, changed.At)
		if h.must(err); len(older.Publications) != 1 || older.Publications[0].ID != added.ID {
			h.t.Errorf("before the second: %+v", older.Publications)
		}
	})
}

func TestHistoryInPages(t *testing.T) {
	each(t, func(h *house) {
		for i := range historyPage + 1 {
			h.plan(h.shift(h.addiction, i%7, i, i+1))
			h.publish(h.addiction)
		}
		past, err := h.History(h.ctx(), h.lea, h.addiction, time.Time{})
		if h.must(err); len(past.Publications) != historyPage || !past.More {
			h.t.Errorf("%d publications, more %v", len(past.Publications), past.More)
		}
	})
}
