package directory

// Outcome is what became of one row.
type Outcome string

// Every row has exactly one of these outcomes.
const (
	Imported Outcome = "imported" // taken as it stood
	Repaired Outcome = "repaired" // taken after a change that is named
	Rejected Outcome = "rejected" // not taken, for a reason that is named
)

// Finding is what is to be said about a row: how it was repaired, why it was
// rejected, or what is doubtful about it although it was imported as it stood.
type Finding struct {
	Line    int // in the file, counting from 1
	Outcome Outcome
	Codes   []string
	Subject string // which record, as the source calls it
}

// Report sums up the import of one file: Rows = Imported + Repaired + Rejected.
type Report struct {
	Kind                         string // the format
	Rows                         int
	Imported, Repaired, Rejected int
	Codes                        map[string]int // code → rows
	Findings                     []Finding      // the first MaxFindings
	Created, Changed, Unchanged  int            // entries
	Diff                         []Difference   // the first MaxFindings
}

// MaxFindings bounds the lists of a report, so that a file of any size takes
// little memory. The counts are always those of the whole file.
const MaxFindings = 100_000

// Difference is what an import does to one entry.
type Difference struct {
	Subject string // which record, as the source calls it
	Name    string
	Created bool
	Changes []Change // empty for an entry that is new
}

func (r *Report) count(f Finding) {
	r.Rows++
	switch f.Outcome {
	case Imported:
		r.Imported++
	case Repaired:
		r.Repaired++
	case Rejected:
		r.Rejected++
	}
	for _, code := range f.Codes {
		r.Codes[code]++
	}
	if len(f.Codes) > 0 && len(r.Findings) < MaxFindings {
		r.Findings = append(r.Findings, f)
	}
}

func (r *Report) differ(d Difference) {
	switch {
	case d.Created:
		r.Created++
	case len(d.Changes) > 0:
		r.Changed++
	default:
		r.Unchanged++
		return
	}
	if len(r.Diff) < MaxFindings {
		r.Diff = append(r.Diff, d)
	}
}

// verdict is what is decided about one row.
type verdict struct {
	subject string
	centre  string // the id of its centre; empty: that of the source's id
	reject  string // the reason, or empty
	repairs repairs
}

func (v verdict) finding(line int) Finding {
	f := Finding{Line: line, Outcome: Imported, Subject: v.subject, Codes: v.repairs}
	switch {
	case v.reject != "":
		f.Outcome, f.Codes = Rejected, []string{v.reject}
	case !v.repairs.onlyDoubts():
		f.Outcome = Repaired
	}
	return f
}
