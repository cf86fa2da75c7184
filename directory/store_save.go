package directory

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"lotse/internal/store"
)

// part is one record of an entry on its way into the database.
type part struct {
	kind    Kind
	record  *Record
	facts   any               // the struct that holds record
	blank   any               // a new struct of the same type
	derived map[string]string // JSON names of facts that were worked out → how
	links   []link
	areas   bool // a catchment is stated; its rows are written apart
}

// link is a column beside the facts.
type link struct {
	column string
	value  any
	once   bool   // set when the row is made and left alone afterwards
	fact   string // the fact that the column repeats for the database to join; empty: none
}

// now returns the value of the column when the facts are f.
func (l link) now(f facts) any {
	if l.fact == "" {
		return l.value
	}
	var id sql.NullString
	if text, ok := f[l.fact]; ok {
		id.Valid = json.Unmarshal(text, &id.String) == nil
	}
	return id
}

// parts lists the records of an entry in the order in which they refer to each
// other.
func (e *Entry) parts(d derivations) []part {
	provider := sql.NullString{String: e.Offer.ProviderID, Valid: e.Offer.ProviderID != ""}
	all := []part{
		{KindOffer, &e.Offer.Record, &e.Offer, &Offer{}, d[KindOffer], []link{{"provider_id", provider, false, "provider_id"}}, false},
		{KindLocation, &e.Location.Record, &e.Location, &Location{}, d[KindLocation], nil, false},
		{KindCentre, &e.Venue.Record, &e.Venue, &Venue{}, d[KindCentre], []link{
			{"offer_id", e.Venue.OfferID, false, ""}, {"location_id", e.Venue.LocationID, false, ""}, {"state", e.Venue.State, true, ""}}, len(e.Venue.Areas) > 0},
	}
	if e.Provider.ID != "" {
		all = append([]part{{KindProvider, &e.Provider.Record, &e.Provider, &Provider{}, nil, nil, false}}, all...)
	}
	return all
}

// derivations name the facts that were worked out, by kind of record.
type derivations map[Kind]map[string]string

// outcome is what saving a record did.
type outcome struct {
	created bool
	changes []Change
}

// savePart writes one record on behalf of a feed or a person (ByHand) and notes
// what changed and who did it. A record that says nothing new is not touched.
func savePart(ctx context.Context, tx *store.Tx, p part, by, author string) (outcome, error) {
	said, err := factsOf(p.facts)
	if err != nil {
		return outcome{}, err
	}
	have, err := readStored(ctx, tx, p)
	if errors.Is(err, sql.ErrNoRows) {
		origins := firstOrigins(said, by, p.derived, tx.Now)
		if p.areas {
			origins[areasFact] = Origin{By: by, At: tx.Now}
		}
		return outcome{created: true}, insertPart(ctx, tx, p, said, origins)
	}
	if err != nil {
		return outcome{}, err
	}
	now, origins, changes := merge(have.facts, said, have.origins, by, p.derived, tx.Now)
	if p.kind == KindLocation {
		changes = concealFacts(now, origins, changes)
	}
	if len(changes) == 0 && len(origins) == len(have.origins) && have.linked {
		return outcome{}, nil
	}
	for i := range changes {
		changes[i].Kind, changes[i].RecordID = p.kind, p.record.ID
	}
	return outcome{changes: changes}, updatePart(ctx, tx, p, now, origins, changes, author, have.linked)
}

// errForeignID says that another source has a record under the id.
var errForeignID = errors.New("the id belongs to a record of another source")

// checkOwner makes sure, before anything is written, that ids which a source
// brought along are its own to write to. An id that follows from source and
// source id needs no look.
func checkOwner(ctx context.Context, tx *store.Tx, parts []part) error {
	for _, p := range parts {
		if p.record.ID != p.record.SourceID {
			continue
		}
		var source string
		err := tx.QueryRow(ctx, fmt.Sprintf(`SELECT source FROM directory_%s WHERE id = $1`, p.kind), p.record.ID).Scan(&source)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("read %s %s: %w", p.kind, p.record.ID, err)
		}
		if err == nil && source != p.record.Source {
			return errForeignID
		}
	}
	return nil
}

// stored is what the database has of a record.
type stored struct {
	facts   facts
	origins Origins
	linked  bool // its links are already as they shall be
}

func readStored(ctx context.Context, tx *store.Tx, p part) (stored, error) {
	var s stored
	var r raw
	query := fmt.Sprintf(`SELECT facts, origins, %s FROM directory_%s WHERE id = $1`, linkedColumn(p.links), p.kind)
	args := []any{p.record.ID}
	for _, l := range p.links {
		if !l.once && l.fact == "" {
			args = append(args, l.value)
		}
	}
	err := tx.QueryRow(ctx, query, args...).Scan(&r.facts, &r.origins, &s.linked)
	if err != nil {
		return s, err
	}
	if err := r.into(p.blank, &s.origins); err != nil {
		return s, err
	}
	s.facts, err = factsOf(p.blank)
	return s, err
}

// linkedColumn is the condition under which no link has to be written.
func linkedColumn(links []link) string {
	var b strings.Builder
	b.WriteString("1 = 1")
	n := 1
	for _, l := range links {
		if !l.once && l.fact == "" {
			n++
			fmt.Fprintf(&b, " AND COALESCE(%s, '') = COALESCE($%d, '')", l.column, n)
		}
	}
	return b.String()
}

func insertPart(ctx context.Context, tx *store.Tx, p part, f facts, o Origins) error {
	columns := []string{"id", "source", "source_id", "facts", "origins", "updated_at"}
	args, err := row(p, f, o, tx.Now)
	if err != nil {
		return err
	}
	for _, l := range p.links {
		columns, args = append(columns, l.column), append(args, l.value)
	}
	marks := make([]string, len(args))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	_, err = tx.Exec(ctx, fmt.Sprintf(`INSERT INTO directory_%s (%s) VALUES (%s)`, p.kind, strings.Join(columns, ", "), strings.Join(marks, ", ")), args...)
	if err != nil {
		return fmt.Errorf("save %s %s: %w", p.kind, p.record.ID, err)
	}
	return nil
}

// row are the values every kind of record has.
func row(p part, f facts, o Origins, at time.Time) ([]any, error) {
	text, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	origins, err := json.Marshal(o)
	return []any{p.record.ID, p.record.Source, p.record.SourceID, string(text), string(origins), at}, err
}

func updatePart(ctx context.Context, tx *store.Tx, p part, f facts, o Origins, changes []Change, author string, linked bool) error {
	args, err := row(p, f, o, tx.Now)
	if err != nil {
		return err
	}
	set := []string{"source = $2", "source_id = $3", "facts = $4", "origins = $5"}
	if len(changes) > 0 || !linked {
		set = append(set, "updated_at = $6")
	} else {
		args = args[:5]
	}
	for _, l := range p.links {
		if !l.once {
			args = append(args, l.now(f))
			set = append(set, fmt.Sprintf("%s = $%d", l.column, len(args)))
		}
	}
	if _, err := tx.Exec(ctx, fmt.Sprintf(`UPDATE directory_%s SET %s WHERE id = $1`, p.kind, strings.Join(set, ", ")), args...); err != nil {
		return fmt.Errorf("save %s %s: %w", p.kind, p.record.ID, err)
	}
	if err := saveChanges(ctx, tx, changes, author); err != nil {
		return err
	}
	return touch(ctx, tx, p)
}

// touch carries the change of a part over to the centres that have it, so that
// whoever asks for what has changed since gets them.
func touch(ctx context.Context, tx *store.Tx, p part) error {
	where := map[Kind]string{
		KindOffer:    `offer_id = $1`,
		KindLocation: `location_id = $1`,
		KindProvider: `offer_id IN (SELECT id FROM directory_offer WHERE provider_id = $1)`,
	}[p.kind]
	if where == "" {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE directory_centre SET updated_at = $2 WHERE `+where, p.record.ID, tx.Now)
	return err
}

func saveChanges(ctx context.Context, tx *store.Tx, changes []Change, author string) error {
	for _, c := range changes {
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO directory_change (id, kind, record_id, field, before, after, author, made_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, id.String(), c.Kind, c.RecordID, c.Fact, c.Before, c.After, author, tx.Now)
		if err != nil {
			return fmt.Errorf("note change of %s %s: %w", c.Kind, c.RecordID, err)
		}
	}
	return nil
}
