package hours

import (
	"time"

	"lotse/internal/roster/civil"
)

// State is what opening hours say of a moment.
type State uint8

// The states, from the one that says least to a person who wants to come in.
const (
	Closed        State = iota
	Unknown             // depends on holidays that are not known here
	ByArrangement       // only for people who have arranged it; a comment may say how
	Open
)

// String names the state as locale keys and JSON do.
func (s State) String() string {
	return [...]string{"closed", "unknown", "by_arrangement", "open"}[s]
}

// Hours are the rules of a place, in order: a later rule goes before an earlier
// one, as its Join says. No rules at all mean closed.
type Hours []Rule

// Rule gives a state to the days and times it selects. Selectors of different
// kinds narrow each other; the parts of one kind add up; an empty kind selects
// everything.
type Rule struct {
	Join     Join
	Years    []YearRange
	Dates    []DateRange
	Weeks    []WeekRange
	Only     HolidaySet // "PH Mo-Fr": on the weekdays, but only if they are such holidays
	Weekdays WeekdaySet
	Nth      []Nth
	Also     HolidaySet // "Mo-Fr,PH": the weekdays, and such holidays as well
	Times    []Span     // in order of their start
	State    State      // Open, Closed or ByArrangement
	Comment  string     // holds no double quote and no line break
	Recur    Recur
}

// Join says how a rule stands to the rules before it.
type Join uint8

// The joins. The first rule of Hours has Replace.
const (
	Replace  Join = iota // ";"  on the days it selects, nothing of the rules before stays, unless it closes
	Add                  // ","  goes on top of the rules before
	Fallback             // "||" where the rules before say closed
)

// YearRange is the years from From to To, both included; To 0 has no end.
type YearRange struct{ From, To int }

// DateRange is the days from From to To, both included. Either both have a year
// or none has, or To is zero: then it has no end.
type DateRange struct{ From, To Date }

// Date is a day in a year (Year 0: in every year) or a whole month (Day 0).
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// WeekRange is every Step-th week of ISO 8601 from From to To, both included.
type WeekRange struct{ From, To, Step int }

// WeekdaySet holds a bit for each weekday, Monday first.
type WeekdaySet uint8

// everyDay has all seven weekdays.
const everyDay WeekdaySet = 1<<7 - 1

// Has reports whether the day, counted from Monday as 0, is in the set.
func (s WeekdaySet) Has(day int) bool { return s&(1<<day) != 0 }

// Nth is the N-th such weekday of a month: 1 to 5, or -1 to -5 from its end.
type Nth struct{ Day, N int }

// HolidaySet holds kinds of holidays.
type HolidaySet uint8

// The kinds of holidays.
const (
	Public HolidaySet = 1 << iota // by law, see package holiday
	School                        // never known here
)

// Span is a span of a day in minutes since its midnight, To excluded. To is
// above 1440 when the span runs into the next day, and 2880 at most.
type Span struct{ From, To int }

// day is the number of minutes in a day on the wall.
const day = 24 * 60

// Recur is what a row of HSDS can say and OpenStreetMap cannot: every so many
// weeks or months, counted from a first day. The zero value says nothing.
type Recur struct {
	Every   int  // 1 or more; 0 when the rule has none
	Monthly bool // months, not weeks
	From    civil.Date
	To      civil.Date // zero when it has no end
}
