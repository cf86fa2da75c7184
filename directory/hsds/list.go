package hsds

import (
	"context"
	"iter"

	"lotse/directory"
)

// Directory is what the lists are read from; [directory.Service] is one.
type Directory interface {
	Listed(directory.Selection) []*directory.Centre
	Public(context.Context, []*directory.Centre) iter.Seq2[*directory.Entry, error]
}

// Services streams all services that the selection wants, each with its provider and
// those of its locations that the selection wants.
func Services(ctx context.Context, d Directory, f directory.Selection, label Labels) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		for group, err := range groups(ctx, d, d.Listed(f), sameOffer) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(Service(group, label), nil) {
				return
			}
		}
	}
}

// Organizations streams the providers of all services that the selection wants, each
// once, without the services.
func Organizations(ctx context.Context, d Directory, f directory.Selection) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		var first []*directory.Centre
		seen := map[string]bool{}
		for _, c := range d.Listed(f) {
			if c.ProviderID != "" && !seen[c.ProviderID] {
				seen[c.ProviderID] = true
				first = append(first, c)
			}
		}
		for e, err := range d.Public(ctx, first) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(Organization(&e.Provider), nil) {
				return
			}
		}
	}
}

// AtLocations streams all services at locations that the selection wants.
func AtLocations(ctx context.Context, d Directory, f directory.Selection, label Labels) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		for e, err := range d.Public(ctx, d.Listed(f)) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(AtLocation(e, label), nil) {
				return
			}
		}
	}
}

func sameOffer(a, b *directory.Entry) bool { return a.Offer.ID == b.Offer.ID }

// groups gathers neighbours that belong together.
func groups(ctx context.Context, d Directory, centres []*directory.Centre, same func(a, b *directory.Entry) bool) iter.Seq2[[]*directory.Entry, error] {
	return func(yield func([]*directory.Entry, error) bool) {
		var group []*directory.Entry
		for e, err := range d.Public(ctx, centres) {
			if err != nil {
				yield(nil, err)
				return
			}
			if len(group) > 0 && !same(group[0], e) {
				if !yield(group, nil) {
					return
				}
				group = nil
			}
			group = append(group, e)
		}
		if len(group) > 0 {
			yield(group, nil)
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

// paged cuts one page out of total things; page counts from 1.
func paged(total, page, perPage int) (p Page, from, to int) {
	page, perPage = max(page, 1), max(perPage, 1)
	pages := (total + perPage - 1) / perPage
	from = min((page-1)*perPage, total)
	to = min(from+perPage, total)
	return Page{TotalItems: total, TotalPages: pages, PageNumber: page, Size: to - from, FirstPage: page == 1,
		LastPage: page >= pages, Empty: to == from, Contents: []Object{}}, from, to
}

// ServicePage returns one page of the services that the selection wants; page counts
// from 1. A page beyond the last one is empty.
func ServicePage(ctx context.Context, d Directory, f directory.Selection, page, perPage int, label Labels) (Page, error) {
	var offers [][]*directory.Centre
	for _, c := range d.Listed(f) {
		if n := len(offers); n > 0 && offers[n-1][0].OfferID == c.OfferID {
			offers[n-1] = append(offers[n-1], c)
			continue
		}
		offers = append(offers, []*directory.Centre{c})
	}
	p, from, to := paged(len(offers), page, perPage)
	var centres []*directory.Centre
	for _, group := range offers[from:to] {
		centres = append(centres, group...)
	}
	for group, err := range groups(ctx, d, centres, sameOffer) {
		if err != nil {
			return Page{}, err
		}
		p.Contents = append(p.Contents, serviceInList(group, label))
	}
	return p, nil
}

// serviceInList is a service as it stands in a list: with its provider, without
// its locations.
func serviceInList(group []*directory.Entry, label Labels) Object {
	o := serviceAlone(group, label)
	for _, member := range []string{"phones", "schedules", "service_areas", "languages", "funding", "cost_options", "required_documents",
		"contacts", "attributes", "metadata"} {
		delete(o, member)
	}
	if org, ok := o["organization"].(map[string]any); ok {
		o["organization"] = withoutLists(org)
	}
	return o
}

func withoutLists(o map[string]any) map[string]any {
	short := map[string]any{}
	for member, value := range o {
		if _, list := value.([]any); !list {
			short[member] = value
		}
	}
	return short
}

// AtLocationPage returns one page of the services at locations, as ServicePage.
func AtLocationPage(ctx context.Context, d Directory, f directory.Selection, page, perPage int, label Labels) (Page, error) {
	all := d.Listed(f)
	p, from, to := paged(len(all), page, perPage)
	for e, err := range d.Public(ctx, all[from:to]) {
		if err != nil {
			return Page{}, err
		}
		o := at(e)
		o["service"] = map[string]any(serviceInList([]*directory.Entry{e}, label))
		for _, member := range []string{"contacts", "phones", "schedules", "attributes", "metadata"} {
			delete(o, member)
		}
		o["location"] = withoutLists(o["location"].(map[string]any))
		p.Contents = append(p.Contents, o)
	}
	return p, nil
}
