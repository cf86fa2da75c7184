package directory

import (
	"cmp"
	"slices"
)

// index is an immutable picture of all active centres. Catchments are spread
// over the known postcodes once, so that a lookup is one map access.
type index struct {
	revision int64
	byID     map[string]*Centre
	byTopic  map[string][]*Centre
	covering map[string][]*Centre // postcode → centres whose catchment has it
	local    map[string]bool      // centre id → it has a catchment of its own
}

func newIndex(revision int64, centres []*Centre, places *Places) *index {
	x := &index{revision: revision, byID: map[string]*Centre{}, byTopic: map[string][]*Centre{},
		covering: map[string][]*Centre{}, local: map[string]bool{}}
	known := places.Postcodes()
	for _, c := range centres {
		if c.Active {
			x.add(c, known)
		}
	}
	return x
}

func (x *index) add(c *Centre, known []string) {
	x.byID[c.ID] = c
	x.local[c.ID] = len(c.Catchment) > 0
	for _, topic := range c.Topics {
		x.byTopic[topic] = append(x.byTopic[topic], c)
	}
	for _, postcode := range within(known, c.Catchment) {
		x.covering[postcode] = append(x.covering[postcode], c)
	}
}

// within returns the known postcodes in any of the ranges, each once.
func within(known []string, ranges []Range) []string {
	var in []string
	for _, r := range ranges {
		from, _ := slices.BinarySearch(known, r.Low)
		to, found := slices.BinarySearch(known, r.High)
		if found {
			to++
		}
		if from < to {
			in = append(in, known[from:to]...)
		}
	}
	slices.Sort(in)
	return slices.Compact(in)
}

// coveringTopic returns the centres for topic whose catchment has the postcode.
// An empty topic means any.
func (x *index) coveringTopic(topic, postcode string) []*Centre {
	var hits []*Centre
	for _, c := range x.covering[postcode] {
		if topic == "" || c.Serves(topic) {
			hits = append(hits, c)
		}
	}
	return hits
}

// all returns the active centres for topic, or all active ones, in id order.
func (x *index) all(topic string) []*Centre {
	if topic != "" {
		return x.byTopic[topic]
	}
	list := make([]*Centre, 0, len(x.byID))
	for _, c := range x.byID {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *Centre) int { return cmp.Compare(a.ID, b.ID) })
	return list
}
