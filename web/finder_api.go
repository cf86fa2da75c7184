package web

import (
	_ "embed"
	"net/http"
	"time"

	"lotse/finder"
	"lotse/internal/fault"
)

// maxFinderBody bounds a request for evaluation, in bytes: twenty people with
// every fact fit several times.
const maxFinderBody = 64 << 10

//go:embed openapi.json
var openAPI []byte

// finderEvaluate says how every benefit stands for the household in the body.
// Nothing of it is kept or logged.
func (s *Server) finderEvaluate(w http.ResponseWriter, r *http.Request) error {
	if s.finder == nil {
		return fault.New(fault.NotFound, "not_found")
	}
	if err := s.limit(r, "finder_api", 600, 50*time.Millisecond); err != nil {
		return err
	}
	words, err := s.wordsFor(r)
	if err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxFinderBody)
	var in finder.Request
	if err := decode(r, &in); err != nil {
		return err
	}
	if in.Date == "" {
		in.Date = s.today()
	}
	result, err := s.finder.Evaluate(in)
	if err != nil {
		return err
	}
	if result.Bundles == nil {
		result.Bundles = []finder.BundleResult{}
	}
	return s.json(w, r, http.StatusOK, finderResultJSON{result, words.result(result)})
}

// finderResultJSON is the answer to POST /api/v1/finder/evaluate.
type finderResultJSON struct {
	finder.Result

	Texts map[string]string `json:"texts,omitempty"` // in the language asked for
}

// finderQuestionsJSON is the answer to GET /api/v1/finder/questions.
type finderQuestionsJSON struct {
	Date      string               `json:"date"`
	Questions []finderQuestionJSON `json:"questions"`
	Facts     []finder.Fact        `json:"facts"`
	Texts     map[string]string    `json:"texts,omitempty"` // in the language asked for
}

type finderQuestionJSON struct {
	ID        string   `json:"id"`
	Facts     []string `json:"facts"`
	Sensitive bool     `json:"sensitive,omitempty"`
}

// finderQuestions lists what may be asked, in the fixed order.
func (s *Server) finderQuestions(w http.ResponseWriter, r *http.Request) error {
	if s.finder == nil {
		return fault.New(fault.NotFound, "not_found")
	}
	answer := finderQuestionsJSON{Date: r.URL.Query().Get("date")}
	if answer.Date == "" {
		answer.Date = s.today()
	}
	if _, err := time.Parse(time.DateOnly, answer.Date); err != nil {
		return fault.InvalidInput(map[string]string{"date": "bad_date"})
	}
	words, err := s.wordsFor(r)
	if err != nil {
		return err
	}
	answer.Texts = words.questions(s.finder.Questions())
	for _, q := range s.finder.Questions() {
		short := finderQuestionJSON{ID: q.ID, Facts: []string{}, Sensitive: q.Sensitive}
		for _, f := range q.Facts {
			short.Facts = append(short.Facts, f.ID)
		}
		answer.Questions, answer.Facts = append(answer.Questions, short), append(answer.Facts, q.Facts...)
	}
	return s.json(w, r, http.StatusOK, answer)
}

// openAPIDocument describes the public API (OpenAPI 3.1).
func (s *Server) openAPIDocument(w http.ResponseWriter, r *http.Request) error {
	s.write(w, r, http.StatusOK, "application/json", openAPI)
	return nil
}
