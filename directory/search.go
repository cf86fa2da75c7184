package directory

import (
	"cmp"
	"slices"

	"lotse/directory/hours"
)

// Tier says why a centre is in a result, best first.
type Tier string

// The tiers. A person's own postcode in the catchment beats nearness, and
// nearness beats the same Land.
const (
	InCatchment Tier = "catchment"
	Nearby      Tier = "radius"
	SameLand    Tier = "land"
	// Anywhere is a centre for the whole country, one that is reached online or
	// by phone, or, when nobody knows where the person is, every centre.
	Anywhere Tier = "anywhere"
	// Elsewhere marks a centre that states another catchment, or is far away. It
	// is shown only on a white spot, as somebody who may know who is responsible.
	Elsewhere Tier = "elsewhere"
)

// tierOrder is the place of each tier, and far what a tier costs against the
// closeness of the topic: help with a related topic around the corner goes
// before help with this one at the other end of the Land.
var (
	tierOrder = map[Tier]uint8{InCatchment: 0, Nearby: 1, SameLand: 2, Anywhere: 3, Elsewhere: 4}
	far       = map[Tier]uint8{InCatchment: 0, Nearby: 0, SameLand: 3, Anywhere: 3, Elsewhere: 6}
)

// NearbyKM is how far "near you" reaches.
const NearbyKM = 50.0

// MaxResults bounds a search.
const MaxResults = 100

// Query asks for centres. Every field may be empty.
type Query struct {
	Text     string   // what the person wrote, at most MaxText bytes
	Page     string   // language of the page; it only breaks ties
	Topic    string   // chosen by the person; its id or an alias
	Without  []string // topics found in Text that the person took away
	Postcode string   // goes before one in Text
	Filter   Filter
	Limit    int    // 0 means 20; at most MaxResults
	Seed     uint64 // orders equals; the same seed gives the same order on every page
}

// MaxText is how many bytes of a person's own words are read.
const MaxText = 1000

// Hit is one centre found and why.
type Hit struct {
	*Centre
	Found      []string // the topics of the query that it works on, nearest first
	Related    bool     // it works on a related topic only
	Named      bool     // the person's words are in its name, provider, place or description
	Tier       Tier
	DistanceKM float64      // from the place to the centre; -1 when unknown
	Open       hours.Status // Unknown when the hours are not stated
	Chat       *Chat        // nil: it has none
}

// IsOpen reports whether the centre is open now. It is not known when the hours
// are not stated, cannot be read, or are by arrangement.
func (h Hit) IsOpen() (open, known bool) {
	return h.Open.State == hours.Open, h.Open.State == hours.Open || h.Open.State == hours.Closed
}

// Answer is what a query found.
type Answer struct {
	Topics  []Match // strongest first; the chosen topic alone, if there is one
	Crisis  bool    // the words speak of danger: show where help is before anything else
	Place   Town    // where the search looked; zero when it is not known
	Results []Hit
	Total   int // before the limit
	// WhiteSpot is true when a topic and a place are known and nobody near serves
	// the place for it: the results are alternatives.
	WhiteSpot bool
	// Unclear is true when the words meant nothing to the search: the results are
	// centres for all kinds of worries.
	Unclear bool
}

// wanted is a query understood.
type wanted struct {
	topics []wish
	leads  []string // the strongest topics, when there are several
	words  []string
	said   []string // the kind of help, in the person's words
	spot   spot
	filter Filter
	seed   uint64
	limit  int
}

// wish is a topic and how near it is to the matter: 0 is the matter itself.
type wish struct {
	topic    string
	distance uint8
}

// spot is where the person is.
type spot struct {
	known     bool
	postcodes []string
	point     [3]float64
	state     string
}

// search is pure: the same index and query give the same answer.
func (x *index) search(w wanted, clock *clock) (hits []Hit, total int, white bool) {
	s := x.newScan(w)
	best := newTop(limit(w.limit))
	alone := w.spot.known && !s.served(clock)
	for _, n := range s.wantedDocs {
		k, ok := s.key(n, alone)
		if !ok || !w.filter.pass(&x.docs[n], clock) {
			continue
		}
		total++
		best.add(k)
		s.lead(k)
	}
	for _, k := range s.led(best.keys) {
		hits = append(hits, s.hit(k, clock))
	}
	return hits, total, alone && len(w.topics) > 0
}

// maxLeads is for how many topics of one text the best centre stands in front.
const maxLeads = 3

// lead remembers the best centre for each of the strongest topics, so that
// somebody with debts who drinks sees help for both at once.
func (s *scan) lead(k key) {
	if s.leading == nil || s.leading[k.doc] == 0 || s.spot.known && k.tier > tierOrder[Nearby] {
		return
	}
	for i := range s.leads {
		if s.leading[k.doc]&(1<<i) != 0 && (s.best[i] == nil || k.compare(*s.best[i]) < 0) {
			s.best[i] = &k
		}
	}
}

// led puts the leading centres in front of the ordered keys.
func (s *scan) led(ordered []key) []key {
	var front []key
	for _, k := range s.best {
		if k != nil && !slices.Contains(front, *k) {
			front = append(front, *k)
		}
	}
	rest := slices.DeleteFunc(ordered, func(k key) bool { return slices.Contains(front, k) })
	return slices.Concat(front, rest)[:min(len(front)+len(rest), limit(s.limit))]
}

func limit(n int) int {
	if n <= 0 {
		return 20
	}
	return min(n, MaxResults)
}

// scan is what a search knows of each centre before it looks at it.
type scan struct {
	*index
	wanted
	wantedDocs []int32 // the centres of the wanted topics, or all
	nearness   []uint8 // centre → distance of its nearest topic, unwanted if none
	scores     []float32
	most       float32
	kinds      []uint8 // centre → how plainly it says that it is what was asked for
	own        []bool  // the catchment has the person's place
	leading    []uint8 // centre → which of the leads it works on, as bits
	best       [maxLeads]*key
}

const unwanted = 255

func (x *index) newScan(w wanted) *scan {
	s := &scan{index: x, wanted: w, wantedDocs: x.all}
	if len(w.topics) > 0 {
		s.nearness = make([]uint8, len(x.docs))
		for i := range s.nearness {
			s.nearness[i] = unwanted
		}
		s.wantedDocs = nil
		for _, wish := range w.topics {
			s.want(wish)
		}
	}
	if len(w.leads) > 0 {
		s.leading = make([]uint8, len(x.docs))
		for i, topic := range w.leads {
			for _, n := range x.byTopic[topic] {
				s.leading[n] |= 1 << i
			}
		}
	}
	if len(w.words) > 0 {
		s.scores = make([]float32, len(x.docs))
		s.most = x.words.score(w.words, s.scores)
	}
	if len(w.said) > 0 {
		s.kinds = x.words.kinds(w.said, len(x.docs))
	}
	s.own = make([]bool, len(x.docs))
	for _, postcode := range w.spot.postcodes {
		for _, n := range x.covering[postcode] {
			s.own[n] = true
		}
	}
	return s
}

// want adds the centres of a topic.
func (s *scan) want(w wish) {
	for _, n := range s.byTopic[w.topic] {
		if s.nearness[n] == unwanted {
			s.wantedDocs = append(s.wantedDocs, n)
		}
		s.nearness[n] = min(s.nearness[n], w.distance)
	}
}

// served reports whether a centre for the matter itself, with what the filter
// asks for, is responsible for the place or near it.
func (s *scan) served(clock *clock) bool {
	for _, n := range s.wantedDocs {
		if s.nearness != nil && s.nearness[n] >= related {
			continue
		}
		tier, _ := s.place(n)
		if (tier == InCatchment || tier == Nearby) && s.filter.pass(&s.docs[n], clock) {
			return true
		}
	}
	return false
}

// key orders a centre among the results. It reports false for one that does not
// belong there: one that serves other places, unless the person is alone, with
// nobody near.
func (s *scan) key(n int32, alone bool) (key, bool) {
	near := uint8(0)
	if s.nearness != nil {
		if near = s.nearness[n]; near == unwanted {
			return key{}, false
		}
	}
	named := s.named(n)
	if s.nearness == nil && s.scores != nil && named == notNamed {
		return key{}, false
	}
	tier, km := s.place(n)
	if tier == Elsewhere && !alone {
		return key{}, false
	}
	return key{
		fit:   near + s.far(n, tier, km),
		named: named, kind: s.kind(n, tier, km), tier: tierOrder[tier], km: s.distance(n, km),
		turn: shuffle(s.docs[n].hash, s.seed), doc: n,
	}, true
}

// far is what the way to a centre costs against the closeness of its topic. On a white
// spot one for the matter itself around the corner that states another catchment knows
// better who is responsible than general help from the other end of the country.
func (s *scan) far(n int32, tier Tier, km float64) uint8 {
	if tier != Elsewhere {
		return far[tier]
	}
	switch d := &s.docs[n]; {
	case km >= 0 && km <= NearbyKM:
		return far[Anywhere]
	case d.state != "" && d.state == s.spot.state:
		return far[Anywhere] + 1
	}
	return far[Elsewhere]
}

// sayKM is how much farther a centre may be that is by name what was asked for.
const sayKM = 15

// kind grades whether the centre says that it is what was asked for: 0 in its name
// or kind. Beyond sayKM a name is not worth the way.
func (s *scan) kind(n int32, tier Tier, km float64) uint8 {
	if s.kinds == nil || tier != InCatchment && s.spot.known && km > sayKM {
		return unsaid
	}
	return s.kinds[n]
}

// distance is in whole kilometres. Where nobody knows the place, those that help
// everywhere go before those that are somewhere.
func (s *scan) distance(n int32, km float64) uint16 {
	if !s.spot.known && s.docs[n].wide {
		return 0
	}
	return whole(km)
}

// named grades how well the words fit: 0 best, notNamed not at all.
func (s *scan) named(n int32) uint8 {
	if s.scores == nil || s.scores[n] == 0 {
		return notNamed
	}
	return uint8((1 - s.scores[n]/max(s.most, s.scores[n])) * (notNamed - 1))
}

const notNamed = 4

// place returns the tier of a centre and its distance, -1 when unknown.
func (s *scan) place(n int32) (Tier, float64) {
	d := &s.docs[n]
	if !s.spot.known {
		return Anywhere, -1
	}
	km := -1.0
	if d.point != [3]float64{} && s.spot.point != [3]float64{} {
		km = apartKM(d.point, s.spot.point)
	}
	switch {
	case s.own[n]:
		return InCatchment, km
	case d.wide:
		return Anywhere, km
	case d.local:
		return Elsewhere, km
	case km >= 0 && km <= NearbyKM:
		return Nearby, km
	case d.state != "" && d.state == s.spot.state:
		return SameLand, km
	case d.point == [3]float64{} && d.state == "":
		return Anywhere, km
	}
	return Elsewhere, km
}

// whole is the distance in kilometres, unknown ones last.
func whole(km float64) uint16 {
	if km < 0 {
		return 1<<16 - 1
	}
	return uint16(km)
}

func (s *scan) hit(k key, clock *clock) Hit {
	d := &s.docs[k.doc]
	tier, km := s.place(k.doc)
	h := Hit{Centre: d.Centre, Tier: tier, DistanceKM: km, Named: k.named < notNamed, Open: clock.status(d)}
	for _, wish := range s.topics {
		if d.Serves(wish.topic) {
			h.Found = append(h.Found, wish.topic)
		}
	}
	h.Related = s.nearness != nil && s.nearness[k.doc] >= related
	return h
}

// key is what results are ordered by, the first field first. No provider stands
// first by name: the turn is drawn by lot with the seed.
type key struct {
	fit   uint8 // nearness of the topic and of the tier
	named uint8
	kind  uint8
	tier  uint8
	km    uint16
	turn  uint64
	doc   int32
}

func (k key) compare(o key) int {
	return cmp.Or(
		cmp.Compare(k.fit, o.fit), cmp.Compare(k.named, o.named), cmp.Compare(k.kind, o.kind), cmp.Compare(k.tier, o.tier),
		cmp.Compare(k.km, o.km), cmp.Compare(k.turn, o.turn), cmp.Compare(k.doc, o.doc))
}

// top keeps the first keys in order.
type top struct {
	keys []key
	most int
}

func newTop(most int) *top { return &top{keys: make([]key, 0, most+1), most: most} }

func (t *top) add(k key) {
	i := len(t.keys)
	if i == t.most && k.compare(t.keys[i-1]) >= 0 {
		return
	}
	t.keys = append(t.keys, k)
	for ; i > 0 && k.compare(t.keys[i-1]) < 0; i-- {
		t.keys[i] = t.keys[i-1]
	}
	t.keys[i] = k
	t.keys = t.keys[:min(len(t.keys), t.most)]
}
