package lexicon

import (
	"fmt"
	"slices"
	"strings"
)

// Stand for a topic where there is none: terms of young people, and what is never
// danger.
const (
	young = -1 - iota
	danger
)

// Where an atom may stand in a word.
const (
	whole  = iota // the word itself
	front         // the word begins with it: "stem*"
	back          // the word ends with it: "*stem"
	inside        // anywhere: "*stem*"
	kinds
)

// term is a word or phrase that points to a topic.
type term struct {
	topic    int // index into topics, or young
	language int
	weight   float64
	slots    int
	text     string // as in the data
	offered  bool   // may be shown to people
	danger   bool   // somebody may die or be harmed soon
	instead  int    // topic for young people, none if equal to topic
	never    bool   // looks like the topic and is not
	last     bool   // only at the end of a sentence
}

// post says that an atom fills a slot of a term.
type post struct{ term, slot int }

// atomForm is a word or stem and where it may stand.
type atomForm struct {
	kind int
	stem string
}

// Lexicon is everything known about words. It does not change after [Load] and
// may be used by many goroutines.
type Lexicon struct {
	languages []string
	topics    []string
	terms     []term
	atoms     [kinds]map[string]int // folded form → atom
	forms     []atomForm            // by number of the atom
	posts     map[int][]post
	never     map[int][]int // atom → topics it excludes
	part      map[string]int
	stop      map[string]uint     // folded word → languages in which it says nothing
	alias     map[string][]string // folded word → standard words that mean the same
	latin     []map[string]bool   // language → its words as written without its own letters
	near      near
	byEar     byEar
	byRoot    byRoot
	byLetter  map[int]byLetter // language → its words in Latin letters
	named     []placeNames
	places    gazetteer
	entries   []entry
}

func newLexicon() *Lexicon {
	x := &Lexicon{posts: map[int][]post{}, never: map[int][]int{}, part: map[string]int{}, stop: map[string]uint{}, alias: map[string][]string{}}
	for kind := range x.atoms {
		x.atoms[kind] = map[string]int{}
	}
	return x
}

func (x *Lexicon) language(code string) int { return number(&x.languages, code) }

func (x *Lexicon) topic(id string) int { return number(&x.topics, id) }

// number returns the place of name in list, adding it when it is new.
func number(list *[]string, name string) int {
	i := slices.Index(*list, name)
	if i < 0 {
		i = len(*list)
		*list = append(*list, name)
	}
	return i
}

// atom returns the number of a form such as "stem*", adding it when it is new.
func (x *Lexicon) atom(form string) (int, error) {
	stem, kind := strings.Trim(form, "*"), whole
	switch first, last := strings.HasPrefix(form, "*"), strings.HasSuffix(form, "*"); {
	case first && last:
		kind = inside
	case first:
		kind = back
	case last:
		kind = front
	}
	words := split(stem)
	if len(words) == 0 || strings.ContainsAny(stem, "*@|") {
		return 0, fmt.Errorf("form %q cannot be read", form)
	}
	folded := ""
	for _, w := range words {
		folded += w.folded
	}
	if rest, ok := unjoin(folded); ok && kind != inside && kind != back && strings.HasPrefix(folded, "ال") {
		folded = rest
	}
	id, ok := x.atoms[kind][folded]
	if !ok {
		id = len(x.forms)
		x.forms = append(x.forms, atomForm{kind, folded})
		x.atoms[kind][folded] = id
	}
	return id, nil
}

// minPart is how long a stem must be, in bytes, to count inside a compound
// without being marked so.
const minPart = 7

// solid lets the atoms of a sure one-word term count inside compounds.
func (w writer) solid(atoms []int) {
	if !strings.HasPrefix(w.languages[w.language], "de") {
		return
	}
	for _, id := range atoms {
		if f := w.forms[id]; (f.kind == whole || f.kind == front) && len(f.stem) >= minPart {
			w.part[f.stem] = id
		}
	}
}

// finish builds what needs all files.
func (x *Lexicon) finish(places []PlaceName) {
	x.places = newGazetteer(places, x.named)
	x.near, x.byEar, x.byRoot, x.byLetter = newNear(x), newByEar(x), newByRoot(x), newByLetter(x)
	x.entries = x.offers()
}

// Topics returns the ids of the topics that have terms.
func (x *Lexicon) Topics() []string { return slices.Clone(x.topics) }
