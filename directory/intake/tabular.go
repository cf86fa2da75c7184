package intake

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"slices"
	"strings"
)

// IsPackage reports whether a folder is an HSDS tabular package: CSV files named
// after the objects of HSDS.
func IsPackage(folder fs.FS) bool {
	_, err := fs.Stat(folder, "services.csv")
	_, err2 := fs.Stat(folder, "organizations.csv")
	return err == nil && err2 == nil
}

// OpenPackage reads an HSDS tabular package. Unlike a single file it is joined
// from all its tables, which are held in memory.
func OpenPackage(folder fs.FS, o Options) Feed {
	return Feed{Name: "hsds", Drafts: func(io.ReadSeeker) iter.Seq2[Draft, error] {
		return func(yield func(Draft, error) bool) {
			p, err := readPackage(folder)
			if err != nil {
				yield(Draft{}, err)
				return
			}
			for d := range p.drafts(o) {
				if !yield(d, nil) {
					return
				}
			}
		}
	}}
}

// tablePackage is the content of a package.
type tablePackage struct {
	tables map[string][]object
	byID   map[string]object              // of organizations, locations, programs, terms
	lists  map[string]map[string][]object // table → id of what its rows belong to → rows
	lost   []Draft                        // rows that lead to no entry, with what is wrong
}

// drafts yields the entries and then what belongs to none.
func (p *tablePackage) drafts(o Options) iter.Seq[Draft] {
	return func(yield func(Draft) bool) {
		for i, row := range p.tables["services"] {
			for _, d := range p.serviceDrafts(row, o) {
				d.Line = i + 2
				if !yield(d) {
					return
				}
			}
		}
		p.loseProviders()
		p.losePlaces()
		for _, d := range p.lost {
			d.Source = hsdsSource(o)
			if !yield(d) {
				return
			}
		}
	}
}

// serviceDrafts are the drafts of a service; none when all its locations are
// missing, since it is no service without a place.
func (p *tablePackage) serviceDrafts(row object, o Options) []Draft {
	full := p.service(row)
	if !full.has("service_at_locations") && len(p.placesOf(row)) > 0 {
		return nil
	}
	return hsdsDrafts(full, o)
}

// lose notes a row of a table that leads to no entry.
func (p *tablePackage) lose(i int, row object, problem string) {
	p.lost = append(p.lost, Draft{Line: i + 2, ID: row.str("id"), Problem: problem})
}

func (p *tablePackage) loseProviders() {
	for i, row := range p.tables["organizations"] {
		if len(p.lists["services"]["organization_id="+row.str("id")]) == 0 {
			p.lose(i, row, "provider_without_offer")
		}
	}
}

func (p *tablePackage) losePlaces() {
	for _, table := range placeTables {
		for i, at := range p.tables[table] {
			switch {
			case p.byID["services/"+at.str("service_id")] == nil:
				p.lose(i, at, "service_unknown")
			case p.homeless(at):
				p.lose(i, at, "location_unknown")
			}
		}
	}
}

// homeless reports whether a row names a location that is not there.
func (p *tablePackage) homeless(at object) bool {
	id := at.str("location_id")
	return id != "" && p.byID["locations/"+id] == nil
}

// placeTables are the names of the table that ties services to locations.
var placeTables = []string{"service_at_location", "service_at_locations"}

func (p *tablePackage) placesOf(service object) []object {
	var all []object
	for _, table := range placeTables {
		all = append(all, p.lists[table]["service_id="+service.str("id")]...)
	}
	return all
}

// joins are the columns by which rows belong to others.
var joins = []string{"organization_id", "service_id", "service_at_location_id", "location_id", "contact_id", "phone_id", "link_id", "resource_id"}

// numbers are the columns whose values are numbers in JSON.
var numbers = []string{"latitude", "longitude", "extension", "minimum_age", "maximum_age", "year_incorporated", "amount", "timezone", "count", "interval"}

func readPackage(folder fs.FS) (*tablePackage, error) {
	p := &tablePackage{tables: map[string][]object{}, byID: map[string]object{}, lists: map[string]map[string][]object{}}
	names, err := fs.Glob(folder, "*.csv")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := p.table(folder, name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return p, nil
}

func (p *tablePackage) table(folder fs.FS, name string) error {
	file, err := folder.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	in := metered(file)
	rows := csv.NewReader(in)
	head, err := rows.Read()
	if err != nil {
		return refused("csv_unreadable")
	}
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	table := strings.TrimSuffix(name, ".csv")
	p.lists[table] = map[string][]object{}
	for i := 0; ; i++ {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if errors.Is(err, errTooLong) {
			return refused("row_too_long")
		}
		if err != nil {
			return refused("csv_unreadable")
		}
		in.row()
		p.add(table, i, rowObject(head, row))
	}
}

func rowObject(head, row []string) object {
	o := object{}
	for i, name := range head {
		switch {
		case row[i] == "":
		case slices.Contains(numbers, name):
			o[name] = json.Number(row[i])
		default:
			o[name] = row[i]
		}
	}
	return o
}

// add takes a row. Of several with one id the first counts; a service that comes
// again goes on, for the import to judge.
func (p *tablePackage) add(table string, line int, row object) {
	key := table + "/" + row.str("id")
	if twice := p.byID[key] != nil; twice && (table == "organizations" || table == "locations") {
		p.lose(line, row, "duplicate")
		return
	} else if !twice && row.str("id") != "" {
		p.byID[key] = row
	}
	p.tables[table] = append(p.tables[table], row)
	for _, column := range joins {
		if id := row.str(column); id != "" {
			p.lists[table][column+"="+id] = append(p.lists[table][column+"="+id], row)
		}
	}
}

// members are the lists of each object: the member, the table it comes from and
// the column by which its rows belong to the object.
var members = map[string][][3]string{
	"services": {{"phones", "phones", "service_id"}, {"schedules", "schedules", "service_id"}, {"service_areas", "service_areas", "service_id"},
		{"languages", "languages", "service_id"}, {"funding", "funding", "service_id"}, {"cost_options", "cost_options", "service_id"},
		{"required_documents", "required_documents", "service_id"}, {"contacts", "contacts", "service_id"}},
	"service_at_location": {{"contacts", "contacts", "service_at_location_id"}, {"phones", "phones", "service_at_location_id"},
		{"schedules", "schedules", "service_at_location_id"}},
	"locations": {{"languages", "languages", "location_id"}, {"addresses", "addresses", "location_id"}, {"contacts", "contacts", "location_id"},
		{"accessibility", "accessibility", "location_id"}, {"phones", "phones", "location_id"}, {"schedules", "schedules", "location_id"}},
	"organizations": {{"funding", "funding", "organization_id"}, {"contacts", "contacts", "organization_id"}, {"phones", "phones", "organization_id"},
		{"programs", "programs", "organization_id"}, {"organization_identifiers", "organization_identifiers", "organization_id"}},
	"contacts": {{"phones", "phones", "contact_id"}},
	"phones":   {{"languages", "languages", "phone_id"}},
}

// links are the columns that say where a row belongs; the place of an object in
// the tree says the same.
var links = append([]string{"program_id"}, joins...)

// build returns an object with everything that belongs to it.
func (p *tablePackage) build(table string, row object) map[string]any {
	o := without(row, links...)
	for _, own := range []string{"link_id", "resource_id"} { // of attributes and metadata, which name it in JSON too
		if id := row.str(own); id != "" {
			o[own] = id
		}
	}
	for _, m := range members[table] {
		p.addList(o, m[0], m[1], p.lists[m[1]][m[2]+"="+row.str("id")])
	}
	p.addList(o, "attributes", "attributes", p.lists["attributes"]["link_id="+row.str("id")])
	p.addList(o, "metadata", "metadata", p.lists["metadata"]["resource_id="+row.str("id")])
	switch table {
	case "attributes":
		p.join(o, "taxonomy_term", "taxonomy_terms", "taxonomy_term_id")
	case "taxonomy_terms":
		p.join(o, "taxonomy_detail", "taxonomies", "taxonomy_id")
	case "metadata": // which has them even where there is nothing to tell
		for _, name := range []string{"previous_value", "replacement_value"} {
			o[name] = row.str(name)
		}
	}
	return o
}

// join puts the row that a column names in the place of the column.
func (p *tablePackage) join(o object, member, table, column string) {
	if row := p.byID[table+"/"+o.str(column)]; row != nil {
		o[member] = p.build(table, row)
		delete(o, column)
	}
}

func (p *tablePackage) addList(o object, member, table string, rows []object) {
	var list []any
	for _, row := range rows {
		list = append(list, p.build(table, row))
	}
	if len(list) > 0 {
		o[member] = list
	}
}

// service returns a service with its organization, program and locations.
func (p *tablePackage) service(row object) object {
	o := object(p.build("services", row))
	if org := p.byID["organizations/"+row.str("organization_id")]; org != nil {
		o["organization"] = p.build("organizations", org)
	}
	if program := p.byID["programs/"+row.str("program_id")]; program != nil {
		o["program"] = p.build("programs", program)
	}
	var places []any
	for _, at := range p.placesOf(row) {
		if p.homeless(at) {
			continue
		}
		full := p.build("service_at_location", at)
		if l := p.byID["locations/"+at.str("location_id")]; l != nil {
			full["location"] = p.build("locations", l)
		}
		places = append(places, full)
	}
	if len(places) > 0 {
		o["service_at_locations"] = places
	}
	return o
}
