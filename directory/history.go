package directory

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"lotse/internal/fault"
	"lotse/internal/store"
)

// Step is one change in the history of an entry.
type Step struct {
	Change
	ID     string
	Author string // an account, a feed, or who a caller of Edit named
	At     time.Time
	Latest bool // nothing newer touched the fact, so that it can be taken back
}

// maxHistory bounds how many steps a history tells.
const maxHistory = 500

// History tells what was changed in an entry since it was made, the newest first.
// That of a protected place is empty: it would hold the address.
func (s *Service) History(ctx context.Context, id string) ([]Step, error) {
	e, err := s.Entry(ctx, id)
	if err != nil {
		return nil, err
	}
	steps, err := readSteps(ctx, s.DB, e)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for i, step := range steps {
		key := string(step.Kind) + "." + step.Fact
		steps[i].Latest, seen[key] = !seen[key], true
	}
	return steps, nil
}

func readSteps(ctx context.Context, q store.Queryer, e *Entry) ([]Step, error) {
	rows, err := q.Query(ctx, `SELECT id, kind, record_id, field, before, after, author, made_at FROM directory_change
		WHERE kind = 'offer' AND record_id = $1 OR kind = 'location' AND record_id = $2 OR kind = 'centre' AND record_id = $3
		ORDER BY made_at DESC, id DESC LIMIT $4`, e.Offer.ID, e.Location.ID, e.Venue.ID, maxHistory)
	steps, err := store.Collect(rows, err, func(rows *sql.Rows) (s Step, err error) {
		err = rows.Scan(&s.ID, &s.Kind, &s.RecordID, &s.Fact, &s.Before, &s.After, &s.Author, &s.At)
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("read history of %s: %w", e.Venue.ID, err)
	}
	return steps, nil
}

// TakeBackIn undoes one change of an entry, as a part of the caller's transaction.
// The fact then follows its source again, if a person had changed it, and stands
// above it, if the source had.
//
// It returns [fault.NotFound] for a change that is not of the entry, and
// [fault.Conflict] when something newer touched the fact.
func (s *Service) TakeBackIn(ctx context.Context, tx *store.Tx, author, centreID, changeID string) error {
	e, err := s.EntryIn(ctx, tx, centreID)
	if err != nil {
		return err
	}
	steps, err := readSteps(ctx, tx, e)
	if err != nil {
		return err
	}
	step, err := latest(steps, changeID)
	if err != nil {
		return err
	}
	err = s.EditIn(ctx, tx, author, centreID, func(e *Entry) error { return e.put(step) })
	if err != nil || !byPerson(e, step) {
		return err
	}
	return followSource(ctx, tx, step)
}

// latest returns the step of a change that nothing newer has overtaken.
func latest(steps []Step, id string) (Step, error) {
	for i, step := range steps {
		if step.ID != id {
			continue
		}
		for _, newer := range steps[:i] {
			if newer.Kind == step.Kind && newer.Fact == step.Fact {
				return Step{}, fault.New(fault.Conflict, "change_overtaken")
			}
		}
		return step, nil
	}
	return Step{}, fault.New(fault.NotFound, "change_unknown")
}

// byPerson reports whether the fact is as a person has set it.
func byPerson(e *Entry, step Step) bool {
	for _, p := range e.parts(nil) {
		if p.kind == step.Kind {
			return p.record.Origins.Of(step.Fact).By == ByHand
		}
	}
	return false
}

// put gives a fact the value that it had before the step. [fault.Conflict]: it is
// not as the step left it.
func (e *Entry) put(step Step) error {
	if step.Kind == KindCentre && step.Fact == areasFact {
		return e.putAreas(step)
	}
	for _, p := range e.parts(nil) {
		if p.kind != step.Kind {
			continue
		}
		now, err := factsOf(p.facts)
		if err != nil {
			return err
		}
		if string(now[step.Fact]) != step.After {
			return fault.New(fault.Conflict, "change_overtaken")
		}
		return p.set(now, step.Fact, step.Before)
	}
	return fault.New(fault.NotFound, "change_unknown")
}

// putAreas is put for the catchment, which stands beside the facts.
func (e *Entry) putAreas(step Step) error {
	if areasText(e.Venue.Areas) != step.After {
		return fault.New(fault.Conflict, "change_overtaken")
	}
	e.Venue.Areas = nil
	if step.Before == "" {
		return nil
	}
	return json.Unmarshal([]byte(step.Before), &e.Venue.Areas)
}

// set writes one fact into the struct of the record; empty takes it away.
func (p part) set(now facts, fact, value string) error {
	// Emptied first: decoding into a list would mix its elements with the old ones.
	values := []string{zeroOf(string(now[fact]))}
	if value != "" {
		values = append(values, value)
	}
	for _, v := range values {
		if err := json.Unmarshal([]byte("{"+quoted(fact)+":"+v+"}"), p.facts); err != nil {
			return err
		}
	}
	return nil
}

func quoted(name string) string {
	text, err := json.Marshal(name)
	if err != nil {
		panic(err) // a string can always be written
	}
	return string(text)
}

// zeroOf is the empty value of the same kind as a JSON value.
func zeroOf(value string) string {
	switch {
	case value == "":
		return "null"
	case strings.HasPrefix(value, `"`):
		return `""`
	case value == "true", value == "false":
		return "false"
	case strings.HasPrefix(value, "["), strings.HasPrefix(value, "{"):
		return "null"
	}
	return "0"
}

// followSource makes a fact follow the record's source again.
func followSource(ctx context.Context, tx *store.Tx, step Step) error {
	table := map[Kind]string{KindOffer: "directory_offer", KindLocation: "directory_location", KindCentre: "directory_centre"}[step.Kind]
	var text string
	if err := tx.QueryRow(ctx, `SELECT origins FROM `+table+` WHERE id = $1`, step.RecordID).Scan(&text); err != nil {
		return fmt.Errorf("read origins: %w", err)
	}
	var origins Origins
	if err := json.Unmarshal([]byte(text), &origins); err != nil {
		return err
	}
	delete(origins, step.Fact)
	left, err := json.Marshal(origins)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE `+table+` SET origins = $2 WHERE id = $1`, step.RecordID, string(left))
	return err
}
