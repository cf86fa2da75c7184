package web

import (
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"lotse/directory"
	"lotse/finder"
	"lotse/internal/fault"
)

// Whatever the query of the open interface is, it is understood or refused by naming
// parameters, and what is understood is within bounds.
func FuzzHSDSQuery(f *testing.F) {
	for _, seed := range []string{
		"page=2&per_page=10&format=ndjson&modified_after=2026-01-01T00:00:00Z", "postcode=50667&proximity=5000", "taxonomy_term_id=schulden&search=x",
		"proximity=NaN&postcode=50667", "page=-1&page=%zz;", "licence=,,a,&minimal=true",
	} {
		f.Add(seed)
	}
	s := testServer(f)
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest(http.MethodGet, "/hsds/services", nil)
		r.URL.RawQuery = query
		q, err := s.hsdsQuery(r)
		if err != nil {
			if refused, ok := errors.AsType[*fault.Error](err); !ok || refused.Kind != fault.Invalid || len(refused.Fields) == 0 {
				t.Errorf("%q: %v", query, err)
			}
			return
		}
		if q.page < 1 || q.page > hsdsPages || q.perPage < 1 || q.perPage > hsdsPageMost {
			t.Errorf("%q: page %d of %d each", query, q.page, q.perPage)
		}
		if near := q.chosen.Near; near != nil && (math.IsNaN(near.Metres) || near.Metres <= 0 || near.Metres > metresMost) {
			t.Errorf("%q: %v metres", query, near.Metres)
		}
	})
}

// Whatever the forms of the finder hold, nobody is added to a household, and an
// answer is to a question that was asked.
func FuzzFinderForms(f *testing.F) {
	f.Add("relation.1=partner&month.0=2&year.0=1990&year.1=99999&relation.2=x")
	f.Add("household.rent=-1&p0.works=yes&ticks.p0=works&ticks.p0=&p0.works=%ff")
	rules := shippedRules(f)
	f.Fuzz(func(t *testing.T, query string) {
		form, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		rows, people, _ := readPeople(form)
		if len(rows) != len(people) || len(rows) > maxPeople || len(rows) == 0 {
			t.Errorf("%q: %d rows for %d people", query, len(rows), len(people))
		}
		var fields []finder.Field
		asked := map[string]bool{}
		for _, q := range rules.Questions() {
			for _, fact := range q.Facts {
				field := finder.Field{Fact: fact, Person: "p0"}
				fields = append(fields, field)
				asked[owner(field)+"."+fact.ID] = true
			}
		}
		answers, errs := readAnswers(form, fields)
		for name := range answers {
			if !asked[name] || errs[name] != "" {
				t.Errorf("%q: an answer to %q", query, name)
			}
		}
	})
}

// Whatever a centre is called, its card has the lines of a card and no other, none
// longer than 75 bytes.
func FuzzCard(f *testing.F) {
	f.Add("Suchthilfe, Köln; Mitte", "Träger\r\nEND:VCARD", "Straße 1\nTEL:1", "0221 / 12 34-5", "a@example.org\rX:1")
	f.Add(strings.Repeat("ü", 80), "\\", "\xff\u2028", "+49(0)", "")
	names := []string{"BEGIN", "VERSION", "KIND", "UID", "FN", "ORG", "ADR;", "TEL;", "EMAIL;", "URL", "SOURCE", "GEO", "END"}
	f.Fuzz(func(t *testing.T, name, operator, street, phone, email string) {
		c := &directory.Centre{ID: houseCentre("1"), Name: name, Operator: operator, Street: street, Email: email}
		c.Phones = []directory.Phone{{Number: phone}}
		card := vCard(c, "https://beratung.example/de/stellen/x")
		for line := range strings.Lines(card) {
			text, whole := strings.CutSuffix(line, "\r\n")
			if !whole || len(text) > 75 || strings.ContainsAny(text, "\r\n") {
				t.Errorf("a line is %q", line)
			}
		}
		at := 0
		for line := range strings.SplitSeq(strings.ReplaceAll(strings.TrimSuffix(card, "\r\n"), "\r\n ", ""), "\r\n") {
			for at < len(names) && !strings.HasPrefix(line, names[at]) {
				at++
			}
			if at == len(names) {
				t.Fatalf("%q is no line of a card, or in the wrong place", line)
			}
		}
	})
}
