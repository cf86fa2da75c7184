package directory

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"lotse/internal/store"
)

// Found is what the last import of a feed said about a centre. It holds codes and
// nothing of the row itself: an id of a source can be an address.
type Found struct {
	CentreID string
	Feed     string
	Outcome  Outcome
	Codes    []string
}

// remember keeps what a row was found to be until the file is read. A centre may
// have several rows; the worst outcome stands.
func (r *run) remember(centreID string, f Finding) {
	if centreID == "" {
		return
	}
	have := r.found[centreID]
	if have == nil {
		r.found[centreID] = &Found{centreID, r.feed.Name, f.Outcome, slices.Clone(f.Codes)}
		return
	}
	if severity[f.Outcome] > severity[have.Outcome] {
		have.Outcome = f.Outcome
	}
	for _, code := range f.Codes {
		if !slices.Contains(have.Codes, code) {
			have.Codes = append(have.Codes, code)
		}
	}
}

var severity = map[Outcome]int{Imported: 0, Repaired: 1, Rejected: 2}

// centreOf is the id that a row's centre has, or would have.
func (r *run) centreOf(source, id string) string {
	if source == "" || id == "" {
		return ""
	}
	return numbering{keep: r.feed.Name == "hsds"}.id(KindCentre, Record{Source: source, SourceID: id})
}

// saveFound replaces what an earlier import of this feed said about the centres
// that the file has.
func (r *run) saveFound() error {
	rows, err := r.tx.Query(r.ctx, `SELECT centre_id FROM directory_finding WHERE feed = $1`, r.feed.Name)
	stored, err := store.Collect(rows, err, store.Value[string])
	if err != nil {
		return fmt.Errorf("read findings: %w", err)
	}
	for _, id := range stored {
		if r.found[id] == nil {
			continue
		}
		if _, err := r.tx.Exec(r.ctx, `DELETE FROM directory_finding WHERE feed = $1 AND centre_id = $2`, r.feed.Name, id); err != nil {
			return fmt.Errorf("drop findings: %w", err)
		}
	}
	var worth []*Found
	for _, f := range r.found {
		if len(f.Codes) > 0 {
			worth = append(worth, f)
		}
	}
	for batch := range slices.Chunk(worth, 100) {
		if err := r.insertFound(batch); err != nil {
			return fmt.Errorf("save findings: %w", err)
		}
	}
	return nil
}

func (r *run) insertFound(batch []*Found) error {
	var marks []string
	var args []any
	for i, f := range batch {
		marks = append(marks, fmt.Sprintf("($%d, $%d, $%d, $%d, $%d)", 5*i+1, 5*i+2, 5*i+3, 5*i+4, 5*i+5))
		args = append(args, f.CentreID, f.Feed, string(f.Outcome), strings.Join(f.Codes, ","), r.tx.Now)
	}
	_, err := r.tx.Exec(r.ctx, `INSERT INTO directory_finding (centre_id, feed, outcome, codes, made_at) VALUES `+strings.Join(marks, ", "), args...)
	return err
}

// Findings returns what the last imports said about the centres with these ids, in
// the order of the ids.
func (s *Service) Findings(ctx context.Context, ids []string) ([]Found, error) {
	var all []Found
	for batch := range slices.Chunk(slices.Sorted(slices.Values(ids)), chunk) {
		marks, args := make([]string, len(batch)), make([]any, len(batch))
		for i, id := range batch {
			marks[i], args[i] = fmt.Sprintf("$%d", i+1), id
		}
		rows, err := s.DB.Query(ctx, `SELECT centre_id, feed, outcome, codes FROM directory_finding
			WHERE centre_id IN (`+strings.Join(marks, ", ")+`) ORDER BY centre_id, feed`, args...)
		found, err := store.Collect(rows, err, scanFound)
		if err != nil {
			return nil, fmt.Errorf("read findings: %w", err)
		}
		all = append(all, found...)
	}
	return all, nil
}

func scanFound(rows *sql.Rows) (f Found, err error) {
	var codes string
	err = rows.Scan(&f.CentreID, &f.Feed, &f.Outcome, &codes)
	f.Codes = strings.Split(codes, ",")
	return f, err
}
