package lexicon

import (
	"math/bits"
	"unicode/utf8"
)

// near finds words that are written almost like a known one. Candidates share
// the first letter and differ in few letters of their sets, so that the
// distance is computed rarely.
type near map[rune][]nearForm

type nearForm struct {
	atom    int
	letters uint64
	runes   []rune
	begins  bool // a stem: the rest of the word is free
}

func newNear(x *Lexicon) near {
	n := near{}
	for id, f := range x.forms {
		runes := []rune(f.stem)
		if slips(len(runes)) == 0 {
			continue
		}
		n[runes[0]] = append(n[runes[0]], nearForm{id, letterSet(runes), runes, f.kind != whole})
	}
	return n
}

// slips is how many mistakes a word of that many letters may have.
func slips(length int) int {
	switch {
	case length < 5:
		return 0
	case length < 8:
		return 1
	case length < 12:
		return 2
	}
	return 3
}

// sureStem is from how many letters a stem may be misspelt in a much longer
// word; shorter ones are the beginning of too much.
const sureStem = 7

// letterSet is a set of letters in 64 bits.
func letterSet(runes []rune) uint64 {
	var set uint64
	for _, r := range runes {
		set |= 1 << (uint(r) % 64)
	}
	return set
}

// find calls yield with each atom near the word and the number of mistakes.
func (n near) find(folded string, yield func(atom, mistakes int)) {
	word := []rune(folded)
	if slips(len(word)) == 0 {
		return
	}
	first, _ := utf8.DecodeRuneInString(folded)
	set := letterSet(word)
	for _, f := range n[first] {
		most := min(slips(len(f.runes)), slips(len(word)))
		if !f.comparable(word, set, most) {
			continue
		}
		if d := distance(f.runes, word, f.begins, most); d <= most {
			yield(f.atom, d)
		}
	}
}

// comparable is a cheap test that drops most forms: every letter of the form,
// but for the mistakes, is in the word, and the lengths fit.
func (f nearForm) comparable(word []rune, set uint64, most int) bool {
	if bits.OnesCount64(f.letters&^set) > most {
		return false
	}
	extra := len(word) - len(f.runes)
	if extra < -most || (f.begins && len(f.runes) < sureStem && extra > most+1) {
		return false
	}
	return f.begins || (extra <= most && bits.OnesCount64(set&^f.letters) <= most)
}

// distance counts insertions, deletions, substitutions and exchanges of
// neighbours (Damerau-Levenshtein, optimal string alignment) between stem and
// word, or the best beginning of word. Above most it stops counting.
func distance(stem, word []rune, begins bool, most int) int {
	if begins && len(word) > len(stem)+most {
		word = word[:len(stem)+most]
	}
	var rows [3][64]int
	if len(word) > 62 {
		return most + 1
	}
	before, last, row := rows[0][:], rows[1][:], rows[2][:]
	for j := range len(word) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(stem); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(word); j++ {
			row[j] = step(stem, word, i, j, before, last, row)
			least = min(least, row[j])
		}
		if least > most {
			return most + 1
		}
		before, last, row = last, row, before
	}
	if !begins {
		return last[len(word)]
	}
	best := most + 1
	for j := range len(word) + 1 {
		best = min(best, last[j])
	}
	return best
}

func step(stem, word []rune, i, j int, before, last, row []int) int {
	same := stem[i-1] == word[j-1]
	cost := 1
	if same {
		cost = 0
	}
	d := min(last[j-1]+cost, last[j]+1, row[j-1]+1)
	if i > 1 && j > 1 && stem[i-1] == word[j-2] && stem[i-2] == word[j-1] {
		d = min(d, before[j-2]+1)
	}
	return d
}
