package directory

import (
	"cmp"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"lotse/directory/hours"
	"lotse/directory/intake"
)

// repairs collects the codes of what was changed in one row, or is doubtful.
type repairs []string

func (r *repairs) note(code string) {
	if slices.Contains(*r, code) {
		return
	}
	*r = append(*r, code)
}

// doubtful are the codes of what looks wrong and was left as it stands, because
// nobody can tell which side is right.
var doubtful = []string{"postcode_unknown", "postcode_not_in_city", "state_not_of_postcode", "topic_unknown", "language_unknown", "hours_unreadable"}

// only reports whether nothing was changed.
func (r repairs) onlyDoubts() bool {
	return !slices.ContainsFunc(r, func(code string) bool { return !slices.Contains(doubtful, code) })
}

// text joins runs of white space, drops control characters, reads bytes that
// are no UTF-8 as Windows-1252, and notes what changed more than the edges.
func (r *repairs) text(s string) string {
	trimmed := strings.TrimSpace(s)
	if !utf8.ValidString(trimmed) {
		r.note("encoding_repaired")
		trimmed = fromWindows(trimmed)
	}
	clean := strings.Join(strings.Fields(trimmed), " ")
	clean = strings.Map(dropControl, clean)
	if clean != trimmed {
		r.note("text_cleaned")
	}
	return clean
}

// fromWindows reads a text as Windows-1252, which has a meaning for every byte
// that ISO-8859-1 has one for.
func fromWindows(s string) string {
	text, err := charmap.Windows1252.NewDecoder().String(s)
	if err != nil {
		return strings.ToValidUTF8(s, "")
	}
	return text
}

func dropControl(c rune) rune {
	if c < 0x20 || c == 0x7f || c == utf8.RuneError || (c >= 0x202a && c <= 0x202e) {
		return -1
	}
	return c
}

// words cleans each of a list and drops what is empty or there twice.
func (r *repairs) words(list []string) []string {
	var clean []string
	for _, s := range list {
		if s = r.text(s); s != "" && !slices.Contains(clean, s) {
			clean = append(clean, s)
		}
	}
	return clean
}

// postcode keeps five digits, gives a four-digit one its leading zero back if
// that makes a known postcode, and drops anything else. An unknown postcode of
// five digits is kept: large recipients have their own.
func (r *repairs) postcode(s string, places *Places) string {
	s = strings.TrimPrefix(strings.TrimSpace(s), "D-")
	if s == "" {
		return s
	}
	if ValidPostcode(s) {
		if _, known := places.Lookup(s); !known {
			r.note("postcode_unknown")
		}
		return s
	}
	if _, known := places.Lookup("0" + s); known {
		r.note("postcode_leading_zero")
		return "0" + s
	}
	r.note("postcode_dropped")
	return ""
}

// key keeps the key of a Kreis that is known.
func (r *repairs) key(s string, places *Places) string {
	if _, known := places.districts[s]; s == "" || known {
		return s
	}
	r.note("ags_dropped")
	return ""
}

// link makes an absolute web address of the first of several, or drops it.
func (r *repairs) link(s string) string {
	parts := strings.Fields(s)
	if len(parts) == 0 {
		return ""
	}
	if len(parts) > 1 {
		r.note("url_first_taken")
	}
	s = parts[0]
	if !strings.Contains(s, "://") {
		s = "https://" + s
		r.note("url_scheme_added")
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || !strings.Contains(u.Hostname(), ".") || u.User != nil {
		r.note("url_dropped")
		return ""
	}
	return u.String()
}

// email keeps the first address of several and drops what is none.
func (r *repairs) email(s string) string {
	parts := strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune(" \t\n\r;,/", c) })
	for i, part := range parts {
		if a, err := mail.ParseAddress(part); err == nil && a.Address == part {
			if i > 0 || len(parts) > 1 {
				r.note("email_first_taken")
			}
			return part
		}
	}
	if len(parts) > 0 {
		r.note("email_dropped")
	}
	return ""
}

// hours keeps a text as it is, also one that nobody can read: a person can.
func (r *repairs) hours(s string) string {
	s = r.text(s)
	if _, err := hours.Parse(s); s != "" && err != nil {
		r.note("hours_unreadable")
	}
	return s
}

// age reads whole years; 0 and nothing are no limit.
func (r *repairs) age(s string) int {
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 150 {
		r.note("age_dropped")
		return 0
	}
	return n
}

// date keeps a day written as 2006-01-02.
func (r *repairs) date(s string) string {
	if s == "" {
		return ""
	}
	if len(s) > len(time.DateOnly) {
		s = s[:len(time.DateOnly)]
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		r.note("date_dropped")
		return ""
	}
	return s
}

// areas reads areas as ReadArea does and drops what is none of them.
func (r *repairs) areas(list []string, places *Places) []Area {
	var areas []Area
	for _, s := range list {
		if a, ok := r.area(s, places); ok {
			areas = append(areas, a)
			continue
		}
		r.note("range_dropped")
	}
	return sortedAreas(areas)
}

func (r *repairs) area(s string, places *Places) (Area, bool) {
	a, ok := ReadArea(s)
	switch {
	case !ok, a.Kind == AreaNationwide:
		return a, ok
	case a.Kind == AreaPostcodes:
		return r.ordered(a.Low, a.High), true
	case a.Kind == AreaState:
		a.Low = r.land(a.Low)
		a.High = a.Low
	}
	return a, places.Known(a)
}

// ordered turns an inverted range round: its two ends are right, and taken as
// it stands it would cover nobody.
func (r *repairs) ordered(low, high string) Area {
	if low > high {
		r.note("range_inverted")
		low, high = high, low
	}
	return Postcodes(low, high)
}

// phones keeps numbers that can be dialled as they are written and takes apart
// what a source put into one field on several lines.
func (r *repairs) phones(list []intake.Phone) []Phone {
	var phones []Phone
	for _, p := range list {
		numbers := strings.FieldsFunc(p.Number, func(c rune) bool { return c == '\n' || c == ';' || c == '|' })
		if len(numbers) > 1 {
			r.note("phone_split")
		}
		for _, n := range numbers {
			if n = r.text(n); !dialable(n) {
				r.note("phone_dropped")
				continue
			}
			phones = append(phones, Phone{ID: p.ID, Number: n, Extension: p.Extension, Type: p.Type, Note: r.text(p.Note), Languages: p.Languages})
		}
	}
	return phones
}

// dialable reports whether a text has at least the three digits of an emergency
// number in it.
func dialable(s string) bool {
	digits := strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, s)
	return len(digits) >= 3
}

// capacity reads the number of free places, or "3/12" free of all.
func (r *repairs) capacity(s string) *Capacity {
	if s == "" {
		return nil
	}
	free, all, _ := strings.Cut(s, "/")
	n, err := strconv.Atoi(strings.TrimSpace(free))
	most, err2 := strconv.Atoi(cmp.Or(strings.TrimSpace(all), "0"))
	if err != nil || err2 != nil || n < 0 || most < 0 {
		r.note("capacity_dropped")
		return nil
	}
	return &Capacity{Available: n, Maximum: most}
}
