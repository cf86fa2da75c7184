package directory

import (
	"cmp"
	"slices"
	"strings"

	"lotse/directory/lexicon"
)

// Town is a place that people call by its name: one or many postcodes.
type Town struct {
	Name      string
	State     string
	Postcodes []string
	Lat, Lon  float64 // the mean of its postcodes
	located   bool
}

// Located reports whether it is known where the town lies: some of its postcodes
// are of the table.
func (t Town) Located() bool { return t.located }

// spot is where a search for people of the town looks.
func (t Town) spot() spot {
	if len(t.Postcodes) == 0 {
		return spot{}
	}
	s := spot{known: t.located, postcodes: t.Postcodes, state: t.State}
	if t.located {
		s.point = onSphere(t.Lat, t.Lon)
	}
	return s
}

// town puts postcodes together. It is not located when none of them is known.
func (p *Places) town(name string, postcodes []string) Town {
	t := Town{Name: name, Postcodes: postcodes}
	n := 0.0
	for _, postcode := range postcodes {
		place, ok := p.Lookup(postcode)
		if !ok {
			continue
		}
		t.Lat, t.Lon = (t.Lat*n+place.Lat)/(n+1), (t.Lon*n+place.Lon)/(n+1)
		t.State, t.Name, t.located = cmp.Or(t.State, place.State), cmp.Or(t.Name, place.Name), true
		n++
	}
	return t
}

// Names are the folded names of all places for the lexicon; the size of one is
// how many postcodes it has.
func (p *Places) Names() []lexicon.PlaceName {
	all := make([]lexicon.PlaceName, 0, len(p.byName))
	for name, postcodes := range p.byName {
		all = append(all, lexicon.PlaceName{Name: name, Size: len(postcodes)})
	}
	slices.SortFunc(all, func(a, b lexicon.PlaceName) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// where returns the place that a query is about: a postcode in its own field,
// then one in the text, then a name in the text.
func (s *Service) where(postcode string, r lexicon.Reading) Town {
	if postcode = cmp.Or(postcode, r.Postcode); postcode != "" {
		return s.Places.town("", []string{postcode})
	}
	if r.Place == "" {
		return Town{}
	}
	return s.Places.town(s.Places.written(r.Place), s.Places.byName[r.Place])
}

// written returns the name of a locality as the table writes it.
func (p *Places) written(folded string) string {
	for _, postcode := range p.byName[folded] {
		if name := p.byPostcode[postcode].Name; fold(name) == folded {
			return name
		}
	}
	words := strings.Fields(folded)
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}
