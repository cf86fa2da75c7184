package intake

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
)

// aliases are the names under which files of others have our columns, folded.
// The first that a file has counts. Every column that centreDraft reads is here,
// apart from the source.
var aliases = map[string][]string{
	"source_id":     {"id", "objectid", "nummer", "nr", "index", "uuid", "fid"},
	"name":          {"name", "bezeichnung", "titel", "title", "einrichtung", "kurzbezeichnung", "beratungsstelle"},
	"operator":      {"operator", "traeger", "träger", "organisation", "organization", "anbieter", "carrier"},
	"umbrella":      {"umbrella", "verband", "dachverband", "spitzenverband"},
	"kind":          {"kind", "art", "typ", "type", "kategorie", "leistungen", "leistung"},
	"topics":        {"topics", "themen", "thema", "schlagworte", "angebot", "angebote"},
	"target":        {"target", "zielgruppe", "zielgruppen"},
	"description":   {"description", "beschreibung", "kurzbeschreibung", "text", "hinweis"},
	"street":        {"street", "strasse", "straße", "adresse", "address", "anschrift", "str"},
	"plz":           {"plz", "postleitzahl", "postcode", "postalcode", "postal_code", "zip"},
	"city":          {"city", "ort", "stadt", "gemeinde", "wohnort"},
	"state":         {"state", "land", "bundesland"},
	"lat":           {"lat", "latitude", "breitengrad", "breite", "y"},
	"lon":           {"lon", "lng", "longitude", "laengengrad", "längengrad", "laenge", "x"},
	"phone":         {"phone", "telefon", "tel", "telefonnummer", "fon"},
	"email":         {"email", "e-mail", "mail", "e_mail", "e-mail-adresse"},
	"url":           {"url", "website", "webseite", "web", "homepage", "internet", "link"},
	"opening_hours": {"opening_hours"},
	"opening_hint":  {"opening_hint", "oeffnungszeiten", "öffnungszeiten", "sprechzeiten"},
	"languages":     {"languages", "sprachen", "sprache"},
	"accessibility": {"accessibility", "barrierefreiheit", "barrierefrei"},
	"contact":       {"contact", "ansprechpartner", "ansprechpartnerin", "ansprechperson", "kontaktperson"},
	"licence":       {"licence", "license", "lizenz"},
	"catchment_plz": {"catchment_plz", "einzugsgebiet", "plz_bereich"},
	"location_type": {"location_type"},
	"fees":          {"fees", "kosten"},

	"coord_precision": {"coord_precision"},
	"fax":             {"fax", "telefax", "faxnummer"},
	"eligibility":     {"eligibility", "voraussetzungen"},
	"interpreter":     {"interpreter", "dolmetschen", "dolmetscher"},
	"district":        {"district", "kreis", "landkreis"},
	"ags":             {"ags", "kreisschluessel", "kreisschlüssel"},
	"transport":       {"transport", "anfahrt"},
	"channels":        {"channels"},
	"walk_in":         {"walk_in"},
	"anonymous":       {"anonymous", "anonym"},
	"free":            {"free", "kostenlos", "kostenfrei"},
	"hidden":          {"hidden"},
	"min_age":         {"min_age", "alter_von", "mindestalter"},
	"max_age":         {"max_age", "alter_bis", "hoechstalter", "höchstalter"},
	"application":     {"application", "anmeldung"},
	"documents":       {"documents", "unterlagen"},
	"next_steps":      {"next_steps"},
	"alert":           {"alert"},
	"waiting":         {"waiting", "wartezeit"},
	"status":          {"status"},
	"capacity":        {"capacity"},
	"booking":         {"booking"},
	"assured":         {"assured"},
}

// Column is a column of a file and what it would be taken for.
type Column struct {
	Theirs  string
	Ours    string   // empty: nothing
	Samples []string // the first values that are not empty
}

// finder returns a function that finds our column in a row of theirs: as the
// options say, otherwise by its usual names.
func finder(o Options, value func(theirs string) string, columns []string) func(ours string) string {
	byName := matched(o, columns)
	return func(ours string) string {
		if theirs, ok := byName[ours]; ok {
			return value(theirs)
		}
		return ""
	}
}

// matched returns our columns and theirs that they are read from.
func matched(o Options, columns []string) map[string]string {
	found := maps.Clone(o.Map)
	if found == nil {
		found = map[string]string{}
	}
	for ours, names := range aliases {
		if _, said := found[ours]; said {
			continue
		}
		for _, name := range names {
			if i := slices.IndexFunc(columns, func(c string) bool { return strings.ToLower(strings.Trim(c, " .:*")) == name }); i >= 0 {
				found[ours] = columns[i]
				break
			}
		}
	}
	return found
}

// checkMap refuses a map with a column that is none of ours.
func (o Options) checkMap() error {
	for _, ours := range slices.Sorted(maps.Keys(o.Map)) {
		if aliases[ours] == nil {
			return refusedFor("map_unknown_column", fmt.Errorf("%q is none of the columns that can be filled", ours))
		}
	}
	return nil
}

// checkTheirs refuses a map that reads from a column which the file has not.
func (o Options) checkTheirs(has func(column string) bool) error {
	for _, ours := range slices.Sorted(maps.Keys(o.Map)) {
		if theirs := o.Map[ours]; !has(theirs) {
			return refusedFor("map_unknown_column", fmt.Errorf("the file has no column %q", theirs))
		}
	}
	return nil
}

func keysOf(o object) iter.Seq[string] { return maps.Keys(o) }

// mappedDraft makes a draft of a row whose columns have been found.
func mappedDraft(get func(string) string) Draft {
	r := record{}
	for ours := range aliases {
		r[ours] = strings.TrimSpace(get(ours))
	}
	d := centreDraft(r)
	d.ID = r["source_id"]
	return d
}

// Preview shows how the columns of a CSV file with a header of its own would be
// read, with the first values of each, so that a person can say it better with
// Options.Map.
func Preview(file io.Reader, o Options) ([]Column, error) {
	in := metered(file)
	rows, err := dialect(in)
	if err != nil {
		return nil, err
	}
	head, err := header(rows)
	if err != nil {
		return nil, err
	}
	if err := cmp.Or(o.checkMap(), o.checkTheirs(within(head))); err != nil {
		return nil, err
	}
	columns := make([]Column, len(head))
	ours := matched(o, head)
	for i, name := range head {
		columns[i].Theirs = name
		for mine, theirs := range ours {
			if theirs == name {
				columns[i].Ours = mine
			}
		}
	}
	for range 20 {
		row, err := rows.Read()
		if err != nil {
			break
		}
		for i := range columns {
			if v := strings.TrimSpace(row[i]); v != "" && len(columns[i].Samples) < 3 {
				columns[i].Samples = append(columns[i].Samples, v)
			}
		}
	}
	return columns, nil
}

func within(columns []string) func(string) bool {
	return func(c string) bool { return slices.Contains(columns, c) }
}

// header reads the names of the columns.
func header(rows *csv.Reader) ([]string, error) {
	first, err := rows.Read()
	if err != nil {
		return nil, refused("csv_unreadable")
	}
	head := slices.Clone(first)
	for i := range head {
		head[i] = strings.TrimSpace(head[i])
	}
	return head, nil
}

// dialect returns a reader that divides as the header does: by comma, semicolon
// or tab.
func dialect(in io.Reader) (*csv.Reader, error) {
	start := make([]byte, 4096)
	n, err := io.ReadFull(in, start)
	if n == 0 {
		return nil, refused("empty")
	}
	head, _, _ := strings.Cut(string(start[:n]), "\n")
	rest := io.Reader(strings.NewReader(strings.TrimPrefix(string(start[:n]), "\ufeff")))
	if err == nil {
		rest = io.MultiReader(rest, in)
	}
	rows := csv.NewReader(rest)
	for _, comma := range []rune{';', '\t'} {
		if strings.Count(head, string(comma)) > strings.Count(head, ",") {
			rows.Comma = comma
		}
	}
	return rows, nil
}
