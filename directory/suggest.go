package directory

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"lotse/directory/lexicon"
)

// Suggestion continues what a person types: a topic, a place or a centre.
type Suggestion struct {
	Kind string // topic, place or centre
	ID   string // of the topic or centre; the postcode of a place with one only
	Text string
	More string // for a centre its place, for a topic the word that was typed
}

// name is a key in a sorted list and the centre it stands for.
type name struct {
	key string
	doc int32
}

// newNames lists each centre under every word of its name.
func newNames(docs []doc) []name {
	var all []name
	for n, d := range docs {
		words := lexicon.Words(d.Name)
		for i := range words {
			if len(words[i]) > 2 {
				all = append(all, name{strings.Join(words[i:min(i+4, len(words))], " "), int32(n)})
			}
		}
	}
	slices.SortFunc(all, func(a, b name) int { return cmp.Or(strings.Compare(a.key, b.key), cmp.Compare(a.doc, b.doc)) })
	return all
}

// shares are how many of the suggestions topics and places may fill while there
// are others; centres get the rest.
const (
	topicShare = 2 // of 4
	placeShare = 1 // of 4
)

// Suggest continues a text in the language of the page: topics first, then
// places, then centres, at most limit.
func (s *Service) Suggest(_ context.Context, text, language string, limit int) []Suggestion {
	key := strings.Join(lexicon.Words(text[:min(len(text), MaxText)]), " ")
	if key == "" || limit <= 0 {
		return nil
	}
	topics, places := s.topicsLike(text, language, limit), s.placesLike(key, limit)
	centres := s.index.Load().centresLike(key, limit)
	fewest := func(list []Suggestion, others int, share int) []Suggestion {
		return list[:min(len(list), max(limit-others, max(1, limit*share/4)))]
	}
	topics = fewest(topics, len(places)+len(centres), topicShare)
	places = fewest(places, len(topics)+len(centres), placeShare)
	all := slices.Concat(topics, places, centres)
	return all[:min(len(all), limit)]
}

func (s *Service) topicsLike(text, language string, limit int) (all []Suggestion) {
	words := s.words()
	if words == nil {
		return nil
	}
	for _, c := range words.Complete(text, language, 4*limit) {
		topic, _ := s.Taxonomy.Topic(c.Topic)
		more := func(o Suggestion) bool { return o.ID == c.Topic }
		if !slices.ContainsFunc(all, more) {
			all = append(all, Suggestion{Kind: "topic", ID: c.Topic, Text: topic.Label(language), More: c.Text})
		}
	}
	return all[:min(len(all), limit)]
}

// placesLike finds places by the beginning of name or postcode, larger ones
// first.
func (s *Service) placesLike(key string, limit int) (all []Suggestion) {
	for _, t := range s.towns().begin(key, limit) {
		all = append(all, Suggestion{Kind: "place", ID: t.postcode, Text: t.text})
	}
	return all
}

// centresLike finds centres by the beginning of a word of their name.
func (x *index) centresLike(key string, limit int) (all []Suggestion) {
	from, _ := slices.BinarySearchFunc(x.names, key, func(n name, k string) int { return strings.Compare(n.key, k) })
	var seen []int32
	for _, n := range x.names[from:] {
		if !strings.HasPrefix(n.key, key) || len(all) == limit {
			break
		}
		if !slices.Contains(seen, n.doc) {
			seen = append(seen, n.doc)
			c := x.docs[n.doc].Centre
			all = append(all, Suggestion{Kind: "centre", ID: c.ID, Text: c.Name, More: c.City})
		}
	}
	return all
}

// townNames are the names and postcodes of places, sorted for completion.
type townNames []townName

type townName struct {
	key, text, postcode string
	size                int
}

func newTownNames(p *Places) townNames {
	var all townNames
	for name, postcodes := range p.byName {
		t := townName{key: lexicon.Fold(name), text: p.written(name), size: len(postcodes)}
		if len(postcodes) == 1 {
			t.postcode = postcodes[0]
		}
		all = append(all, t)
	}
	for postcode, place := range p.byPostcode {
		all = append(all, townName{key: postcode, text: postcode + " " + place.Name, postcode: postcode, size: 1})
	}
	slices.SortFunc(all, func(a, b townName) int { return strings.Compare(a.key, b.key) })
	return all
}

// maxTowns bounds how many names one completion looks at.
const maxTowns = 500

func (t townNames) begin(key string, limit int) []townName {
	from, _ := slices.BinarySearchFunc(t, key, func(n townName, k string) int { return strings.Compare(n.key, k) })
	to := from
	for to < len(t) && to-from < maxTowns && strings.HasPrefix(t[to].key, key) {
		to++
	}
	fit := slices.Clone(t[from:to])
	slices.SortStableFunc(fit, func(a, b townName) int { return cmp.Compare(b.size, a.size) })
	return fit[:min(len(fit), limit)]
}
