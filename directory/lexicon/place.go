package lexicon

import (
	"strings"
)

// gazetteer knows the names of places.
type gazetteer struct {
	byName  map[string]PlaceName // folded name → place
	byStem  map[string]PlaceName // folded stem of a name in another language
	longest int                  // words in the longest name
}

func newGazetteer(places []PlaceName, named []placeNames) gazetteer {
	g := gazetteer{byName: map[string]PlaceName{}, byStem: map[string]PlaceName{}}
	for _, p := range places {
		g.add(p.Name, p)
		if head := shortName(p); head != "" {
			g.add(head, p)
		}
	}
	for _, n := range named {
		p, ok := g.byName[key(n.Name)]
		if !ok {
			continue
		}
		for _, other := range list(n.Names) {
			if stem, isStem := strings.CutSuffix(other, "*"); isStem {
				g.byStem[key(stem)] = p
			} else {
				g.add(other, p)
			}
		}
	}
	return g
}

// shortSize is from how many postcodes a town is called without what tells it
// from others: Freiburg, Halle, Frankfurt.
const shortSize = 3

// shortName is the name before "im Breisgau" or "(Saale)", or empty.
func shortName(p PlaceName) string {
	words := strings.FieldsFunc(p.Name, func(r rune) bool { return r == ' ' || r == '(' || r == '/' || r == ',' })
	if p.Size < shortSize || len(words) < 2 || len(words[0]) < 5 {
		return ""
	}
	switch words[1] {
	case "am", "an", "im", "in", "a.", "i.", "bei", "ob", "unter":
		return words[0]
	}
	if strings.ContainsAny(p.Name, "(/") {
		return words[0]
	}
	return ""
}

func (g *gazetteer) add(name string, p PlaceName) {
	k := key(name)
	if k == "" || g.byName[k].Size > p.Size {
		return
	}
	g.byName[k] = p
	g.longest = max(g.longest, strings.Count(k, " ")+1)
}

// key is the folded name with single spaces.
func key(name string) string {
	var parts []string
	for _, w := range split(name) {
		parts = append(parts, w.folded)
	}
	return strings.Join(parts, " ")
}

// span is a stretch of words, empty when to ≤ from.
type span struct{ from, to int }

func (s span) contains(i int) bool { return s.from <= i && i < s.to }

// before are words that stand before the name of a place.
var before = map[string]bool{"in": true, "bei": true, "nahe": true, "raum": true, "aus": true, "nach": true, "stadt": true, "kreis": true,
	"landkreis": true, "near": true, "from": true, "w": true, "we": true, "в": true, "у": true, "во": true, "из": true, "з": true, "في": true,
	"در": true, "um": true, "region": true, "wohne": true, "ort": true}

// bigPlace is from how many postcodes a name that is also an ordinary word may
// stand for the place.
const bigPlace = 8

// place finds a postcode and the name of a place and returns the words of the
// name.
func (x *Lexicon) place(words []word, r *Reading) span {
	for i, w := range words {
		if r.Postcode == "" && len(w.folded) == 5 && strings.Trim(w.folded, "0123456789") == "" {
			r.Postcode = w.folded
			if s, p, ok := x.nameAt(words, i+1, true); ok && s.from == i+1 {
				r.Place = p.Name
				return s
			}
		}
	}
	for i := range words {
		introduced := i > 0 && before[words[i-1].folded]
		if s, p, ok := x.nameAt(words, i, introduced); ok {
			r.Place = p.Name
			return s
		}
	}
	return span{}
}

// nameAt finds the longest name of a place that begins at word i. A name that
// is also an ordinary word counts only when something else says that a place is meant.
func (x *Lexicon) nameAt(words []word, i int, introduced bool) (span, PlaceName, bool) {
	for n := min(x.places.longest, len(words)-i); n > 0; n-- {
		var parts []string
		for _, w := range words[i : i+n] {
			parts = append(parts, w.folded)
		}
		p, ok := x.places.byName[strings.Join(parts, " ")]
		if !ok && n == 1 {
			p, ok = x.places.stem(words[i])
		}
		if ok && (n > 1 || introduced && x.stop[parts[0]] == 0 || x.onlyPlace(words[i], p, i == len(words)-1 && i > 0 && x.stop[words[i-1].folded] == 0)) {
			return span{i, i + n}, p, true
		}
	}
	return span{}, PlaceName{}, false
}

// stem finds a place by the beginning of an inflected name, or by what stands
// before an apostrophe.
func (g gazetteer) stem(w word) (PlaceName, bool) {
	if i := strings.IndexAny(w.raw, "'’"); i > 2 {
		if p, ok := g.byName[Fold(w.raw[:i])]; ok {
			return p, true
		}
	}
	for _, f := range w.forms {
		if p, ok := g.byName[f]; ok {
			return p, true
		}
		for i := len(f); i > 3; i-- {
			if p, ok := g.byStem[f[:i]]; ok {
				return p, true
			}
		}
	}
	return PlaceName{}, false
}

// onlyPlace reports whether a single word is no word of the lexicon, or stands
// last, after a word with a meaning, and names a large town. The name of a town
// may begin like a known word (Schwerin, Mannheim).
func (x *Lexicon) onlyPlace(w word, p PlaceName, last bool) bool {
	if last && p.Size >= bigPlace {
		return true
	}
	_, known := x.atoms[whole][w.folded]
	if known || len(w.folded) < 3 || x.stop[w.folded] != 0 || len(x.alias[w.folded]) > 0 {
		return false
	}
	if p.Size >= shortSize {
		return true
	}
	s := scan{x, []word{w}, map[int][]hit{}, map[[2]int]bool{}}
	return len(w.folded) > 3 && s.look(w.folded, 0)*2 < len(w.folded)
}
