package directory

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"lotse/internal/store"
)

// mergers are the merged centres whose topics and catchment others have taken
// over. An import of one of these others states its own alone, and adds them.
type mergers struct {
	byCentre map[string][]string // centre kept → centres merged into it
	byOffer  map[string][]string // its offer, which it may share with others → the same
}

func readMergers(ctx context.Context, q store.Queryer) (mergers, error) {
	m := mergers{byCentre: map[string][]string{}, byOffer: map[string][]string{}}
	rows, err := q.Query(ctx, `SELECT k.id, k.offer_id, m.id FROM directory_centre m JOIN directory_centre k ON k.id = m.merged_into ORDER BY m.id`)
	_, err = store.Collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
		var kept, offer, merged string
		err := rows.Scan(&kept, &offer, &merged)
		m.byCentre[kept] = append(m.byCentre[kept], merged)
		m.byOffer[offer] = append(m.byOffer[offer], merged)
		return struct{}{}, err
	})
	if err != nil {
		return m, fmt.Errorf("read merged centres: %w", err)
	}
	return m, nil
}

// mergedAreas adds to the catchment of a centre those of the centres merged into it.
func (r *run) mergedAreas(id string, areas []Area) ([]Area, error) {
	all := slices.Clone(areas)
	for _, merged := range r.merged.byCentre[id] {
		theirs, err := centreAreas(r.ctx, r.tx, merged)
		if err != nil {
			return nil, err
		}
		all = append(all, theirs...)
	}
	return sortedAreas(all), nil
}

// mergedTopics adds to the topics of an offer those of the centres merged into
// its own.
func (r *run) mergedTopics(o *Offer) error {
	for _, merged := range r.merged.byOffer[o.ID] {
		e, err := readEntry(r.ctx, r.tx, merged)
		if err != nil || e == nil {
			return err
		}
		o.Topics = append(o.Topics, e.Offer.Topics...)
		slices.Sort(o.Topics)
		o.Topics = slices.Compact(o.Topics)
	}
	return nil
}
