package hsds

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// table is a table of the tabular form of the specification: its columns, and for
// each member of its objects that is an object or a list of such, where that goes.
type table struct {
	name    string
	columns string
	parts   map[string]within
}

// within says where the objects of a member go: the table, and the column there
// that holds the id of the object they belong to. With the sign ↑ the column is in
// the table of the owner and holds the id of the part, which is written once.
type within struct{ table, column string }

// tables are those of the specification, in the order in which they are written,
// with the columns of the German profile behind those of the specification.
var tables = []table{
	{"services", "id organization_id program_id name alternate_name description url email status interpretation_services application_process " +
		"fees_description wait_time fees accreditations eligibility_description minimum_age maximum_age assured_date assurer_email licenses alert " +
		"last_modified data_source data_licence", map[string]within{
		"organization": {"organizations", "↑organization_id"}, "program": {"programs", "↑program_id"},
		"service_at_locations": {"service_at_location", "service_id"}, "phones": {"phones", "service_id"}, "schedules": {"schedules", "service_id"},
		"service_areas": {"service_areas", "service_id"}, "languages": {"languages", "service_id"}, "funding": {"funding", "service_id"},
		"cost_options": {"cost_options", "service_id"}, "required_documents": {"required_documents", "service_id"}, "contacts": {"contacts", "service_id"}}},
	{"organizations", "id name alternate_name description email website tax_status tax_id year_incorporated legal_status logo uri " +
		"parent_organization_id umbrella", map[string]within{
		"funding": {"funding", "organization_id"}, "contacts": {"contacts", "organization_id"}, "phones": {"phones", "organization_id"},
		"programs": {"programs", "organization_id"}, "organization_identifiers": {"organization_identifiers", "organization_id"}}},
	{"programs", "id organization_id name alternate_name description", nil},
	{"organization_identifiers", "id organization_id identifier_scheme identifier_type identifier", nil},
	{"locations", "id location_type url organization_id name alternate_name description transportation latitude longitude external_identifier " +
		"external_identifier_type", map[string]within{
		"languages": {"languages", "location_id"}, "addresses": {"addresses", "location_id"}, "contacts": {"contacts", "location_id"},
		"accessibility": {"accessibility", "location_id"}, "phones": {"phones", "location_id"}, "schedules": {"schedules", "location_id"}}},
	{"service_at_location", "id service_id location_id description", map[string]within{
		"location": {"locations", "↑location_id"}, "contacts": {"contacts", "service_at_location_id"},
		"phones": {"phones", "service_at_location_id"}, "schedules": {"schedules", "service_at_location_id"}}},
	{"addresses", "id location_id attention address_1 address_2 city region state_province postal_code country address_type", nil},
	{"phones", "id location_id service_id organization_id contact_id service_at_location_id number extension type description",
		map[string]within{"languages": {"languages", "phone_id"}}},
	{"contacts", "id organization_id service_id service_at_location_id location_id name title department email",
		map[string]within{"phones": {"phones", "contact_id"}}},
	{"schedules", "id service_id location_id service_at_location_id valid_from valid_to dtstart timezone until count wkst freq interval byday byweekno " +
		"bymonthday byyearday description opens_at closes_at schedule_link attending_type notes opening_hours", nil},
	{"service_areas", "id service_id name description extent extent_type uri", nil},
	{"languages", "id service_id location_id phone_id name code note", nil},
	{"funding", "id organization_id service_id source", nil},
	{"cost_options", "id service_id valid_from valid_to option currency amount amount_description", nil},
	{"required_documents", "id service_id document uri", nil},
	{"accessibility", "id location_id description details url", nil},
	{"attributes", "id link_id taxonomy_term_id link_type link_entity value", map[string]within{"taxonomy_term": {"taxonomy_terms", "↑taxonomy_term_id"}}},
	{"taxonomy_terms", "id code name description parent_id taxonomy language taxonomy_id term_uri",
		map[string]within{"taxonomy_detail": {"taxonomies", "↑taxonomy_id"}}},
	{"taxonomies", "id name description uri version", nil},
	{"metadata", "id resource_id resource_type last_action_date last_action_type field_name previous_value replacement_value updated_by", nil},
}

// anywhere are the members that an object of every table may have.
var anywhere = map[string]within{"attributes": {"attributes", "link_id"}, "metadata": {"metadata", "resource_id"}}

func tableOf(name string) table {
	return tables[slices.IndexFunc(tables, func(t table) bool { return t.name == name })]
}

func (t table) fields() []string { return strings.Fields(t.columns) }

func (t table) part(member string) (within, bool) {
	if w, ok := t.parts[member]; ok {
		return w, true
	}
	w, ok := anywhere[member]
	return w, ok
}

// tabular takes objects apart into rows.
type tabular struct {
	row     func(table string, cells []string) error
	written map[string]bool // tables and ids of what stands behind several objects
	rows    map[string]bool // of the service: a source may give one telephone to several of its parts
}

func newTabular(row func(table string, cells []string) error) *tabular {
	return &tabular{row: row, written: map[string]bool{}}
}

// service writes a service in full.
func (w *tabular) service(o Object) error {
	w.rows = map[string]bool{}
	return w.object("services", o, nil)
}

// object writes an object and what belongs to it. links are the columns that say
// what it belongs to.
func (w *tabular) object(name string, o map[string]any, links map[string]string) error {
	t := tableOf(name)
	cells := map[string]string{}
	for _, column := range t.fields() {
		cells[column] = cell(o[column])
	}
	maps.Copy(cells, links)
	for _, member := range sortedKeys(o) {
		in, ok := t.part(member)
		if !ok {
			continue
		}
		if err := w.member(in, o[member], cell(o["id"]), cells); err != nil {
			return err
		}
	}
	row := make([]string, 0, len(cells))
	for _, column := range t.fields() {
		row = append(row, cells[column])
	}
	if key := name + "\x00" + strings.Join(row, "\x00"); !w.rows[key] {
		w.rows[key] = true
		return w.row(name, row)
	}
	return nil
}

func (w *tabular) member(in within, value any, owner string, cells map[string]string) error {
	if column, once := strings.CutPrefix(in.column, "↑"); once {
		o, ok := asMap(value)
		if !ok {
			return nil
		}
		cells[column] = cell(o["id"])
		key := in.table + "/" + cells[column]
		if w.written[key] {
			return nil
		}
		w.written[key] = true
		return w.object(in.table, o, nil)
	}
	list, _ := value.([]any)
	for _, one := range list {
		if o, ok := asMap(one); ok {
			if err := w.object(in.table, o, map[string]string{in.column: owner}); err != nil {
				return err
			}
		}
	}
	return nil
}

func asMap(v any) (map[string]any, bool) {
	switch v := v.(type) {
	case Object:
		return v, true
	case map[string]any:
		return v, true
	}
	return nil, false
}

// cell writes a value that is no object.
func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case map[string]any, Object, []any:
		return ""
	}
	return strings.Trim(fmt.Sprint(string(mustJSON(v))), `"`)
}
