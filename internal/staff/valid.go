package staff

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"lotse/internal/fault"
)

// fields collects what is wrong with an input, one code per field.
type fields map[string]string

func (f fields) need(ok bool, field, code string) {
	if !ok && f[field] == "" {
		f[field] = code
	}
}

func (f fields) err() error {
	if len(f) == 0 {
		return nil
	}
	return fault.InvalidInput(f)
}

const (
	nameRunes = 60 // and at most 100 bytes, the limit of a member's name in a team state
	tagsMax   = 200
)

// validName accepts what people call themselves, in one line.
func validName(s string) bool {
	return s != "" && s == strings.TrimSpace(s) && len(s) <= 100 && utf8.ValidString(s) &&
		utf8.RuneCountInString(s) <= nameRunes && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	})
}

// validLanguage accepts "" and the form of a language tag in lower case, such as "de" or "de-simple".
func validLanguage(s string) bool {
	if s == "" {
		return true
	}
	for i, part := range strings.Split(s, "-") {
		if len(part) < 2 || len(part) > 8 || (i == 0 && len(part) > 3) || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return false
		}
	}
	return len(s) <= 35
}

// cleanTags sorts identifiers and drops doubles; it reports whether all of them are identifiers.
func cleanTags(tags []string) ([]string, bool) {
	out := slices.Clone(tags)
	slices.Sort(out)
	out = slices.Compact(out)
	if out == nil {
		out = []string{}
	}
	return out, len(out) <= tagsMax && !slices.ContainsFunc(out, func(t string) bool { return !identifier(t) })
}
