package directory

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// fold makes names of places and sources comparable: lower case, no accents, ß
// as ss. It is part of ids, so it never changes; search folds by
// [lexicon.Fold].
func fold(s string) string {
	s = strings.ReplaceAll(strings.ToLower(norm.NFD.String(s)), "ß", "ss")
	return strings.Map(func(r rune) rune {
		if r >= 0x300 && r <= 0x36f {
			return -1
		}
		return r
	}, s)
}
