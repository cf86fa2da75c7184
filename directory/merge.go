package directory

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"lotse/directory/duplicate"
	"lotse/internal/fault"
	"lotse/internal/store"
)

// Duplicates proposes pairs of centres that may be the same, the likeliest first,
// without those that a person has merged or found to be different.
func (s *Service) Duplicates(ctx context.Context) ([]duplicate.Pair, error) {
	var items []duplicate.Item
	for e, err := range Entries(ctx, s.DB, "") {
		if err != nil {
			return nil, err
		}
		if e.Shown() {
			items = append(items, e.compared())
		}
	}
	return s.NotDistinct(ctx, duplicate.Find(items, duplicate.Likely))
}

// NotDistinct returns the pairs without those that a person has found to be
// different.
func (s *Service) NotDistinct(ctx context.Context, pairs []duplicate.Pair) ([]duplicate.Pair, error) {
	different, err := readDistinct(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(pairs), func(p duplicate.Pair) bool { return different[[2]string{p.A, p.B}] }), nil
}

// compared is what of an entry is compared with others.
func (e *Entry) compared() duplicate.Item {
	c := e.Centre()
	i := duplicate.Item{ID: c.ID, Name: c.Name, Operator: c.Operator, Street: c.Street, Postcode: c.Postcode, City: c.City,
		Email: c.Email, URL: c.URL, Topics: c.Topics}
	for _, p := range c.Phones {
		if p.Type != "fax" {
			i.Phones = append(i.Phones, p.Number)
		}
	}
	return i
}

// Distinct notes that two centres are not the same, so that they are not
// proposed again. author is the account of who says so.
func (s *Service) Distinct(ctx context.Context, author, a, b string) error {
	return s.DB.Transact(ctx, func(tx *store.Tx) error { return s.DistinctIn(ctx, tx, author, a, b) })
}

// DistinctIn is Distinct as a part of the caller's transaction.
func (s *Service) DistinctIn(ctx context.Context, tx *store.Tx, author, a, b string) error {
	_, err := tx.Exec(ctx, `INSERT INTO directory_distinct (a, b, author, made_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT DO NOTHING`, min(a, b), max(a, b), author, tx.Now)
	return err
}

// byMerge is the origin of facts that a centre has from one merged into it. No
// import takes them away; one that states them itself replaces them, except for
// topics and catchment, to which it adds: see mergers.
const byMerge = "merge"

// Merge leads everybody who looks for the centre merged to the centre kept. What
// kept does not know it takes from merged: each empty fact, the topics and the
// catchment of both together. Undo needs the id returned.
//
// It returns [fault.NotFound] for a centre that is not there, and
// [fault.Conflict] when one of the two has been merged already, both are one, or
// only the merged one is protected: the kept one would go on showing an address.
func (s *Service) Merge(ctx context.Context, author, kept, merged string) (id string, err error) {
	err = s.DB.Transact(ctx, func(tx *store.Tx) error {
		id, err = s.MergeIn(ctx, tx, author, kept, merged, nil)
		return err
	})
	if err != nil {
		return "", err
	}
	return id, s.Announce(ctx)
}

// MergeIn is Merge as a part of the caller's transaction; whoever calls it calls
// Announce after the commit. choose may then take from the merged entry what the
// kept one says otherwise; Undo takes that back, too. It may be nil.
func (s *Service) MergeIn(ctx context.Context, tx *store.Tx, author, kept, merged string, choose func(kept, merged *Entry)) (string, error) {
	id, err := merging(ctx, tx, author, kept, merged)
	if err != nil || choose == nil {
		return id, err
	}
	other, err := s.EntryIn(ctx, tx, merged)
	if err != nil {
		return "", err
	}
	return id, s.EditIn(ctx, tx, byMerge+":"+id, kept, func(e *Entry) error {
		if e.Location.Type == Protected {
			other.Location.Type = Protected
			other.conceal()
		}
		choose(e, other)
		return nil
	})
}

func merging(ctx context.Context, tx *store.Tx, author, keptID, mergedID string) (string, error) {
	kept, merged, err := readPair(ctx, tx, keptID, mergedID)
	if err != nil {
		return "", err
	}
	id := uuid.Must(uuid.NewV7()).String()
	before, err := json.Marshal(kept.Venue.Areas)
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `INSERT INTO directory_merge (id, kept_id, merged_id, areas, author, made_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		id, keptID, mergedID, string(before), author, tx.Now)
	if err != nil {
		return "", fmt.Errorf("note merge: %w", err)
	}
	if err := fillFrom(ctx, tx, kept, merged, id); err != nil {
		return "", err
	}
	if err := setMergedInto(ctx, tx, mergedID, keptID); err != nil {
		return "", err
	}
	return id, raiseRevision(ctx, tx)
}

func readPair(ctx context.Context, tx *store.Tx, keptID, mergedID string) (kept, merged *Entry, err error) {
	if keptID == mergedID {
		return nil, nil, fault.New(fault.Conflict, "centre_merged")
	}
	if kept, err = readEntry(ctx, tx, keptID); err != nil {
		return nil, nil, err
	}
	if merged, err = readEntry(ctx, tx, mergedID); err != nil {
		return nil, nil, err
	}
	switch {
	case kept == nil || merged == nil:
		return nil, nil, fault.New(fault.NotFound, "centre_unknown")
	case kept.Venue.MergedInto != "" || merged.Venue.MergedInto != "":
		return nil, nil, fault.New(fault.Conflict, "centre_merged")
	case merged.Location.Type == Protected && kept.Location.Type != Protected:
		return nil, nil, fault.New(fault.Conflict, "centre_protected")
	}
	if kept.Location.Type == Protected {
		merged.Location.Type = Protected
		merged.conceal()
	}
	return kept, merged, nil
}

// fillFrom gives kept what only merged knows. The changes are written under the
// id of the merge, by which Undo finds them.
func fillFrom(ctx context.Context, tx *store.Tx, kept, merged *Entry, id string) error {
	ours, theirs := kept.parts(nil), merged.parts(nil)
	for _, p := range ours {
		i := slices.IndexFunc(theirs, func(other part) bool { return other.kind == p.kind })
		if i < 0 || p.kind == KindLocation && kept.Location.Type != merged.Location.Type {
			continue
		}
		if err := fillPart(ctx, tx, p, theirs[i], id); err != nil {
			return err
		}
	}
	areas := sortedAreas(append(slices.Clone(kept.Venue.Areas), merged.Venue.Areas...))
	_, err := saveAreas(ctx, tx, kept.Venue.ID, areas, byMerge+":"+id)
	return err
}

func fillPart(ctx context.Context, tx *store.Tx, p, other part, id string) error {
	have, err := readStored(ctx, tx, p)
	if err != nil {
		return err
	}
	theirs, err := factsOf(other.facts)
	if err != nil {
		return err
	}
	now, origins, changes := fill(have, theirs, Origin{By: byMerge, Of: id, At: tx.Now})
	if len(changes) == 0 {
		return nil
	}
	for i := range changes {
		changes[i].Kind, changes[i].RecordID = p.kind, p.record.ID
	}
	return updatePart(ctx, tx, p, now, origins, changes, byMerge+":"+id, true)
}

// fill adds the facts that are not there, and to the topics those of the other.
func fill(have stored, theirs facts, from Origin) (facts, Origins, []Change) {
	now, origins := joined(have.facts, nil), Origins{}
	maps.Copy(origins, have.origins)
	var changes []Change
	for name, theirs := range theirs {
		ours, there := now[name]
		next := theirs
		if there {
			if name != "topics" {
				continue
			}
			if next = bothLists(ours, theirs); string(next) == string(ours) {
				continue
			}
		}
		if name == "extra" || name == "licence" || name == "provider_id" {
			continue
		}
		now[name], origins[name] = next, from
		changes = append(changes, Change{Fact: name, Before: string(ours), After: string(next)})
	}
	return now, origins, changes
}

// bothLists joins two JSON lists of texts, sorted.
func bothLists(a, b json.RawMessage) json.RawMessage {
	var x, y []string
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return a
	}
	all := append(x, y...)
	slices.Sort(all)
	text, err := json.Marshal(slices.Compact(all))
	if err != nil {
		return a
	}
	return text
}

// MergeDone is a merge that has not been undone.
type MergeDone struct {
	ID, Kept, Merged, Author string
	At                       time.Time
}

// Merges lists the merges that can be undone, the newest first.
func (s *Service) Merges(ctx context.Context) ([]MergeDone, error) {
	rows, err := s.DB.Query(ctx, `SELECT id, kept_id, merged_id, author, made_at FROM directory_merge WHERE undone_at IS NULL ORDER BY made_at DESC, id DESC`)
	return store.Collect(rows, err, func(rows *sql.Rows) (m MergeDone, err error) {
		err = rows.Scan(&m.ID, &m.Kept, &m.Merged, &m.Author, &m.At)
		return m, err
	})
}

// Likeness tells how alike two entries are and what agrees; see package duplicate.
func Likeness(a, b *Entry) (score float64, agrees []string) {
	return duplicate.Score(a.compared(), b.compared()), duplicate.Agrees(a.compared(), b.compared())
}
