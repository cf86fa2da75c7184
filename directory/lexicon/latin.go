package lexicon

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// People without a keyboard of their language write it in Latin letters, each in
// their own way: "ne mogu platit", "zawji yadrobni". Both spellings are reduced to
// one: Cyrillic to letters without the marks that writers leave out, Arabic and
// Persian to consonants, since their script writes no short vowels.

// cyrillic writes each letter the one way that [bareLatin] leads to.
var cyrillic = strings.NewReplacer(
	"а", "a", "б", "b", "в", "v", "г", "g", "д", "d", "е", "i", "ж", "j", "з", "z", "и", "i", "к", "k", "л", "l", "м", "m", "н", "n", "о", "o",
	"п", "p", "р", "r", "с", "s", "т", "t", "у", "u", "ф", "f", "х", "x", "ц", "z", "ч", "c", "ш", "s", "щ", "s", "ъ", "", "ы", "i", "ь", "", "э", "i",
	"ю", "u", "я", "a", "і", "i", "є", "i")

// bareLatin reduces what people write for Cyrillic letters.
var bareLatin = strings.NewReplacer(
	"shch", "s", "sch", "s", "sh", "s", "tsch", "c", "tch", "c", "ch", "c", "kh", "x", "zh", "j", "ts", "z", "h", "x", "w", "v",
	"yo", "i", "jo", "i", "io", "i", "yu", "u", "ju", "u", "iu", "u", "ya", "a", "ja", "a", "ia", "a", "ye", "i", "je", "i", "ie", "i", "yi", "i", "iy", "i", "ij", "i", "yy", "i", "y", "i", "e", "i")

// arabicBones are the consonants of Arabic and Persian letters; letters that may be
// vowels are left out.
var arabicBones = strings.NewReplacer(
	"ا", "", "و", "", "ي", "", "ع", "", "ئ", "", "ؤ", "", "ب", "b", "پ", "b", "ت", "t", "ط", "t", "ث", "t", "ج", "j", "چ", "c", "ح", "h", "ه", "h", "خ", "x",
	"د", "d", "ض", "d", "ذ", "z", "ز", "z", "ظ", "z", "ژ", "j", "ر", "r", "س", "s", "ش", "s", "ص", "s", "غ", "g", "ق", "k", "گ", "g", "ف", "f", "ك", "k", "ل", "l", "م", "m", "ن", "n")

// latinBones are the consonants of Arabic and Persian in Latin letters.
var latinBones = strings.NewReplacer(
	"sh", "s", "ch", "c", "kh", "x", "gh", "g", "zh", "j", "th", "t", "dh", "z", "ph", "f", "q", "k", "p", "b",
	"a", "", "e", "", "i", "", "o", "", "u", "", "y", "", "w", "", "v", "")

// spelling returns how a word is reduced, by the script of the language.
func spelling(folded string) string {
	first, _ := utf8.DecodeRuneInString(folded)
	switch {
	case unicode.Is(unicode.Cyrillic, first):
		return single(cyrillic.Replace(folded))
	case unicode.Is(unicode.Arabic, first):
		return strings.TrimSuffix(single(arabicBones.Replace(folded)), "h")
	}
	return ""
}

// single writes doubled letters once.
func single(s string) string { return string(slices.Compact([]byte(s))) }

// byLetter finds the words of one language by their spelling in Latin letters.
type byLetter struct {
	whole, front map[string][]int
	inside       map[string][]int
	bones        bool // the spelling has only consonants
}

func newByLetter(x *Lexicon) map[int]byLetter {
	all := map[int]byLetter{}
	for id, f := range x.forms {
		for _, p := range x.posts[id] {
			language := x.terms[p.term].language
			if len(x.latin[language]) == 0 {
				continue
			}
			b, ok := all[language]
			if !ok {
				code := family(x.languages[language])
				b = byLetter{map[string][]int{}, map[string][]int{}, map[string][]int{}, code == "ar" || code == "fa"}
				all[language] = b
			}
			b.add(id, f)
		}
	}
	return all
}

func (b byLetter) add(id int, f atomForm) {
	s := spelling(f.stem)
	list := map[int]map[string][]int{whole: b.whole, front: b.front, inside: b.inside, back: b.inside}[f.kind]
	if s == "" || f.kind != whole && len(s) < 3 || slices.Contains(list[s], id) {
		return
	}
	list[s] = append(list[s], id)
}

// addLatin adds the words that show that a language is written in Latin letters.
func (x *Lexicon) addLatin(language int, text string) {
	for len(x.latin) <= language {
		x.latin = append(x.latin, nil)
	}
	x.latin[language] = map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		x.latin[language][Fold(w)] = true
	}
}

// inLatin returns the languages that the text seems to be in, written in Latin
// letters: a third of it are their common words, not counting those that other
// languages have too, or one is and the page is in the language.
func (x *Lexicon) inLatin(words []word, page string) (languages []int) {
	for language, common := range x.latin {
		n, home := 0, family(x.languages[language]) == family(page)
		for _, w := range words {
			if common[w.folded] && (home || x.stop[w.folded] == 0) {
				n++
			}
		}
		if n > 0 && (home || n*3 >= len(words)) {
			languages = append(languages, language)
		}
	}
	return languages
}

// spell adds the atoms of a language that the word may be in Latin letters.
func (s scan) spell(word string, at, language int) {
	b := s.byLetter[language]
	for _, spelt := range b.spellings(word) {
		for _, id := range b.whole[spelt] {
			s.put(id, at, at, otherScript)
		}
		for i := range len(spelt) {
			for j := i + 3; j <= len(spelt); j++ {
				for _, id := range b.inside[spelt[i:j]] {
					s.put(id, at, at, otherScript)
				}
			}
			for _, id := range b.front[spelt[:i+1]] {
				s.put(id, at, at, otherScript)
			}
		}
	}
}

// spellings are the ways to read a word in Latin letters. A Ukrainian h is one of
// two letters.
func (b byLetter) spellings(word string) []string {
	if b.bones {
		return []string{strings.TrimSuffix(single(latinBones.Replace(word)), "h")}
	}
	one := single(bareLatin.Replace(word))
	if other := strings.ReplaceAll(one, "x", "g"); other != one {
		return []string{one, other}
	}
	return []string{one}
}
