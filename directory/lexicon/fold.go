package lexicon

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folded are letters that decomposition does not reduce to their plain form.
var folded = map[rune]string{
	'ß': "ss", 'ı': "i", 'ł': "l", 'ø': "o", 'æ': "a", 'œ': "o", 'đ': "d", 'ґ': "г",
	'ى': "ي", 'ی': "ي", 'ک': "ك", 'ة': "ه", 'ۀ': "ه", 'ہ': "ه", 'ٱ': "ا", 'ء': "",
	'ـ': "", '\u200c': "", '\u200d': "", '\u00ad': "", '\ufeff': "",
	'\'': "", '’': "", '‘': "", 'ʼ': "", '`': "", '´': "",
}

// Fold makes writings of the same words equal: lower case, no accents or vowel
// marks, ae like ä, one alphabet for Arabic and Persian, digits as 0 to 9.
// Folding twice changes nothing.
func Fold(s string) string {
	s = strings.Map(digit, plain(strings.ToLower(s)))
	for {
		next := squeeze(umlauts(s))
		if next == s {
			return s
		}
		s = next
	}
}

// plain decomposes s, drops marks and maps the letters of folded.
func plain(s string) string {
	if ascii(s) {
		return strings.Map(unmarked, s)
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		r = unicode.ToLower(r)
		if to, ok := folded[r]; ok {
			b.WriteString(to)
		} else if !unicode.Is(unicode.M, r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// unmarked drops the marks of ASCII that folded drops.
func unmarked(r rune) rune {
	if r == '\'' || r == '`' {
		return -1
	}
	return r
}

// digit maps decimal digits of other scripts to ASCII.
func digit(r rune) rune {
	switch {
	case r >= '٠' && r <= '٩':
		return '0' + r - '٠'
	case r >= '۰' && r <= '۹':
		return '0' + r - '۰'
	}
	return r
}

// umlauts writes ae, oe and ue as a, o and u, except after a vowel or q, where
// the e belongs to another sound (Frauen, Quelle).
func umlauts(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == 'e' && i > 0 && strings.IndexByte("aou", s[i-1]) >= 0 && (i < 2 || strings.IndexByte("aeiouqy", s[i-2]) < 0) {
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// squeeze writes three and more of the same letter as one: "hiiilfe".
func squeeze(s string) string {
	runes := []rune(s)
	out := runes[:0]
	for i := 0; i < len(runes); {
		n := i
		for n < len(runes) && runes[n] == runes[i] {
			n++
		}
		keep := n - i
		if keep > 2 && unicode.IsLetter(runes[i]) {
			keep = 1
		}
		first := runes[i]
		for range keep {
			out = append(out, first)
		}
		i = n
	}
	return string(out)
}

// maxWords bounds how much of a text is read.
const maxWords = 80

// maxLetters is how long a word may be, in bytes; what is longer is no word.
const maxLetters = 80

// word is a word of the text.
type word struct {
	raw    string // as the person wrote it
	folded string
	forms  []string // the folded word and what is left without a joined particle
	ends   bool     // a sentence or the text ends after it
}

// split returns the words of text in order. Letters and digits part words, so that
// "50667Köln" is two.
func split(text string) []word {
	var words []word
	for _, at := range fields(text) {
		raw := text[at.from:at.to]
		f := Fold(raw)
		if f == "" || len(f) > maxLetters {
			continue
		}
		rest := strings.TrimLeft(text[at.to:], " \t")
		words = append(words, word{raw: raw, folded: f, forms: forms(f), ends: rest == "" || strings.ContainsAny(rest[:1], ".!?,;\n")})
		if len(words) == maxWords {
			break
		}
	}
	return words
}

// fields cuts text at everything that is neither letter nor digit and between
// letters and digits.
func fields(text string) []span {
	var all []span
	start, kind := -1, 0
	for i, r := range text {
		k := kindOf(r)
		if k == joining && start >= 0 {
			continue
		}
		if k != kind || k == 0 {
			if start >= 0 {
				all = append(all, span{start, i})
			}
			start, kind = -1, k
			if k == letters || k == digits {
				start = i
			}
		}
	}
	if start >= 0 {
		all = append(all, span{start, len(text)})
	}
	return all
}

const (
	letters = iota + 1
	digits
	joining
)

func kindOf(r rune) int {
	switch {
	case unicode.IsDigit(r):
		return digits
	case unicode.IsLetter(r):
		return letters
	case unicode.Is(unicode.M, r), r == '\u200c', r == '\u200d', r == '\u00ad', r == '\'', r == '’', r == '‘', r == 'ʼ', r == '`', r == '´':
		return joining
	}
	return 0
}

// articles and particles are written together with the word in Arabic.
var (
	articles  = []string{"وال", "بال", "فال", "كال", "لل", "ال"}
	particles = []string{"و", "ب", "ل", "ف", "ك"}
	// futures stand before the person of a verb: سيضربني, حيضربني, هيضربني.
	futures = []string{"س", "ح", "ه"}
)

// forms returns the word and, in Arabic script, the word without what is joined
// to its front, one particle after the other.
func forms(f string) []string {
	all := []string{f}
	if r := []rune(f)[0]; !unicode.Is(unicode.Arabic, r) {
		return all
	}
	for range 2 {
		rest, ok := unjoin(all[len(all)-1])
		if !ok {
			break
		}
		all = append(all, rest)
	}
	return all
}

// unjoin takes the first article, particle or sign of the future off an Arabic
// word, when enough of it is left.
func unjoin(f string) (rest string, ok bool) {
	for _, a := range articles {
		if rest, ok := strings.CutPrefix(f, a); ok && utf8.RuneCountInString(rest) >= 2 {
			return rest, true
		}
	}
	for _, p := range particles {
		if rest, ok := strings.CutPrefix(f, p); ok && utf8.RuneCountInString(rest) >= 3 {
			return rest, true
		}
	}
	for _, p := range futures {
		if rest, ok := strings.CutPrefix(f, p); ok && utf8.RuneCountInString(rest) >= 4 && strings.ContainsRune("يتنا", []rune(rest)[0]) {
			return rest, true
		}
	}
	return "", false
}

// Words returns the folded words of text in order.
func Words(text string) []string {
	var all []string
	for _, at := range fields(text) {
		if f := Fold(text[at.from:at.to]); f != "" {
			all = append(all, f)
		}
	}
	return all
}
