package staff

import (
	"fmt"

	"github.com/google/uuid"

	"lotse/internal/fault"
)

// ID names one staff account. It is a UUIDv7 and therefore no secret.
type ID struct{ uuid.UUID }

// ProviderID names one provider (Träger).
type ProviderID struct{ uuid.UUID }

// TeamID names one team. The zero TeamID in a [Grant] means every team of the provider.
type TeamID struct{ uuid.UUID }

// SessionID names one sign-in. It is not the session's token and grants nothing.
type SessionID struct{ uuid.UUID }

// NewID returns a fresh account id.
func NewID() ID { return ID{uuid.Must(uuid.NewV7())} }

// NewProviderID returns a fresh provider id.
func NewProviderID() ProviderID { return ProviderID{uuid.Must(uuid.NewV7())} }

// NewTeamID returns a fresh team id.
func NewTeamID() TeamID { return TeamID{uuid.Must(uuid.NewV7())} }

func newSessionID() SessionID { return SessionID{uuid.Must(uuid.NewV7())} }

// IsZero reports whether the id names nobody.
func (id ID) IsZero() bool { return id.UUID == uuid.Nil }

// IsZero reports whether the id names no provider.
func (id ProviderID) IsZero() bool { return id.UUID == uuid.Nil }

// IsZero reports whether the id names no single team.
func (id TeamID) IsZero() bool { return id.UUID == uuid.Nil }

// IsZero reports whether the id names no session.
func (id SessionID) IsZero() bool { return id.UUID == uuid.Nil }

// UnmarshalText accepts the canonical lower-case form only; its error is fault.Invalid.
func (id *ID) UnmarshalText(text []byte) (err error) {
	id.UUID, err = parseUUID(string(text))
	return err
}

// UnmarshalText accepts the canonical lower-case form only; its error is fault.Invalid.
func (id *ProviderID) UnmarshalText(text []byte) (err error) {
	id.UUID, err = parseUUID(string(text))
	return err
}

// UnmarshalText accepts the canonical lower-case form only; its error is fault.Invalid.
func (id *TeamID) UnmarshalText(text []byte) (err error) {
	id.UUID, err = parseUUID(string(text))
	return err
}

// UnmarshalText accepts the canonical lower-case form only; its error is fault.Invalid.
func (id *SessionID) UnmarshalText(text []byte) (err error) {
	id.UUID, err = parseUUID(string(text))
	return err
}

// ParseID reads an account id; its error is fault.Invalid.
func ParseID(s string) (id ID, err error) {
	err = id.UnmarshalText([]byte(s))
	return id, err
}

// ParseProviderID reads a provider id; its error is fault.Invalid.
func ParseProviderID(s string) (id ProviderID, err error) {
	err = id.UnmarshalText([]byte(s))
	return id, err
}

// ParseTeamID reads a team id; its error is fault.Invalid.
func ParseTeamID(s string) (id TeamID, err error) {
	err = id.UnmarshalText([]byte(s))
	return id, err
}

// ParseSessionID reads a session id; its error is fault.Invalid.
func ParseSessionID(s string) (id SessionID, err error) {
	err = id.UnmarshalText([]byte(s))
	return id, err
}

// parseUUID is stricter than uuid.Parse, which also takes URNs, braces and upper case: one id has one spelling.
func parseUUID(s string) (uuid.UUID, error) {
	id, err := uuid.Parse(s)
	if err != nil || id.String() != s {
		return uuid.Nil, fault.Wrap(fault.Invalid, "invalid_id", fmt.Errorf("not a canonical uuid (%d bytes)", len(s)))
	}
	return id, nil
}
