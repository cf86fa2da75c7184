package web

import (
	"cmp"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"lotse/directory"
	"lotse/directory/hours"
	"lotse/internal/fault"
)

// topicJSON is a topic that a person's words are about.
type topicJSON struct {
	ID     string   `json:"id"`
	Label  string   `json:"label"`
	Weight float64  `json:"weight"` // 0 to 1
	Why    []string `json:"why"`    // the words that led to it
	// Through is the topic whose broader one this is; it has no words of its own.
	Through string `json:"through,omitempty"`
}

// hoursJSON is when a centre is open. Times are RFC 3339, null when unknown.
type hoursJSON struct {
	State   string     `json:"state"` // open, closed, by_arrangement or unknown
	Until   *time.Time `json:"until"`
	Opens   *time.Time `json:"opens"`
	Comment string     `json:"comment,omitempty"`
}

// chatJSON is whether somebody of a centre can be written to now.
type chatJSON struct {
	State   string     `json:"state"` // free, queue, full or closed
	WaitMin [2]int     `json:"wait_min"`
	OpensAt *time.Time `json:"opens_at"`
}

// slotJSON is the next free appointment as the centre has stated it. Nobody has asked
// a calendar for it.
type slotJSON struct {
	Date   string  `json:"date"`    // 2006-01-02
	Time   *string `json:"time"`    // 15:04 in the zone of the server; null: some time on that day
	WalkIn bool    `json:"walk_in"` // no appointment is needed then
	Stated string  `json:"stated"`  // the day on which the centre said so
}

// centreJSON is a centre in a list of the API.
type centreJSON struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Place      string     `json:"place"`
	Topics     []string   `json:"topics"`
	Tier       string     `json:"tier"`
	DistanceKM *float64   `json:"distance_km"` // null when unknown
	Open       *bool      `json:"open"`        // null when the hours are not known, or by arrangement
	Hours      *hoursJSON `json:"hours"`
	Chat       *chatJSON  `json:"chat"`      // null: it has none
	NextSlot   *slotJSON  `json:"next_slot"` // null: none is known
	Why        []string   `json:"why"`       // topics of the query that it works on; "related"; "name"
}

// centresJSON is the answer to GET /api/v1/centres.
type centresJSON struct {
	Topics    []topicJSON  `json:"topics"`
	Crisis    bool         `json:"crisis"` // show where help is before anything else
	Place     string       `json:"place"`
	Results   []centreJSON `json:"results"`
	Total     int          `json:"total"`
	WhiteSpot bool         `json:"white_spot"`
	Unclear   bool         `json:"unclear"` // the words meant nothing to the search
}

// One network may look for centres this often, and as often for what continues the
// words that are being typed: enough for a school class behind one address, too little
// for a copy of the directory, which /hsds gives away whole.
const (
	lookBurst = 300
	lookEvery = 100 * time.Millisecond
)

// lookLimit counts one look at centres.
func (s *Server) lookLimit(r *http.Request) error {
	return s.limit(r, "centres", lookBurst, lookEvery)
}

// centresAPI answers q, postcode, topic, without, language, the filters of the
// page and limit (1 to 100, default 20). language is the one of the labels and of
// the person's words; who has to speak it is asked by speaks.
func (s *Server) centresAPI(w http.ResponseWriter, r *http.Request) error {
	if err := s.lookLimit(r); err != nil {
		return err
	}
	values := r.URL.Query()
	limit, err := limitOf(values, directory.MaxResults)
	if err != nil {
		return err
	}
	lang := labelLanguage(r)
	ask := readCentreAsk(values, lang, limit)
	found, err := s.directory.Find(r.Context(), ask.Query)
	if err != nil {
		return err
	}
	if ask.named() && len(found.Place.Postcodes) == 0 {
		return fault.InvalidInput(map[string]string{"postcode": "place_unknown"})
	}
	answer := centresJSON{
		Topics: s.topicsJSON(found.Topics, lang), Crisis: found.Crisis, Place: found.Place.Name, Results: []centreJSON{},
		Total: found.Total, WhiteSpot: found.WhiteSpot, Unclear: found.Unclear,
	}
	now := time.Now().In(s.zone)
	for _, hit := range found.Results {
		answer.Results = append(answer.Results, toCentreJSON(hit, now))
	}
	return s.json(w, r, http.StatusOK, answer)
}

// limitOf reads the parameter limit; 0 stands for the default.
func limitOf(values url.Values, most int) (int, error) {
	text := values.Get("limit")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, fault.InvalidInput(map[string]string{"limit": "out_of_range"})
	}
	return n, nil
}

// labelLanguage is the language that names are wanted in: the parameter language,
// which may be one that no page is in, or that of the caller.
func labelLanguage(r *http.Request) Lang {
	if code := r.URL.Query().Get("language"); code != "" && len(code) <= 16 {
		return Lang(code)
	}
	return langOf(r)
}

func (s *Server) topicsJSON(found []directory.Match, lang Lang) []topicJSON {
	list := []topicJSON{}
	for _, m := range found {
		list = append(list, topicJSON{m.ID, s.topicLabel(m.ID, string(lang)), math.Round(m.Weight*100) / 100, m.Words(), m.Through})
	}
	return list
}

func toCentreJSON(hit directory.Hit, now time.Time) centreJSON {
	c := centreJSON{
		ID: hit.ID, Name: hit.Name, Place: cmp.Or(hit.City, hit.District), Topics: slices.Concat([]string{}, hit.Topics),
		Tier: string(hit.Tier), NextSlot: toSlotJSON(hit.NextSlot(now)), Why: whyFound(hit),
	}
	if hit.DistanceKM >= 0 {
		km := math.Round(hit.DistanceKM*10) / 10
		c.DistanceKM = &km
	}
	if open, known := hit.IsOpen(); known {
		c.Open = &open
	}
	if hit.Open.State != hours.Unknown {
		c.Hours = &hoursJSON{hit.Open.State.String(), instant(hit.Open.Until), instant(hit.Open.Opens), hit.Open.Comment}
	}
	if hit.Chat != nil {
		c.Chat = &chatJSON{hit.Chat.State, [2]int{hit.Chat.FromMin, hit.Chat.ToMin}, instant(hit.Chat.Opens)}
	}
	return c
}

// toSlotJSON is an appointment for JSON: null when there is none.
func toSlotJSON(slot *directory.Slot) *slotJSON {
	if slot == nil {
		return nil
	}
	told := &slotJSON{Date: slot.Day, WalkIn: slot.WalkIn, Stated: slot.Stated}
	if slot.Time != "" {
		told.Time = &slot.Time
	}
	return told
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

// instant is t for JSON: null when it is not known.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// topicsAPI answers GET /api/v1/topics: what the text q is about.
func (s *Server) topicsAPI(w http.ResponseWriter, r *http.Request) error {
	text := r.URL.Query().Get("q")
	if len(text) > directory.MaxText {
		return fault.InvalidInput(map[string]string{"q": "too_long"})
	}
	lang := labelLanguage(r)
	found, crisis := s.directory.TopicsIn(text, string(lang))
	return s.json(w, r, http.StatusOK, map[string]any{"topics": s.topicsJSON(found, lang), "crisis": crisis})
}

// suggestionJSON continues what a person types.
type suggestionJSON struct {
	Kind string `json:"kind"` // topic, place or centre
	ID   string `json:"id"`   // empty for a place of many postcodes
	Text string `json:"text"`
	More string `json:"more"` // the word that was meant, or where a centre is
}

// The number of suggestions.
const (
	suggestions     = 8
	suggestionsMost = 20
)

// suggestAPI answers GET /api/v1/suggest: q, language, limit (1 to 20, default 8)
// and kind (topic, place, centre; default all).
func (s *Server) suggestAPI(w http.ResponseWriter, r *http.Request) error {
	if err := s.limit(r, "suggest", lookBurst, lookEvery); err != nil {
		return err
	}
	values := r.URL.Query()
	limit, err := limitOf(values, suggestionsMost)
	if err != nil {
		return err
	}
	kind := values.Get("kind")
	if kind != "" && !slices.Contains([]string{"topic", "place", "centre"}, kind) {
		return fault.InvalidInput(map[string]string{"kind": "invalid_choice"})
	}
	if len(values.Get("q")) > directory.MaxText {
		return fault.InvalidInput(map[string]string{"q": "too_long"})
	}
	found := s.suggest(r, values.Get("q"), kind, cmp.Or(limit, suggestions))
	return s.json(w, r, http.StatusOK, map[string]any{"suggestions": found})
}

// suggest asks for more than is wanted where only one kind counts, since each
// kind gets a share of the whole.
func (s *Server) suggest(r *http.Request, text, kind string, limit int) []suggestionJSON {
	ask := limit
	if kind != "" {
		ask = limit * 4
	}
	list := []suggestionJSON{}
	for _, one := range s.directory.Suggest(r.Context(), text, string(labelLanguage(r)), ask) {
		if (kind == "" || one.Kind == kind) && len(list) < limit {
			list = append(list, suggestionJSON(one))
		}
	}
	return list
}
