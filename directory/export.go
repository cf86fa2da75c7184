package directory

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"lotse/internal/store"
)

// Selection says which of the entries that everybody may see are wanted. Empty
// fields want all; together they narrow down.
type Selection struct {
	Topic         string
	ProviderID    string
	OfferID       string
	Postcode      string   // only centres whose catchment has it, or that are nationwide
	Text          string   // words that must all occur in name, operator or place
	Licences      []string // only records under one of these
	ModifiedAfter time.Time
	Near          *Circle
}

// Circle is everything within a distance of a point.
type Circle struct{ Lat, Lon, Metres float64 }

// Listed returns the public centres that the selection wants, in the order of their
// offers' ids and then their own, which is stable while nothing changes.
func (s *Service) Listed(f Selection) []*Centre {
	all := s.public.Load()
	if all == nil {
		return nil
	}
	words := strings.Fields(fold(f.Text))
	var list []*Centre
	for _, c := range *all {
		if f.wants(c) && hasWords(c, words) {
			list = append(list, c)
		}
	}
	return list
}

func (f Selection) wants(c *Centre) bool {
	return (f.Topic == "" || c.Serves(f.Topic)) &&
		(f.ProviderID == "" || c.ProviderID == f.ProviderID) &&
		(f.OfferID == "" || c.OfferID == f.OfferID) &&
		(f.Postcode == "" || c.Nationwide || covers(c.Catchment, f.Postcode)) &&
		(len(f.Licences) == 0 || slices.Contains(f.Licences, c.Licence)) &&
		(f.ModifiedAfter.IsZero() || c.Updated.After(f.ModifiedAfter)) &&
		(f.Near == nil || f.Near.has(c))
}

func covers(ranges []Range, postcode string) bool {
	return slices.ContainsFunc(ranges, func(r Range) bool { return r.Contains(postcode) })
}

// has reports whether the centre lies in the circle. A protected place lies
// nowhere: asking with small circles must not find it.
func (n *Circle) has(c *Centre) bool {
	return c.Located() && c.Type != Protected && apartKM(onSphere(n.Lat, n.Lon), onSphere(c.Lat, c.Lon))*1000 <= n.Metres
}

func hasWords(c *Centre, words []string) bool {
	if len(words) == 0 {
		return true
	}
	text := fold(c.Name + " " + c.Operator + " " + c.City + " " + c.Postcode)
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

// byOffer is the order of Listed.
func byOffer(a, b *Centre) int {
	if n := strings.Compare(a.OfferID, b.OfferID); n != 0 {
		return n
	}
	return strings.Compare(a.ID, b.ID)
}

// Public streams what everybody may see of the entries with these centres, in
// their order. The address of a protected place is not in it. An entry that
// went away meanwhile is left out. Memory stays flat, and between two chunks no
// connection is held.
func (s *Service) Public(ctx context.Context, centres []*Centre) iter.Seq2[*Entry, error] {
	return func(yield func(*Entry, error) bool) {
		for size := firstChunk; len(centres) > 0; size = min(2*size, chunk) {
			batch := centres[:min(size, len(centres))]
			centres = centres[len(batch):]
			entries, err := readEntries(ctx, s.DB, batch)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, c := range batch {
				e := entries[c.ID]
				if e == nil || !e.Shown() {
					continue
				}
				e.conceal()
				e.veil()
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}

// firstChunk is how many entries are read first, so that a reader has something
// soon.
const firstChunk = 32

func readEntries(ctx context.Context, q store.Queryer, centres []*Centre) (map[string]*Entry, error) {
	byID := make(map[string]*Entry, len(centres))
	marks, ids := make([]string, len(centres)), make([]any, len(centres))
	for i, c := range centres {
		marks[i], ids[i] = fmt.Sprintf("$%d", i+1), c.ID
	}
	in := strings.Join(marks, ", ")
	rows, err := q.Query(ctx, `SELECT `+entryColumns+entryTables+` WHERE c.id IN (`+in+`)`, slices.Clone(ids)...)
	all, err := store.Collect(rows, err, newScanner().entry)
	if err != nil {
		return nil, fmt.Errorf("read entries: %w", err)
	}
	for _, e := range all {
		byID[e.Venue.ID] = e
	}
	return byID, readAreasWhere(ctx, q, `centre_id IN (`+in+`)`, ids, byID)
}
