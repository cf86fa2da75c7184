package directory

import (
	"cmp"
	"math"
	"slices"

	"lotse/directory/hours"
)

// index is an immutable picture of all active centres, made for search. A centre
// is known inside by its number, which is its place in docs.
type index struct {
	revision int64
	docs     []doc
	all      []int32 // the numbers of docs
	byID     map[string]*Centre
	byTopic  map[string][]int32
	covering map[string][]int32 // postcode → centres whose catchment has it
	words    words
	names    []name                 // for completion, sorted
	parsed   map[string]hours.Hours // while the index is built: many centres have the same hours
}

// doc is a centre and what search asks of it for each query.
type doc struct {
	*Centre
	point [3]float64 // on the unit sphere; zero when nowhere
	hash  uint64     // of the id, for the order among equals
	local bool       // it has a catchment of its own
	wide  bool       // it helps everywhere
	state string
	hours hours.Hours
	timed bool // its hours are known and can be read
}

// newIndex builds the index. The order of centres does not matter.
func newIndex(revision int64, centres []*Centre, places *Places) *index {
	x := &index{revision: revision, byID: map[string]*Centre{}, byTopic: map[string][]int32{}, covering: map[string][]int32{}, parsed: map[string]hours.Hours{}}
	known := places.Postcodes()
	shown := slices.DeleteFunc(slices.Clone(centres), func(c *Centre) bool { return !c.Active })
	slices.SortFunc(shown, func(a, b *Centre) int { return cmp.Compare(a.ID, b.ID) })
	for _, c := range shown {
		x.add(c, known)
	}
	x.parsed = nil
	x.words = newWords(x.docs)
	x.names = newNames(x.docs)
	return x
}

func (x *index) add(c *Centre, known []string) {
	n := int32(len(x.docs))
	d := doc{Centre: c, hash: hashOf(c.ID), local: len(c.Catchment) > 0, wide: c.everywhere(), state: c.State}
	if c.Located() {
		d.point = onSphere(c.Lat, c.Lon)
	}
	d.hours, d.timed = x.readHours(c.OpeningHours)
	d.timed = d.timed && !c.Paused()
	x.docs, x.all = append(x.docs, d), append(x.all, n)
	x.byID[c.ID] = c
	for _, topic := range c.Topics {
		x.byTopic[topic] = append(x.byTopic[topic], n)
	}
	for _, postcode := range within(known, c.Catchment) {
		x.covering[postcode] = append(x.covering[postcode], n)
	}
}

// readHours reads opening hours once for all centres that have the same.
func (x *index) readHours(text string) (hours.Hours, bool) {
	if text == "" {
		return nil, false
	}
	h, known := x.parsed[text]
	if !known {
		h, _ = hours.Parse(text)
		x.parsed[text] = h
	}
	return h, h != nil
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
	for _, n := range x.covering[postcode] {
		if c := x.docs[n].Centre; topic == "" || c.Serves(topic) {
			hits = append(hits, c)
		}
	}
	return hits
}

// onSphere returns the point on the unit sphere.
func onSphere(lat, lon float64) [3]float64 {
	const rad = math.Pi / 180
	ring := math.Cos(lat * rad)
	return [3]float64{ring * math.Cos(lon*rad), ring * math.Sin(lon*rad), math.Sin(lat * rad)}
}

// apartKM is the great-circle distance of two points on the unit sphere in
// kilometres.
func apartKM(a, b [3]float64) float64 {
	const earth = 6371.0
	x, y, z := a[0]-b[0], a[1]-b[1], a[2]-b[2]
	return 2 * earth * math.Asin(math.Min(1, math.Sqrt(x*x+y*y+z*z)/2))
}

// hashOf spreads ids over 64 bits (FNV-1a).
func hashOf(id string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(id) {
		h = (h ^ uint64(id[i])) * 1099511628211
	}
	return h
}

// shuffle mixes a hash with a seed (the finalizer of SplitMix64): another order
// for each seed, the same for the same one.
func shuffle(hash, seed uint64) uint64 {
	z := (hash ^ seed) + 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
