package finder

import (
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"
)

// param is one figure of the law with its history.
type param struct {
	ID       string         `json:"id"`
	Kind     string         `json:"kind"` // number, table, table2 or bands
	Unit     string         `json:"unit"`
	First    int            `json:"first,omitempty"` // key of the first row of a table
	Law      string         `json:"law"`
	Point    string         `json:"point,omitempty"` // point of law that several share; its id when empty
	Sure     string         `json:"sure"`
	Bound    bool           `json:"bound,omitempty"` // formulas use it only as one end of a range that a point of law leaves open
	Src      string         `json:"src,omitempty"`
	Reviewed string         `json:"reviewed,omitempty"`
	Dated    []datedFigures `json:"dated"`

	law setOfBits // set when some version is not certain to be read one way
}

// certainties: compared with the statute or two sources with it; one source;
// from memory; sources contradict each other.
var certainties = map[string]bool{"A": true, "B": true, "C": true, "X": true}

// datedFigures is what holds from a date on.
type datedFigures struct {
	From     string            `json:"from"`
	Is       json.RawMessage   `json:"is,omitempty"`
	Variants []json.RawMessage `json:"variants,omitempty"`
	Prefer   int               `json:"prefer,omitempty"`
	Ends     bool              `json:"ends,omitempty"`
	Law      string            `json:"law,omitempty"`
	Sure     string            `json:"sure,omitempty"`
	Src      string            `json:"src,omitempty"`

	weak     bool
	plain    bool      // a number that can be read in one way only
	readings []figures // one, or one per variant; the last known one when unknown
	unknown  bool
}

// figures are the numbers of one reading: one row and column for a number, one
// row for a table, [limit, value] rows for bands.
type figures [][]float64

func (d datedFigures) sure(p *param) string {
	if d.Sure != "" {
		return d.Sure
	}
	return p.Sure
}

// uncertain says whether the version can be read in more than one way.
func (d datedFigures) uncertain() bool { return d.unknown || len(d.readings) > 1 }

// parse decodes every version of the parameter.
func (p *param) parse() error {
	var problems []error
	for i := range p.Dated {
		d := &p.Dated[i]
		problems = append(problems, validDate(p.ID, d.From))
		if i > 0 && d.From <= p.Dated[i-1].From {
			problems = append(problems, fmt.Errorf("%s: %s does not follow %s", p.ID, d.From, p.Dated[i-1].From))
		}
		if err := p.parseVersion(i, d); err != nil {
			problems = append(problems, fmt.Errorf("%s from %s: %w", p.ID, d.From, err))
		}
	}
	if len(p.Dated) == 0 {
		problems = append(problems, fmt.Errorf("%s has no value", p.ID))
	}
	return errors.Join(problems...)
}

func (p *param) parseVersion(i int, d *datedFigures) error {
	sure := d.sure(p)
	d.weak = sure != "A" && !p.Bound
	if !certainties[sure] {
		return fmt.Errorf("certainty %q is none of A, B, C, X", sure)
	}
	switch {
	case d.Ends:
		d.readings = []figures{nil}
		return nil
	case string(d.Is) == "null":
		d.unknown = true
		if i == 0 || p.Dated[i-1].Ends || p.Dated[i-1].readings == nil {
			return errors.New("unknown, and nothing was known before")
		}
		d.readings = p.Dated[i-1].readings
		return nil
	case len(d.Variants) == 1 || len(d.Variants) > 0 && d.Is != nil || len(d.Variants) == 0 && d.Is == nil:
		return errors.New("needs one of is, two or more variants, ends")
	}
	variants := d.Variants
	if d.Is != nil {
		variants = []json.RawMessage{d.Is}
	}
	for _, raw := range variants {
		reading, err := parseFigures(p.Kind, raw)
		if err != nil {
			return err
		}
		d.readings = append(d.readings, reading)
	}
	d.plain = p.Kind == "number" && len(d.readings) == 1
	if d.Prefer < 0 || d.Prefer >= len(d.readings) {
		return errors.New("prefers a variant that is not there")
	}
	return nil
}

func parseFigures(kind string, raw json.RawMessage) (figures, error) {
	switch kind {
	case "number":
		var n float64
		err := json.Unmarshal(raw, &n)
		return figures{{n}}, err
	case "table":
		var row []float64
		err := json.Unmarshal(raw, &row)
		if err == nil && len(row) == 0 {
			err = errors.New("empty table")
		}
		return figures{row}, err
	case "table2":
		var rows [][]float64
		if err := json.Unmarshal(raw, &rows); err != nil {
			return nil, err
		}
		for _, row := range rows {
			if len(row) == 0 {
				return nil, errors.New("empty row")
			}
		}
		if len(rows) == 0 {
			return nil, errors.New("empty table")
		}
		return rows, nil
	case "bands":
		return parseBands(raw)
	}
	return nil, fmt.Errorf("unknown kind %q", kind)
}

// parseBands reads [[limit, value], …]; the last limit is null.
func parseBands(raw json.RawMessage) (figures, error) {
	var rows [][]*float64
	if err := json.Unmarshal(raw, &rows); err != nil {
		return nil, err
	}
	bands := figures{}
	for i, row := range rows {
		if len(row) != 2 || row[1] == nil || (row[0] == nil) != (i == len(rows)-1) {
			return nil, errors.New("bands are [limit, value], the last limit null")
		}
		limit := float64(far)
		if row[0] != nil {
			limit = *row[0]
		}
		if i > 0 && limit <= bands[i-1][0] {
			return nil, errors.New("limits must rise")
		}
		bands = append(bands, []float64{limit, *row[1]})
	}
	if len(bands) == 0 {
		return nil, errors.New("no band")
	}
	return bands, nil
}

func validDate(where, date string) error {
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return fmt.Errorf("%s: %q is no date", where, date)
	}
	return nil
}

// node is a formula with its history.
type node struct {
	ID    string      `json:"id"`
	Unit  string      `json:"unit"`
	Of    string      `json:"of,omitempty"`    // household: one value for all
	Each  []string    `json:"each,omitempty"`  // units for which @ stands
	Shown bool        `json:"shown,omitempty"` // a step of the statute that nothing else needs; for pages and comparison
	Law   string      `json:"law"`
	Sure  string      `json:"sure,omitempty"` // A when empty
	Is    any         `json:"is,omitempty"`
	Dated []datedTerm `json:"dated,omitempty"`

	shared bool
	deps   []int // nodes it may read
}

type datedTerm struct {
	From string `json:"from"`
	Law  string `json:"law,omitempty"`
	Sure string `json:"sure,omitempty"`
	Is   any    `json:"is"`

	term term
	weak bool
}

// each returns one node per unit of Each, or the node itself.
func (n node) each() []node {
	if len(n.Each) == 0 {
		return []node{n}
	}
	var all []node
	for _, unit := range n.Each {
		one := n
		one.ID, one.Each = strings.ReplaceAll(n.ID, "@", "@"+unit), nil
		one.Is = forUnit(n.Is, unit)
		one.Dated = nil
		for _, d := range n.Dated {
			d.Is = forUnit(d.Is, unit)
			one.Dated = append(one.Dated, d)
		}
		all = append(all, one)
	}
	return all
}

// forUnit puts unit where the expression has @: alone it names the unit, at the
// end of an id it names the node of that unit.
func forUnit(expr any, unit string) any {
	switch e := expr.(type) {
	case string:
		if e == "@" {
			return unit
		}
		if id, ok := strings.CutSuffix(e, "@"); ok {
			return id + "@" + unit
		}
	case []any:
		out := make([]any, len(e))
		for i := range e {
			out[i] = forUnit(e[i], unit)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for op, args := range e {
			out[op] = forUnit(args, unit)
		}
		return out
	}
	return expr
}

// law is the version of everything that holds on one date.
type law struct {
	params []*datedFigures // nil before the first version
	nodes  []formula
}

// formula is what a run needs of a node on one date.
type formula struct {
	term   term // nil before the first version
	weak   bool
	shared bool   // one value for all
	law    string // paragraph
}

// lawOf finds the version of everything that holds on a date.
func (r *Rules) lawOf(date string) *law {
	l := &law{params: make([]*datedFigures, len(r.params)), nodes: make([]formula, len(r.nodes))}
	for i := range r.params {
		versions := r.params[i].Dated
		if n := sort.Search(len(versions), func(k int) bool { return versions[k].From > date }); n > 0 {
			l.params[i] = &versions[n-1]
		}
	}
	for i := range r.nodes {
		versions := r.nodes[i].Dated
		if n := sort.Search(len(versions), func(k int) bool { return versions[k].From > date }); n > 0 {
			l.nodes[i] = formula{versions[n-1].term, versions[n-1].weak, r.nodes[i].shared, versions[n-1].Law}
		}
	}
	return l
}
