package directory

import "time"

// Gap is something that people need to know about a centre and that its entry
// does not tell.
type Gap string

// The gaps, in the order in which they are shown. The texts of the pages are
// named after them.
const (
	NoPhone     Gap = "phone"
	NoHours     Gap = "hours"
	NoPoint     Gap = "point"
	NoLanguages Gap = "languages"
	NoAccess    Gap = "access"    // whether people with disabilities can come
	NoCatchment Gap = "catchment" // for whom, by where they live, it is there
	Unconfirmed Gap = "confirmed" // nobody has confirmed it for FreshFor
)

// AllGaps lists the gaps in their order.
var AllGaps = []Gap{NoPhone, NoHours, NoPoint, NoLanguages, NoAccess, NoCatchment, Unconfirmed}

// FreshFor is how long a confirmation counts.
const FreshFor = 180 * 24 * time.Hour

// Gaps names what the entry of a centre does not tell. A place without a door,
// protected or virtual, needs no point; hours in words are hours.
func (c *Centre) Gaps(now time.Time) (gaps []Gap) {
	for _, g := range AllGaps {
		if open[g](c, now) {
			gaps = append(gaps, g)
		}
	}
	return gaps
}

var open = map[Gap]func(*Centre, time.Time) bool{
	NoPhone:     func(c *Centre, _ time.Time) bool { return len(c.Phones) == 0 },
	NoHours:     func(c *Centre, _ time.Time) bool { return c.OpeningHours == "" && c.HoursHint == "" },
	NoPoint:     func(c *Centre, _ time.Time) bool { return c.Type == Physical && !c.Located() },
	NoLanguages: func(c *Centre, _ time.Time) bool { return len(c.Languages) == 0 },
	NoAccess:    func(c *Centre, _ time.Time) bool { return c.Type == Physical && len(c.Accessibility) == 0 },
	NoCatchment: func(c *Centre, _ time.Time) bool { return len(c.Areas) == 0 },
	Unconfirmed: func(c *Centre, now time.Time) bool {
		day, err := time.Parse(time.DateOnly, c.Assured)
		return err != nil || now.Truncate(24*time.Hour).Sub(day) > FreshFor
	},
}
