package directory

import (
	"cmp"
	"slices"
	"time"

	"lotse/directory/hours"
	"lotse/directory/hours/holiday"
)

// Filter narrows a search to what a person needs. Every field may be empty. What a
// centre does not say counts as no.
type Filter struct {
	OpenNow    bool
	Channel    Channel  // such as chat or phone
	Language   string   // that counsellors speak, BCP 47
	Accessible []string // all of Accessibilities that a person needs
	Target     string   // a target group
	WalkIn     bool     // without an appointment
	Anonymous  bool
	FreeOfCost bool
}

// pass reports whether a centre has what the filter asks for.
func (f Filter) pass(d *doc, clock *clock) bool {
	switch {
	case f.Channel != "" && !slices.Contains(d.Channels, f.Channel),
		f.Language != "" && !slices.Contains(d.Languages, f.Language),
		slices.ContainsFunc(f.Accessible, func(a string) bool { return !slices.Contains(d.Accessibility, a) }),
		f.Target != "" && !slices.Contains(d.Targets, f.Target),
		f.WalkIn && !d.WalkIn,
		f.Anonymous && !d.Anonymous,
		f.FreeOfCost && !d.Free,
		f.OpenNow && !clock.open(d):
		return false
	}
	return true
}

// Surroundings returns what the opening hours of a place depend on: its Land by
// name, and the official key of its Kreis or municipality, which may be empty.
type Surroundings func(state, ags string) hours.Place

// Germany returns the surroundings with the holidays of the Länder, in the zone.
func Germany(zone *time.Location) (Surroundings, error) {
	table, err := holiday.Load()
	if err != nil {
		return nil, err
	}
	return func(state, ags string) hours.Place {
		return hours.Place{Zone: zone, Holidays: table.At(cmp.Or(ags, holiday.Key(state)))}
	}, nil
}

// clock tells the opening hours of many centres at one moment.
type clock struct {
	now     time.Time
	around  Surroundings
	moments map[string]*hours.Moment
}

func newClock(now time.Time, around Surroundings) *clock {
	return &clock{now: now, around: around, moments: map[string]*hours.Moment{}}
}

// tells reports whether the hours of a centre are known.
func (c *clock) tells(d *doc) bool { return d.timed && c.around != nil }

func (c *clock) open(d *doc) bool { return c.tells(d) && d.hours.Open(c.moment(d.Centre)) }

// status is unknown for a centre whose hours are not stated or cannot be read.
func (c *clock) status(d *doc) hours.Status {
	if !c.tells(d) {
		return hours.Status{State: hours.Unknown}
	}
	return d.hours.Status(c.moment(d.Centre))
}

func (c *clock) moment(at *Centre) *hours.Moment {
	key := cmp.Or(at.AGS, at.State)
	m, ok := c.moments[key]
	if !ok {
		m = hours.At(c.now, c.around(at.State, at.AGS))
		c.moments[key] = m
	}
	return m
}
