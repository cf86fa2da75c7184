package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"lotse/chat"
	"lotse/finder"
	"lotse/internal/fault"
)

// Finder knows the rules of social benefits; *finder.Rules is one.
type Finder interface {
	Evaluate(in finder.Request) (finder.Result, error)
	Fields(in finder.Request, question string) ([]finder.Field, error)
	Questions() []finder.Question
	Benefits() []finder.Benefit
	Place(postcode string) (finder.Place, bool)
	Light(from, to string) ([]byte, error)
}

// aboutPeople is the question that is asked by the form of people.
const aboutPeople = "household"

// finderAhead is how many days before and after today the page gets rules for:
// a page stays open overnight, and the rules look two years ahead.
const finderAhead = 3 * 366

// finderView is every page of the finder. The steps are parts of one page, for
// they have one address: what people answer stands in none.
type finderView struct {
	Step     string // intro, people, question, check or result
	Answers  string // sealed, empty at the beginning
	Lost     bool   // the sealed answers could not be opened
	Return   bool   // the person came from the list of answers
	Date     string // of the law
	Number   int    // of the question
	Total    int    // questions that matter, as far as known
	Errors   map[string]string
	People   []personRow
	Full     bool // no more people fit in
	Question questionView
	Check    []checkRow
	Result   *resultView
	Lines    string // of the beginning: whether somebody is there, by topic, as JSON
}

// questionView is one question with what it asks of whom.
type questionView struct {
	ID, Title, Help string
	Sensitive       bool
	Numbers         bool // some answer is a number
	None            bool // all of it may be none, at one go
	Groups          []fieldGroup
}

// today is the date in Germany.
func (s *Server) today() string { return time.Now().In(s.zone).Format(time.DateOnly) }

// finderPage is the beginning: what the finder does, what happens to the
// answers, and the button.
func (s *Server) finderPage(w http.ResponseWriter, r *http.Request) error {
	if s.finder == nil {
		return fault.New(fault.NotFound, "not_found")
	}
	return s.render(w, r, http.StatusOK, "leistungen", finderView{Step: "intro", Date: s.today(), Lines: s.lines(r)})
}

// lines says for the topic of each benefit whether somebody is there, so that the
// page need not ask once it knows answers.
func (s *Server) lines(r *http.Request) string {
	lines := map[string]chat.Availability{}
	for _, b := range s.finder.Benefits() {
		lines[b.Topic] = s.line(r.Context(), s.finderAsk(r, b.Topic))
	}
	return string(encode(lines))
}

// finderAsk is the ask for a topic in the language of the page, or in one that
// somebody answers in.
func (s *Server) finderAsk(r *http.Request, topic string) Ask {
	return Ask{Topic: topic, Language: s.answering(r.Context(), langOf(r)).Language()}
}

// finderBundle is what the page needs to ask and to evaluate by itself.
type finderBundle struct {
	Today  string            `json:"today"`
	Topics map[string]string `json:"topics"` // of counselling for some benefit, by id
	Texts  map[string]string `json:"texts"`  // before the rules: so it compresses best
	Rules  json.RawMessage   `json:"rules"`
}

// finderBundles keeps the bundle of each language, compressed, for one day.
type finderBundles struct {
	mu   sync.Mutex
	day  string
	made map[Lang]bundleBytes
}

type bundleBytes struct{ plain, gz []byte }

// get returns the bundle, making it when the day or the language is new.
func (b *finderBundles) get(day string, lang Lang, build func() ([]byte, error)) (bundleBytes, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.day != day {
		b.day, b.made = day, map[Lang]bundleBytes{}
	}
	if found, ok := b.made[lang]; ok {
		return found, nil
	}
	plain, err := build()
	if err != nil {
		return bundleBytes{}, err
	}
	b.made[lang] = bundleBytes{plain, compress(plain, gzip.BestCompression)}
	return b.made[lang], nil
}

// finderData is the rules and their texts for the page's own evaluation, so
// that no answer has to leave the browser.
func (s *Server) finderData(w http.ResponseWriter, r *http.Request) error {
	if s.finder == nil {
		return fault.New(fault.NotFound, "not_found")
	}
	lang, day := langOf(r), s.today()
	bundle, err := s.finderBundles.get(day, lang, func() ([]byte, error) { return s.makeFinderBundle(r, day) })
	if err != nil {
		return err
	}
	body := bundle.plain
	w.Header().Add("Vary", "Accept-Encoding")
	if acceptsGzip(r) {
		body = bundle.gz
		w.Header().Set("Content-Encoding", "gzip")
	}
	s.write(w, r, http.StatusOK, "application/json", body)
	return nil
}

func (s *Server) makeFinderBundle(r *http.Request, day string) ([]byte, error) {
	today, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return nil, err
	}
	until := today.AddDate(0, 0, finderAhead).Format(time.DateOnly)
	rules, err := s.finder.Light(today.AddDate(0, 0, -1).Format(time.DateOnly), until)
	if err != nil {
		return nil, fmt.Errorf("export the finder's rules: %w", err)
	}
	topics := map[string]string{}
	for _, b := range s.finder.Benefits() {
		topics[b.Topic] = s.topicLabel(b.Topic, string(langOf(r)))
	}
	var out bytes.Buffer
	plain := json.NewEncoder(&out)
	plain.SetEscapeHTML(false) // it is read as JSON and never part of a page, and counts in bytes
	err = plain.Encode(finderBundle{Today: day, Rules: rules, Texts: s.texts.ruleTexts(langOf(r)), Topics: topics})
	return out.Bytes(), err
}
