package roster

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lotse/internal/fault"
	"lotse/internal/staff"
)

func TestDraftStaysBesideThePlan(t *testing.T) {
	each(t, func(h *house) {
		e := h.plan(h.shift(h.addiction, 0, 8, 12), h.anna)
		if e.Change != Added || e.Revision != 1 || e.Before != nil {
			h.t.Errorf("a new shift is %q, revision %d, before %v", e.Change, e.Revision, e.Before)
		}
		if got := h.dutiesOf(h.anna); len(got) != 0 {
			h.t.Errorf("a draft puts people on duty: %v", got)
		}
		h.publish(h.addiction)
		if got := h.dutiesOf(h.anna); len(got) != 1 || got[0].Shift != e.ID {
			h.t.Errorf("after publishing Anna has the duties %v", got)
		}

		longer := e.Shift
		longer.End = longer.End.Add(time.Hour)
		e, err := h.Save(h.ctx(), h.lea, longer)
		h.must(err)
		if e.Change != Changed || e.Revision != 2 || !e.Before.End.Equal(e.End.Add(-time.Hour)) || e.By != h.lea.ID {
			h.t.Errorf("the changed shift is %+v", e)
		}
		if got := h.dutiesOf(h.anna); !got[0].End.Equal(e.Before.End) {
			h.t.Error("a draft changes what is in force")
		}
		h.must(h.Remove(h.ctx(), h.lea, e.ID, e.Revision))
		if got := h.dutiesOf(h.anna); len(got) != 1 {
			h.t.Error("a planned removal is in force before publishing")
		}
		h.publish(h.addiction)
		if got := h.dutiesOf(h.anna); len(got) != 0 {
			h.t.Errorf("after the removal Anna has the duties %v", got)
		}
		_, err = h.Shift(h.ctx(), h.lea, e.ID)
		h.wantFault(err, fault.NotFound, "shift_not_found")
	})
}

func TestSaveIsOptimistic(t *testing.T) {
	each(t, func(h *house) {
		first := h.plan(h.shift(h.addiction, 0, 8, 12))
		mine, yours := first.Shift, first.Shift
		mine.Note, yours.Min, yours.Opt = "Teamsitzung ab 11", 2, 2
		_, err := h.Save(h.ctx(), h.lea, mine)
		h.must(err)
		_, err = h.Save(h.ctx(), h.max, yours)
		h.wantFault(err, fault.Conflict, "shift_changed")
		again, err := h.Save(h.ctx(), h.lea, mine)
		if err != nil || again.Revision != 2 {
			h.t.Errorf("the same form sent twice gives %v, revision %d", err, again.Revision)
		}
		h.wantFault(h.Remove(h.ctx(), h.max, first.ID, 1), fault.Conflict, "shift_changed")
		_, err = h.Move(h.ctx(), h.max, first.ID, 1, h.week.Monday().Add(3))
		h.wantFault(err, fault.Conflict, "shift_changed")
	})
}

// TestRevisionsAreNeverReused: a form opened on a draft that was dropped does
// not overwrite what came after.
func TestRevisionsAreNeverReused(t *testing.T) {
	each(t, func(h *house) {
		e := h.plan(h.shift(h.addiction, 0, 8, 12))
		h.publish(h.addiction)
		e.Note = "eins"
		draft, err := h.Save(h.ctx(), h.lea, e.Shift)
		h.must(err)
		h.must(h.Revert(h.ctx(), h.lea, e.ID))
		plain, err := h.Shift(h.ctx(), h.lea, e.ID)
		h.must(err)
		if plain.Change != "" || plain.Note != "" || plain.Revision <= draft.Revision {
			h.t.Errorf("after reverting: %q %q revision %d, the draft had %d", plain.Change, plain.Note, plain.Revision, draft.Revision)
		}
		stale := draft.Shift
		stale.Note = "zwei"
		_, err = h.Save(h.ctx(), h.lea, stale)
		h.wantFault(err, fault.Conflict, "shift_changed")
	})
}

func TestSaveRefuses(t *testing.T) {
	tests := []struct {
		why, field, code string
		spoil            func(*Shift)
	}{
		{"no end", "end", "span_empty", func(s *Shift) { s.End = s.Start }},
		{"end first", "end", "span_empty", func(s *Shift) { s.Start, s.End = s.End, s.Start }},
		{"two days", "end", "span_long", func(s *Shift) { s.End = s.Start.Add(48 * time.Hour) }},
		{"the year 3000", "start", "span_far", func(s *Shift) { s.Start = s.Start.AddDate(974, 0, 0) }},
		{"the zero instant", "start", "span_far", func(s *Shift) { s.Start = time.Time{} }},
		{"no channel", "channels", "required", func(s *Shift) { s.Channels = nil }},
		{"an unknown channel", "channels", "required", func(s *Shift) { s.Channels = []Channel{"fax"} }},
		{"negative minimum", "min", "out_of_range", func(s *Shift) { s.Min = -1 }},
		{"huge minimum", "min", "out_of_range", func(s *Shift) { s.Min, s.Opt = 100, 100 }},
		{"optimum below minimum", "opt", "opt_below_min", func(s *Shift) { s.Min, s.Opt = 2, 1 }},
		{"nobody wanted", "opt", "out_of_range", func(s *Shift) { s.Min, s.Opt = 0, 0 }},
		{"a topic of another team", "topics", "not_in_team", func(s *Shift) { s.Topics = []string{"schulden"} }},
		{"a language of another team", "languages", "not_in_team", func(s *Shift) { s.Languages = []string{"de", "tr"} }},
		{"a long note", "note", "too_long", func(s *Shift) { s.Note = strings.Repeat("ä", MaxNote+1) }},
		{"a note that is no text", "note", "too_long", func(s *Shift) { s.Note = "\xff" }},
	}
	each(t, func(h *house) {
		for _, tt := range tests {
			s := h.shift(h.addiction, 0, 8, 12)
			tt.spoil(&s)
			_, err := h.Save(h.ctx(), h.lea, s)
			h.wantField(tt.why, err, tt.field, tt.code)
		}
		if p := h.readWeek(h.lea, h.addiction); len(p.Entries) != 0 || p.Unsaved != 0 {
			h.t.Errorf("something was written: %+v", p.Entries)
		}
	})
}

func TestSaveTidies(t *testing.T) {
	each(t, func(h *house) {
		s := h.shift(h.addiction, 0, 8, 12)
		s.Channels, s.Languages = []Channel{Video, Chat, Video}, []string{"en", "de", "en"}
		s.Note = "  bitte\n  Schlüssel\tmitbringen\x00 "
		s.Start = s.Start.Add(30 * time.Second)
		e := h.plan(s)
		if !slices.Equal(e.Channels, []Channel{Chat, Video}) || !slices.Equal(e.Languages, []string{"de", "en"}) {
			h.t.Errorf("channels %v, languages %v", e.Channels, e.Languages)
		}
		if e.Note != "bitte Schlüssel mitbringen" || e.Start.Second() != 0 {
			h.t.Errorf("note %q, start %s", e.Note, e.Start)
		}
	})
}

func TestOnlySupervisorsOfTheTeamPlan(t *testing.T) {
	each(t, func(h *house) {
		e := h.plan(h.shift(h.youth, 0, 8, 12), h.dora)
		date := h.week.Monday()
		for _, actor := range []staff.Actor{h.lea, h.dora, h.stranger, staff.Operator(), {}} {
			calls := map[string]error{}
			_, calls["save new"] = h.Save(h.ctx(), actor, h.shift(h.youth, 1, 8, 12))
			_, calls["save"] = h.Save(h.ctx(), actor, e.Shift)
			_, calls["shift"] = h.Shift(h.ctx(), actor, e.ID)
			_, calls["move"] = h.Move(h.ctx(), actor, e.ID, e.Revision, date)
			_, calls["copy"] = h.Copy(h.ctx(), actor, e.ID, date, true)
			calls["remove"] = h.Remove(h.ctx(), actor, e.ID, e.Revision)
			calls["revert"] = h.Revert(h.ctx(), actor, e.ID)
			_, calls["assign"] = h.Assign(h.ctx(), actor, e.ID, h.cem.ID)
			_, calls["unassign"] = h.Unassign(h.ctx(), actor, e.ID, h.dora.ID)
			_, calls["candidates"] = h.Candidates(h.ctx(), actor, e.ID)
			_, calls["week"] = h.Week(h.ctx(), actor, h.youth, h.week)
			_, calls["diff"] = h.Diff(h.ctx(), actor, h.youth, Scope{})
			_, calls["publish"] = h.Publish(h.ctx(), actor, h.youth, Scope{}, "")
			calls["discard"] = h.Discard(h.ctx(), actor, h.youth, Scope{}, "")
			_, calls["history"] = h.History(h.ctx(), actor, h.youth, time.Time{})
			_, calls["templates"] = h.Templates(h.ctx(), actor, h.youth)
			_, calls["save template"] = h.SaveTemplate(h.ctx(), actor, h.youth, h.week, "Woche")
			calls["remove template"] = h.RemoveTemplate(h.ctx(), actor, h.youth, TemplateID{number(1)})
			_, calls["apply"] = h.Apply(h.ctx(), actor, h.youth, TemplateID{number(1)}, h.week)
			_, calls["copy week"] = h.CopyWeek(h.ctx(), actor, h.youth, h.week, h.week.Add(1), true)
			_, calls["override"] = h.AddOverride(h.ctx(), actor, Override{Team: h.youth, Add: h.cem.ID, Start: e.Start, End: e.End, Class: Sick})
			_, calls["overrides"] = h.Overrides(h.ctx(), actor, h.youth, e.Start)
			_, calls["absences"] = h.TeamAbsences(h.ctx(), actor, h.youth, e.Start)
			for call, err := range calls {
				if fault.KindOf(err) != fault.Forbidden {
					h.t.Errorf("%s by %q gives %v, want forbidden", call, actor.Name, err)
				}
			}
		}
		if after, err := h.Shift(h.ctx(), h.max, e.ID); err != nil || !after.same(e.Planned) {
			h.t.Errorf("the shift was changed: %+v %v", after, err)
		}
	})
}

func TestUnknownShift(t *testing.T) {
	each(t, func(h *house) {
		id := NewShiftID()
		gone := h.shift(h.addiction, 0, 8, 12)
		gone.ID, gone.Revision = id, 3
		_, save := h.Save(h.ctx(), h.lea, gone)
		_, move := h.Move(h.ctx(), h.lea, id, 1, h.week.Monday())
		_, copied := h.Copy(h.ctx(), h.lea, id, h.week.Monday(), false)
		_, assign := h.Assign(h.ctx(), h.lea, id, h.anna.ID)
		_, candidates := h.Candidates(h.ctx(), h.lea, id)
		for _, err := range []error{save, move, copied, assign, candidates, h.Remove(h.ctx(), h.lea, id, 1), h.Revert(h.ctx(), h.lea, id)} {
			h.wantFault(err, fault.NotFound, "shift_not_found")
		}
	})
}

func TestAShiftStaysInItsTeam(t *testing.T) {
	each(t, func(h *house) {
		e := h.plan(h.shift(h.addiction, 0, 8, 12))
		stolen := e.Shift
		stolen.Team, stolen.Note = h.youth, "anderes Team"
		e, err := h.Save(h.ctx(), h.max, stolen)
		if err != nil || e.Team != h.addiction {
			h.t.Errorf("the shift is in team %s, %v", e.Team, err)
		}
	})
}

func TestAssign(t *testing.T) {
	each(t, func(h *house) {
		e := h.plan(h.shift(h.addiction, 0, 8, 12), h.ben, h.anna, h.ben)
		if len(e.People) != 2 {
			h.t.Errorf("people are %v", e.People)
		}
		for _, outsider := range []staff.ID{h.dora.ID, h.lea.ID, h.stranger.ID, {UUID: number(5)}, {}} {
			_, err := h.Assign(h.ctx(), h.lea, e.ID, outsider)
			h.wantFault(err, fault.Invalid, "invalid_input")
		}
		e, err := h.Unassign(h.ctx(), h.lea, e.ID, h.ben.ID)
		if h.must(err); !slices.Equal(e.People, []staff.ID{h.anna.ID}) {
			h.t.Errorf("people are %v, want Anna", e.People)
		}
		h.publish(h.addiction)
		h.must(h.Remove(h.ctx(), h.lea, e.ID, e.Revision))
		_, err = h.Assign(h.ctx(), h.lea, e.ID, h.ben.ID)
		h.wantFault(err, fault.Conflict, "shift_removed")
		h.must(h.Revert(h.ctx(), h.lea, e.ID))
		_, err = h.Assign(h.ctx(), h.lea, e.ID, h.ben.ID)
		h.must(err)
		e, err = h.Unassign(h.ctx(), h.lea, e.ID, h.ben.ID)
		if h.must(err); e.Change != "" || h.readWeek(h.lea, h.addiction).Unsaved != 0 {
			h.t.Errorf("what was done and undone counts as %q", e.Change)
		}
	})
}

// TestAssignAtOnce: assignments by many at the same time are all kept.
func TestAssignAtOnce(t *testing.T) {
	each(t, func(h *house) {
		e := h.plan(h.shift(h.addiction, 0, 8, 12))
		var wg sync.WaitGroup
		errs := make([]error, 3)
		for i, p := range []staff.Actor{h.anna, h.ben, h.cem} {
			wg.Go(func() { _, errs[i] = h.Assign(h.ctx(), h.lea, e.ID, p.ID) })
		}
		wg.Wait()
		for _, err := range errs {
			h.must(err)
		}
		e, err := h.Shift(h.ctx(), h.lea, e.ID)
		if h.must(err); len(e.People) != 3 {
			h.t.Errorf("people are %v", e.People)
		}
	})
}

func TestCandidates(t *testing.T) {
	each(t, func(h *house) {
		h.plan(h.shift(h.youth, 0, 10, 14), h.cem)
		h.plan(h.shift(h.addiction, 1, 8, 16), h.anna)
		e := h.plan(h.shift(h.addiction, 0, 8, 12), h.ben)
		_, err := h.AddAbsence(h.ctx(), h.ben, Absence{Person: h.ben.ID, Start: e.Start, End: e.End, Class: Training})
		h.must(err)
		list, err := h.Candidates(h.ctx(), h.max, e.ID)
		h.must(err)
		byName := map[string]Candidate{}
		for _, c := range list {
			byName[c.Name] = c
		}
		if len(list) != 3 || list[0].Name != "Anna" || !list[0].Free() || list[0].Week != 8*time.Hour {
			h.t.Errorf("the best candidate is %+v", list[0])
		}
		if c := byName["Cem"]; c.Free() || len(c.Clashes) != 1 || c.Clashes[0].Team != h.youth || c.Week != 4*time.Hour {
			h.t.Errorf("Cem has duty in the other team: %+v", c)
		}
		if b := byName["Ben"]; !b.Assigned || len(b.Away) != 1 || b.Week != 0 {
			h.t.Errorf("Ben is assigned and away: %+v", b)
		}
	})
}

func TestMoveAndCopy(t *testing.T) {
	each(t, func(h *house) {
		e := h.plan(h.shift(h.addiction, 0, 22, 30), h.anna)
		friday := h.week.Monday().Add(4)
		moved, err := h.Move(h.ctx(), h.lea, e.ID, e.Revision, friday)
		h.must(err)
		if c := h.Clock(moved.Start, moved.End); c != (Clock{friday, 22 * 60, 30 * 60}) || moved.ID != e.ID || len(moved.People) != 1 {
			h.t.Errorf("moved to %+v with %v", c, moved.People)
		}
		copied, err := h.Copy(h.ctx(), h.lea, e.ID, friday.Add(7), true)
		h.must(err)
		if c := h.Clock(copied.Start, copied.End); c.Date != friday.Add(7) || copied.ID == e.ID || len(copied.People) != 1 || copied.Revision != 1 {
			h.t.Errorf("copied to %+v: %+v", c, copied)
		}
		empty, err := h.Copy(h.ctx(), h.lea, e.ID, friday.Add(8), false)
		if h.must(err); len(empty.People) != 0 {
			h.t.Errorf("copied without people: %v", empty.People)
		}
		_, err = h.Copy(h.ctx(), h.lea, e.ID, friday.Add(9999), false)
		h.wantFault(err, fault.Invalid, "invalid_input")
	})
}

func TestEveryChangeIsAudited(t *testing.T) {
	each(t, func(h *house) {
		e := h.plan(h.shift(h.addiction, 0, 8, 12), h.anna)
		_, err := h.AddAbsence(h.ctx(), h.anna, Absence{Person: h.anna.ID, Start: e.Start, End: e.End, Class: Sick})
		h.must(err)
		h.publish(h.addiction)
		auditor := staff.Actor{ID: h.max.ID, Provider: h.provider, Grants: []staff.Grant{{Role: staff.Auditor, Provider: h.provider}}}
		entries, err := h.staff.Audit().Entries(h.ctx(), auditor, staff.AuditQuery{})
		h.must(err)
		var actions []string
		for _, entry := range entries {
			if strings.HasPrefix(entry.Action, "roster.") {
				actions = append(actions, entry.Action+" by "+entry.Actor)
			}
			if slices.Contains([]string{entry.Meta["class"]}, string(Sick)) {
				h.t.Error("the class of an absence is in the log")
			}
		}
		want := []string{"roster.published by " + h.max.ID.String(), "roster.absence_added by " + h.anna.ID.String(),
			"roster.person_assigned by " + h.max.ID.String(), "roster.shift_saved by " + h.max.ID.String()}
		if !slices.Equal(actions, want) {
			h.t.Errorf("the log has %q, want %q", actions, want)
		}
		if bad, err := h.staff.Audit().Verify(h.ctx()); bad != 0 || err != nil {
			h.t.Errorf("the log is broken at %d: %v", bad, err)
		}
	})
}
