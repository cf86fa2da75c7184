package hsds

import (
	"context"
	"iter"
	"slices"
	"time"

	"lotse/directory"
)

// stream is a list such as [Services] with all but its directory given.
type stream func(Directory) iter.Seq2[Object, error]

// FullPage returns one page of whole objects, of which key tells one from the
// other. Only the entries of the page are read.
func FullPage(d Directory, f directory.Selection, page, perPage int, key func(*directory.Centre) string, list stream) (Page, error) {
	all := d.Listed(f)
	first := oneOfEach(all, key)
	p, from, to := paged(len(first), page, perPage)
	wanted := map[string]bool{}
	for _, c := range first[from:to] {
		wanted[key(c)] = true
	}
	chosen := slices.DeleteFunc(slices.Clone(all), func(c *directory.Centre) bool { return !wanted[key(c)] })
	for o, err := range list(window{d, chosen}) {
		if err != nil {
			return Page{}, err
		}
		p.Contents = append(p.Contents, o)
	}
	return p, nil
}

// window is a directory of which only some centres are seen.
type window struct {
	Directory
	centres []*directory.Centre
}

func (w window) Listed(directory.Selection) []*directory.Centre { return w.centres }

// ByOffer tells services apart.
func ByOffer(c *directory.Centre) string { return c.OfferID }

// ByProvider tells organizations apart.
func ByProvider(c *directory.Centre) string { return c.ProviderID }

// ByCentre tells services at locations apart.
func ByCentre(c *directory.Centre) string { return c.ID }

// OrganizationPage returns one page of the providers, as [ServicePage].
func OrganizationPage(ctx context.Context, d Directory, f directory.Selection, page, perPage int) (Page, error) {
	first := oneOfEach(d.Listed(f), ByProvider)
	p, from, to := paged(len(first), page, perPage)
	for e, err := range d.Public(ctx, first[from:to]) {
		if err != nil {
			return Page{}, err
		}
		p.Contents = append(p.Contents, withoutLists(Organization(&e.Provider)))
	}
	return p, nil
}

// MinimalPage returns one page of the services with id, name, status and
// last_modified alone: what a harvester needs to know what has changed. It reads
// nothing from the database.
func MinimalPage(d Directory, f directory.Selection, page, perPage int) Page {
	all := d.Listed(f)
	changed := map[string]time.Time{}
	for _, c := range all {
		if c.Updated.After(changed[c.OfferID]) {
			changed[c.OfferID] = c.Updated
		}
	}
	first := oneOfEach(all, ByOffer)
	p, from, to := paged(len(first), page, perPage)
	for _, c := range first[from:to] {
		p.Contents = append(p.Contents, Object{"id": c.OfferID, "name": c.Name, "status": c.Status,
			"last_modified": changed[c.OfferID].UTC().Format(time.RFC3339)})
	}
	return p
}

// oneOfEach keeps the first centre for each key; one without a key is left out.
func oneOfEach(all []*directory.Centre, key func(*directory.Centre) string) []*directory.Centre {
	var first []*directory.Centre
	seen := map[string]bool{"": true}
	for _, c := range all {
		if id := key(c); !seen[id] {
			seen[id] = true
			first = append(first, c)
		}
	}
	return first
}

// TaxonomyPage returns one page of the taxonomies, of which there is one.
func TaxonomyPage(page, perPage int) Page {
	return cut([]Object{Taxonomy()}, page, perPage)
}

// TermPage returns one page of the topics as terms.
func TermPage(topics []string, page, perPage int, label Labels) Page {
	terms := make([]Object, len(topics))
	for i, topic := range topics {
		terms[i] = Term(topic, label)
	}
	return cut(terms, page, perPage)
}

func cut(all []Object, page, perPage int) Page {
	p, from, to := paged(len(all), page, perPage)
	p.Contents = append(p.Contents, all[from:to]...)
	return p
}

// ID returns the id of an object.
func (o Object) ID() string {
	id, _ := o["id"].(string)
	return id
}
