package lexicon

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/BurntSushi/toml"
)

// file is one language of the lexicon as data.
type file struct {
	Language string            `toml:"language"`
	Origin   string            `toml:"origin"` // who wrote the terms
	Review   string            `toml:"review"` // what a native speaker has seen of them
	Stop     string            `toml:"stop"`   // words that say nothing about a topic
	Class    map[string]string `toml:"class"`  // name → forms, used as @name in phrases
	Alias    map[string]string `toml:"alias"`  // word → what dialects and the young say for it
	Young    string            `toml:"young"`  // phrases that say how young somebody is
	Latin    string            `toml:"latin"`  // common words as people write them in Latin letters
	Topics   []section         `toml:"topic"`
	Crisis   []section         `toml:"crisis"` // words of danger, by what it is about
	Places   []placeNames      `toml:"place"`  // what this and other languages call a place
}

// section holds the terms of one topic, parted by commas.
type section struct {
	ID    string `toml:"id"`
	Young string `toml:"young"` // the topic when young people say so
	Say   string `toml:"say"`   // whole words, also offered while typing
	Match string `toml:"match"` // stems and phrases that are sure
	Hint  string `toml:"hint"`  // stems and phrases that only point in a direction
	Never string `toml:"never"` // words and phrases that look like the topic and are not
}

type placeNames struct {
	Name  string `toml:"name"`
	Names string `toml:"names"`
}

// PlaceName is a place that people may name instead of a postcode. Size orders
// places of the same beginning, the largest first.
type PlaceName struct {
	Name string
	Size int
}

// Load reads every .toml file of dir. A file without language, origin or review,
// an unknown key, an unknown class and a phrase of more than [maxSlots] words are
// errors. known tells which topics exist; nil means all.
func Load(dir fs.FS, known func(topic string) bool, places []PlaceName) (*Lexicon, error) {
	names, err := fs.Glob(dir, "*.toml")
	if err != nil {
		return nil, fmt.Errorf("load lexicon: %w", err)
	}
	x := newLexicon()
	var problems []error
	for _, name := range names {
		if err := x.load(dir, name, known); err != nil {
			problems = append(problems, fmt.Errorf("load lexicon: %s: %w", path.Base(name), err))
		}
	}
	if len(x.terms) == 0 {
		problems = append(problems, errors.New("load lexicon: no terms"))
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	x.finish(places)
	return x, nil
}

func (x *Lexicon) load(dir fs.FS, name string, known func(string) bool) error {
	var f file
	meta, err := toml.DecodeFS(dir, name, &f)
	if err != nil {
		return err
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return fmt.Errorf("unknown key %q", extra[0].String())
	}
	if f.Language == "" || f.Origin == "" || f.Review == "" {
		return fmt.Errorf("language, origin or review is missing")
	}
	return x.addFile(f, known)
}

func (x *Lexicon) addFile(f file, known func(string) bool) error {
	w := writer{Lexicon: x, language: x.language(f.Language), class: f.Class}
	for stop := range strings.FieldsSeq(f.Stop) {
		x.stop[Fold(stop)] |= 1 << w.language
	}
	for standard, others := range f.Alias {
		for _, other := range list(others) {
			x.alias[Fold(other)] = append(x.alias[Fold(other)], Fold(standard))
		}
	}
	x.named = append(x.named, f.Places...)
	x.addLatin(w.language, f.Latin)
	var problems []error
	for _, s := range f.Topics {
		problems = append(problems, w.section(s, sure, known))
	}
	w.danger = true
	for _, s := range f.Crisis {
		problems = append(problems, w.section(s, inDanger, known))
	}
	w.danger = false
	for _, text := range list(f.Young) {
		problems = append(problems, w.term(term{topic: young, text: text, weight: sure}))
	}
	return errors.Join(problems...)
}

// Weights of a term by what it is. A phrase weighs more for each further word.
// Words of danger are many and wide, so they weigh less than the words of what
// a person is there for.
const (
	sure      = 0.80
	inDanger  = 0.50
	vague     = 0.35
	moreWords = 0.04
)

// writer adds the terms of one file.
type writer struct {
	*Lexicon
	language int
	class    map[string]string
	danger   bool
}

// section adds the terms of a section, the sure ones with the weight.
func (w writer) section(s section, weight float64, known func(string) bool) error {
	topic, instead := w.topic(s.ID), w.topic(cmp.Or(s.Young, s.ID))
	var problems []error
	for _, id := range []string{w.topics[topic], w.topics[instead]} {
		if known != nil && !known(id) {
			problems = append(problems, fmt.Errorf("topic %q does not exist", id))
		}
	}
	add := func(texts string, t term) {
		for _, text := range list(texts) {
			t.topic, t.instead, t.text, t.danger = topic, instead, text, w.danger
			problems = append(problems, w.term(t))
		}
	}
	add(s.Say, term{weight: weight, offered: true})
	add(s.Match, term{weight: weight})
	add(s.Hint, term{weight: vague})
	return errors.Join(append(problems, w.neverSection(topic, s.Never))...)
}

// neverSection adds the words and phrases that never mean the topic, or never
// danger.
func (w writer) neverSection(topic int, texts string) error {
	if w.danger {
		topic = danger
	}
	var problems []error
	for _, text := range list(texts) {
		if strings.ContainsAny(text, " |@") {
			problems = append(problems, w.term(term{topic: topic, text: text, never: true}))
			continue
		}
		id, err := w.atom(text)
		problems = append(problems, err)
		w.never[id] = append(w.never[id], topic)
	}
	return errors.Join(problems...)
}

// list cuts a text at its commas and line ends.
func list(text string) []string {
	var all []string
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == '\n' }) {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// maxSlots bounds the words of a phrase.
const maxSlots = 8

// term adds a term. One that ends in " ." stands only at the end of a sentence.
func (w writer) term(t term) error {
	text, last := strings.CutSuffix(t.text, " .")
	slots, err := w.slots(text, t.offered)
	if err != nil {
		return fmt.Errorf("%q: %w", t.text, err)
	}
	id := len(w.terms)
	t.weight, t.slots = min(t.weight+moreWords*float64(len(slots)-1), 0.95), len(slots)
	t.language, t.last = w.language, last
	w.terms = append(w.terms, t)
	for slot, atoms := range slots {
		for _, a := range atoms {
			w.posts[a] = append(w.posts[a], post{term: id, slot: slot})
		}
	}
	if len(slots) == 1 && t.weight >= inDanger && t.topic >= 0 && !t.never {
		w.solid(slots[0])
	}
	return nil
}

// slots resolves each word of a phrase into the atoms that fill it.
func (w writer) slots(text string, offered bool) ([][]int, error) {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '-' })
	if offered {
		parts = spoken(text)
	}
	if len(parts) == 0 || len(parts) > maxSlots {
		return nil, fmt.Errorf("%d words, want 1 to %d", len(parts), maxSlots)
	}
	slots := make([][]int, len(parts))
	for i, part := range parts {
		forms, err := w.expand(part)
		if err != nil {
			return nil, err
		}
		for _, form := range forms {
			id, err := w.atom(form)
			if err != nil {
				return nil, err
			}
			slots[i] = append(slots[i], id)
		}
	}
	return slots, nil
}

// spoken turns a term as people read it into the words of a phrase. Longer
// words may have an ending.
func spoken(text string) []string {
	var parts []string
	for _, w := range split(text) {
		part := w.folded
		if len(part) >= 5 {
			part += "*"
		}
		parts = append(parts, part)
	}
	return parts
}

// expand turns "a|@class" into its forms.
func (w writer) expand(part string) ([]string, error) {
	var forms []string
	for form := range strings.SplitSeq(part, "|") {
		name, isClass := strings.CutPrefix(form, "@")
		if !isClass {
			forms = append(forms, form)
			continue
		}
		class, ok := w.class[name]
		if !ok {
			return nil, fmt.Errorf("class %q does not exist", name)
		}
		forms = append(forms, strings.FieldsFunc(class, func(r rune) bool { return r == '|' || r == ' ' || r == '\n' })...)
	}
	return forms, nil
}
