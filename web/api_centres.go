package web

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"lotse/directory"
	"lotse/internal/fault"
)

// matchJSON is a topic that a text is about.
type matchJSON struct {
	ID      string   `json:"id"`
	Label   string   `json:"label"`
	Weight  float64  `json:"weight"`
	Why     []string `json:"why"`               // the person's words that led to it
	Through string   `json:"through,omitempty"` // the found topic that it is a broader one of
}

// topicsJSON is the answer to GET /api/v1/topics.
type topicsJSON struct {
	Topics []matchJSON `json:"topics"`
	Crisis bool        `json:"crisis"` // show where help is before anything else
}

// centreJSON is a centre in a list of the API.
type centreJSON struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Place      string     `json:"place"`
	Topics     []string   `json:"topics"`
	Tier       string     `json:"tier"`
	DistanceKM *float64   `json:"distance_km"` // null when unknown
	Open       *bool      `json:"open"`        // null when its hours are not stated, or by arrangement
	Chat       string     `json:"chat,omitempty"`
	NextSlot   *time.Time `json:"next_slot"` // null when none is known
	Why        []string   `json:"why"`       // topics of the query that it works on; "related"; "name"
}

// centresJSON is the answer to GET /api/v1/centres.
type centresJSON struct {
	topicsJSON
	Place     string       `json:"place"` // where the search looked; empty when unknown
	Results   []centreJSON `json:"results"`
	Total     int          `json:"total"`
	WhiteSpot bool         `json:"white_spot"`
	Unclear   bool         `json:"unclear"` // nothing was understood; the results are for all kinds of worries
}

// topicsAPI answers q: what a text is about.
func (s *Server) topicsAPI(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query().Get("q")
	if len(q) > directory.MaxText {
		return fault.InvalidInput(map[string]string{"q": "too_long"})
	}
	topics, crisis := s.directory.TopicsIn(q, string(langOf(r)))
	return s.json(w, r, http.StatusOK, s.toTopicsJSON(r, topics, crisis))
}

// centresAPI answers q, topic, postcode, language (that counsellors speak) and
// limit (1 to 100, default 20).
func (s *Server) centresAPI(w http.ResponseWriter, r *http.Request) error {
	values := r.URL.Query()
	limit := 0
	if text := values.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > directory.MaxResults {
			return fault.InvalidInput(map[string]string{"limit": "out_of_range"})
		}
		limit = n
	}
	q := centreQuery(values, limit)
	q.Page, q.Filter.Language = string(langOf(r)), values.Get("language")
	a, err := s.directory.Find(r.Context(), q)
	if err != nil {
		return err
	}
	answer := centresJSON{topicsJSON: s.toTopicsJSON(r, a.Topics, a.Crisis), Place: a.Place.Name, Results: []centreJSON{},
		Total: a.Total, WhiteSpot: a.WhiteSpot, Unclear: a.Unclear}
	for _, hit := range a.Results {
		answer.Results = append(answer.Results, toCentreJSON(hit))
	}
	return s.json(w, r, http.StatusOK, answer)
}

func (s *Server) toTopicsJSON(r *http.Request, found []directory.Match, crisis bool) topicsJSON {
	t := topicsJSON{Topics: []matchJSON{}, Crisis: crisis}
	for _, m := range found {
		topic, _ := s.directory.Topic(m.ID)
		t.Topics = append(t.Topics, matchJSON{ID: m.ID, Label: topic.Label(string(langOf(r))), Weight: math.Round(100*m.Weight) / 100, Why: m.Words(), Through: m.Through})
	}
	return t
}

func toCentreJSON(hit directory.Hit) centreJSON {
	c := centreJSON{ID: hit.ID, Name: hit.Name, Place: hit.City, Topics: hit.Topics, Tier: string(hit.Tier), Why: whyFound(hit)}
	if c.Topics == nil {
		c.Topics = []string{}
	}
	if hit.DistanceKM >= 0 {
		c.DistanceKM = &hit.DistanceKM
	}
	if open, known := hit.IsOpen(); known {
		c.Open = &open
	}
	if hit.Chat != nil {
		c.Chat = hit.Chat.State
	}
	if !hit.NextSlot.IsZero() {
		c.NextSlot = &hit.NextSlot
	}
	return c
}

// whyFound names what a centre was found by.
func whyFound(hit directory.Hit) []string {
	why := append([]string{}, hit.Found...)
	if hit.Related {
		why = append(why, "related")
	}
	if hit.Named {
		why = append(why, "name")
	}
	return why
}
