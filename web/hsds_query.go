package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lotse/directory"
	"lotse/directory/hsds"
	"lotse/internal/fault"
)

const (
	hsdsPage     = 50
	hsdsPageMost = 500
	hsdsPages    = 1_000_000
	metresMost   = 500_000
)

// hsdsQuery is what a caller of the open interface asks for.
type hsdsQuery struct {
	chosen        directory.Selection
	page, perPage int
	lines         bool // format=ndjson
	view          hsds.View
	nothing       bool // a term or taxonomy that is not ours: nothing can match
	child         bool // only terms under a parent
}

// hsdsQuery reads the parameters of HSDS 3.0. They narrow down together. Invalid
// names each parameter that cannot be meant so.
func (s *Server) hsdsQuery(r *http.Request) (hsdsQuery, error) {
	v := r.URL.Query()
	wrong := map[string]string{}
	q := hsdsQuery{view: viewOf(v)}
	check := func(field, code string, ok bool) {
		if !ok {
			wrong[field] = code
		}
	}
	var ok bool
	q.page, ok = number(v.Get("page"), 1, hsdsPages)
	check("page", "out_of_range", ok)
	q.perPage, ok = number(v.Get("per_page"), hsdsPage, hsdsPageMost)
	check("per_page", "out_of_range", ok)
	q.lines, ok = v.Get("format") == "ndjson", v.Get("format") == "" || v.Get("format") == "json" || v.Get("format") == "ndjson"
	check("format", "invalid_choice", ok)
	q.chosen = directory.Selection{ProviderID: v.Get("organization_id"), Text: v.Get("search"), Licences: commas(v.Get("licence"))}
	check("search", "too_long", len(q.chosen.Text) <= 200)
	for _, field := range []string{"minimal", "full", "full_service", "top_only"} {
		check(field, "invalid_choice", slices.Contains([]string{"", "0", "1", "true", "false"}, v.Get(field)))
	}
	q.child = v.Get("parent_id") != ""
	q.chosen.ModifiedAfter, ok = since(v.Get("modified_after"))
	check("modified_after", "invalid", ok)
	if q.lines && q.view == hsds.Listing { // whoever takes all takes it whole
		q.view = hsds.Full
	}
	s.hsdsTopic(&q, v)
	s.hsdsPlace(&q, v, check)
	if q.nothing { // no centre has this topic
		q.chosen.Topic = "\x00"
	}
	if len(wrong) > 0 {
		return q, fault.InvalidInput(wrong)
	}
	return q, nil
}

// hsdsTopic turns ids of the taxonomy into a topic.
func (s *Server) hsdsTopic(q *hsdsQuery, v url.Values) {
	if id := v.Get("taxonomy_id"); id != "" && id != idOf(hsds.Taxonomy()) {
		q.nothing = true
	}
	if id := v.Get("taxonomy_term_id"); id != "" {
		topic, ok := s.termTopic(id)
		q.chosen.Topic, q.nothing = topic, q.nothing || !ok
	}
}

// termTopic returns the topic whose term has the id, or whose code it is.
func (s *Server) termTopic(id string) (string, bool) {
	for _, topic := range s.directory.Topics() {
		if id == topic.ID || id == idOf(hsds.Term(topic.ID, s.directory.TopicLabel)) {
			return topic.ID, true
		}
	}
	return "", false
}

// hsdsPlace reads a postcode: alone it asks who covers it, with a proximity in
// metres what lies around it.
func (s *Server) hsdsPlace(q *hsdsQuery, v url.Values, check func(field, code string, ok bool)) {
	postcode, metres := v.Get("postcode"), v.Get("proximity")
	if postcode == "" {
		check("postcode", "postcode_invalid", metres == "")
		return
	}
	place, known := s.directory.Place(postcode)
	check("postcode", "postcode_invalid", directory.ValidPostcode(postcode))
	if metres == "" {
		q.chosen.Postcode = postcode
		return
	}
	radius, err := strconv.ParseFloat(metres, 64)
	check("proximity", "out_of_range", err == nil && radius > 0 && radius <= metresMost)
	check("postcode", "postcode_invalid", known)
	q.chosen.Near = &directory.Circle{Lat: place.Lat, Lon: place.Lon, Metres: radius}
}

// since reads a date or an instant; what changed at that very moment counts.
func since(text string) (time.Time, bool) {
	if text == "" {
		return time.Time{}, true
	}
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(form, text); err == nil {
			return t.UTC().Add(-time.Nanosecond), true
		}
	}
	return time.Time{}, false
}

// viewOf reads how much of each object is wanted.
func viewOf(v url.Values) hsds.View {
	switch {
	case yes(v.Get("minimal")):
		return hsds.Minimal
	case yes(v.Get("full")), yes(v.Get("full_service")):
		return hsds.Full
	}
	return hsds.Listing
}

func idOf(o hsds.Object) string {
	id, _ := o["id"].(string)
	return id
}

func yes(text string) bool { return text == "true" || text == "1" }

func commas(text string) []string {
	var list []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}
