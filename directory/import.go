package directory

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"lotse/internal/fault"
	"lotse/internal/store"
)

// Outcome is what became of one row.
type Outcome string

// Every row has exactly one of these outcomes.
const (
	Imported Outcome = "imported" // taken as it stood
	Repaired Outcome = "repaired" // taken after a change that is named
	Rejected Outcome = "rejected" // not taken, for a reason that is named
)

// Finding is the outcome of a row that was not simply imported.
type Finding struct {
	Line    int // in the file, counting from 1
	Outcome Outcome
	Codes   []string // what was repaired, or the one reason of the rejection
	Subject string   // which record, as the source calls it
}

// Report sums up the import of one file: Rows = Imported + Repaired + Rejected.
type Report struct {
	Kind                         string
	Rows                         int
	Imported, Repaired, Rejected int
	Codes                        map[string]int // code → rows
	Findings                     []Finding
}

func (r *Report) count(f Finding) {
	r.Rows++
	switch f.Outcome {
	case Imported:
		r.Imported++
		return
	case Repaired:
		r.Repaired++
	case Rejected:
		r.Rejected++
	}
	for _, code := range f.Codes {
		r.Codes[code]++
	}
	r.Findings = append(r.Findings, f)
}

// verdict is what a row importer decides about one row.
type verdict struct {
	subject string
	reject  string   // the reason, or empty
	repairs []string // changes made
}

func (v verdict) finding(line int) Finding {
	f := Finding{Line: line, Outcome: Imported, Subject: v.subject}
	switch {
	case v.reject != "":
		f.Outcome, f.Codes = Rejected, []string{v.reject}
	case len(v.repairs) > 0:
		f.Outcome, f.Codes = Repaired, v.repairs
	}
	return f
}

// format is a file format that the import knows by its column names.
type format struct {
	kind    string
	columns []string
	row     func(*run, record) (verdict, error)
}

// formats lists the known formats in the order in which they build on each other.
func formats() []format {
	return []format{
		{"centres", []string{"source", "source_id", "name", "operator", "street", "plz", "city", "state", "lat", "lon",
			"coord_precision", "phone", "email", "url", "kind", "topics", "target", "opening_hours", "catchment_plz",
			"description", "licence"}, (*run).centre},
		{"agencies", []string{"id", "name", "topic", "plz", "city", "state", "lat", "lon", "offline"}, (*run).agency},
		{"ranges", []string{"agency_id", "from", "to"}, (*run).postcodeRange},
	}
}

// Format tells from the header line whether a file is one that Import reads, and
// its rank: a file must be imported before those of a higher rank.
func Format(file io.Reader) (rank int, known bool) {
	_, format, err := header(csv.NewReader(file))
	return format, err == nil
}

// header reads the header line and finds the format it belongs to.
func header(rows *csv.Reader) (head []string, index int, err error) {
	first, err := rows.Read()
	if err != nil {
		return nil, 0, fault.InvalidInput(map[string]string{"file": "csv_unreadable"})
	}
	head = slices.Clone(first)
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	for i, f := range formats() {
		if _, err := columns(head, f.columns...); err == nil {
			return head, i, nil
		}
	}
	return nil, 0, fault.InvalidInput(map[string]string{"file": "csv_format_unknown"})
}

// run is the state of one import inside one transaction.
type run struct {
	ctx      context.Context
	tx       *store.Tx
	taxonomy *Taxonomy
	places   *Places
	// seen maps a source's record to what was first read under its id.
	seen map[string]string
	// cleared holds the centres whose old catchment is already gone.
	cleared map[string]bool
}

// record is one row by column name.
type record map[string]string

// Import reads one CSV file, decided by its header line, in one transaction:
// either the whole file is taken or nothing. Rows are repaired or rejected one
// by one and reported. Importing the same file again changes nothing. The file
// is read again when the database asks for a retry, hence the seeker.
//
// It returns [fault.Invalid] with field "file" for a file that is none of the
// known formats.
func (s *Service) Import(ctx context.Context, file io.ReadSeeker) (Report, error) {
	var report Report
	err := s.DB.Transact(ctx, func(tx *store.Tx) error {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("import: %w", err)
		}
		r := &run{ctx: ctx, tx: tx, taxonomy: s.Taxonomy, places: s.Places, seen: map[string]string{}, cleared: map[string]bool{}}
		var err error
		if report, err = r.file(file); err != nil {
			return err
		}
		return raiseRevision(ctx, tx)
	})
	if err != nil {
		return Report{}, err
	}
	if err := s.Bus.Publish(ctx, busTopic, nil); err != nil {
		s.Log.Warn("directory change not announced", "err", err)
	}
	return report, s.Load(ctx)
}

func (r *run) file(file io.Reader) (Report, error) {
	rows := csv.NewReader(file)
	rows.ReuseRecord = true
	head, index, err := header(rows)
	if err != nil {
		return Report{}, err
	}
	return r.rows(rows, head, formats()[index])
}

func (r *run) rows(rows *csv.Reader, head []string, f format) (Report, error) {
	report := Report{Kind: f.kind, Codes: map[string]int{}}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return report, nil
		}
		if syntax := (*csv.ParseError)(nil); errors.As(err, &syntax) {
			report.count(verdict{reject: "csv_syntax"}.finding(syntax.StartLine))
			continue
		}
		if err != nil {
			return report, fmt.Errorf("read rows: %w", err)
		}
		line, _ := rows.FieldPos(0)
		v, err := f.row(r, named(head, row))
		if err != nil {
			return report, fmt.Errorf("line %d: %w", line, err)
		}
		report.count(v.finding(line))
	}
}

func named(head, row []string) record {
	rec := make(record, len(head))
	for i, name := range head {
		rec[name] = row[i]
	}
	return rec
}
