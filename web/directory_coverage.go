package web

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lotse/directory"
	"lotse/internal/fault"
)

// coverageView is the page that shows where nobody is there for a topic.
//
// It is public: it is worked out of what every search shows anyway, postcode by
// postcode, and those who decide whether a service is paid for (districts, press,
// people who were turned away) have no account here. Nobody is to be seen on it;
// a protected place counts for the postcodes around the middle of its Kreis.
type coverageView struct {
	Topics []topicChoice
	Topic  topicChoice
	Query  string // of the picture and the list
	*directory.Coverage
}

// Percent is the share of n in all postcodes of the Land.
func (coverageView) Percent(n int, land directory.LandReach) string {
	if land.All() == 0 {
		return "0"
	}
	return fmt.Sprint((200*n + land.All()) / (2 * land.All()))
}

// coveragePage shows the white spots of the topic in the query, or of the first
// topic there is.
func (s *Server) coveragePage(w http.ResponseWriter, r *http.Request) error {
	view := coverageView{Topics: s.topicChoices(r)}
	if len(view.Topics) == 0 {
		return fault.New(fault.NotFound, "not_found")
	}
	view.Topic = view.Topics[0]
	for _, choice := range view.Topics {
		if choice.ID == r.URL.Query().Get("topic") {
			view.Topic = choice
		}
	}
	view.Query = "?" + url.Values{"topic": {view.Topic.ID}}.Encode()
	view.Coverage = s.directory.Coverage(view.Topic.ID)
	return s.render(w, r, http.StatusOK, "abdeckung", view)
}

// coverageOf returns the coverage of the topic in the query. It returns NotFound
// for a topic that is none.
func (s *Server) coverageOf(r *http.Request) (*directory.Coverage, error) {
	topic, ok := s.directory.Topic(r.URL.Query().Get("topic"))
	if !ok {
		return nil, fault.New(fault.NotFound, "not_found")
	}
	return s.directory.Coverage(topic.ID), s.limit(r, "coverage", 60, time.Second/2)
}

// coverageMap is the picture of the page.
func (s *Server) coverageMap(w http.ResponseWriter, r *http.Request) error {
	c, err := s.coverageOf(r)
	if err != nil {
		return err
	}
	s.write(w, r, http.StatusOK, "image/svg+xml", []byte(drawCoverage(c)))
	return nil
}

// reachStyles draw each reach: size says the same as colour.
var reachStyles = []struct {
	reach         directory.Reach
	colour, width string
}{{directory.Served, "#9cc3c6", "4"}, {directory.InReach, "#3f7f88", "5"}, {directory.Nobody, "#8c1d18", "8"}}

// drawCoverage draws the country as dots of the grid and each postcode as a dot
// where it lies.
func drawCoverage(c *directory.Coverage) string {
	land, marks := map[dot]int{}, map[directory.Reach]*strings.Builder{}
	for _, style := range reachStyles {
		marks[style.reach] = &strings.Builder{}
	}
	for _, p := range c.Postcodes {
		land[dotAt(p.Lat, p.Lon)] = 1
		fmt.Fprintf(marks[p.Reach], "M%.0f %.0fh.1", (p.Lon-west)/columnDegrees*gridStep, (north-p.Lat)/rowDegrees*gridStep)
	}
	fillHoles(land)
	fillHoles(land)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d"><path fill="#fbf8f3" d="M0 0h%dv%dH0z"/>`,
		columns*gridStep, rows*gridStep, columns*gridStep, rows*gridStep)
	fmt.Fprintf(&b, `<g fill="none" stroke-linecap="round"><path stroke="#e3e8e6" stroke-width="%d" d="%s"/>`, gridStep, dots(land, 1))
	for _, style := range reachStyles {
		fmt.Fprintf(&b, `<path stroke="%s" stroke-width="%s" d="%s"/>`, style.colour, style.width, marks[style.reach])
	}
	return b.String() + "</g></svg>"
}

// reachWords are the words of the list for the reaches.
var reachWords = map[directory.Reach]string{directory.Served: "catchment", directory.InReach: "radius", directory.Nobody: "none"}

// coverageCSV lists all postcodes and how they are served.
func (s *Server) coverageCSV(w http.ResponseWriter, r *http.Request) error {
	c, err := s.coverageOf(r)
	if err != nil {
		return err
	}
	var b strings.Builder
	out := csv.NewWriter(&b)
	if err := out.Write([]string{"topic", "postcode", "place", "district", "state", "served_by"}); err != nil {
		return err
	}
	for _, p := range c.Postcodes {
		if err := out.Write([]string{c.Topic, p.Postcode, p.Name, p.District, p.State, reachWords[p.Reach]}); err != nil {
			return err
		}
	}
	out.Flush()
	w.Header().Set("Content-Disposition", `attachment; filename="abdeckung-`+c.Topic+`.csv"`)
	s.write(w, r, http.StatusOK, "text/csv; charset=utf-8; header=present", []byte(b.String()))
	return nil
}
