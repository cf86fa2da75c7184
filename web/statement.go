package web

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

//go:embed statement.json
var statementJSON []byte

// Statement is the accessibility statement as data. The page shows it in
// words; the JSON twin serves those who collect statements.
type Statement struct {
	Status       string       `json:"status"`   // full, partial, none
	Standard     []string     `json:"standard"` // what was tested against
	Method       string       `json:"method"`   // self, external
	Prepared     date         `json:"prepared"`
	Reviewed     date         `json:"reviewed"`
	Known        []Barrier    `json:"known"`
	AnswerDays   int          `json:"answer_days"`
	Conciliation Conciliation `json:"conciliation"`
}

// date is a day, in JSON as 2006-01-02.
type date struct{ time.Time }

// MarshalJSON writes a day.
func (d date) MarshalJSON() ([]byte, error) { return d.AppendFormat(nil, `"`+time.DateOnly+`"`), nil }

// UnmarshalJSON reads a day.
func (d *date) UnmarshalJSON(b []byte) error {
	t, err := time.Parse(time.DateOnly, string(bytes.Trim(b, `"`)))
	d.Time = t
	return err
}

// Barrier is a part that is not accessible yet. Its reason and alternative are
// the texts public.statement.barrier.<key>.*.
type Barrier struct {
	Key    string `json:"key"`
	Clause string `json:"clause"` // of EN 301 549
}

// Conciliation is whom to turn to when an answer does not help (§ 16 BGG).
type Conciliation struct {
	Name  string `json:"name"`
	URL   string `json:"url"`
	Email string `json:"email"`
}

// statementTwin is the JSON form of the statement.
type statementTwin struct {
	Statement
	Operator string            `json:"operator"`
	Language Lang              `json:"language"`
	Page     string            `json:"page"`
	Feedback string            `json:"feedback"`
	Barriers map[string]string `json:"barriers"` // key → text
}

// loadStatement reads the data file.
func loadStatement() (st Statement, err error) {
	if err = json.Unmarshal(statementJSON, &st); err != nil {
		err = fmt.Errorf("statement.json: %w", err)
	}
	return st, err
}

// statementPage is the accessibility statement.
func (s *Server) statementPage(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, http.StatusOK, "barrierefreiheit", s.statement)
}

// statementData is the statement for machines.
func (s *Server) statementData(w http.ResponseWriter, r *http.Request) error {
	lang := langOf(r)
	twin := statementTwin{
		Statement: s.statement, Operator: s.operator.Name, Language: lang, Barriers: map[string]string{},
		Page: s.origin + "/" + string(lang) + "/barrierefreiheit", Feedback: s.origin + "/" + string(lang) + "/feedback",
	}
	for _, b := range s.statement.Known {
		text, err := s.texts.text(voice{lang: lang}, "public.statement.barrier."+b.Key+".text")
		if err != nil {
			return err
		}
		twin.Barriers[b.Key] = text
	}
	return s.json(w, r, http.StatusOK, twin)
}
