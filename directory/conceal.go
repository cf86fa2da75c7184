package directory

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"lotse/internal/store"
)

// Conceal takes everything from a protected location that leads to its door:
// what is left is the Kreis and the Land. Every way into the database and out of
// it goes through here, so no table, backup, page or export holds the address.
// Other locations stay as they are.
func (l *Location) Conceal() {
	if l.Type != Protected {
		return
	}
	l.Name, l.Description, l.Street, l.Postcode, l.City = "", "", "", "", ""
	l.Point, l.Transport, l.URL, l.Extra = nil, "", "", nil
	l.SourceID = "" // sources have used the address as id
}

// conceal protects the whole entry: its texts lose every mention of the street,
// and what a source added beyond the model goes. It reports whether a text
// mentioned the address.
func (e *Entry) conceal() (mentioned bool) {
	if e.Location.Type != Protected {
		return false
	}
	street, point := e.Location.Street, e.Location.Postcode+" "+e.Location.City
	for _, text := range e.texts() {
		for _, secret := range []string{street, point} {
			if len(strings.TrimSpace(secret)) > 5 && strings.Contains(*text, secret) {
				*text = strings.ReplaceAll(*text, secret, "…")
				mentioned = true
			}
		}
	}
	e.Offer.Extra, e.Venue.Extra, e.Provider.Extra = nil, nil, nil
	e.Location.Conceal()
	return mentioned
}

// texts are the free words in which an address may hide.
func (e *Entry) texts() []*string {
	all := []*string{&e.Offer.Name, &e.Offer.Description, &e.Offer.Alert, &e.Offer.Application, &e.Offer.Eligibility,
		&e.Offer.Fees, &e.Offer.Kind, &e.Offer.Waiting, &e.Offer.Interpreter, &e.Venue.Hint, &e.Provider.Name, &e.Provider.Description}
	for i := range e.Offer.NextSteps {
		all = append(all, &e.Offer.NextSteps[i])
	}
	for i := range e.Offer.Documents {
		all = append(all, &e.Offer.Documents[i].Name)
	}
	for _, phones := range [][]Phone{e.Offer.Phones, e.Venue.Phones, e.Provider.Phones} {
		for i := range phones {
			all = append(all, &phones[i].Note)
		}
	}
	return all
}

// veil takes from a protected entry what is kept for the upkeep and for nobody
// else: mail, site and booking often name the house, and sources have used the
// address as id. It comes after conceal, in everything that leaves the server.
func (e *Entry) veil() {
	if e.Location.Type != Protected {
		return
	}
	e.Venue.Email, e.Venue.URL, e.Venue.Hint, e.Venue.Booking = "", "", "", ""
	e.Offer.Email, e.Offer.URL, e.Provider.Email, e.Provider.URL = "", "", "", ""
	for _, r := range []*Record{&e.Offer.Record, &e.Venue.Record, &e.Provider.Record} {
		if !strings.HasPrefix(r.SourceID, veiled) {
			r.SourceID = veiled + r.ID
		}
	}
}

// veiled begins an id of a source that stands for one that is kept back. It stays
// what it is wherever such an export comes in again.
const veiled = "~"

// addressFacts are the facts of a location that lead to its door.
var addressFacts = []string{"name", "description", "street", "postcode", "city", "point", "transport", "url", "extra"}

// concealFacts takes the address out of the facts of a location that is protected
// now, whoever stated it and whenever, and out of what is noted as changed.
func concealFacts(now facts, origins Origins, changes []Change) []Change {
	if string(now["type"]) != `"`+string(Protected)+`"` {
		return changes
	}
	for _, name := range addressFacts {
		delete(now, name)
		delete(origins, name)
	}
	clearBefore(changes)
	return slices.DeleteFunc(changes, func(c Change) bool { return c.After != "" && slices.Contains(addressFacts, c.Fact) })
}

// clearBefore forgets what a protected place's facts were, also in a report.
func clearBefore(changes []Change) {
	for i := range changes {
		changes[i].Before = ""
	}
}

// forgetHistory removes what was noted about an entry from when its place was not
// protected yet.
func forgetHistory(ctx context.Context, tx *store.Tx, e *Entry) error {
	_, err := tx.Exec(ctx, `DELETE FROM directory_change WHERE record_id IN ($1, $2, $3, $4)`, e.Offer.ID, e.Location.ID, e.Venue.ID, e.Provider.ID)
	return err
}

// Protect makes the place of the entry a protected one. The address goes, and the
// texts of the entry lose every mention of it.
func (e *Entry) Protect() {
	e.Location.Type = Protected
	e.conceal()
}

// protectBeside protects what holds the address of an entry that has just been
// protected as well: other offers at the same place, before is how it was, and the
// entries merged into this one.
func protectBeside(ctx context.Context, tx *store.Tx, e *Entry, before Location, author string) error {
	rows, err := tx.Query(ctx, `SELECT id FROM directory_centre WHERE id <> $1 AND (location_id = $2 OR merged_into = $1) ORDER BY id`, e.Venue.ID, e.Location.ID)
	ids, err := store.Collect(rows, err, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) })
	if err != nil {
		return fmt.Errorf("read what is beside %s: %w", e.Venue.ID, err)
	}
	for _, id := range ids {
		other, err := readEntry(ctx, tx, id)
		if err != nil || other == nil {
			return err
		}
		if other.Location.ID == before.ID {
			other.Location = before
		}
		other.Protect()
		if err := saveEdited(ctx, tx, other, author); err != nil {
			return err
		}
	}
	return nil
}

// readHidden returns the locations that a person has protected. Whatever a source
// goes on saying about them, their address is not taken in again.
func readHidden(ctx context.Context, q store.Queryer) (map[string]bool, error) {
	rows, err := q.Query(ctx, `SELECT id FROM directory_location WHERE facts LIKE '%"type":"protected"%' AND origins LIKE '%"type":{"by":"person"%'`)
	hidden := map[string]bool{}
	_, err = store.Collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
		var id string
		err := rows.Scan(&id)
		hidden[id] = true
		return struct{}{}, err
	})
	return hidden, err
}
