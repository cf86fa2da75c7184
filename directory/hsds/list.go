package hsds

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"lotse/directory"
	"lotse/internal/fault"
)

// Directory is what the lists are read from; [directory.Service] is one.
type Directory interface {
	Listed(directory.Selection) []*directory.Centre
	Public(context.Context, []*directory.Centre) iter.Seq2[*directory.Entry, error]
}

// View is how much of an object a list has.
type View string

// The views of the specification: minimal is for whoever only looks for what has
// changed, full has everything that belongs to the object.
const (
	Minimal View = "minimal"
	Listing View = ""
	Full    View = "full"
)

// Lists are the lists of HSDS objects of a directory.
type Lists struct {
	Directory Directory
	Label     Labels
}

// Kind is a kind of objects that there is a list of.
type Kind struct {
	name   string
	centre func(*directory.Centre) string // the id of the object that a centre belongs to
	entry  func(*directory.Entry) string
	object func([]*directory.Entry, View, Labels) Object // of all its entries
}

// The kinds of lists, by the names in the paths of the specification.
var (
	Services = Kind{"services", func(c *directory.Centre) string { return c.OfferID },
		func(e *directory.Entry) string { return e.Offer.ID }, serviceView}
	AtLocations = Kind{"service_at_locations", func(c *directory.Centre) string { return c.ID },
		func(e *directory.Entry) string { return e.Venue.ID }, atLocationView}
	Organizations = Kind{"organizations", func(c *directory.Centre) string { return c.ProviderID },
		func(e *directory.Entry) string { return e.Provider.ID }, organizationView}
)

// Stream yields all objects that have a centre which the selection wants, in the
// order of their ids. Memory stays flat.
func (l Lists) Stream(ctx context.Context, k Kind, chosen directory.Selection, v View) iter.Seq2[Object, error] {
	return l.objects(ctx, k, k.sorted(l.Directory.Listed(chosen)), v)
}

// sorted are the centres that belong to an object, those of one object together.
func (k Kind) sorted(centres []*directory.Centre) []*directory.Centre {
	list := slices.DeleteFunc(slices.Clone(centres), func(c *directory.Centre) bool { return k.centre(c) == "" })
	slices.SortStableFunc(list, func(a, b *directory.Centre) int { return cmp.Compare(k.centre(a), k.centre(b)) })
	return list
}

func (l Lists) objects(ctx context.Context, k Kind, centres []*directory.Centre, v View) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		var group []*directory.Entry
		for e, err := range l.Directory.Public(ctx, centres) {
			if err != nil {
				yield(nil, err)
				return
			}
			if len(group) > 0 && k.entry(group[0]) != k.entry(e) {
				if !yield(k.object(group, v, l.Label), nil) {
					return
				}
				group = nil
			}
			group = append(group, e)
		}
		if len(group) > 0 {
			yield(k.object(group, v, l.Label), nil)
		}
	}
}

// Page is one page of a list (HSDS 3.0, Page).
type Page struct {
	TotalItems int      `json:"total_items"`
	TotalPages int      `json:"total_pages"`
	PageNumber int      `json:"page_number"` // from 1
	Size       int      `json:"size"`        // of this page
	FirstPage  bool     `json:"first_page"`
	LastPage   bool     `json:"last_page"`
	Empty      bool     `json:"empty"`
	Contents   []Object `json:"contents"`
}

// Page returns one page of what Stream yields; pages count from 1. A page beyond
// the last one is empty.
func (l Lists) Page(ctx context.Context, k Kind, chosen directory.Selection, v View, page, perPage int) (Page, error) {
	centres := k.sorted(l.Directory.Listed(chosen))
	var starts []int // where each object's centres begin
	for i, c := range centres {
		if i == 0 || k.centre(centres[i-1]) != k.centre(c) {
			starts = append(starts, i)
		}
	}
	total := len(starts)
	starts = append(starts, len(centres))
	p, from, to := paged(total, page, perPage)
	for o, err := range l.objects(ctx, k, centres[starts[from]:starts[to]], v) {
		if err != nil {
			return Page{}, err
		}
		p.Contents = append(p.Contents, o)
	}
	return p, nil
}

// PageOf returns one page of objects that are all at hand.
func PageOf(all []Object, page, perPage int) Page {
	p, from, to := paged(len(all), page, perPage)
	p.Contents = append(p.Contents, all[from:to]...)
	return p
}

// Lines yields objects that are all at hand, as Stream does.
func Lines(all []Object) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		for _, o := range all {
			if !yield(o, nil) {
				return
			}
		}
	}
}

// Searched are the objects whose name, description or code has all the words.
func Searched(all []Object, words string) []Object {
	return slices.DeleteFunc(slices.Clone(all), func(o Object) bool {
		text := strings.ToLower(fmt.Sprint(o["name"], " ", o["description"], " ", o["code"]))
		return slices.ContainsFunc(strings.Fields(strings.ToLower(words)), func(word string) bool { return !strings.Contains(text, word) })
	})
}

// paged works out one page of total things.
func paged(total, page, perPage int) (p Page, from, to int) {
	page, perPage = max(page, 1), max(perPage, 1)
	pages := (total-1)/perPage + 1
	if total == 0 {
		pages = 0
	}
	from = total
	if page <= pages {
		from = (page - 1) * perPage
	}
	to = min(from+perPage, total)
	return Page{TotalItems: total, TotalPages: pages, PageNumber: page, Size: to - from, FirstPage: page == 1,
		LastPage: page >= pages, Empty: to == from, Contents: []Object{}}, from, to
}

// One returns the object with the id, in full, or [fault.NotFound].
func (l Lists) One(ctx context.Context, k Kind, id string) (Object, error) {
	var centres []*directory.Centre
	for _, c := range l.Directory.Listed(directory.Selection{}) {
		if id != "" && k.centre(c) == id {
			centres = append(centres, c)
		}
	}
	for o, err := range l.objects(ctx, k, centres, Full) {
		return o, err
	}
	return nil, fault.New(fault.NotFound, "centre_unknown")
}
