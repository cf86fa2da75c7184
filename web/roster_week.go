package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"lotse/internal/roster"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
)

// rosterWeekView is the week of a team as a table of days and parts of the day.
type rosterWeekView struct {
	*rosterScope
	Message   string
	Plan      roster.WeekPlan
	Bands     []string // names of the columns
	Days      []rosterDay
	Findings  []rosterFinding
	Counts    []string // findings by kind, in words
	Rows      []rosterPersonRow
	ByPerson  bool // persons × days instead of days × parts of the day
	Empty     bool // no shift in the week
	Overrides []string
}

// rosterDay is a row: one day, with a cell for each column.
type rosterDay struct {
	Name, LongName string
	Date           string
	Today          bool
	Away           []string // who is absent
	Cells          []rosterCell
}

// rosterCell holds the shifts of a day that begin in one part of the day.
type rosterCell struct {
	Band  string
	Cards []rosterCard
}

// bandStarts are the minutes at which the parts of the day begin: night,
// morning, afternoon, evening.
var bandStarts = [...]int{0, 6 * 60, 12 * 60, 17 * 60}

func bandOf(minute int) int {
	band := 0
	for i, start := range bandStarts {
		if minute >= start {
			band = i
		}
	}
	return band
}

// rosterPage leads a supervisor to the planner and everybody else to the own
// duties.
func (s *Server) rosterPage(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if len(actor.TeamsAs(staff.Supervisor)) == 0 {
		return s.rosterOwn(w, r, actor)
	}
	sc, err := s.rosterScope(r, actor)
	if err != nil {
		return err
	}
	plan, err := s.roster.Week(r.Context(), actor, sc.Team.ID, sc.Week)
	if err != nil {
		return err
	}
	view := sc.weekView(plan)
	view.Message, view.ByPerson = sc.message(r), r.FormValue("ansicht") == "personen"
	if sc.err != nil {
		return sc.err
	}
	return s.render(w, r, http.StatusOK, "roster", view)
}

func (sc *rosterScope) weekView(plan roster.WeekPlan) rosterWeekView {
	v := rosterWeekView{rosterScope: sc, Plan: plan, Empty: len(plan.Entries) == 0}
	cards := sc.cards(plan)
	used := usedBands(cards)
	for _, band := range used {
		v.Bands = append(v.Bands, sc.t("roster.band."+strconv.Itoa(band)))
	}
	for i := range 7 {
		v.Days = append(v.Days, sc.dayRow(plan, sc.Week.Monday().Add(i), used, cards))
	}
	v.Findings = sc.findings(plan)
	v.Counts = sc.counts(v.Grave())
	v.Rows = sc.personRows(plan)
	for _, o := range plan.Overrides {
		v.Overrides = append(v.Overrides, sc.overrideText(o, plan.Names))
	}
	return v
}

// usedBands are the columns with a shift in any row; a week without shifts
// shows the morning and the afternoon.
func usedBands(cards []rosterCard) []int {
	var used []int
	for band := range bandStarts {
		if slices.ContainsFunc(cards, func(c rosterCard) bool { return c.band == band }) {
			used = append(used, band)
		}
	}
	if len(used) == 0 {
		return []int{1, 2}
	}
	return used
}

func (sc *rosterScope) dayRow(plan roster.WeekPlan, date civil.Date, bands []int, cards []rosterCard) rosterDay {
	day := rosterDay{Name: sc.day(date), LongName: sc.longDay(date), Date: date.String(), Today: date == sc.today}
	from, to := sc.daySpan(date)
	for _, a := range plan.Absences {
		if a.Start.Before(to) && a.End.After(from) {
			day.Away = append(day.Away, plan.Names[a.Person])
		}
	}
	slices.Sort(day.Away)
	day.Away = slices.Compact(day.Away)
	for _, band := range bands {
		cell := rosterCell{Band: sc.t("roster.band." + strconv.Itoa(band))}
		for _, c := range cards {
			if c.date == date && c.band == band {
				cell.Cards = append(cell.Cards, c)
			}
		}
		day.Cells = append(day.Cells, cell)
	}
	return day
}

func (sc *rosterScope) daySpan(date civil.Date) (from, to time.Time) {
	return civil.Resolve(date, 0, sc.zone, civil.Start), civil.Resolve(date, 1440, sc.zone, civil.End)
}

// Previous, Next and Present are addresses of other weeks in the same view.
func (v rosterWeekView) Previous() string { return v.turn(v.Week.Add(-1)) }

// Next is the address of the week after.
func (v rosterWeekView) Next() string { return v.turn(v.Week.Add(1)) }

// Present is the address of the present week, or empty when it is this one.
func (v rosterWeekView) Present() string {
	if week := civil.WeekOf(v.today); week != v.Week {
		return v.turn(week)
	}
	return ""
}

func (v rosterWeekView) turn(week civil.Week) string {
	sc := *v.rosterScope
	sc.Week = week
	return sc.URL("", "ansicht", v.View())
}

// View names the view for the address: empty for days, personen for people.
func (v rosterWeekView) View() string {
	if v.ByPerson {
		return "personen"
	}
	return ""
}

// Monday is the first day, for the field that jumps to a date.
func (v rosterWeekView) Monday() string { return v.Week.Monday().String() }

// TeamChoices are the teams to switch between; none when there is only one.
func (v rosterWeekView) TeamChoices() []choice {
	if len(v.Teams) < 2 {
		return nil
	}
	return v.teamChoices()
}
