package roster

import (
	"slices"
	"time"

	"lotse/internal/staff"
)

// Filter selects duties that can serve somebody.
type Filter struct {
	Teams    []staff.TeamID // the teams that may serve; empty matches none
	Channel  Channel
	Topic    string // empty: any
	Language string // empty: any
}

// Match reports whether the duty can serve. A duty without topics or languages
// of its own has those of its team, which the choice of Teams has looked at.
func (f Filter) Match(d Duty) bool {
	return slices.Contains(f.Teams, d.Team) && slices.Contains(d.Channels, f.Channel) &&
		covers(d.Topics, f.Topic) && covers(d.Languages, f.Language)
}

// covers reports whether list offers want; an empty list offers everything.
func covers(list []string, want string) bool {
	return want == "" || len(list) == 0 || slices.Contains(list, want)
}

// NextOpening is the first instant from after on at which a duty matches f;
// after itself when one does already. Reserve duties promise nothing. The
// duties are sorted by Start, as Plan.Duties returns them. It reports false
// when there is none.
func NextOpening(duties []Duty, f Filter, after time.Time) (time.Time, bool) {
	for _, d := range duties {
		if d.Reserve || !d.End.After(after) || !f.Match(d) {
			continue
		}
		if d.Start.Before(after) {
			return after, true
		}
		return d.Start, true
	}
	return time.Time{}, false
}

// Until is the end of the unbroken duty of a person for a team and channel at
// an instant: one shift that follows another without a gap continues it. It
// returns at itself when the person is not on duty then.
func Until(duties []Duty, person staff.ID, team staff.TeamID, channel Channel, at time.Time) time.Time {
	end := at
	for _, d := range duties { // sorted by Start: each duty that continues comes later
		if d.Person == person && d.Team == team && slices.Contains(d.Channels, channel) &&
			!d.Start.After(end) && d.End.After(end) {
			end = d.End
		}
	}
	return end
}
