package lexicon

import "strings"

// sounds writes what sounds alike in German the same way: people who learnt to
// speak before they learnt to write spell by ear ("fermiter", "shwanger").
var sounds = strings.NewReplacer(
	"cht", "t", "ht", "t", "sch", "s", "sh", "s", "tsch", "s", "ch", "k", "ck", "k", "ph", "f", "pf", "f", "th", "t", "dt", "t", "tz", "s", "qu", "kw", "chs", "ks",
	"ei", "ai", "ey", "ai", "ay", "ai", "eu", "oi", "ie", "i", "ee", "e", "oo", "o", "aa", "a", "ah", "a", "eh", "e", "ih", "i", "oh", "o", "uh", "u",
	"v", "f", "w", "f", "c", "k", "q", "k", "g", "k", "z", "s", "x", "ks", "d", "t", "b", "p", "y", "i", "j", "i", "h", "")

// latin writes Cyrillic letters as a German speaker would: people write German
// words in their own letters ("вонунг") and their own words in Latin ones.
var latin = strings.NewReplacer(
	"а", "a", "б", "b", "в", "w", "г", "g", "д", "d", "е", "e", "ж", "sh", "з", "s", "и", "i", "к", "k", "л", "l", "м", "m", "н", "n",
	"о", "o", "п", "p", "р", "r", "с", "s", "т", "t", "у", "u", "ф", "f", "х", "ch", "ц", "z", "ч", "ch", "ш", "sch", "щ", "sch",
	"ъ", "", "ы", "i", "ь", "", "э", "e", "ю", "ju", "я", "ja", "і", "i", "є", "e")

// sound returns how a folded word sounds, without doubled letters.
func sound(folded string) string {
	s := sounds.Replace(latin.Replace(folded))
	var b strings.Builder
	last := rune(-1)
	for _, r := range s {
		if r != last {
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

// leastSound is how long a sound must be to stand for a word.
const leastSound = 5

// byEar finds words by their sound.
type byEar struct{ whole, front map[string][]int }

func newByEar(x *Lexicon) byEar {
	e := byEar{map[string][]int{}, map[string][]int{}}
	for id, f := range x.forms {
		s := sound(f.stem)
		if len(s) < leastSound || s[0] > 'z' {
			continue
		}
		if f.kind == whole {
			e.whole[s] = append(e.whole[s], id)
		} else {
			e.front[s] = append(e.front[s], id)
		}
	}
	return e
}

// find calls yield with each atom that sounds like the word or its beginning.
func (e byEar) find(folded string, yield func(atom int)) {
	s := sound(folded)
	for _, id := range e.whole[s] {
		yield(id)
	}
	for i := leastSound; i <= len(s); i++ {
		for _, id := range e.front[s[:i]] {
			yield(id)
		}
	}
}
