package upkeep

import (
	"context"
	"database/sql"
	"slices"

	"lotse/directory"
	"lotse/directory/duplicate"
	"lotse/internal/fault"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// Twins are two entries that may be the same place.
type Twins struct {
	A, B   *directory.Entry
	Score  float64  // 0 to 1
	Agrees []string // see duplicate.Agrees
}

// Merged is a merge that can be undone.
type Merged struct {
	directory.MergeDone
	KeptName, MergedName string
}

// Twins lists the pairs of which the actor's provider keeps at least one and nobody
// else the other, the likeliest first, and the merges of its entries. Forbidden for
// who keeps nothing by role.
func (s *Service) Twins(ctx context.Context, actor staff.Actor) ([]Twins, []Merged, error) {
	if !may(actor, actor.Provider.String()) {
		return nil, nil, fault.New(fault.Forbidden, "role_missing")
	}
	keepers, err := s.keepers(ctx)
	if err != nil {
		return nil, nil, err
	}
	pairs, err := s.found(ctx)
	if err != nil {
		return nil, nil, err
	}
	var list []Twins
	for _, p := range pairs {
		if !settles(actor, keepers[p.A], keepers[p.B]) {
			continue
		}
		twins, err := s.twins(ctx, p.A, p.B)
		if err != nil {
			return nil, nil, err
		}
		list = append(list, twins)
	}
	merged, err := s.merges(ctx, actor, keepers)
	return list, merged, err
}

func (s *Service) twins(ctx context.Context, a, b string) (t Twins, err error) {
	if t.A, err = s.Directory.Entry(ctx, a); err != nil {
		return t, err
	}
	if t.B, err = s.Directory.Entry(ctx, b); err != nil {
		return t, err
	}
	t.Score, t.Agrees = directory.Likeness(t.A, t.B)
	return t, nil
}

// settles reports whether the actor decides about a pair.
func settles(actor staff.Actor, a, b string) bool {
	return may(actor, a) && (b == a || b == "") || may(actor, b) && a == ""
}

// keepers are the keepers by centre.
func (s *Service) keepers(ctx context.Context) (map[string]string, error) {
	keepers := map[string]string{}
	rows, err := s.DB.Query(ctx, `SELECT centre_id, keeper FROM upkeep_centre WHERE keeper <> ''`)
	_, err = store.Collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
		var id, keeper string
		err := rows.Scan(&id, &keeper)
		keepers[id] = keeper
		return struct{}{}, err
	})
	return keepers, err
}

// found are the pairs of the whole directory; they are worked out once for each of
// its revisions, and again when a person has said that two are different.
func (s *Service) found(ctx context.Context) ([]duplicate.Pair, error) {
	revision := s.Directory.Revision()
	if known := s.pairs.Load(); known != nil && known.revision == revision {
		return s.Directory.NotDistinct(ctx, known.pairs)
	}
	pairs, err := s.Directory.Duplicates(ctx)
	if err == nil {
		s.pairs.Store(&foundPairs{revision, pairs})
	}
	return pairs, err
}

func (s *Service) merges(ctx context.Context, actor staff.Actor, keepers map[string]string) ([]Merged, error) {
	all, err := s.Directory.Merges(ctx)
	if err != nil {
		return nil, err
	}
	var list []Merged
	for _, m := range all {
		if !settles(actor, keepers[m.Kept], keepers[m.Merged]) {
			continue
		}
		t, err := s.twins(ctx, m.Kept, m.Merged)
		if err != nil {
			return nil, err
		}
		list = append(list, Merged{m, t.A.Offer.Name, t.B.Offer.Name})
	}
	return list, nil
}

// pairIn makes sure that the actor decides about a pair.
func pairIn(ctx context.Context, tx *store.Tx, actor staff.Actor, a, b string) error {
	one, err := readCentre(ctx, tx, a)
	if err != nil {
		return err
	}
	two, err := readCentre(ctx, tx, b)
	if err == nil && !settles(actor, one.keeper, two.keeper) {
		err = fault.New(fault.NotFound, "centre_unknown")
	}
	return err
}

// Merge leads everybody who looks for the entry merged to the one kept, which takes
// over what it does not know, and of the fields named what merged says. Errors:
// NotFound for a pair that is not the actor's, Conflict (centre_merged,
// centre_protected), Forbidden (four_eyes) for naming fields where the provider wants
// two people for every change of what an entry says.
func (s *Service) Merge(ctx context.Context, actor staff.Actor, kept, merged string, fields []string) error {
	return s.settlePair(ctx, actor, kept, merged, "centre.merged", func(tx *store.Tx) error {
		if len(fields) > 0 {
			if err := single(ctx, tx, actor.Provider.String()); err != nil {
				return err
			}
		}
		_, err := s.Directory.MergeIn(ctx, tx, actor.Ref(), kept, merged, func(a, b *directory.Entry) { choose(a, b, fields) })
		return err
	})
}

// choose writes into an entry what another one says in some fields.
func choose(kept, merged *directory.Entry, fields []string) {
	ours, theirs := SheetOf(kept).Facts(), SheetOf(merged).Facts()
	for _, field := range fields {
		if value, ok := theirs[field]; ok && slices.Contains(Fields, field) {
			ours[field] = value
		}
	}
	if sheet, err := ours.sheet(); err == nil { // made of two sheets
		sheet.Put(kept)
	}
}

// Distinct notes that two entries are not the same. Errors: NotFound.
func (s *Service) Distinct(ctx context.Context, actor staff.Actor, a, b string) error {
	return s.settlePair(ctx, actor, a, b, "centre.distinct", func(tx *store.Tx) error {
		return s.Directory.DistinctIn(ctx, tx, actor.Ref(), a, b)
	})
}

// Part undoes a merge. Errors: NotFound for one that is not there, was undone or is
// not the actor's.
func (s *Service) Part(ctx context.Context, actor staff.Actor, mergeID string) error {
	all, err := s.Directory.Merges(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(m directory.MergeDone) bool { return m.ID == mergeID })
	if i < 0 {
		return fault.New(fault.NotFound, "merge_unknown")
	}
	return s.settlePair(ctx, actor, all[i].Kept, all[i].Merged, "centre.merge_undone", func(tx *store.Tx) error {
		return s.Directory.UndoIn(ctx, tx, actor.Ref(), mergeID)
	})
}

func (s *Service) settlePair(ctx context.Context, actor staff.Actor, a, b, action string, do func(*store.Tx) error) error {
	err := s.DB.Transact(ctx, func(tx *store.Tx) error {
		if err := pairIn(ctx, tx, actor, a, b); err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		return s.note(ctx, tx, actor.Ref(), actor.Provider.String(), action, a, "other", b)
	})
	if err != nil {
		return err
	}
	return s.Directory.Announce(ctx)
}

// single refuses what one person does alone where the provider wants two.
func single(ctx context.Context, q store.Queryer, keeper string) error {
	strict, err := fourEyes(ctx, q, keeper)
	if err == nil && strict {
		err = fault.New(fault.Forbidden, "four_eyes")
	}
	return err
}
