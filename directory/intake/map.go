package intake

import (
	"encoding/csv"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
)

// aliases are the names under which files of others have our columns, folded.
// The first that a file has counts.
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
	head, err := rows.Read()
	if err != nil {
		return nil, refused("csv_unreadable")
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
