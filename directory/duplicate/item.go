package duplicate

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Item is what is compared of an entry. Everything but the id may be empty.
type Item struct {
	ID, Name, Operator     string
	Street, Postcode, City string
	Phones                 []string
	Email, URL             string
	Topics                 []string
}

// features are an item as it is compared.
type features struct {
	name, operator       []string // words
	street, number, city string
	postcode             string
	phones               []string
	email, page          string
	domains              []string
	topics               []string
}

func featuresOf(i Item) features {
	f := features{name: words(i.Name), operator: words(i.Operator), postcode: i.Postcode, city: fold(i.City),
		email: strings.ToLower(strings.TrimSpace(i.Email)), domains: domains(i.URL, i.Email), page: page(i.URL), topics: i.Topics}
	f.street, f.number = streetOf(i.Street)
	for _, p := range i.Phones {
		if n := phone(p); len(n) >= 6 && !slices.Contains(f.phones, n) {
			f.phones = append(f.phones, n)
		}
	}
	return f
}

// placed reports whether an item says where it is.
func (f features) placed() bool { return f.street != "" || f.postcode != "" || f.city != "" }

// page is a web address without what makes no difference; empty for the front
// page, which all places of a provider share.
func page(s string) string {
	s = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(s), "/"))
	s = strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "http://")
	if !strings.Contains(s, "/") {
		return ""
	}
	return strings.TrimPrefix(s, "www.")
}

var spelling = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss")

// fold makes text comparable: lower case, umlauts spelled out, no other accents,
// nothing but letters and digits.
func fold(s string) string {
	s = norm.NFD.String(spelling.Replace(strings.ToLower(norm.NFC.String(s))))
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return r
		}
		return ' '
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// empty are words that tell nothing apart.
var empty = []string{"und", "fuer", "der", "die", "das", "des", "im", "in", "am", "an", "e", "v", "ev", "ggmbh", "gmbh", "the", "of", "and", "for"}

// words are the words of a name without those that tell nothing, each once.
func words(s string) []string {
	var list []string
	for w := range strings.FieldsSeq(fold(s)) {
		if !slices.Contains(empty, w) && !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	return list
}

var streetNumber = regexp.MustCompile(`^(.*?)\s*(\d+)\s*[a-z]?\b.*$`)

var streetWords = strings.NewReplacer("strasse", "str", "stasse", "str", "street", "st", "avenue", "ave", "northeast", "ne", "northwest", "nw",
	"southeast", "se", "southwest", "sw", "north", "n", "south", "s", "road", "rd", "platz", "pl")

// streetOf divides a street from the first number of the house. A number in
// front, as in American addresses, counts as well.
func streetOf(s string) (street, number string) {
	s = streetWords.Replace(fold(s))
	m := streetNumber.FindStringSubmatch(s)
	if m == nil {
		return strings.ReplaceAll(s, " ", ""), ""
	}
	if m[1] == "" {
		number, street, _ = strings.Cut(s, " ")
		return strings.ReplaceAll(street, " ", ""), number
	}
	return strings.ReplaceAll(m[1], " ", ""), m[2]
}

// phone brings a German number to its digits with a leading zero.
func phone(s string) string {
	s = strings.ReplaceAll(s, "(0)", "")
	digits := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
	switch {
	case strings.HasPrefix(digits, "0049"):
		return "0" + digits[4:]
	case strings.HasPrefix(strings.TrimSpace(s), "+49"):
		return "0" + digits[2:]
	}
	return digits
}

// mailHosts are domains of mail that say nothing about who writes.
var mailHosts = []string{"gmail.com", "gmx.de", "gmx.net", "web.de", "t-online.de", "yahoo.de", "outlook.de", "outlook.com", "freenet.de", "arcor.de", "aol.com", "posteo.de"}

// domains are those of the website and of the mail.
func domains(address, email string) []string {
	if address != "" && !strings.Contains(address, "://") {
		address = "https://" + address
	}
	var list []string
	if u, err := url.Parse(address); err == nil && u.Hostname() != "" {
		list = append(list, strings.TrimPrefix(strings.ToLower(u.Hostname()), "www."))
	}
	if _, at, ok := strings.Cut(email, "@"); ok {
		list = append(list, strings.ToLower(strings.TrimSpace(at)))
	}
	return slices.Compact(slices.DeleteFunc(list, func(host string) bool { return slices.Contains(mailHosts, host) }))
}
