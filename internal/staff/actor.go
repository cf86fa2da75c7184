package staff

import (
	"slices"
	"time"
)

// Role is what a person may do. Roles do not imply one another: an admin who also counsels holds both grants.
type Role string

// The roles.
const (
	Counsellor Role = "counsellor" // takes conversations
	Supervisor Role = "supervisor" // plans rosters, admits members to the team chain
	Admin      Role = "admin"      // manages accounts and teams of one provider, reads no content
	Auditor    Role = "auditor"    // reads the audit log of one provider
)

// Valid reports whether r is one of the roles above.
func (r Role) Valid() bool {
	return r == Counsellor || r == Supervisor || r == Admin || r == Auditor
}

// TeamWise reports whether the role may be granted for a single team; admin and auditor are provider-wide only.
func (r Role) TeamWise() bool { return r == Counsellor || r == Supervisor }

// Grant gives a role within a provider, for one team or, with a zero Team, for all of its teams.
type Grant struct {
	Role     Role       `json:"role"`
	Provider ProviderID `json:"provider"`
	Team     TeamID     `json:"team,omitzero"`
}

// StepUpFor is how long a fresh proof of identity (sign-in or step-up) opens sensitive actions.
const StepUpFor = 10 * time.Minute

// Actor is the signed-in person on whose behalf something is done. It is read anew from the database for each
// request and each redeemed ticket, so it may be kept for the length of one request but not cached across them.
type Actor struct {
	ID       ID
	Provider ProviderID
	Name     string // the name seekers see
	Language string // language of the person's own pages, "" for the browser's
	Grants   []Grant
	Teams    []TeamID // every team of Provider, so that provider-wide grants can be checked without a query
	Session  SessionID
	StepUp   time.Time // last proof of identity in this session
	KID      string    // key id of the person's current keys, "" before they exist
	Limited  bool      // signed in by recovery code: no grants until a new password is set
	operator bool
}

// Operator is the person at the server's command line. It holds admin and auditor rights for every provider but
// has no account, no keys and no session, so it can sign no team state and read no conversation.
func Operator() Actor { return Actor{operator: true} }

// May reports whether the actor holds the role for the team. With a zero team it reports whether the actor holds
// the role provider-wide. A team of another provider is never covered by a provider-wide grant.
func (a Actor) May(role Role, team TeamID) bool {
	if a.operator {
		return role == Admin || role == Auditor
	}
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Role == role && a.covers(g, team) })
}

func (a Actor) covers(g Grant, team TeamID) bool {
	if !g.Team.IsZero() {
		return g.Team == team
	}
	return g.Provider == a.Provider && (team.IsZero() || slices.Contains(a.Teams, team))
}

// MayAny reports whether the actor holds the role anywhere.
func (a Actor) MayAny(role Role) bool {
	if a.operator {
		return role == Admin || role == Auditor
	}
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Role == role })
}

// MayIn reports whether the actor holds the role in the provider, for at least one team.
func (a Actor) MayIn(role Role, provider ProviderID) bool {
	if a.operator {
		return role == Admin || role == Auditor
	}
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Role == role && g.Provider == provider })
}

// TeamsAs lists the teams for which the actor holds the role.
func (a Actor) TeamsAs(role Role) []TeamID {
	var teams []TeamID
	for _, g := range a.Grants {
		switch {
		case g.Role != role:
		case g.Team.IsZero():
			return slices.Clone(a.Teams)
		case !slices.Contains(teams, g.Team):
			teams = append(teams, g.Team)
		}
	}
	return teams
}

// Fresh reports whether the person proved their identity recently enough for a sensitive action.
func (a Actor) Fresh(now time.Time) bool {
	return a.operator || (!a.StepUp.IsZero() && now.Sub(a.StepUp) < StepUpFor)
}

// Ref names the actor in the audit log: the account id, or "operator".
func (a Actor) Ref() string {
	if a.operator {
		return "operator"
	}
	return a.ID.String()
}
