package roster

import (
	"strings"
	"testing"

	"lotse/internal/fault"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
)

func TestTemplate(t *testing.T) {
	each(t, func(h *house) {
		early := h.shift(h.addiction, 0, 8, 12)
		early.Note, early.Languages = "Früh", []string{"en"}
		h.plan(early, h.anna)
		h.plan(h.shift(h.addiction, 6, 22, 30), h.ben, h.cem)
		_, err := h.SaveTemplate(h.ctx(), h.lea, h.addiction, h.week, "  Standard  woche ")
		h.must(err)
		h.plan(h.shift(h.addiction, 2, 8, 12))
		_, err = h.SaveTemplate(h.ctx(), h.lea, h.addiction, h.week, "Standard woche")
		h.must(err)
		list, err := h.Templates(h.ctx(), h.lea, h.addiction)
		if h.must(err); len(list) != 1 || len(list[0].Shifts) != 3 || list[0].Name != "Standard woche" {
			h.t.Fatalf("templates are %+v", list)
		}

		to := h.week.Add(1)
		done, err := h.Apply(h.ctx(), h.lea, h.addiction, list[0].ID, to)
		if h.must(err); done != (Filled{Made: 3}) {
			h.t.Errorf("applied: %+v", done)
		}
		again, err := h.Apply(h.ctx(), h.lea, h.addiction, list[0].ID, to)
		if h.must(err); again != (Filled{Present: 3}) {
			h.t.Errorf("applied twice: %+v", again)
		}
		p, err := h.Week(h.ctx(), h.lea, h.addiction, to)
		h.must(err)
		first, night := p.Entries[0], p.Entries[2]
		if first.Note != "Früh" || len(first.People) != 1 || first.Languages[0] != "en" || first.Change != Added {
			h.t.Errorf("the first shift is %+v", first)
		}
		if c := h.Clock(night.Start, night.End); c != (Clock{to.Monday().Add(6), 22 * 60, 30 * 60}) || len(night.People) != 2 {
			h.t.Errorf("the night is %+v with %v", c, night.People)
		}
		h.must(h.RemoveTemplate(h.ctx(), h.lea, h.addiction, list[0].ID))
		_, err = h.Apply(h.ctx(), h.lea, h.addiction, list[0].ID, to)
		h.wantFault(err, fault.NotFound, "template_not_found")
	})
}

func TestTemplateRefuses(t *testing.T) {
	each(t, func(h *house) {
		_, err := h.SaveTemplate(h.ctx(), h.lea, h.addiction, h.week, "leer")
		h.wantFault(err, fault.Invalid, "invalid_input")
		h.plan(h.shift(h.addiction, 0, 8, 12))
		h.plan(h.shift(h.youth, 0, 8, 12))
		for _, name := range []string{"", "  ", strings.Repeat("x", MaxTemplateName+1), "\xff"} {
			_, err := h.SaveTemplate(h.ctx(), h.lea, h.addiction, h.week, name)
			h.wantFault(err, fault.Invalid, "invalid_input")
		}
		foreign, err := h.SaveTemplate(h.ctx(), h.max, h.youth, h.week, "Jugend")
		h.must(err)
		_, err = h.Apply(h.ctx(), h.lea, h.addiction, foreign.ID, h.week)
		h.wantFault(err, fault.NotFound, "template_not_found")
		h.must(h.RemoveTemplate(h.ctx(), h.lea, h.addiction, foreign.ID))
		if list, err := h.Templates(h.ctx(), h.max, h.youth); err != nil || len(list) != 1 {
			h.t.Errorf("another team's template was deleted: %v %v", list, err)
		}
	})
}

func TestCopyWeek(t *testing.T) {
	each(t, func(h *house) {
		h.plan(h.shift(h.addiction, 0, 8, 12), h.anna)
		h.plan(h.shift(h.addiction, 0, 8, 12), h.ben) // two equal ones
		gone := h.plan(h.shift(h.addiction, 1, 8, 12))
		h.publish(h.addiction)
		h.must(h.Remove(h.ctx(), h.lea, gone.ID, gone.Revision))
		to := h.week.Add(4)
		done, err := h.CopyWeek(h.ctx(), h.lea, h.addiction, h.week, to, false)
		if h.must(err); done != (Filled{Made: 2}) {
			h.t.Errorf("copied: %+v", done)
		}
		h.plan(h.shift(h.addiction, 2, 8, 12))
		done, err = h.CopyWeek(h.ctx(), h.lea, h.addiction, h.week, to, true)
		if h.must(err); done != (Filled{Made: 1, Present: 2}) {
			h.t.Errorf("copied again: %+v", done)
		}
		p, err := h.Week(h.ctx(), h.lea, h.addiction, to)
		h.must(err)
		if len(p.Entries) != 3 || len(p.Entries[0].People) != 0 {
			h.t.Errorf("the copy is %+v", p.Entries)
		}
	})
}

// TestCopyOverTheClockChange keeps what the wall clock shows; a shift that lies
// in the missing hour is lost and counted.
func TestCopyOverTheClockChange(t *testing.T) {
	each(t, func(h *house) {
		spring := nextChange(h.Today(), func(d civil.Date) bool { return daySpan(h, d) < 24*60 })
		to := civil.WeekOf(spring)
		from := to.Add(-1)
		for _, hours := range [][2]int{{1, 4}, {2, 3}, {22, 30}} {
			s := h.shift(h.addiction, 0, 8, 9)
			s.Start, s.End = h.Span(Clock{from.Monday().Add(6), 60 * hours[0], 60 * hours[1]})
			h.plan(s)
		}
		done, err := h.CopyWeek(h.ctx(), h.lea, h.addiction, from, to, false)
		if h.must(err); done != (Filled{Made: 2, Lost: 1}) {
			h.t.Errorf("copied: %+v", done)
		}
		p, err := h.Week(h.ctx(), h.lea, h.addiction, to)
		h.must(err)
		first := p.Entries[0]
		if c := h.Clock(first.Start, first.End); c.Start != 60 || c.End != 4*60 || first.End.Sub(first.Start).Hours() != 2 {
			h.t.Errorf("one to four is %+v, %s long", c, first.End.Sub(first.Start))
		}
	})
}

func nextChange(d civil.Date, is func(civil.Date) bool) civil.Date {
	for d = d.Add(14); !is(d); {
		d = d.Add(1)
	}
	return d
}

// daySpan is how many minutes a day lasts.
func daySpan(h *house, d civil.Date) int {
	from, to := h.Span(Clock{d, 0, 1440})
	return int(to.Sub(from).Minutes())
}

// TestFillLeavesOutWhoLeft: people who do not counsel for the team any more are
// not planned by a template.
func TestFillLeavesOutWhoLeft(t *testing.T) {
	each(t, func(h *house) {
		e := h.plan(h.shift(h.addiction, 0, 8, 12), h.anna, h.cem)
		h.publish(h.addiction)
		saved, err := h.SaveTemplate(h.ctx(), h.lea, h.addiction, h.week, "Woche")
		h.must(err)
		h.must(h.leave(h.cem, h.youth))
		_, err = h.Apply(h.ctx(), h.lea, h.addiction, saved.ID, h.week.Add(1))
		h.must(err)
		p, err := h.Week(h.ctx(), h.lea, h.addiction, h.week.Add(1))
		if h.must(err); len(p.Entries[0].People) != 1 {
			h.t.Errorf("planned are %v", p.Entries[0].People)
		}
		now := h.readWeek(h.lea, h.addiction)
		if len(now.Entries[0].Unfit) != 1 || now.Findings[0].Kind != Unfit || now.Findings[0].Person != h.cem.ID || now.Findings[0].Shift != e.ID {
			h.t.Errorf("unfit %v, findings %+v", now.Entries[0].Unfit, now.Findings)
		}
		if got := h.dutiesOf(h.cem); len(got) != 0 {
			h.t.Errorf("who left is on duty: %v", got)
		}
	})
}

// leave takes all grants from a person but counselling for one team.
func (h *house) leave(who staff.Actor, stays staff.TeamID) error {
	admin := staff.Operator()
	return h.staff.SetGrants(h.ctx(), admin, who.ID, []staff.Grant{{Role: staff.Counsellor, Provider: h.provider, Team: stays}})
}
