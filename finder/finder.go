// Package finder says which social benefits a household may be entitled to,
// about how much, and by which paragraph.
//
// The law is data (configs/finder, described in docs/finder.md): questions,
// dated parameters with source and certainty, formulas and conditions in a
// closed vocabulary of operators. The package loads and checks that data and
// interprets it with unknown answers as first-class values: a number is an
// interval, a truth value one of yes, no and unknown, and each carries what
// could narrow it. It keeps nothing, asks no clock and never decides "no" on a
// rule that nobody has compared with the statute.
package finder

import "encoding/json"

// Request is one household at one date.
type Request struct {
	Date      string             `json:"date"`             // YYYY-MM-DD; the law of this day
	Asker     string             `json:"asker,omitempty"`  // id of the person who asks; the first person when empty
	Persons   []Person           `json:"persons"`          // everybody in the household, in any order
	Household map[string]Answer  `json:"household"`        // facts of the household
	Answers   map[string]Answer  `json:"answers"`          // facts of the asker or the household
	Given     map[string]Given   `json:"given"`            // nodes and facts that are not computed
	Pinned    map[string]Variant `json:"pinned,omitempty"` // uncertain points of law taken as settled
	Next      bool               `json:"next,omitempty"`   // also find the next question
}

// Variant is the number of the reading of an uncertain point of law: the index
// among a parameter's variants; for a point that formulas call unclear 0 is no
// and 1 is yes; for a figure not yet known 0 is the last known one.
type Variant int

// Person is one member of the household with relations by id.
type Person struct {
	ID           string            `json:"id"`
	Birth        string            `json:"birth,omitempty"`   // YYYY, YYYY-MM or YYYY-MM-DD; empty = unknown
	Partner      string            `json:"partner,omitempty"` // spouse or partner they share a life with
	Parents      []string          `json:"parents,omitempty"` // at most two; Away for one who lives elsewhere
	KindergeldTo string            `json:"kindergeld_to,omitempty"`
	Flatmate     bool              `json:"flatmate,omitempty"` // shares the home and nothing else, and is no relative
	Facts        map[string]Answer `json:"facts,omitempty"`
}

// Away stands for a parent who does not live in the household.
const Away = "away"

// Answer is what a person said about a fact: a number, true or false, the name
// of an option, a range {"low", "high"}, or null for "not known" and "not said".
type Answer struct{ raw json.RawMessage }

// UnmarshalJSON keeps the answer as it is; it is read when the fact it answers
// is known.
func (a *Answer) UnmarshalJSON(b []byte) error {
	a.raw = append(a.raw[:0], b...)
	return nil
}

// MarshalJSON returns the answer as it came.
func (a Answer) MarshalJSON() ([]byte, error) {
	if a.null() {
		return []byte("null"), nil
	}
	return a.raw, nil
}

// null says that the answer is "not known" or "not said".
func (a Answer) null() bool { return len(a.raw) == 0 || string(a.raw) == "null" }

// Say returns v as an answer. It takes a number, a bool, the name of an option,
// a Range or nil.
func Say(v any) Answer {
	raw, err := json.Marshal(v)
	if err != nil {
		return Answer{}
	}
	return Answer{raw}
}

// Range is a number that is known to lie between two others.
type Range struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Given is the value of a node for everybody, or by the id of a person.
type Given struct {
	All  *Answer
	Each map[string]Answer
}

// UnmarshalJSON tells the two forms apart: an object without low and high is by
// person.
func (g *Given) UnmarshalJSON(b []byte) error {
	each := map[string]Answer{}
	if err := json.Unmarshal(b, &each); err == nil && each != nil {
		if _, isRange := each["low"]; !isRange {
			g.Each = each
			return nil
		}
	}
	g.All = &Answer{}
	return g.All.UnmarshalJSON(b)
}

// MarshalJSON returns the form it came in.
func (g Given) MarshalJSON() ([]byte, error) {
	if g.All != nil {
		return g.All.MarshalJSON()
	}
	return json.Marshal(g.Each)
}

// State is what the finder says about a benefit.
type State string

// The states, in the order in which they are tested (docs/finder.md, Results).
const (
	Received   State = "received"
	OtherFirst State = "other_first"
	LikelyYes  State = "likely_yes"
	FromDate   State = "from_date"
	LikelyNo   State = "likely_no"
	Unclear    State = "unclear"
	Depends    State = "depends"
)

// Result is the finder's answer to a request.
type Result struct {
	Date     string          `json:"date"`
	Benefits []BenefitResult `json:"benefits"`
	Bundles  []BundleResult  `json:"bundles"`
	Place    *Place          `json:"place,omitempty"` // of the fact postcode, when it is known
	Next     string          `json:"next,omitempty"`  // asked for: the question to ask next; empty when none would help
}

// BenefitResult is the answer for one benefit.
type BenefitResult struct {
	ID           string    `json:"id"`
	Name         string    `json:"name"` // text key; some benefits change their name by date
	State        State     `json:"state"`
	Sure         bool      `json:"sure"` // verdict and amount rest on law of certainty A alone
	Unit         string    `json:"unit"`
	Amount       *Range    `json:"amount,omitempty"`
	Pays         *Range    `json:"pays,omitempty"` // what the person pays for it themselves, in EUR a month
	Reasons      []Reason  `json:"reasons"`
	Missing      []string  `json:"missing"`         // questions that could decide
	Points       []string  `json:"law,omitempty"`   // uncertain points of law that could decide
	First        string    `json:"first,omitempty"` // with OtherFirst: the benefit that goes first
	From         string    `json:"from,omitempty"`  // with FromDate
	Alternatives []string  `json:"alternatives"`
	Outcomes     []Outcome `json:"outcomes,omitempty"`
	Where        []Where   `json:"where,omitempty"` // who is responsible where they live
}

// Reason is one condition of a benefit and how it stands.
type Reason struct {
	ID      string `json:"id"`
	Text    string `json:"text"`    // text key
	Verdict string `json:"verdict"` // yes, no or unknown
	Law     string `json:"law"`
	Sure    string `json:"sure"`            // A, B, C or X
	Value   *Range `json:"value,omitempty"` // of a comparison: what was found
	Limit   *Range `json:"limit,omitempty"` // of a comparison: what the law says
	Unit    string `json:"unit,omitempty"`
}

// Outcome is what one reading of an uncertain point of law would give.
type Outcome struct {
	Point   string  `json:"point"`
	Variant Variant `json:"variant"`
	State   State   `json:"state"`
	Amount  *Range  `json:"amount,omitempty"`
}

// BundleResult sets benefits against each other that exclude one another.
type BundleResult struct {
	ID      string         `json:"id"`
	Prefer  string         `json:"prefer"` // yes: the second option goes first; no: the first; unknown: both are shown
	Options []BundleOption `json:"options"`
}

// BundleOption is one side of a bundle.
type BundleOption struct {
	ID       string   `json:"id"`
	Benefits []string `json:"benefits"`
	Amount   *Range   `json:"amount,omitempty"`
}
