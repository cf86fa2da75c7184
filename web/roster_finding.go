package web

import (
	"slices"
	"time"

	"lotse/internal/roster"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
)

// rosterFinding is a line of the summary above the table.
type rosterFinding struct {
	Kind roster.Kind
	When string
	Text string
	URL  string // the shift concerned, or empty
}

// Grave reports whether people would miss somebody, or somebody is in two
// places, as opposed to a wish that is not met.
func (f rosterFinding) Grave() bool { return f.Kind != roster.BelowOptimum }

// findings puts what is to come into words; what is past cannot be mended.
func (sc *rosterScope) findings(plan roster.WeekPlan) []rosterFinding {
	return sc.findingsOf(plan.Findings, plan.Names, shiftSpans(plan.Entries))
}

// shiftSpans gives the hours of shifts by id, to tell two shifts apart.
func shiftSpans(entries []roster.Entry) map[roster.ShiftID][2]time.Time {
	spans := map[roster.ShiftID][2]time.Time{}
	for _, e := range entries {
		spans[e.ID] = [2]time.Time{e.Start, e.End}
	}
	return spans
}

func (sc *rosterScope) findingsOf(all []roster.Finding, names map[staff.ID]string, spans map[roster.ShiftID][2]time.Time) []rosterFinding {
	var list []rosterFinding
	for _, f := range all {
		if !f.End.After(sc.now) {
			continue
		}
		line := rosterFinding{Kind: f.Kind, When: sc.span(f.Start, f.End), Text: sc.findingText(f, names, spans)}
		if id := sc.ownShift(f); !id.IsZero() {
			line.URL = sc.ShiftURL(id)
		}
		list = append(list, line)
	}
	return list
}

// ownShift is the shift of this team that a finding is about.
func (sc *rosterScope) ownShift(f roster.Finding) roster.ShiftID {
	if f.Team != sc.Team.ID {
		return f.OtherShift
	}
	return f.Shift
}

func (sc *rosterScope) findingText(f roster.Finding, names map[staff.ID]string, spans map[roster.ShiftID][2]time.Time) string {
	key := "roster.finding." + string(f.Kind)
	name := names[f.Person]
	switch f.Kind {
	case roster.BelowMinimum, roster.BelowOptimum:
		return sc.t(key, "have", f.Have, "want", f.Want)
	case roster.Double:
		return sc.t(key, "name", name, "one", sc.place(f.Team, f.Shift, spans), "other", sc.place(f.OtherTeam, f.OtherShift, spans))
	}
	return sc.t(key, "name", name)
}

// place names a team, and the hours of the shift where they are known.
func (sc *rosterScope) place(team staff.TeamID, id roster.ShiftID, spans map[roster.ShiftID][2]time.Time) string {
	if span, ok := spans[id]; ok {
		return sc.t("roster.place", "team", sc.names[team], "hours", sc.hours(span[0], span[1]))
	}
	return sc.names[team]
}

// Grave are the findings that have to be mended.
func (v rosterWeekView) Grave() []rosterFinding { return graveOnly(v.Findings, true) }

// Wishes are the findings that only fall short of a wish.
func (v rosterWeekView) Wishes() []rosterFinding { return graveOnly(v.Findings, false) }

func graveOnly(list []rosterFinding, grave bool) []rosterFinding {
	return slices.DeleteFunc(slices.Clone(list), func(f rosterFinding) bool { return f.Grave() != grave })
}

// counts says how many findings of each kind there are.
func (sc *rosterScope) counts(list []rosterFinding) []string {
	number := map[roster.Kind]int{}
	for _, f := range list {
		number[f.Kind]++
	}
	var texts []string
	for _, kind := range []roster.Kind{roster.BelowMinimum, roster.Double, roster.Away, roster.Unfit} {
		if n := number[kind]; n > 0 {
			texts = append(texts, sc.t("roster.count."+string(kind), "n", n))
		}
	}
	return texts
}

// rosterPersonRow is a row of the table of people: one person's week.
type rosterPersonRow struct {
	Name  string
	Hours string // duty in the week, all teams
	Days  []rosterPersonDay
}

// rosterPersonDay is what a person does on a day.
type rosterPersonDay struct {
	Name   string
	Away   string // class of an absence, or empty
	Duties []rosterPersonDuty
}

// rosterPersonDuty is a duty of one person that begins, or goes on, on a day.
type rosterPersonDuty struct {
	Hours, Channels string
	Team            string // another team's name, or empty
	URL             string // the shift, when it is of this team
}

func (sc *rosterScope) personRows(plan roster.WeekPlan) []rosterPersonRow {
	rows := make([]rosterPersonRow, 0, len(plan.People))
	for _, p := range plan.People {
		row := rosterPersonRow{Name: p.Name, Hours: sc.duration(plan.Hours(p.ID))}
		for i := range 7 {
			row.Days = append(row.Days, sc.personDay(plan, p.ID, sc.Week.Monday().Add(i)))
		}
		rows = append(rows, row)
	}
	return rows
}

func (sc *rosterScope) personDay(plan roster.WeekPlan, person staff.ID, date civil.Date) rosterPersonDay {
	from, to := sc.daySpan(date)
	day := rosterPersonDay{Name: sc.day(date)}
	for _, a := range plan.Absences {
		if a.Person == person && a.Start.Before(to) && a.End.After(from) {
			day.Away = sc.t("roster.class." + string(a.Class))
		}
	}
	for _, d := range plan.Duties {
		if d.Person != person || d.Start.Before(from) || !d.Start.Before(to) {
			continue
		}
		duty := rosterPersonDuty{Hours: sc.hours(d.Start, d.End), Channels: sc.channels(d.Channels)}
		if d.Team != sc.Team.ID {
			duty.Team = sc.names[d.Team]
		} else if !d.Shift.IsZero() {
			duty.URL = sc.ShiftURL(d.Shift)
		}
		day.Duties = append(day.Duties, duty)
	}
	return day
}
