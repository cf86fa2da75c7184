package roster

import (
	"testing"
	"time"

	"lotse/internal/fault"
	"lotse/internal/staff"
)

func TestOverrideActsAtOnce(t *testing.T) {
	each(t, func(h *house) {
		e := h.plan(h.shift(h.addiction, 0, 8, 12), h.anna)
		h.publish(h.addiction)
		o, err := h.AddOverride(h.ctx(), h.lea, Override{Team: h.addiction, Remove: h.anna.ID, Add: h.ben.ID,
			Start: e.Start.Add(time.Hour), End: e.End.Add(24 * time.Hour), Class: Sick})
		h.must(err)
		if anna, ben := h.dutiesOf(h.anna), h.dutiesOf(h.ben); len(anna) != 1 || !anna[0].End.Equal(e.Start.Add(time.Hour)) ||
			len(ben) != 1 || !ben[0].Start.Equal(e.Start.Add(time.Hour)) || !ben[0].End.Equal(e.End) || ben[0].Shift != e.ID {
			h.t.Errorf("Anna %v, Ben %v", anna, ben)
		}
		list, err := h.Overrides(h.ctx(), h.lea, h.addiction, h.Now())
		if h.must(err); len(list) != 1 || list[0].ID != o.ID || list[0].Add != h.ben.ID || list[0].Channel != "" {
			h.t.Errorf("overrides are %+v", list)
		}
		h.wantFault(h.RemoveOverride(h.ctx(), h.stranger, o.ID), fault.Forbidden, "forbidden")
		h.must(h.RemoveOverride(h.ctx(), h.lea, o.ID))
		h.must(h.RemoveOverride(h.ctx(), h.lea, o.ID)) // twice is once
		if got := h.dutiesOf(h.anna); len(got) != 1 || !got[0].End.Equal(e.End) {
			h.t.Errorf("Anna has %v", got)
		}
	})
}

func TestOverrideRefuses(t *testing.T) {
	each(t, func(h *house) {
		good := func() Override {
			s := h.shift(h.addiction, 0, 8, 12)
			return Override{Team: h.addiction, Add: h.anna.ID, Start: s.Start, End: s.End, Class: Demand}
		}
		tests := []struct {
			why, field, code string
			spoil            func(*Override)
		}{
			{"nobody", "add", "required", func(o *Override) { o.Add = staff.ID{} }},
			{"by oneself", "add", "same_person", func(o *Override) { o.Remove = o.Add }},
			{"from another team", "add", "not_in_team", func(o *Override) { o.Add = h.dora.ID }},
			{"without somebody of another team", "remove", "not_in_team", func(o *Override) { o.Remove = h.dora.ID }},
			{"from another provider", "add", "not_in_team", func(o *Override) { o.Add = h.stranger.ID }},
			{"an unknown channel", "channel", "unknown", func(o *Override) { o.Channel = "fax" }},
			{"an unknown class", "class", "unknown", func(o *Override) { o.Class = Holiday }},
			{"a reason in words", "class", "unknown", func(o *Override) { o.Class = "hat Grippe" }},
			{"no span", "end", "span_empty", func(o *Override) { o.End = o.Start }},
			{"yesterday", "end", "span_past", func(o *Override) { o.Start, o.End = h.Now().Add(-48*time.Hour), h.Now().Add(-24*time.Hour) }},
			{"too long", "end", "span_long", func(o *Override) { o.End = o.Start.Add(MaxOverride + 2*time.Hour) }},
			{"too far", "start", "span_far", func(o *Override) { o.Start, o.End = o.Start.AddDate(20, 0, 0), o.End.AddDate(20, 0, 0) }},
		}
		for _, tt := range tests {
			o := good()
			tt.spoil(&o)
			_, err := h.AddOverride(h.ctx(), h.lea, o)
			h.wantField(tt.why, err, tt.field, tt.code)
		}
		if list, err := h.Overrides(h.ctx(), h.lea, h.addiction, time.Time{}); err != nil || len(list) != 0 {
			h.t.Errorf("something was written: %v %v", list, err)
		}
	})
}

func TestAbsence(t *testing.T) {
	each(t, func(h *house) {
		e := h.plan(h.shift(h.addiction, 0, 8, 12), h.cem)
		young := h.plan(h.shift(h.youth, 1, 8, 12), h.cem)
		h.publish(h.addiction)
		h.publish(h.youth)
		from, to := h.week.Span(h.Zone())
		a, err := h.AddAbsence(h.ctx(), h.cem, Absence{Person: h.cem.ID, Start: e.Start.Add(2 * time.Hour), End: to, Class: Holiday})
		h.must(err)
		if got := h.dutiesOf(h.cem); len(got) != 1 || !got[0].End.Equal(a.Start) {
			h.t.Errorf("Cem has %v", got)
		}
		own, err := h.Own(h.ctx(), h.cem, from, to)
		h.must(err)
		if missed := own.Missed[a.ID]; len(own.Absences) != 1 || own.Absences[0].Class != Holiday || len(missed) != 2 || missed[1].Shift != young.ID {
			h.t.Errorf("Cem sees %+v", own)
		}
		seen, err := h.TeamAbsences(h.ctx(), h.lea, h.addiction, from)
		h.must(err)
		if len(seen.Absences) != 1 || len(seen.Missed[a.ID]) != 1 || seen.Missed[a.ID][0].Shift != e.ID || len(seen.People) != 3 {
			h.t.Errorf("Lea sees %+v", seen)
		}
		p := h.readWeek(h.lea, h.addiction)
		if len(p.Absences) != 1 || len(p.Findings) != 2 || p.Findings[0].Kind != BelowMinimum || p.Findings[1].Kind != Away {
			h.t.Errorf("the planner sees %+v and %+v", p.Absences, p.Findings)
		}
		if anna, err := h.Own(h.ctx(), h.anna, from, to); err != nil || len(anna.Absences) != 0 || len(anna.Duties) != 0 {
			h.t.Errorf("Anna sees %+v", anna)
		}
		h.must(h.RemoveAbsence(h.ctx(), h.cem, a.ID))
		h.must(h.RemoveAbsence(h.ctx(), h.cem, a.ID))
		if got := h.dutiesOf(h.cem); len(got) != 2 {
			h.t.Errorf("back again Cem has %v", got)
		}
	})
}

func TestWhoseAbsence(t *testing.T) {
	each(t, func(h *house) {
		s := h.shift(h.addiction, 0, 8, 12)
		for _, tt := range []struct {
			actor, of staff.Actor
			may       bool
		}{
			{h.anna, h.anna, true}, {h.lea, h.lea, true}, {h.lea, h.anna, true}, {h.lea, h.cem, true}, {h.max, h.dora, true},
			{h.anna, h.ben, false}, {h.lea, h.dora, false}, {h.stranger, h.anna, false}, {h.max, h.lea, false},
			{h.lea, h.stranger, false}, {staff.Operator(), h.anna, false}, {staff.Actor{}, staff.Actor{}, false},
		} {
			a, err := h.AddAbsence(h.ctx(), tt.actor, Absence{Person: tt.of.ID, Start: s.Start, End: s.End, Class: Other})
			if tt.may {
				h.must(err)
				h.wantFault(h.RemoveAbsence(h.ctx(), h.stranger, a.ID), fault.Forbidden, "forbidden")
				h.must(h.RemoveAbsence(h.ctx(), tt.actor, a.ID))
			} else {
				h.wantFault(err, fault.Forbidden, "forbidden")
			}
		}
	})
}

func TestAbsenceRefuses(t *testing.T) {
	each(t, func(h *house) {
		tests := []struct {
			why, field, code string
			spoil            func(*Absence)
		}{
			{"a reason in words", "class", "unknown", func(a *Absence) { a.Class = "Rücken" }},
			{"an override's class", "class", "unknown", func(a *Absence) { a.Class = Swap }},
			{"no span", "end", "span_empty", func(a *Absence) { a.End = a.Start }},
			{"the past", "end", "span_past", func(a *Absence) { a.Start, a.End = h.Now().Add(-48*time.Hour), h.Now().Add(-time.Hour) }},
			{"two years", "end", "span_long", func(a *Absence) { a.End = a.Start.AddDate(2, 0, 0) }},
			{"far away", "start", "span_far", func(a *Absence) { a.Start, a.End = a.Start.AddDate(9, 0, 0), a.End.AddDate(9, 0, 0) }},
		}
		for _, tt := range tests {
			s := h.shift(h.addiction, 0, 8, 12)
			a := Absence{Person: h.anna.ID, Start: s.Start, End: s.End, Class: Sick}
			tt.spoil(&a)
			_, err := h.AddAbsence(h.ctx(), h.anna, a)
			h.wantField(tt.why, err, tt.field, tt.code)
		}
	})
}

// TestSweep forgets what ended long ago and nothing else.
func TestSweep(t *testing.T) {
	each(t, func(h *house) {
		_, err := h.AddAbsence(h.ctx(), h.anna, Absence{Person: h.anna.ID, Start: h.Now().Add(-24 * time.Hour), End: h.Now().Add(time.Hour), Class: Sick})
		h.must(err)
		_, err = h.AddOverride(h.ctx(), h.lea, Override{Team: h.addiction, Add: h.anna.ID, Start: h.Now().Add(-24 * time.Hour), End: h.Now().Add(time.Hour), Class: Swap})
		h.must(err)
		count := func() (n int) {
			h.must(h.db.QueryRow(h.ctx(), "SELECT (SELECT count(*) FROM absence) + (SELECT count(*) FROM duty_override)").Scan(&n))
			return n
		}
		if h.sweep(h.ctx()); count() != 2 {
			h.t.Errorf("%d left of 2", count())
		}
		old := h.Now().Add(-keepAway - time.Hour)
		for _, table := range []string{"absence", "duty_override"} {
			_, err := h.db.Exec(h.ctx(), "UPDATE "+table+" SET start_at = $1, end_at = $2", old.Add(-time.Hour), old)
			h.must(err)
		}
		if h.sweep(h.ctx()); count() != 0 {
			h.t.Errorf("%d left of what is to be forgotten", count())
		}
	})
}
