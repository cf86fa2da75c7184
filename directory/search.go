package directory

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Tier says why a centre is in a result, best first.
type Tier string

// The tiers. A person's own postcode in the catchment beats nearness, and
// nearness beats the same Land.
const (
	InCatchment Tier = "catchment"
	Nearby      Tier = "radius"
	SameLand    Tier = "land"
	Anywhere    Tier = "anywhere"
	// Elsewhere marks a centre that states another catchment. It is shown only
	// on a white spot, as somebody who may know who is responsible.
	Elsewhere Tier = "elsewhere"
)

var tierOrder = map[Tier]int{InCatchment: 0, Nearby: 1, SameLand: 2, Anywhere: 3, Elsewhere: 4}

// NearbyKM is how far "near you" reaches.
const NearbyKM = 50.0

// MaxResults bounds a search.
const MaxResults = 100

// Query asks for centres. Every field may be empty.
type Query struct {
	Topic    string
	Postcode string
	Text     string // words that must all occur in name, operator or place
	Limit    int    // 0 means 20; at most MaxResults
	Seed     uint64 // orders equals; the same seed gives the same order on every page
}

// Result is one centre found and why.
type Result struct {
	*Centre
	Tier       Tier
	DistanceKM float64 // from the postcode to the centre; -1 when unknown
}

// Found is the answer to a query.
type Found struct {
	Results []Result
	Total   int // before the limit
	// WhiteSpot is true when a topic and a postcode were asked for and no
	// centre names that postcode as its own: the results are alternatives.
	WhiteSpot bool
}

// search is pure: the same index, places and query give the same answer.
func search(x *index, places *Places, q Query) Found {
	here, located := places.Lookup(q.Postcode)
	words := strings.Fields(fold(q.Text))
	own := map[string]bool{}
	for _, c := range x.coveringTopic(q.Topic, q.Postcode) {
		own[c.ID] = true
	}
	var list []Result
	white := q.Topic != "" && located && len(own) == 0
	for _, c := range x.all(q.Topic) {
		r := rank(c, own[c.ID], x.local[c.ID], here, located)
		if matches(c, words) && (white || r.Tier != Elsewhere) {
			list = append(list, r)
		}
	}
	order(list, q.Seed)
	total := len(list)
	list = list[:min(total, limit(q.Limit))]
	return Found{Results: list, Total: total, WhiteSpot: white}
}

func limit(n int) int {
	if n <= 0 {
		return 20
	}
	return min(n, MaxResults)
}

// rank places one centre relative to a postcode; without one all are equal.
func rank(c *Centre, own, local bool, here Place, located bool) Result {
	r := Result{Centre: c, Tier: Anywhere, DistanceKM: -1}
	if !located {
		return r
	}
	if c.Located() {
		r.DistanceKM = distanceKM(here.Lat, here.Lon, c.Lat, c.Lon)
	}
	switch {
	case own:
		r.Tier = InCatchment
	case local:
		r.Tier = Elsewhere
	case r.DistanceKM >= 0 && r.DistanceKM <= NearbyKM:
		r.Tier = Nearby
	case c.State != "" && c.State == here.State:
		r.Tier = SameLand
	}
	return r
}

func matches(c *Centre, words []string) bool {
	if len(words) == 0 {
		return true
	}
	text := fold(c.Name + " " + c.Operator + " " + c.City + " " + c.Postcode)
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// order sorts by tier, then whole kilometres, then a seeded shuffle: no
// provider stands first by name.
func order(list []Result, seed uint64) {
	slices.SortFunc(list, func(a, b Result) int {
		return cmp.Or(
			cmp.Compare(tierOrder[a.Tier], tierOrder[b.Tier]),
			cmp.Compare(kilometres(a), kilometres(b)),
			cmp.Compare(shuffle(a.ID, seed), shuffle(b.ID, seed)),
			cmp.Compare(a.ID, b.ID))
	})
}

// kilometres puts unknown distances last.
func kilometres(r Result) int {
	if r.DistanceKM < 0 {
		return 1 << 20
	}
	return int(r.DistanceKM)
}

func shuffle(id string, seed uint64) uint64 {
	h := fnv.New64a()
	var b [8]byte
	for i := range b {
		b[i] = byte(seed >> (8 * i))
	}
	h.Write(b[:])
	h.Write([]byte(id))
	return h.Sum64()
}

// fold makes text comparable: lower case, no accents, ß as ss.
func fold(s string) string {
	s = strings.ReplaceAll(strings.ToLower(norm.NFD.String(s)), "ß", "ss")
	return strings.Map(func(r rune) rune {
		if r >= 0x300 && r <= 0x36f {
			return -1
		}
		return r
	}, s)
}
