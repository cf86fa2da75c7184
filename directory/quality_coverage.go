package directory

import (
	"cmp"
	"slices"
	"sync"
)

// Reach is how a postcode is served for a topic, nobody first.
type Reach uint8

// The reaches. They follow the tiers of a search: what a search calls a white
// spot is [Nobody] here. Centres for the whole country do not count, since they
// are there for everybody; neither do those that state another catchment.
const (
	Nobody  Reach = iota
	InReach       // a centre without a catchment of its own is near, see NearbyKM
	Served        // the catchment of a centre has the postcode
)

// Coverage is who is served for a topic, postcode by postcode.
type Coverage struct {
	Topic      string
	Postcodes  []PostcodeReach // all known ones, in order
	Lands      []LandReach     // by name
	Whole      LandReach       // the country; Land is empty
	Nationwide int             // centres for the whole country, or reached online
}

// PostcodeReach is how one postcode is served.
type PostcodeReach struct {
	Place
	Reach Reach
}

// LandReach counts the postcodes of a Land.
type LandReach struct {
	Land                    string
	Served, InReach, Nobody int
}

// All is how many postcodes the Land has.
func (l LandReach) All() int { return l.Served + l.InReach + l.Nobody }

func (l *LandReach) count(r Reach) {
	switch r {
	case Served:
		l.Served++
	case InReach:
		l.InReach++
	default:
		l.Nobody++
	}
}

// coverages keeps what was worked out, until the index changes.
type coverages struct {
	mu    sync.Mutex
	of    *index
	ready map[string]*Coverage
}

// Coverage returns who is served for a topic. It is worked out once for each state
// of the index; callers must not change it. An unknown topic is served nowhere.
func (s *Service) Coverage(topic string) *Coverage {
	x := s.index.Load()
	s.coverage.mu.Lock()
	defer s.coverage.mu.Unlock()
	if s.coverage.of != x {
		s.coverage.of, s.coverage.ready = x, map[string]*Coverage{}
	}
	c := s.coverage.ready[topic]
	if c == nil {
		c = x.reach(topic, s.Places)
		if _, known := s.Topic(topic); known { // whoever asks for nonsense fills no memory
			s.coverage.ready[topic] = c
		}
	}
	return c
}

// reach works out the coverage of a topic.
func (x *index) reach(topic string, places *Places) *Coverage {
	c := &Coverage{Topic: topic}
	var near [][3]float64
	for _, n := range x.byTopic[topic] {
		switch d := &x.docs[n]; {
		case d.Nationwide, d.Type == Virtual && !d.local:
			c.Nationwide++
		case d.Type != Virtual && !d.local && d.point != [3]float64{}:
			near = append(near, d.point)
		}
	}
	lands := map[string]*LandReach{}
	for _, postcode := range places.Postcodes() {
		place, _ := places.Lookup(postcode)
		r := x.reachOf(place, topic, near)
		c.Postcodes = append(c.Postcodes, PostcodeReach{place, r})
		if lands[place.State] == nil {
			lands[place.State] = &LandReach{Land: place.State}
		}
		lands[place.State].count(r)
		c.Whole.count(r)
	}
	for _, land := range lands {
		c.Lands = append(c.Lands, *land)
	}
	slices.SortFunc(c.Lands, func(a, b LandReach) int { return cmp.Compare(a.Land, b.Land) })
	return c
}

func (x *index) reachOf(place Place, topic string, near [][3]float64) Reach {
	if slices.ContainsFunc(x.covering[place.Postcode], func(n int32) bool { return x.docs[n].Serves(topic) }) {
		return Served
	}
	point := onSphere(place.Lat, place.Lon)
	if slices.ContainsFunc(near, func(other [3]float64) bool { return apartKM(point, other) <= NearbyKM }) {
		return InReach
	}
	return Nobody
}
