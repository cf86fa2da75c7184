package intake

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"lotse/internal/fault"
)

// table is a CSV format, known by its columns.
type table struct {
	feed    string
	rank    int
	columns []string // those that must be there
	draft   func(record) Draft
}

// record is one row by column name.
type record map[string]string

// tables lists the CSV formats, those with most columns first.
func tables() []table {
	return []table{
		{"csv", 1, []string{"source", "source_id", "name", "plz", "city"}, centreDraft},
		{"agencies", 2, []string{"id", "name", "topic", "plz", "city", "offline"}, agencyDraft},
		{"ranges", 3, []string{"agency_id", "from", "to"}, rangeDraft},
	}
}

func openCSV(head []byte, o Options) (Feed, error) {
	rows, err := dialect(bytes.NewReader(head))
	if err != nil {
		return Feed{}, err
	}
	first, err := header(rows)
	if err != nil {
		return Feed{}, err
	}
	for _, t := range tables() {
		if hasAll(first, t.columns) {
			return Feed{Name: t.feed, Rank: t.rank, Drafts: t.read}, nil
		}
	}
	if len(o.Map) > 0 {
		if err := o.checkTheirs(within(first)); err != nil {
			return Feed{}, err
		}
		t := table{"csv-mapped", 1, nil, mappedRow(o, first)}
		return Feed{Name: t.feed, Rank: t.rank, Drafts: t.read}, nil
	}
	return Feed{}, refused("csv_format_unknown")
}

// mappedRow reads the rows of a file with columns of its own. A row without an id
// is known by its name and phone, never by its address, which may have to stay
// secret.
func mappedRow(o Options, head []string) func(record) Draft {
	return func(r record) Draft {
		d := mappedDraft(finder(o, func(theirs string) string { return r[theirs] }, head))
		d.Source = cmp.Or(o.Source, "csv")
		d.ID = cmp.Or(d.ID, strings.Trim(d.Name+"|"+firstNumber(d), "|"))
		d.Licence = cmp.Or(d.Licence, o.Licence)
		return d
	}
}

func hasAll(head, columns []string) bool {
	return !slices.ContainsFunc(columns, func(c string) bool { return !slices.Contains(head, c) })
}

// read yields the rows of the table. A row that is no CSV is a draft with a
// problem; the rows after it go on.
func (t table) read(file io.ReadSeeker) iter.Seq2[Draft, error] {
	return func(yield func(Draft, error) bool) {
		in := metered(file)
		rows, err := dialect(in)
		if err != nil {
			yield(Draft{}, err)
			return
		}
		rows.ReuseRecord = true
		head, err := header(rows)
		if err != nil {
			yield(Draft{}, err)
			return
		}
		ahead := &aheadReader{rows: rows}
		for {
			d, last, err := t.next(ahead, head)
			if errors.Is(err, io.EOF) {
				return
			}
			if !yield(d, err) || err != nil {
				return
			}
			for d.Line < last { // lines that a lost quotation mark has swallowed
				if d.Line++; !yield(d, nil) {
					return
				}
			}
			in.row()
		}
	}
}

// aheadReader reads rows and knows whether a row that is no CSV was the last.
type aheadReader struct {
	rows *csv.Reader
	held bool
	row  []string
	err  error
}

// Read returns the next row. A quotation mark that nothing closes until the end of
// the file is a file that was cut: everything behind it would be one row.
func (a *aheadReader) Read() (row []string, err error) {
	if a.held {
		a.held = false
		return a.row, a.err
	}
	row, err = a.rows.Read()
	if !errors.Is(err, csv.ErrQuote) {
		return row, err
	}
	a.row, a.err = a.rows.Read()
	a.held = true
	if errors.Is(a.err, io.EOF) {
		return nil, refused("file_cut")
	}
	return nil, err
}

// next returns the next row and, where it is no CSV, the last line of it.
func (t table) next(rows *aheadReader, head []string) (d Draft, last int, err error) {
	row, err := rows.Read()
	if errors.Is(err, errTooLong) {
		return Draft{}, 0, refused("row_too_long")
	}
	if syntax := (*csv.ParseError)(nil); errors.As(err, &syntax) {
		return Draft{Line: syntax.StartLine, Problem: "csv_syntax"}, syntax.Line, nil
	}
	if errors.Is(err, io.EOF) || errors.Is(err, fault.Invalid) {
		return Draft{}, 0, err
	}
	if err != nil {
		return Draft{}, 0, fmt.Errorf("read rows: %w", err)
	}
	line, _ := rows.rows.FieldPos(0)
	rec := make(record, len(head))
	for i, name := range head {
		rec[name] = strings.TrimSpace(row[i])
	}
	d = t.draft(rec)
	d.Line = line
	return d, line, nil
}

func firstNumber(d Draft) string {
	for _, p := range d.Phones {
		if p.Type != "fax" {
			return p.Number
		}
	}
	return ""
}

// list splits a field that holds several values.
func list(s string) []string {
	var values []string
	for part := range strings.SplitSeq(s, ";") {
		if part = strings.TrimSpace(part); part != "" {
			values = append(values, part)
		}
	}
	return values
}

// phones makes a list of one telephone field.
func phones(numbers ...string) []Phone {
	var list []Phone
	for _, n := range numbers {
		if n = strings.TrimSpace(n); n != "" {
			list = append(list, Phone{Number: n})
		}
	}
	return list
}

func faxes(numbers []string) []Phone {
	list := phones(numbers...)
	for i := range list {
		list[i].Type = "fax"
	}
	return list
}

// centreDraft reads a row of Lotse's own format.
func centreDraft(r record) Draft {
	return Draft{
		Source: r["source"], ID: r["source_id"], Name: r["name"], Kind: r["kind"], Description: r["description"],
		Operator: r["operator"], Umbrella: r["umbrella"], Topics: list(r["topics"]), Targets: list(r["target"]),
		Eligibility: r["eligibility"], Interpreter: r["interpreter"],
		MinAge: r["min_age"], MaxAge: r["max_age"], Fees: r["fees"], Application: r["application"],
		Documents: list(r["documents"]), NextSteps: list(r["next_steps"]), Alert: r["alert"], Status: r["status"],
		LocationType: r["location_type"], Street: r["street"], Postcode: r["plz"], City: r["city"], State: r["state"], District: r["district"], AGS: r["ags"],
		Lat: r["lat"], Lon: r["lon"], Precision: r["coord_precision"], Accessibility: list(r["accessibility"]),
		Phones: append(phones(list(r["phone"])...), faxes(list(r["fax"]))...), Email: r["email"], URL: r["url"], Hours: r["opening_hours"],
		HoursHint: r["opening_hint"], Transport: r["transport"], Waiting: r["waiting"], Channels: list(r["channels"]), Languages: list(r["languages"]),
		WalkIn: yes(r["walk_in"]), Anonymous: yes(r["anonymous"]), Free: yes(r["free"]), Hidden: yes(r["hidden"]),
		Areas: list(r["catchment_plz"]), Capacity: r["capacity"], Booking: r["booking"], Assured: r["assured"],
		Licence: r["licence"], Persons: list(r["contact"]),
	}
}

func yes(s string) bool {
	return slices.Contains([]string{"1", "yes", "ja", "true"}, strings.ToLower(s))
}

// caritas is the source that the agencies and ranges files belong to.
const caritas = "caritas_onlineberatung"

// agencyDraft reads a row of the Caritas list of agencies.
func agencyDraft(r record) Draft {
	return Draft{Source: caritas, ID: r["id"], Name: r["name"], Kind: "Onlineberatung", Topics: list(r["topic"]),
		Postcode: r["plz"], City: r["city"], State: r["state"], Lat: r["lat"], Lon: r["lon"], Precision: "plz",
		Hidden: r["offline"] == "1"}
}

// rangeDraft reads a row of the Caritas list of postcode ranges.
func rangeDraft(r record) Draft {
	return Draft{Part: Catchment, Source: caritas, ID: r["agency_id"], Areas: []string{r["from"] + "-" + r["to"]}}
}
