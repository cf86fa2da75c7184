package roster

import (
	"fmt"

	"github.com/google/uuid"

	"lotse/internal/fault"
)

// ShiftID names a shift; it stays the same through drafts and publications.
type ShiftID struct{ uuid.UUID }

// OverrideID names an override.
type OverrideID struct{ uuid.UUID }

// AbsenceID names an absence.
type AbsenceID struct{ uuid.UUID }

// TemplateID names a weekly template.
type TemplateID struct{ uuid.UUID }

// PublicationID names one publishing of drafts.
type PublicationID struct{ uuid.UUID }

// ParseShiftID reads a shift id in canonical form; its error is fault.Invalid.
func ParseShiftID(s string) (ShiftID, error) {
	id, err := parseUUID(s)
	return ShiftID{id}, err
}

// ParseOverrideID reads an override id in canonical form; its error is fault.Invalid.
func ParseOverrideID(s string) (OverrideID, error) {
	id, err := parseUUID(s)
	return OverrideID{id}, err
}

// ParseAbsenceID reads an absence id in canonical form; its error is fault.Invalid.
func ParseAbsenceID(s string) (AbsenceID, error) {
	id, err := parseUUID(s)
	return AbsenceID{id}, err
}

// ParseTemplateID reads a template id in canonical form; its error is fault.Invalid.
func ParseTemplateID(s string) (TemplateID, error) {
	id, err := parseUUID(s)
	return TemplateID{id}, err
}

// parseUUID accepts one spelling only, so that one row has one address.
func parseUUID(s string) (uuid.UUID, error) {
	id, err := uuid.Parse(s)
	if err != nil || id.String() != s {
		return uuid.Nil, fault.Wrap(fault.Invalid, "invalid_id", fmt.Errorf("not a canonical uuid (%d bytes)", len(s)))
	}
	return id, nil
}

// IsZero reports whether the id names no shift.
func (id ShiftID) IsZero() bool { return id.UUID == uuid.Nil }

func newUUID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
