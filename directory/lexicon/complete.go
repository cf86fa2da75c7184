package lexicon

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Completion is a term that continues what a person has typed.
type Completion struct {
	Topic    string
	Text     string
	Language string
}

// entry is a term in the sorted list of completions. A term of several words
// is in the list once for each word it may be found by.
type entry struct {
	key  string
	term int
	lead bool // the key begins at the first word
}

func (x *Lexicon) offers() []entry {
	var all []entry
	for id, t := range x.terms {
		if !t.offered {
			continue
		}
		words := strings.Fields(key(t.text))
		for i := range words {
			all = append(all, entry{strings.Join(words[i:], " "), id, i == 0})
		}
	}
	slices.SortFunc(all, func(a, b entry) int { return cmp.Or(strings.Compare(a.key, b.key), cmp.Compare(a.term, b.term)) })
	return all
}

// foreignFrom is from how many letters terms of other languages are offered:
// less is the beginning of something in every language.
const foreignFrom = 4

// maxScan bounds how many entries one completion looks at.
const maxScan = 400

// Complete returns terms that begin like prefix, those of language and shorter ones
// first, at most limit.
func (x *Lexicon) Complete(prefix, language string, limit int) []Completion {
	k := key(prefix)
	if k == "" || limit <= 0 {
		return nil
	}
	from, _ := slices.BinarySearchFunc(x.entries, k, func(e entry, k string) int { return strings.Compare(e.key, k) })
	var fit []entry
	for _, e := range x.entries[from:] {
		if !strings.HasPrefix(e.key, k) || len(fit) == maxScan {
			break
		}
		if x.foreign(e, language) == 0 || utf8.RuneCountInString(k) >= foreignFrom {
			fit = append(fit, e)
		}
	}
	slices.SortStableFunc(fit, func(a, b entry) int {
		return cmp.Or(x.foreign(a, language)-x.foreign(b, language), follows(a)-follows(b), cmp.Compare(len(a.key), len(b.key)))
	})
	return x.completions(fit, limit)
}

func (x *Lexicon) foreign(e entry, language string) int {
	if family(x.languages[x.terms[e.term].language]) == family(language) {
		return 0
	}
	return 1
}

func follows(e entry) int {
	if e.lead {
		return 0
	}
	return 1
}

// completions names the entries, each text once.
func (x *Lexicon) completions(entries []entry, limit int) []Completion {
	var all []Completion
	for _, e := range entries {
		t := x.terms[e.term]
		c := Completion{Topic: x.topics[t.topic], Text: t.text, Language: x.languages[t.language]}
		same := func(o Completion) bool { return o.Topic == c.Topic && key(o.Text) == key(c.Text) }
		if !slices.ContainsFunc(all, same) {
			all = append(all, c)
		}
		if len(all) == limit {
			break
		}
	}
	return all
}
