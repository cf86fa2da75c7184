package directory

import (
	"sync/atomic"
	"time"
)

// demand counts how often each topic was found, how often of these nobody near was
// there for it, and nothing else of a query.
type demand struct {
	since  time.Time
	topics map[string]*demandOf
}

type demandOf struct{ searches, alone atomic.Int64 }

func newDemand(x *Taxonomy) demand {
	d := demand{time.Now(), map[string]*demandOf{}}
	for _, t := range x.topics {
		d.topics[t.ID] = &demandOf{}
	}
	return d
}

// count counts a search. alone: its place is a white spot.
func (d demand) count(topics []Match, alone bool) {
	for _, m := range topics {
		if n := d.topics[m.ID]; n != nil && m.Through == "" {
			n.searches.Add(1)
			if alone {
				n.alone.Add(1)
			}
		}
	}
}

// LeastDemand is the smallest number that is told, and the step in which numbers
// are told: a rare topic on a small server could point to a person, and so could a
// number that has just grown by one.
const LeastDemand = 10

// told rounds a number down to what is told of it.
func told(n int64) int64 { return n - n%LeastDemand }

// Wanted is how often people looked for a topic, in whole steps of LeastDemand; 0
// says that it was less than that, or never.
type Wanted struct {
	Searches int64
	Alone    int64 // of these, at a place that is a white spot for the topic
}

// Demand returns how often topics were looked for on this node, and since when: it
// counts in memory, anew with each start. Topics with fewer searches than
// LeastDemand are left out.
func (s *Service) Demand() (wanted map[string]Wanted, since time.Time) {
	wanted = map[string]Wanted{}
	for topic, n := range s.demand.topics {
		if v := told(n.searches.Load()); v > 0 {
			wanted[topic] = Wanted{v, told(n.alone.Load())}
		}
	}
	return wanted, s.demand.since
}
