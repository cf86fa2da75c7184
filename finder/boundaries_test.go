package finder

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// boundaryFile says for every comparison of the rules what it gives one below, at
// and one above its limit.
const boundaryFile = "testdata/boundaries.txt"

// TestBoundaries compares every comparison of the rules, under the law of every
// date since 2023, with what people have written down from the statute: a limit, an
// operator or a paragraph that changes without a new line there fails, and so does a
// comparison that nobody has written down. LOTSE_WRITE=1 writes what the rules say,
// for a person to read line by line.
func TestBoundaries(t *testing.T) {
	got := boundaries(t, rules(t))
	if os.Getenv("LOTSE_WRITE") != "" {
		writeBoundaries(t, got)
	}
	content, err := os.ReadFile(boundaryFile)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for line := range strings.Lines(string(content)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			want = append(want, line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			t.Errorf("nobody has written down: %s", line)
		}
	}
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("the rules no longer say: %s", line)
		}
	}
}

func writeBoundaries(t *testing.T, lines []string) {
	t.Helper()
	content, err := os.ReadFile(boundaryFile)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(content), "\n\n")
	if err := os.WriteFile(boundaryFile, []byte(head+"\n\n"+strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// boundaries are the lines for all comparisons, each once, in the order of the
// rules.
func boundaries(t *testing.T, r *Rules) []string {
	t.Helper()
	var lines []string
	add := func(line string) {
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	for _, p := range r.passages() {
		comparisons(p.expr, func(op string, a, b any) {
			if !r.fixed(a) && !r.fixed(b) {
				add(fmt.Sprintf("%s | %s | %s | %s | %s", p.where, side(a), side(b), verdicts(r.triple(t, op, 1000)), cmp.Or(p.law, "–")))
				return
			}
			for _, line := range r.limits(t, p, op, a, b) {
				add(fmt.Sprintf("%s | %s | %s", p.where, line, cmp.Or(p.law, "–")))
			}
		})
	}
	return append(lines, r.bandLines()...)
}

// bandLines are the limits of every table of bands in force since 2023: what it
// gives at each limit and above it, by reading.
func (r *Rules) bandLines() (lines []string) {
	for i := range r.params {
		p := &r.params[i]
		for k, d := range p.Dated {
			over := k+1 < len(p.Dated) && p.Dated[k+1].From <= promised
			if p.Kind != "bands" || over || d.Ends || d.unknown {
				continue
			}
			for n, reading := range d.readings {
				for row := range len(reading) - 1 {
					lines = append(lines, fmt.Sprintf("%s | band %d from %s | %v at %v, then %v | %s", p.ID, n+1, max(d.From, promised), reading[row][1], reading[row][0], reading[row+1][1], cmp.Or(d.Law, p.Law)))
				}
			}
		}
	}
	return lines
}

// side writes one side of a comparison.
func side(expr any) string { return strings.Trim(strings.TrimSpace(string(jsonLine(expr))), `"`) }

// limits are the middle parts of the lines of a comparison with something the law
// fixes: subject, limit and its first day since 2023, verdicts.
func (r *Rules) limits(t *testing.T, p passage, op string, a, b any) (lines []string) {
	t.Helper()
	last, swapped := math.NaN(), r.fixed(a)
	subject, limit := a, b
	if swapped {
		subject, limit = b, a
	}
	for _, date := range append([]string{p.from}, r.changes...) {
		if date < p.from || p.until != "" && date >= p.until {
			continue
		}
		x, known := r.limitOn(t, limit, date)
		if !known || x == last {
			continue
		}
		last = x
		lines = append(lines, fmt.Sprintf("%s | %s from %s | %s", side(subject), strconv.FormatFloat(x, 'f', -1, 64), date, verdicts(r.around(t, op, subject, limit, swapped, date, x))))
	}
	return lines
}

// terms is a compiler for expressions of loaded rules.
func (r *Rules) terms() *compiler {
	return &compiler{rules: r, operators: operators(), factsTo: math.MaxInt, deps: new([]int)}
}

// limitOn is a limit of the law on a date.
func (r *Rules) limitOn(t *testing.T, limit any, date string) (float64, bool) {
	t.Helper()
	bare := Request{Date: date, Persons: []Person{{ID: "p"}}}
	run, err := r.start(&bare)
	if err != nil {
		t.Fatal(err)
	}
	v := r.terms().term(limit).value(run, 0)
	return v.Lo, v.known() && v.Lo < far
}

// around tries a comparison with the subject one below, at and one above the
// limit; nil where the subject cannot be so.
func (r *Rules) around(t *testing.T, op string, subject, limit any, swapped bool, date string, x float64) (all [3]*bool) {
	t.Helper()
	args := []any{subject, limit}
	if swapped {
		slices.Reverse(args)
	}
	for i := range all {
		q := Request{Date: date, Persons: []Person{{ID: "p"}}}
		q.Given = map[string]Given{subject.(string): {All: &Answer{fmt.Append(nil, x+float64(i-1))}}}
		if run, err := r.start(&q); err == nil {
			all[i] = truthOf(t, r.terms().apply(op, args).value(run, 0))
		}
	}
	return all
}

// triple tries an operator with the left side one below, at and one above the
// right one.
func (r *Rules) triple(t *testing.T, op string, x float64) (all [3]*bool) {
	t.Helper()
	bare := Request{Date: today, Persons: []Person{{ID: "p"}}}
	run, err := r.start(&bare)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i] = truthOf(t, r.terms().apply(op, []any{x + float64(i-1), x}).value(run, 0))
	}
	return all
}

func truthOf(t *testing.T, v Value) *bool {
	t.Helper()
	if !v.known() {
		t.Errorf("a comparison of known numbers is [%v %v]", v.Lo, v.Hi)
	}
	yes := v.isYes()
	return &yes
}

// verdicts writes what a comparison gives below, at and above.
func verdicts(all [3]*bool) string {
	var words []string
	for _, one := range all {
		switch {
		case one == nil:
			words = append(words, "–")
		case *one:
			words = append(words, "yes")
		default:
			words = append(words, "no")
		}
	}
	return strings.Join(words, " ")
}
