package roster

import (
	"time"

	"lotse/internal/roster/civil"
)

// Clock is a span as a planner says it: a date and minutes since its midnight.
// An End of 1440 or more is on the day after.
type Clock struct {
	Date       civil.Date
	Start, End int
}

// Clock reads the span of a shift off the wall clock of the roster's zone.
func (s *Service) Clock(start, end time.Time) Clock {
	date := civil.DateOf(start, s.zone)
	return Clock{date, civil.Minutes(date, start, s.zone), civil.Minutes(date, end, s.zone)}
}

// Span resolves a clock span to instants. On a day on which clocks change it
// may come out shorter or longer than it reads, even empty.
func (s *Service) Span(c Clock) (start, end time.Time) {
	return civil.Resolve(c.Date, c.Start, s.zone, civil.Start), civil.Resolve(c.Date, c.End, s.zone, civil.End)
}

// Today is the present date.
func (s *Service) Today() civil.Date { return civil.DateOf(s.db.Now(), s.zone) }

// on moves the span to another date, keeping what the wall clock shows.
func (s *Service) on(date civil.Date, start, end time.Time) (time.Time, time.Time) {
	c := s.Clock(start, end)
	c.Date = date
	return s.Span(c)
}
