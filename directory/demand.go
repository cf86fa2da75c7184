package directory

import (
	"sync/atomic"
)

// demand counts how often each topic was found, and nothing else of a query.
type demand map[string]*atomic.Int64

func newDemand(x *Taxonomy) demand {
	d := demand{}
	for _, t := range x.topics {
		d[t.ID] = new(atomic.Int64)
	}
	return d
}

func (d demand) count(topics []Match) {
	for _, m := range topics {
		if n := d[m.ID]; n != nil && m.Through == "" {
			n.Add(1)
		}
	}
}

// leastDemand is the smallest number that is told: a rare topic on a small
// server could point to a person.
const leastDemand = 10

// Demand returns how often each topic was looked for on this node since it
// started. Smaller numbers than ten are left out.
func (s *Service) Demand() map[string]int64 {
	told := map[string]int64{}
	for topic, n := range s.demand {
		if v := n.Load(); v >= leastDemand {
			told[topic] = v
		}
	}
	return told
}
