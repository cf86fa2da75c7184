package web

import (
	"net/http"
	"slices"

	"lotse/internal/roster"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
)

// rosterOwnView is a person's own duties of the coming weeks.
type rosterOwnView struct {
	*rosterScope
	Weeks    []rosterOwnWeek
	Absences []rosterAbsence
	Planner  bool
}

type rosterOwnWeek struct {
	Name, Dates string
	Duties      []rosterOwnDuty
}

type rosterOwnDuty struct {
	Day, Hours, Team, Channels string
	Now, StandIn               bool
}

// ownWeeks is how many weeks of duties a person sees ahead.
const ownWeeks = 5

// rosterOwn lists the reader's own duties, published ones only.
func (s *Server) rosterOwn(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	sc, err := s.rosterWorld(r, actor)
	if err != nil {
		return err
	}
	from, _ := sc.Week.Span(sc.zone)
	_, to := sc.Week.Add(ownWeeks - 1).Span(sc.zone)
	own, err := s.roster.Own(r.Context(), actor, from, to)
	if err != nil {
		return err
	}
	view := rosterOwnView{rosterScope: sc, Planner: len(sc.Teams) > 0}
	for n := range ownWeeks {
		view.Weeks = append(view.Weeks, sc.ownWeek(sc.Week.Add(n), own.Duties))
	}
	for _, a := range own.Absences {
		view.Absences = append(view.Absences, sc.absence(a, "", own.Missed[a.ID]))
	}
	if sc.err != nil {
		return sc.err
	}
	return s.render(w, r, http.StatusOK, "roster_meine", view)
}

func (sc *rosterScope) ownWeek(week civil.Week, duties []roster.Duty) rosterOwnWeek {
	from, to := week.Span(sc.zone)
	shown := rosterOwnWeek{Name: sc.week(week), Dates: sc.dates(week)}
	own := slices.DeleteFunc(slices.Clone(duties), func(d roster.Duty) bool { return d.Start.Before(from) || !d.Start.Before(to) })
	for _, d := range own {
		shown.Duties = append(shown.Duties, rosterOwnDuty{
			Day: sc.longDay(civil.DateOf(d.Start, sc.zone)), Hours: sc.hours(d.Start, d.End), Team: sc.names[d.Team],
			Channels: sc.channels(d.Channels), Now: !d.Start.After(sc.now) && d.End.After(sc.now), StandIn: d.Shift.IsZero(),
		})
	}
	return shown
}
