package roster

import (
	"time"

	"lotse/internal/staff"
)

// State tells whether a shift, as seen by a planner, is in force.
type State string

// The states of a shift.
const (
	Draft     State = "draft"     // planned or changed, in force only after publishing
	Published State = "published" // in force as it stands
)

// Shift is a span in which a team wants people on duty.
type Shift struct {
	ID         ShiftID
	Team       staff.TeamID
	Start, End time.Time // [Start, End), at most MaxShift long
	Channels   []Channel // at least one, in listing order
	Topics     []string  // empty: the team's
	Languages  []string  // empty: the team's
	Min, Opt   int       // people wanted; Min 0 is a reserve that promises no opening
	State      State
	Revision   int    // grows with every change of the shift itself; for optimistic saving
	Note       string // a short remark for the team, at most MaxNote characters
}

// Limits of a shift.
const (
	MaxShift = 24 * time.Hour
	MaxStaff = 99
	MaxNote  = 200 // characters
)

// Assignment puts a person on a shift.
type Assignment struct {
	Shift  ShiftID
	Person staff.ID
}

// Planned is a shift together with the people assigned to it, sorted by id.
type Planned struct {
	Shift
	People []staff.ID
}
