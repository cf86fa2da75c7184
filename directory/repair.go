package directory

import (
	"math"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// repairs collects the codes of the changes made to one row.
type repairs []string

func (r *repairs) note(code string) {
	if slices.Contains(*r, code) {
		return
	}
	*r = append(*r, code)
}

// text joins runs of white space, drops invalid bytes and control characters,
// and notes it when that changed more than the edges.
func (r *repairs) text(s string) string {
	trimmed := strings.TrimSpace(s)
	clean := strings.Join(strings.Fields(strings.ToValidUTF8(trimmed, "")), " ")
	clean = strings.Map(dropControl, clean)
	if clean != trimmed {
		r.note("text_cleaned")
	}
	return clean
}

func dropControl(c rune) rune {
	if c < 0x20 || c == 0x7f || c == utf8.RuneError || (c >= 0x202a && c <= 0x202e) {
		return -1
	}
	return c
}

// postcode keeps five digits, gives a four-digit one its leading zero back if
// that makes a known postcode, and drops anything else. An unknown postcode of
// five digits is kept: large recipients have their own.
func (r *repairs) postcode(s string, places *Places) string {
	s = strings.TrimSpace(s)
	if s == "" || ValidPostcode(s) {
		return s
	}
	if _, known := places.Lookup("0" + s); known {
		r.note("postcode_leading_zero")
		return "0" + s
	}
	r.note("postcode_dropped")
	return ""
}

// germany is a box around the country, in degrees.
var germany = struct{ south, north, west, east float64 }{47.2, 55.1, 5.8, 15.1}

// point reads a coordinate pair and falls back to the postcode's point.
func (r *repairs) point(c *Centre, lat, lon string, precision string, places *Places) {
	y, err1 := strconv.ParseFloat(lat, 64)
	x, err2 := strconv.ParseFloat(lon, 64)
	if err1 == nil && err2 == nil && inGermany(y, x) {
		c.Lat, c.Lon, c.Precision = y, x, precisionOf(precision)
		return
	}
	if lat != "" || lon != "" {
		r.note("coordinates_dropped")
	}
	if place, ok := places.Lookup(c.Postcode); ok {
		c.Lat, c.Lon, c.Precision = place.Lat, place.Lon, AtPostcode
		r.note("coordinates_from_postcode")
	}
}

func inGermany(lat, lon float64) bool {
	return !math.IsNaN(lat) && !math.IsNaN(lon) &&
		lat >= germany.south && lat <= germany.north && lon >= germany.west && lon <= germany.east
}

func precisionOf(s string) Precision {
	switch p := Precision(s); p {
	case AtAddress, AtPostcode:
		return p
	}
	return AtCity
}

// state fills the Land from the postcode when the source leaves it out.
func (r *repairs) state(s string, postcode string, places *Places) string {
	s = strings.TrimSpace(s)
	if place, ok := places.Lookup(postcode); s == "" && ok {
		r.note("state_from_postcode")
		return place.State
	}
	return s
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

var rangePattern = regexp.MustCompile(`^(\d{5})(?:-(\d{5}))?$`)

// ranges reads "50441-51149;53001" and drops what is no range.
func (r *repairs) ranges(s string) []Range {
	var list []Range
	for part := range strings.SplitSeq(s, ";") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		m := rangePattern.FindStringSubmatch(part)
		if m == nil {
			r.note("range_dropped")
			continue
		}
		if m[2] == "" {
			m[2] = m[1]
		}
		list = append(list, r.ordered(m[1], m[2]))
	}
	return list
}

// ordered turns an inverted range round: its two ends are right, and taken as
// it stands it would cover nobody.
func (r *repairs) ordered(low, high string) Range {
	if low > high {
		r.note("range_inverted")
		low, high = high, low
	}
	return Range{Low: low, High: high}
}
