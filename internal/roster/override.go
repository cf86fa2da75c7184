package roster

import (
	"time"

	"lotse/internal/staff"
)

// Class says why, as a code. There is no free text: reasons are health data.
type Class string

// Classes of absences and overrides.
const (
	Holiday  Class = "holiday"  // absence
	Sick     Class = "sick"     // absence, override
	Training Class = "training" // absence
	Swap     Class = "swap"     // override
	Demand   Class = "demand"   // override: more or fewer people needed than planned
	Other    Class = "other"    // absence, override
)

// AbsenceClasses returns the classes an absence may have.
func AbsenceClasses() []Class { return []Class{Holiday, Sick, Training, Other} }

// OverrideClasses returns the classes an override may have.
func OverrideClasses() []Class { return []Class{Sick, Swap, Demand, Other} }

// Override departs from the published plan of a team for a span, at once.
//
// With Remove alone the person is off duty. With Add alone the person is on
// duty for the whole span. With both, Add takes over exactly the duties that
// Remove has within the span, no more. Overrides apply in order of Created, so
// a later one also finds what an earlier one has added.
type Override struct {
	ID         OverrideID
	Team       staff.TeamID
	Channel    Channel // empty: all channels
	Add        staff.ID
	Remove     staff.ID
	Start, End time.Time // [Start, End), at most MaxOverride long
	Class      Class
	Created    time.Time
}

// Absence takes a person off duty in all teams for a span, at once.
type Absence struct {
	ID         AbsenceID
	Person     staff.ID
	Start, End time.Time // [Start, End), at most MaxAbsence long
	Class      Class
}

// Limits of overrides and absences.
const (
	MaxOverride = 31 * 24 * time.Hour
	MaxAbsence  = 366 * 24 * time.Hour
)
