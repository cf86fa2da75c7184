package hours

import (
	"iter"
	"slices"
	"time"

	"lotse/internal/roster/civil"
)

// Period is a span of time in which the state and the comment stay the same.
type Period struct {
	From, To time.Time // To is excluded
	State    State
	Comment  string
}

// horizon is how many days ahead a change is looked for. In 400 days every
// month, week and nth weekday comes once.
const horizon = 400

// Periods are the periods from one moment to another, in order and without
// gaps; neighbours differ. They end at the bounds given.
func (h Hours) Periods(from, to time.Time, at Place) []Period {
	var periods []Period
	for p := range h.periods(civil.DateOf(from, at.Zone), civil.DateOf(to, at.Zone), at) {
		p.From, p.To = later(p.From, from), earlier(p.To, to)
		if !p.From.Before(p.To) {
			continue
		}
		if last := len(periods) - 1; last >= 0 && periods[last].State == p.State && periods[last].Comment == p.Comment {
			periods[last].To = p.To
			continue
		}
		periods = append(periods, p)
	}
	return periods
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// periods yields what the days from first to last say. Rarely, after an hour that
// clocks skip, neighbours say the same.
//
// When a clock on the wall is put back and shows a time twice, what happens at
// that time happens at the first: nobody at the door knows yet that it will come
// again, and a promise of one hour too little does less harm than one too many.
func (h Hours) periods(first, last civil.Date, place Place) iter.Seq[Period] {
	return func(yield func(Period) bool) {
		var p Period
		before := dateAt(first.Add(-1), place)
		for d := first; !last.Before(d); d = d.Add(1) {
			today := dateAt(d, place)
			for _, s := range h.stretches(&today, &before) {
				if !p.From.IsZero() && s.says == (says{p.State, p.Comment}) {
					continue
				}
				p.To = civil.Resolve(d, s.From, place.Zone, civil.Start)
				if p.From.Before(p.To) && !p.From.IsZero() && !yield(p) {
					return
				}
				p = Period{From: p.To, State: s.State, Comment: s.Comment}
			}
			before = today
		}
		p.To = civil.Resolve(last.Add(1), 0, place.Zone, civil.Start)
		yield(p)
	}
}

// Status is what a person at the door, or about to leave home, wants to know.
type Status struct {
	State   State
	Comment string
	Until   time.Time // the next change of the state; zero if none within 400 days
	Opens   time.Time // the next opening, if the state is not Open; zero if none within 400 days
}

// Moment is a moment at a place, prepared to ask the hours of many centres.
type Moment struct {
	now           time.Time
	place         Place
	minute        int // on the wall
	today, before date
	ambiguous     bool // the clock on the wall is not enough to tell the time
}

// At is the moment now at a place.
func At(now time.Time, place Place) *Moment {
	now = now.In(place.Zone)
	today := civil.DateOf(now, place.Zone)
	return &Moment{now, place, civil.Clock(now, place.Zone), dateAt(today, place), dateAt(today.Add(-1), place), nearClockChange(now)}
}

// nearClockChange reports whether clocks change within three hours.
func nearClockChange(t time.Time) bool {
	begin, end := t.ZoneBounds()
	return !begin.IsZero() && t.Sub(begin) < 3*time.Hour || !end.IsZero() && end.Sub(t) < 3*time.Hour
}

// Open reports whether the place is open. It is cheap enough to ask for every
// centre in a search.
func (h Hours) Open(m *Moment) bool { return h.says(m).State == Open }

// Status is the state at the moment and what comes next.
func (h Hours) Status(m *Moment) Status {
	says := h.says(m)
	s := Status{State: says.State, Comment: says.Comment}
	if h.constant() {
		return s
	}
	for p := range h.periods(m.today.Date, m.today.Add(horizon), m.place) {
		if !p.From.After(m.now) {
			continue
		}
		if s.Until.IsZero() && p.State != s.State {
			s.Until = p.From
		}
		if p.State == Open && s.State != Open {
			s.Opens = p.From
		}
		if !s.Until.IsZero() && (s.State == Open || !s.Opens.IsZero()) {
			break
		}
	}
	return s
}

// constant reports whether the hours plainly say the same at every moment.
func (h Hours) constant() bool {
	return !slices.ContainsFunc(h, func(r Rule) bool {
		if r.Weekdays == everyDay {
			r.Weekdays = 0
		}
		return r.selectsDays() || len(r.Times) > 0 && r.Times[0] != Span{0, day}
	})
}

// says is what the rules say of the moment.
func (h Hours) says(m *Moment) says {
	if !m.ambiguous {
		return h.minute(m)
	}
	var s says
	for p := range h.periods(m.today.Date, m.today.Date, m.place) {
		if !p.From.After(m.now) {
			s = says{p.State, p.Comment}
		}
	}
	return s
}

// minute is what the rules say of the minute that the clock on the wall shows.
func (h Hours) minute(m *Moment) (first says) {
	var room [8]part
	for i, g := range h.guesses(&m.today, &m.before) {
		s := at(h.parts(&m.today, &m.before, g, room[:0]), m.minute)
		if i > 0 && s != first {
			return says{State: Unknown}
		}
		first = s
	}
	return first
}
