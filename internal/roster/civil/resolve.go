package civil

import "time"

// Edge says which side of a span a wall-clock time is.
type Edge bool

// The two edges of a half-open span.
const (
	Start Edge = false
	End   Edge = true
)

// reach is further than any UTC offset has ever been (Manila had −15:56).
const reach = 27 * time.Hour

// Resolve is the instant, in UTC, at which clocks in zone show minute minutes
// after midnight of the date. Minutes may be 1440 or more, or negative, for the
// days after or before. A time that clocks skip gives the first instant after
// the gap. A time that comes twice gives the first occurrence for Start and the
// last for End.
func Resolve(date Date, minute int, zone *time.Location, edge Edge) time.Time {
	wall := date.utc().Add(time.Duration(minute) * time.Minute)
	var found time.Time
	for period := wall.Add(-reach).In(zone); ; {
		begin, end := period.ZoneBounds()
		_, seconds := period.Zone()
		at := wall.Add(-time.Duration(seconds) * time.Second)
		if inside(at, begin, end) && (found.IsZero() || edge == End) {
			found = at
		}
		if end.IsZero() || end.After(wall.Add(reach)) {
			return found
		}
		if found.IsZero() && skips(wall, end, seconds) {
			found = end.UTC()
		}
		period = end
	}
}

// inside reports whether at lies in [begin, end), where zero means unbounded.
func inside(at, begin, end time.Time) bool {
	return (begin.IsZero() || !at.Before(begin)) && (end.IsZero() || at.Before(end))
}

// skips reports whether the clock change at the instant change jumps over wall;
// before is the offset in seconds up to the change.
func skips(wall, change time.Time, before int) bool {
	_, after := change.Zone()
	last := change.UTC().Add(time.Duration(before) * time.Second)
	next := change.UTC().Add(time.Duration(after) * time.Second)
	return !wall.Before(last) && wall.Before(next)
}

// Clock is the wall-clock time of the instant t in zone, in minutes since
// midnight of its day.
func Clock(t time.Time, zone *time.Location) int {
	hour, minute, _ := t.In(zone).Clock()
	return 60*hour + minute
}

// Minutes is the wall-clock time of t in zone counted from midnight of date.
// It is 1440 or more when t falls on a later day.
func Minutes(date Date, t time.Time, zone *time.Location) int {
	return 1440*Days(date, DateOf(t, zone)) + Clock(t, zone)
}
