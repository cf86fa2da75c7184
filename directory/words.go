package directory

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"lotse/directory/lexicon"
)

// words finds centres by the words of their names, providers, places and
// descriptions.
type words struct {
	sorted []string
	posts  map[string][]post
	count  int // of centres
}

// post says how much a word weighs in a centre.
type post struct {
	doc    int32
	weight float32
}

// newWords indexes the texts of the centres. A word in the name weighs more than
// one in the description.
func newWords(docs []doc) words {
	w := words{posts: map[string][]post{}, count: len(docs)}
	for n, d := range docs {
		fields := []struct {
			text   string
			weight float32
		}{{d.Name, 3}, {d.Operator, 2}, {d.Umbrella, 2}, {d.City, 1.5}, {d.Place, 1.5}, {d.Kind, 1}, {d.Postcode, 1}, {d.Street, 0.5}, {d.Description, 0.5}}
		for _, field := range fields {
			for _, word := range tokens(field.text) {
				w.add(word, int32(n), field.weight)
			}
		}
	}
	for word := range w.posts {
		w.sorted = append(w.sorted, word)
	}
	slices.Sort(w.sorted)
	return w
}

// add counts a word once in each centre, by its heaviest field.
func (w words) add(word string, doc int32, weight float32) {
	list := w.posts[word]
	if last := len(list) - 1; last >= 0 && list[last].doc == doc {
		list[last].weight = max(list[last].weight, weight)
		return
	}
	w.posts[word] = append(list, post{doc, weight})
}

// tokens are the folded words of a text with at least two letters.
func tokens(text string) []string {
	return slices.DeleteFunc(lexicon.Words(text), func(s string) bool { return utf8.RuneCountInString(s) < 2 })
}

// maxForms bounds how many words a beginning may stand for.
const maxForms = 64

// score adds to scores what each centre gets for the wanted words: the rarer the
// word and the heavier its field, the more (the idea of BM25, without lengths:
// names are short). It returns the best possible score, zero when no word is known.
func (w words) score(wanted []string, scores []float32) (most float32) {
	for _, word := range wanted {
		top := float32(0)
		for _, form := range w.forms(word) {
			rarity := float32(math.Log(1 + float64(w.count)/float64(len(w.posts[form]))))
			for _, p := range w.posts[form] {
				value := rarity * p.weight / (p.weight + 1)
				scores[p.doc] += value
				top = max(top, value)
			}
		}
		most += top
	}
	return most
}

// unsaid is the grade of a centre that does not have the words.
const unsaid = 2

// plainly is from which weight a field says what a centre is: its name and kind,
// not its description.
const plainly = 1

// kinds grades the centres by the words for a kind of help: 0 when one is in the
// name or kind, 1 when it is elsewhere, unsaid otherwise.
func (w words) kinds(said []string, centres int) []uint8 {
	grades := make([]uint8, centres)
	for i := range grades {
		grades[i] = unsaid
	}
	for _, word := range said {
		for _, form := range w.forms(word) {
			for _, p := range w.posts[form] {
				grade := uint8(1)
				if p.weight >= plainly {
					grade = 0
				}
				grades[p.doc] = min(grades[p.doc], grade)
			}
		}
	}
	return grades
}

// rare reports whether a word is in few centres, as names are.
func (w words) rare(word string) bool {
	n := 0
	for _, form := range w.forms(word) {
		n += len(w.posts[form])
	}
	return n > 0 && n*20 <= w.count+20
}

// forms returns the word itself, or the words that begin with it.
func (w words) forms(word string) []string {
	if _, ok := w.posts[word]; ok {
		return []string{word}
	}
	if utf8.RuneCountInString(word) < 4 {
		return nil
	}
	from, _ := slices.BinarySearch(w.sorted, word)
	to := from
	for to < len(w.sorted) && to-from < maxForms && strings.HasPrefix(w.sorted[to], word) {
		to++
	}
	return w.sorted[from:to]
}
