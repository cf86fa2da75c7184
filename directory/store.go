package directory

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	"lotse/internal/store"
)

// readRevision returns the number that every change raises.
func readRevision(ctx context.Context, q store.Queryer) (revision int64, err error) {
	err = q.QueryRow(ctx, `SELECT revision FROM directory_revision WHERE id = 1`).Scan(&revision)
	if err != nil {
		return 0, fmt.Errorf("read directory revision: %w", err)
	}
	return revision, nil
}

func raiseRevision(ctx context.Context, tx *store.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE directory_revision SET revision = revision + 1 WHERE id = 1`)
	return err
}

// entryColumns are an entry's four records in the order of scanner.entry.
const entryColumns = `
	c.id, c.source, c.source_id, c.offer_id, c.location_id, c.merged_into, c.state, c.facts, c.origins, c.updated_at,
	o.id, o.source, o.source_id, COALESCE(o.provider_id, ''), o.facts, o.origins, o.updated_at,
	l.id, l.source, l.source_id, l.facts, l.origins, l.updated_at,
	COALESCE(p.id, ''), COALESCE(p.source, ''), COALESCE(p.source_id, ''), COALESCE(p.facts, ''),
	COALESCE(p.origins, ''), p.updated_at`

const entryTables = `
	FROM directory_centre c
	JOIN directory_offer o ON o.id = c.offer_id
	JOIN directory_location l ON l.id = c.location_id
	LEFT JOIN directory_provider p ON p.id = o.provider_id`

// raw is a record's JSON columns.
type raw struct{ facts, origins string }

// into fills the record and its facts; an empty text fills nothing.
func (r raw) into(facts any, origins *Origins) error {
	if r.facts == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(r.facts), facts); err != nil {
		return fmt.Errorf("read facts: %w", err)
	}
	if r.origins == "" {
		return nil
	}
	return json.Unmarshal([]byte(r.origins), origins)
}

// scanner scans entries. Providers stand behind many of them and are read once.
type scanner struct{ providers map[string]Provider }

func newScanner() *scanner { return &scanner{providers: map[string]Provider{}} }

func (s *scanner) entry(rows *sql.Rows) (*Entry, error) {
	e := &Entry{}
	v, o, l, p := &e.Venue, &e.Offer, &e.Location, &e.Provider
	var rv, ro, rl, rp raw
	var touched sql.Null[time.Time]
	err := rows.Scan(&v.ID, &v.Source, &v.SourceID, &v.OfferID, &v.LocationID, &v.MergedInto, &v.State, &rv.facts, &rv.origins, &v.Updated,
		&o.ID, &o.Source, &o.SourceID, &o.ProviderID, &ro.facts, &ro.origins, &o.Updated,
		&l.ID, &l.Source, &l.SourceID, &rl.facts, &rl.origins, &l.Updated,
		&p.ID, &p.Source, &p.SourceID, &rp.facts, &rp.origins, &touched)
	if err != nil {
		return nil, err
	}
	p.Updated = touched.V
	if err := rv.into(v, &v.Origins); err != nil {
		return nil, err
	}
	if err := ro.into(o, &o.Origins); err != nil {
		return nil, err
	}
	if err := rl.into(l, &l.Origins); err != nil {
		return nil, err
	}
	if known, ok := s.providers[p.ID]; ok {
		e.Provider = known
		return e, nil
	}
	err = rp.into(p, &p.Origins)
	s.providers[p.ID] = *p
	return e, err
}

// chunk is how many entries one query brings. Between two chunks no connection
// is held, so a slow reader of an export holds up nobody.
const chunk = 500

// Entries iterates over the stored entries in the order of their centres' ids,
// those of every state included, beginning after the id given. Memory stays
// flat. An error ends the iteration.
func Entries(ctx context.Context, q store.Queryer, after string) iter.Seq2[*Entry, error] {
	return entriesWith(ctx, q, entryColumns, after)
}

// withoutOrigins are the columns for who only wants to know what, not who says so.
var withoutOrigins = strings.NewReplacer("c.origins", "''", "o.origins", "''", "l.origins", "''", "COALESCE(p.origins, '')", "''").Replace(entryColumns)

func entriesWith(ctx context.Context, q store.Queryer, columns, after string) iter.Seq2[*Entry, error] {
	return func(yield func(*Entry, error) bool) {
		scan := newScanner()
		for {
			batch, err := readChunk(ctx, q, columns, after, scan)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, e := range batch {
				if !yield(e, nil) {
					return
				}
				after = e.Venue.ID
			}
			if len(batch) < chunk {
				return
			}
		}
	}
}

func readChunk(ctx context.Context, q store.Queryer, columns, after string, scan *scanner) ([]*Entry, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+entryTables+` WHERE c.id > $1 ORDER BY c.id LIMIT $2`, after, chunk)
	batch, err := store.Collect(rows, err, scan.entry)
	if err != nil {
		return nil, fmt.Errorf("read entries: %w", err)
	}
	if len(batch) == 0 {
		return nil, nil
	}
	byID := make(map[string]*Entry, len(batch))
	for _, e := range batch {
		byID[e.Venue.ID] = e
	}
	return batch, readAreas(ctx, q, batch[0].Venue.ID, batch[len(batch)-1].Venue.ID, byID)
}

// readAreas adds the catchments of the centres with ids from first to last.
func readAreas(ctx context.Context, q store.Queryer, first, last string, byID map[string]*Entry) error {
	return readAreasWhere(ctx, q, `centre_id >= $1 AND centre_id <= $2`, []any{first, last}, byID)
}

func readAreasWhere(ctx context.Context, q store.Queryer, where string, args []any, byID map[string]*Entry) error {
	rows, err := q.Query(ctx, `SELECT centre_id, kind, low, high FROM directory_area WHERE `+where+`
		ORDER BY centre_id, kind, low, high`, args...)
	_, err = store.Collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
		var id string
		var a Area
		err := rows.Scan(&id, &a.Kind, &a.Low, &a.High)
		if e := byID[id]; e != nil {
			e.Venue.Areas = append(e.Venue.Areas, a)
		}
		return struct{}{}, err
	})
	if err != nil {
		return fmt.Errorf("read catchments: %w", err)
	}
	return nil
}

// readEntry returns the entry of a centre, or nil when there is none.
func readEntry(ctx context.Context, q store.Queryer, id string) (*Entry, error) {
	rows, err := q.Query(ctx, `SELECT `+entryColumns+entryTables+` WHERE c.id = $1`, id)
	found, err := store.Collect(rows, err, newScanner().entry)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	err = readAreas(ctx, q, id, id, map[string]*Entry{id: found[0]})
	return found[0], err
}

// readCentres returns all centres as everybody may see them, in id order, with
// their catchments in postcodes.
func readCentres(ctx context.Context, q store.Queryer, places *Places) ([]*Centre, error) {
	var centres []*Centre
	for e, err := range entriesWith(ctx, q, withoutOrigins, "") {
		if err != nil {
			return nil, err
		}
		c := e.Centre()
		c.Catchment, c.Nationwide = places.Ranges(c.Areas)
		if middle := places.districtPoint(c); middle != nil {
			c.Lat, c.Lon, c.Precision = middle.Lat, middle.Lon, middle.Precision
		}
		centres = append(centres, c)
	}
	return centres, nil
}

// Source is a data set that the directory holds records of.
type Source struct {
	Name, Licence string
	Imported      time.Time // the last time
}

// Sources lists the data sets, by name.
func (s *Service) Sources(ctx context.Context) ([]Source, error) {
	rows, err := s.DB.Query(ctx, `SELECT name, licence, imported_at FROM directory_source ORDER BY name`)
	return store.Collect(rows, err, func(rows *sql.Rows) (one Source, err error) {
		err = rows.Scan(&one.Name, &one.Licence, &one.Imported)
		return one, err
	})
}
