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

// expectedCase is one case of the expected-value format: columns over persons.
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
		if _, err := os.Stat(dir); err != nil && !filepath.IsAbs(dir) {
			return filepath.Join("..", dir) // as seen from the folder of the module
		}
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

// withoutCases says that a test had no cases. It fails where they must be there:
// where they are asked for by name, and in continuous integration.
func withoutCases(t *testing.T) {
	t.Helper()
	if os.Getenv("CI") != "" || os.Getenv("LOTSE_FINDER_CASES") != "" {
		t.Fatalf("no cases in %q", casesDir())
	}
	fmt.Fprintf(os.Stderr, "%s did not run: no cases in %q\n", t.Name(), casesDir())
}

// TestCases compares the rules with published and constructed expected values
// and prints per benefit how many hold, apart for law before 2023.
func TestCases(t *testing.T) {
	cases := readCases(t)
	if len(cases) == 0 {
		withoutCases(t)
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
		fmt.Println(era)
		for _, key := range slices.SortedFunc(maps.Keys(scores), func(a, b [2]string) int { return strings.Compare(a[1], b[1]) }) {
			if key[0] == era {
				fmt.Printf("%s %d/%d\n", key[1], scores[key].passed, scores[key].total)
			}
		}
	}
}

// whole are the benefits for which every case since 2023 must hold.
var whole = map[string]bool{
	"kindergeld": true, "wohngeld": true, "kinderzuschlag": true, "buergergeld": true,
	"unterhaltsvorschuss": true, "unterhalt": true, "elterngeld": true, "alg1": true,
}

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
	q, unmapped := translate(c, columns, members, r)
	run, err := r.start(&q)
	if err != nil {
		return []string{err.Error()}
	}
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(c.Expected)) {
		if u, ok := partitions[name]; ok {
			if !samePartition(run, unitOf(r, u), c.Expected[name], members) {
				wrong = append(wrong, name)
			}
			continue
		}
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

func unitOf(r *Rules, name string) *unit {
	c := &compiler{rules: r, deps: new([]int)}
	u := c.unit(name)
	return &u
}

// samePartition says whether two persons share a unit exactly when their
// numbers are the same.
func samePartition(r *run, u *unit, column []any, members []int) bool {
	for p, a := range members {
		for m, b := range members {
			in := r.member(u, p, m)
			if !in.known() || in.isYes() != (column[a] == column[b]) {
				return false
			}
		}
	}
	return true
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
func translate(c expectedCase, columns map[string][]any, members []int, r *Rules) (Request, []string) {
	q := Request{Date: c.Date, Household: map[string]Answer{}, Given: map[string]Given{}}
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
	finish(r, &q, c, columns, members)
	ownUnit(columns, &q, members)
	return q, unmapped
}

// finish fills in what the cases take for granted: nothing they do not name
// happened, the applicants are settled, able and insured; the rule of thumb
// stands for the local rent limit; a new partner counts like a spouse; the
// insurance allowance (§ 6 Bürgergeld-V) is left out; a child from 12 lives on
// SGB II unless the parent earns enough.
func finish(r *Rules, q *Request, c expectedCase, columns map[string][]any, members []int) {
	asNode := func(name string, p int, v any) { asNode(name, 1)(q, p, v, nil) }
	for p := range q.Persons {
		facts := q.Persons[p].Facts
		for _, f := range r.facts {
			if _, said := facts[f.ID]; said || f.builtin || f.Of != "person" {
				continue
			}
			switch f.ID {
			case "wage_net", "self_employed_net":
				facts[f.ID] = facts[strings.TrimSuffix(f.ID, "_net")]
			case "insured":
				facts[f.ID] = Say(true)
			default:
				facts[f.ID] = zero(f)
			}
		}
		if c.Benefit == "unterhaltsvorschuss" {
			facts["receives_buergergeld"] = Say(true)
		}
		asNode("sgb2.insurance_free", p, 0)
		for name, nodes := range map[string][]string{
			"einkommensteuer.betrag_y_sn":                {"inc.tax"},
			"sozialversicherung.beiträge_versicherter_m": {"inc.contributions"},
		} {
			if _, given := columns[name]; !given {
				for _, node := range nodes {
					asNode(node, p, 0)
				}
			}
		}
	}
	// A wage counts at any age; a page asks children under 13 for none.
	for p := range q.Persons {
		asNode("wage", p, number(jsonOf(q.Persons[p].Facts["wage"])))
	}
	if columns["arbeitslosengeld_2.p_id_einstandspartner"] == nil {
		spouses(q, columns, members)
	}
	births(q, columns, members)
	taxes(q, columns, members)
	for _, f := range r.facts {
		if _, said := q.Household[f.ID]; !said && f.Of == "household" {
			q.Household[f.ID] = zero(f)
		}
	}
	q.Household["multiples"] = Say(1 + multiples(columns, members))
	q.Pinned = map[string]Variant{"local_rent_limit": 0, "new_partner": 0, "hours_after_birth": 0, "pays_contributions": 0, "maintenance_title": 0, "child_need_met": 0}
}

func jsonOf(a Answer) (v any) {
	_ = json.Unmarshal(a.raw, &v)
	return v
}

func zero(f fact) Answer {
	switch f.Kind {
	case "bool":
		return Say(false)
	case "choice":
		return Say(f.Options[0])
	case "postcode":
		return Say(nil)
	}
	return Say(max(0, f.Min))
}

// taxes splits the year's tax between those who are taxed together.
func taxes(q *Request, columns map[string][]any, members []int) {
	at := func(name string, row int) float64 {
		if column := columns[name]; row < len(column) {
			return number(column[row])
		}
		return 0
	}
	together := 0.0
	for _, row := range members {
		together += at("einkommensteuer.gemeinsam_veranlagt", row)
	}
	taxable := 0.0
	for p, row := range members {
		joint := at("einkommensteuer.gemeinsam_veranlagt", row) == 1 && q.Persons[p].Partner != ""
		tax := at("einkommensteuer.betrag_y_sn", row) + 12*at("einkommensteuer.betrag_m_sn", row)
		year := tax + at("solidaritätszuschlag.betrag_y_sn", row) + 12*at("solidaritätszuschlag.betrag_m_sn", row)
		share := 1.0
		if joint {
			share = 0.5
		}
		if columns["einkommensteuer.betrag_y_sn"] != nil || columns["einkommensteuer.betrag_m_sn"] != nil {
			asNode("inc.tax", 1)(q, p, year/12*share, nil)
			asNode("wg.pays_tax", 1)(q, p, tax > 0, nil)
		}
		taxable += at("elterngeld.zu_versteuerndes_einkommen_vorjahr_y_sn", row) * share
	}
	if columns["elterngeld.zu_versteuerndes_einkommen_vorjahr_y_sn"] != nil {
		q.Household["taxable_income"] = Say(taxable)
	}
}

// spouses are partners where the case names no others.
func spouses(q *Request, columns map[string][]any, members []int) {
	spouse, ids := columns["familie.p_id_ehepartner"], columns["p_id"]
	for p, row := range members {
		for m, other := range members {
			if row < len(spouse) && other < len(ids) && p != m && spouse[row] == ids[other] {
				q.Persons[p].Partner = q.Persons[m].ID
			}
		}
	}
}

// births enters birthdays where the case does not count months itself.
func births(q *Request, columns map[string][]any, members []int) {
	year, month, day := columns["geburtsjahr"], columns["geburtsmonat"], columns["geburtstag"]
	for p, row := range members {
		if columns["alter_monate"] != nil || row >= len(year) || row >= len(month) || row >= len(day) {
			continue
		}
		birth := fmt.Sprintf("%04d-%02d-%02d", int(number(year[row])), int(number(month[row])), int(number(day[row])))
		if birth <= q.Date {
			q.Persons[p].Birth = birth
		}
	}
}

// multiples is how many children share their birth with another one.
func multiples(columns map[string][]any, members []int) float64 {
	births := map[string]int{}
	for _, row := range members {
		if len(columns["alter"]) <= row || number(columns["alter"][row]) > 1 || len(columns["geburtstag"]) <= row {
			continue
		}
		births[fmt.Sprint(columns["geburtsjahr"][row], columns["geburtsmonat"][row], columns["geburtstag"][row])]++
	}
	more := 0
	for _, n := range births {
		more += n - 1
	}
	return float64(more)
}

// ownUnit marks who shares a unit with the person whose number the column carries:
// in the cases a number per person, here whether a child stands alone.
func ownUnit(columns map[string][]any, q *Request, members []int) {
	for p, row := range members {
		column := columns["bg_id"]
		if row >= len(column) {
			return
		}
		alone := true
		for _, other := range members {
			alone = alone && (other == row || column[other] != column[row])
		}
		if len(q.Persons[p].Parents) > 0 {
			asNode("sgb2.in_unit", 1)(q, p, !alone, nil)
		}
	}
}
