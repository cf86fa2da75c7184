package staff

import "time"

// Provider is an organisation that runs counselling (Träger).
type Provider struct {
	ID   ProviderID `json:"id"`
	Name string     `json:"name"`
	Keep Keep       `json:"keep"`
}

// Reach says whose conversations may be routed to a team.
type Reach string

// The reaches, from near to far.
const (
	Catchment  Reach = "catchment"  // seekers whose postcode lies in the catchment of an attached centre
	Pool       Reach = "pool"       // helps out for other teams of the provider and its partners
	Nationwide Reach = "nationwide" // takes every seeker
)

// Policy says who of a team can read its conversations.
type Policy string

// The policies.
const (
	PolicyTeam Policy = "team" // every reader of the team
	PolicyDuty Policy = "duty" // the readers on duty now and in the next shift
)

// Team is a group of counsellors that answers together. Topics and languages are the ids used by the directory
// and BCP 47 tags.
type Team struct {
	ID             TeamID
	Provider       ProviderID
	Name           string
	Topics         []string
	Languages      []string
	Centres        []string // directory centre ids whose catchments the team serves
	Reach          Reach
	Policy         Policy
	QueueMax       int           // waiting conversations beyond which the team is "full"; at least 1
	LastChatBefore time.Duration // no new live chat in this last part of a shift
	Formal         bool          // seekers are addressed with "Sie"
}

// Skills is what one person can take on.
type Skills struct {
	Topics    []string `json:"topics"`    // empty = all topics of the team
	Languages []string `json:"languages"` // empty = all languages of the team
	Limit     int      `json:"limit"`     // conversations at once, 1 to 8
	Trainee   bool     `json:"trainee"`   // counts with one place whatever Limit says
}

// Places is the number of conversations the person may hold at once.
func (k Skills) Places() int {
	if k.Trainee {
		return 1
	}
	return k.Limit
}

// DefaultSkills is what an account has until somebody sets it.
func DefaultSkills() Skills { return Skills{Topics: []string{}, Languages: []string{}, Limit: 2} }
