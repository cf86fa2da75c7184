package finder

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// expected is one case of the expected-value format: columns over persons.
// Single-letter keys would hide what the format means, so they are spelled out.
type expectedCase struct {
	ID        string           `json:"id"`
	Benefit   string           `json:"benefit"`
	Date      string           `json:"policy_date"`
	Tolerance float64          `json:"tolerance"`
	Inputs    map[string][]any `json:"inputs"`
	Assumed   map[string][]any `json:"assumed"`
	Expected  map[string][]any `json:"expected"`
	Skipped   bool             `json:"skipped_upstream"`
}

// casesDir is where the cases lie: LOTSE_FINDER_CASES, or the shared data.
func casesDir() string {
	if dir := os.Getenv("LOTSE_FINDER_CASES"); dir != "" {
		return dir
	}
	shared := os.Getenv("LOTSE_SHARED")
	if shared == "" {
		shared = "../../shared"
	}
	for _, dir := range []string{"data/finder/cases/open", "data/finder/cases"} {
		if found, _ := filepath.Glob(filepath.Join(shared, dir, "*.json")); len(found) > 0 {
			return filepath.Join(shared, dir)
		}
	}
	return ""
}

func readCases(t testing.TB) []expectedCase {
	t.Helper()
	dir := casesDir()
	names, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	if dir == "" || len(names) == 0 {
		return nil
	}
	var all []expectedCase
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var cases []expectedCase
		if err := json.Unmarshal(content, &cases); err != nil {
			if strings.HasSuffix(name, "index.json") {
				continue
			}
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, cases...)
	}
	return all
}

// TestCases compares the rules with published and constructed expected values
// and prints per benefit how many hold, apart for law before 2023.
func TestCases(t *testing.T) {
	cases := readCases(t)
	if len(cases) == 0 {
		t.Log("did not run: no cases in", casesDir())
		return
	}
	r := rules(t)
	type score struct{ passed, total int }
	scores := map[[2]string]*score{}
	for _, c := range cases {
		era := "since 2023"
		if c.Date < "2023-01-01" {
			era = "before 2023"
		}
		key := [2]string{era, c.Benefit}
		if scores[key] == nil {
			scores[key] = &score{}
		}
		scores[key].total++
		if wrong := check(r, c); len(wrong) == 0 {
			scores[key].passed++
		} else if why, known := disputed[c.ID]; known {
			t.Logf("%s: disputed: %s", c.ID, why)
		} else if era == "since 2023" && !c.Skipped && whole[c.Benefit] {
			t.Errorf("%s: %s", c.ID, strings.Join(wrong, "; "))
		} else {
			t.Logf("%s: %s", c.ID, strings.Join(wrong, "; "))
		}
	}
	for _, era := range []string{"since 2023", "before 2023"} {
		t.Log(era)
		for _, key := range slices.SortedFunc(maps.Keys(scores), func(a, b [2]string) int { return strings.Compare(a[1], b[1]) }) {
			if key[0] == era {
				t.Logf("%s %d/%d", key[1], scores[key].passed, scores[key].total)
			}
		}
	}
}

// whole are the benefits for which every case since 2023 must hold.
var whole = map[string]bool{"kindergeld": true}

// disputed are cases that contradict the law, with the paragraph that proves it.
var disputed = map[string]string{}

// check runs a case and returns what differs.
func check(r *Rules, c expectedCase) []string {
	columns := map[string][]any{}
	maps.Copy(columns, c.Inputs)
	maps.Copy(columns, c.Assumed)
	n := 0
	for _, column := range columns {
		n = max(n, len(column))
	}
	var wrong []string
	for _, members := range groups(columns["hh_id"], n) {
		wrong = append(wrong, checkHousehold(r, c, columns, members)...)
	}
	return wrong
}

// groups splits the rows by the value of a column.
func groups(column []any, n int) [][]int {
	var order []string
	by := map[string][]int{}
	for i := range n {
		key := ""
		if i < len(column) {
			key = fmt.Sprint(column[i])
		}
		if _, seen := by[key]; !seen {
			order = append(order, key)
		}
		by[key] = append(by[key], i)
	}
	var out [][]int
	for _, key := range order {
		out = append(out, by[key])
	}
	return out
}

func checkHousehold(r *Rules, c expectedCase, columns map[string][]any, members []int) []string {
	q, unmapped := translate(c.Date, columns, members, r)
	run, err := r.start(&q)
	if err != nil {
		return []string{err.Error()}
	}
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(c.Expected)) {
		node, ok := results[name]
		if !ok {
			wrong = append(wrong, "no node for "+name)
			continue
		}
		s := r.symbols[node]
		if s.kind != isNode {
			wrong = append(wrong, "no node "+node)
			continue
		}
		for p, row := range members {
			got, want := run.node(s.index, p), number(c.Expected[name][row])
			if math.Abs(got.Lo-want) > c.Tolerance+1e-9 || math.Abs(got.Hi-want) > c.Tolerance+1e-9 {
				wrong = append(wrong, fmt.Sprintf("%s of %d is [%.4f %.4f] %v, want %v", node, row, got.Lo, got.Hi, r.questionIDs(got.Asks), want))
			}
		}
	}
	if len(wrong) > 0 && len(unmapped) > 0 {
		wrong = append(wrong, fmt.Sprint("not used: ", unmapped))
	}
	return wrong
}

func number(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case bool:
		return float64(b2i(v))
	}
	return math.NaN()
}

// translate turns columns into a request: columns that name facts or nodes by
// the tables below, the rest by translators.
func translate(date string, columns map[string][]any, members []int, r *Rules) (Request, []string) {
	q := Request{Date: date, Household: map[string]Answer{}, Given: map[string]Given{}}
	id := map[string]string{}
	for p, row := range members {
		person := Person{ID: "p" + strconv.Itoa(p), Facts: map[string]Answer{}}
		q.Persons = append(q.Persons, person)
		if ids := columns["p_id"]; row < len(ids) {
			id[fmt.Sprint(ids[row])] = person.ID
		}
	}
	q.Asker = "p0"
	var unmapped []string
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		to, known := inputs[name]
		if !known {
			unmapped = append(unmapped, name)
			continue
		}
		for p, row := range members {
			if row < len(columns[name]) && columns[name][row] != nil {
				to(&q, p, columns[name][row], id)
			}
		}
	}
	finish(&q, columns, members)
	return q, unmapped
}

// input enters one cell into a request; id maps the case's person ids.
type input func(q *Request, p int, v any, id map[string]string)

// fact enters the cell as a fact of the person, times a factor.
func asFact(name string, factor float64) input {
	return func(q *Request, p int, v any, _ map[string]string) {
		if f, ok := v.(float64); ok {
			v = f * factor
		}
		q.Persons[p].Facts[name] = Say(v)
	}
}

// housing enters the cell as a fact of the household.
func ofHousehold(name string) input {
	return func(q *Request, _ int, v any, _ map[string]string) { q.Household[name] = Say(v) }
}

// given enters the cell as a node of the person, times a factor.
func asNode(name string, factor float64) input {
	return func(q *Request, p int, v any, _ map[string]string) {
		if f, ok := v.(float64); ok {
			v = f * factor
		}
		g := q.Given[name]
		if g.Each == nil {
			g.Each = map[string]Answer{}
		}
		g.Each[q.Persons[p].ID] = Say(v)
		q.Given[name] = g
	}
}

func unused(*Request, int, any, map[string]string) {}

// parent enters a parent; one who is not in the table lives elsewhere.
func parent(q *Request, p int, v any, id map[string]string) {
	if number(v) >= 0 {
		other, here := id[fmt.Sprint(v)]
		if !here {
			other = Away
		}
		q.Persons[p].Parents = append(q.Persons[p].Parents, other)
	}
}

func partner(q *Request, p int, v any, id map[string]string) {
	if number(v) >= 0 {
		q.Persons[p].Partner = id[fmt.Sprint(v)]
	}
}

func claimer(q *Request, p int, v any, id map[string]string) {
	if number(v) >= 0 {
		q.Persons[p].KindergeldTo = id[fmt.Sprint(v)]
	}
}

// training: the cases know only whether somebody is in training and count
// working hours for everybody, as after a first training.
func inTraining(q *Request, p int, v any, _ map[string]string) {
	q.Persons[p].Facts["training"], q.Persons[p].Facts["trained"] = Say("none"), Say(false)
	if v == true {
		q.Persons[p].Facts["training"], q.Persons[p].Facts["trained"] = Say("school"), Say(true)
	}
}

// finish fills in what the cases take for granted.
func finish(q *Request, columns map[string][]any, members []int) {
	for p := range q.Persons {
		for _, name := range []string{"job_seeking", "disabled_since_youth"} {
			if _, said := q.Persons[p].Facts[name]; !said {
				q.Persons[p].Facts[name] = Say(false)
			}
		}
	}
}

// inputs says what each column of a case means.
var inputs = map[string]input{
	"p_id":                              unused,
	"hh_id":                             unused,
	"alter":                             asFact("age", 1),
	"alter_monate":                      asFact("age_months", 1),
	"geburtsjahr":                       asFact("birth_year", 1),
	"arbeitsstunden_w":                  asFact("hours", 1),
	"einnahmen.bruttolohn_m":            asFact("wage", 1),
	"einkommensteuer.gesamteinkommen_y": unused,
	"familie.p_id_elternteil_1":         parent,
	"familie.p_id_elternteil_2":         parent,
	"arbeitslosengeld_2.p_id_einstandspartner": partner,
	"familie.p_id_ehepartner":                  unused,
	"kindergeld.p_id_empfänger":                claimer,
	"kindergeld.in_ausbildung":                 inTraining,
	"kindergeld.betrag_m":                      asNode("kg.amount", 1),
}

// results says which node a column of expected values is.
var results = map[string]string{
	"kindergeld.betrag_m":                                "kg.amount",
	"kindergeld.betrag_m_hh":                             "kg.household",
	"kinderbonus.betrag_m":                               "kg.bonus",
	"kinderbonus.betrag_m_hh":                            "kg.bonus_household",
	"arbeitslosengeld_2.kindergeld_zur_bedarfsdeckung_m": "kg.for_needs",
}
