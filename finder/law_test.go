package finder

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"lotse/internal/fault"
)

// Mistakes that other finders make do not happen here.

// §§ 35, 235 SGB VI: 65 years for those born before 1947, a month more for each
// year to 1958, then two months more, 67 years from 1964.
func TestPensionAgeByCohort(t *testing.T) {
	r := rules(t)
	for born, age := range map[int][2]int{1946: {65, 0}, 1947: {65, 1}, 1957: {65, 11}, 1958: {66, 0}, 1959: {66, 2}, 1963: {66, 10}, 1964: {67, 0}, 1990: {67, 0}} {
		months := age[0]*12 + age[1]
		for past, want := range map[int]bool{-1: false, 0: true, 1: true} {
			q := request(t, fmt.Sprintf(`{"persons":[{"id":"p","facts":{"birth_year":%d,"age_months":%d,"age":%d}}]}`, born, months+past, (months+past)/12))
			if got := compute(t, r, q, "pension.reached", 0); got.isYes() != want || !got.known() {
				t.Errorf("born %d, %d months past %v: %v", born, past, age, got)
			}
		}
	}
}

// alone is a single person, settled, of whom everything is known.
func alone(t *testing.T, birth string, facts map[string]any) Request {
	t.Helper()
	r := rules(t)
	q := Request{Date: today, Persons: []Person{{ID: "p", Birth: birth, Facts: map[string]Answer{}}}, Household: map[string]Answer{}}
	for _, f := range r.facts {
		switch {
		case f.builtin:
		case f.Of == "household":
			q.Household[f.ID] = zero(f)
		default:
			q.Persons[0].Facts[f.ID] = zero(f)
		}
	}
	q.Persons[0].Facts["insured"] = Say(true)
	q.Household["rent"], q.Household["heating"], q.Household["area"] = Say(450), Say(60), Say(45)
	for id, v := range facts {
		if r.facts[r.symbols[id].index].Of == "household" {
			q.Household[id] = Say(v)
			continue
		}
		q.Persons[0].Facts[id] = Say(v)
	}
	return q
}

// § 7 SGB II knows no exclusion of the self-employed.
func TestSelfEmployedMayGetBuergergeld(t *testing.T) {
	got := ask(t, rules(t), alone(t, "1985", map[string]any{"self_employed": 400, "self_employed_net": 400}), "buergergeld")
	if got.State != LikelyYes || got.Amount.Low != 563+510-(400-160) {
		t.Errorf("%s %v", got.State, got.Amount)
	}
}

// Exactly at the limit of assets is within it: § 12 SGB II, § 90 SGB XII, § 21
// Nr. 3 WoGG say "more than".
func TestExactlyAtTheAssetLimit(t *testing.T) {
	r := rules(t)
	for _, c := range []struct {
		benefit, birth, date string
		limit                float64
		over                 State
	}{
		{"buergergeld", "1985", "2025-11-01", 40000, LikelyNo},
		{"grundsicherung", "1950", today, 10000, LikelyNo},
		{"wohngeld", "1985", today, 60000, Unclear}, // the limit is from an administrative rule, certainty B
	} {
		income := map[string]any{"other_income": 0.0}
		if c.benefit == "wohngeld" {
			income["other_income"] = 1300.0
		}
		for _, step := range []float64{-1, 0, 1} {
			income["assets"] = c.limit + step
			q := alone(t, c.birth, income)
			q.Date = c.date
			got := ask(t, r, q, c.benefit).State
			if step > 0 && got != c.over || step <= 0 && got != LikelyYes {
				t.Errorf("%s with %v: %s", c.benefit, c.limit+step, got)
			}
		}
	}
}

// § 147 Abs. 2 SGB III.
func TestDurationOfArbeitslosengeld(t *testing.T) {
	r := rules(t)
	for _, c := range []struct{ insured, age, months int }{
		{11, 30, 0}, {12, 30, 6}, {15, 30, 6}, {16, 30, 8}, {20, 30, 10}, {24, 30, 12}, {48, 49, 12},
		{30, 50, 15}, {36, 54, 15}, {36, 55, 18}, {48, 57, 18}, {48, 58, 24}, {24, 60, 12},
	} {
		q := request(t, fmt.Sprintf(`{"persons":[{"id":"p","facts":{"age":%d,"months_insured":24,"months_insured_5y":%d}}]}`, c.age, c.insured))
		if got := compute(t, r, q, "alg.months", 0); got != point(float64(c.months)) && (got.Lo != float64(c.months) || !got.known()) {
			t.Errorf("%d months at %d years: %v, want %d", c.insured, c.age, got, c.months)
		}
	}
}

// § 56 SGB III does not ask for a need of care.
func TestTrainingAllowanceAsksForNoCare(t *testing.T) {
	got := ask(t, rules(t), alone(t, "2005", map[string]any{"training": "apprenticeship", "first_degree": true, "care_grade": 0, "parents_income": 1500}), "bab")
	if got.State == LikelyNo || slices.Contains(got.Missing, "health") {
		t.Errorf("%s, missing %v", got.State, got.Missing)
	}
}

// § 41 SGB XII: pension age or full and lasting reduction, not both.
func TestGrundsicherungByAgeOrAbility(t *testing.T) {
	r := rules(t)
	for name, c := range map[string]struct {
		birth, ability string
		want           State
	}{
		"old":       {"1950", "able", LikelyYes},
		"reduced":   {"1985", "permanently_not", LikelyYes},
		"both":      {"1950", "permanently_not", LikelyYes},
		"neither":   {"1985", "able", LikelyNo},
		"for now":   {"1985", "temporarily_not", LikelyNo},
		"a minor":   {"2012", "permanently_not", LikelyNo},
		"in a year": {"1960-10-15", "able", FromDate},
	} {
		got := ask(t, r, alone(t, c.birth, map[string]any{"ability": c.ability}), "grundsicherung")
		if got.State != c.want {
			t.Errorf("%s: %s", name, got.State)
		}
		if c.want == FromDate && got.From != "2027-03-01" {
			t.Errorf("%s: from %s", name, got.From)
		}
	}
}

// The sources on the assets under SGB II from 2026-07-01 contradict each other.
func TestContradictoryLawShowsBothOutcomes(t *testing.T) {
	r := rules(t)
	got := ask(t, r, alone(t, "2001", map[string]any{"assets": 7000}), "buergergeld")
	if got.State != Unclear || !slices.Equal(got.Points, []string{"sgb2.assets_by_age"}) || len(got.Outcomes) != 2 {
		t.Fatalf("%s %v %v", got.State, got.Points, got.Outcomes)
	}
	if got.Outcomes[0].State != LikelyYes || got.Outcomes[1].State != Unclear {
		t.Errorf("outcomes %v", got.Outcomes)
	}
	before := alone(t, "2001", map[string]any{"assets": 7000})
	before.Date = "2026-06-30"
	if got := ask(t, r, before, "buergergeld"); got.State != LikelyYes || got.Name != "benefit.buergergeld" {
		t.Errorf("the day before: %s %s", got.State, got.Name)
	}
}

// The figures of 2027 are not known; the last known ones are an outcome.
func TestUnknownFiguresSaySo(t *testing.T) {
	q := alone(t, "1985", nil)
	q.Date = "2027-01-01"
	got := ask(t, rules(t), q, "buergergeld")
	if got.State != LikelyYes || got.Amount != nil || !slices.Contains(got.Points, "figures_2027") || got.Outcomes[0].Amount == nil || got.Outcomes[0].Amount.Low != 1073 {
		t.Errorf("%s %v %v %v", got.State, got.Amount, got.Points, got.Outcomes)
	}
}

// A child with enough of its own leaves the Bedarfsgemeinschaft and passes the
// Kindergeld it does not need on to the parent (§ 7 Abs. 3 Nr. 4, § 11 Abs. 1
// Satz 5 SGB II).
func TestChildWithOwnIncomeStandsAlone(t *testing.T) {
	r := rules(t)
	q := request(t, `{"persons":[{"id":"p","birth":"1985"},{"id":"k","birth":"2016-01-01","parents":["p","away"],"facts":{"maintenance":700,"wage":0,"self_employed":0,"other_income":0,"reduced_pension":0}}],
		"household":{"rent":500,"heating":60,"area":60,"owner":false},"given":{"sgb2_last_year":false,"alg.amount":0,"uvg.amount":0,"beeg.amount":0}}`)
	if got := compute(t, r, q, "sgb2.in_unit", 1); !got.isNo() {
		t.Errorf("in the unit: %v", got)
	}
	if got := compute(t, r, q, "kg.passed_on", 0); got.Lo != 259 {
		t.Errorf("passed on %v", got)
	}
	q.Persons[1].Facts["maintenance"] = Say(100)
	if got := compute(t, r, q, "sgb2.in_unit", 1); !got.isYes() {
		t.Errorf("in the unit: %v", got)
	}
	q.Persons[1].Facts["maintenance"] = Say(nil)
	if got := compute(t, r, q, "sgb2.in_unit", 1); got.known() || r.questionIDs(got.Asks)[0] != "maintenance" {
		t.Errorf("maintenance unknown: %v", got)
	}
}

// Input that is wrong is refused by field, whole.
func TestWrongRequests(t *testing.T) {
	r := rules(t)
	for text, field := range map[string]string{
		`{"date":"yesterday","persons":[]}`:                                                 "date",
		`{"persons":[{"id":""}]}`:                                                           "persons.0.id",
		`{"persons":[{"id":"a"},{"id":"a"}]}`:                                               "persons.1.id",
		`{"persons":[{"id":"a","partner":"b"}]}`:                                            "persons.0.partner",
		`{"persons":[{"id":"a","partner":"b"},{"id":"b"}]}`:                                 "persons.0.partner",
		`{"persons":[{"id":"a","birth":"1990-13"}]}`:                                        "persons.0.birth",
		`{"persons":[{"id":"a","birth":"2990"}]}`:                                           "persons.0.birth",
		`{"persons":[{"id":"a","facts":{"wage":"much"}}]}`:                                  "persons.0.facts.wage",
		`{"persons":[{"id":"a","facts":{"wage":{"low":5,"high":4}}}]}`:                      "persons.0.facts.wage",
		`{"persons":[{"id":"a","facts":{"rent":1}}]}`:                                       "persons.0.facts.rent",
		`{"persons":[{"id":"a"}],"household":{"hoard":1}}`:                                  "household.hoard",
		`{"persons":[{"id":"a"}],"given":{"nothing":1}}`:                                    "given.nothing",
		`{"persons":[{"id":"a"}],"given":{"wg.side":{"b":true}}}`:                           "given.wg.side",
		`{"persons":[{"id":"a"}],"given":{"wg.side":null}}`:                                 "given.wg.side",
		`{"persons":[{"id":"a"}],"asker":"b"}`:                                              "asker",
		`{"persons":[{"id":"a"}],"pinned":{"nothing":1}}`:                                   "pinned.nothing",
		`{"persons":[{"id":"a","parents":["b","c","d"]},{"id":"b"},{"id":"c"},{"id":"d"}]}`: "persons.0.parents",
	} {
		q := request(t, text)
		if strings.Contains(text, "yesterday") {
			q.Date = "yesterday"
		}
		_, err := r.Evaluate(q)
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || f.Fields[field] == "" {
			t.Errorf("%s: %v, want a code for %s", text, err, field)
		}
	}
}

// shipped are the files of the rules in memory, for tests that break them.
func shipped(t testing.TB) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS("../configs/finder"), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path, "texts") {
			return err
		}
		content, err := os.ReadFile(filepath.Join("../configs/finder", path))
		files[path] = &fstest.MapFile{Data: content}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Rules that are wrong do not load, and the message says where.
func TestBrokenRulesDoNotLoad(t *testing.T) {
	for _, c := range []struct{ file, old, new, want string }{
		{"formulas/kindergeld.json", `"age", "kg.age_training"`, `"age", "kg.age_trainin"`, `unknown id "kg.age_trainin"`},
		{"formulas/kindergeld.json", `{"count": ["claimed", "kg.child"]}`, `{"tally": ["claimed", "kg.child"]}`, `no operator "tally"`},
		{"formulas/kindergeld.json", `{"count": ["claimed", "kg.child"]}`, `{"count": ["clan", "kg.child"]}`, "no unit clan"},
		{"formulas/kindergeld.json", `{"count": ["claimed", "kg.child"]}`, `{"+": ["kg.count", 1]}`, "depends on itself"},
		{"formulas/kindergeld.json", `"unit": "persons"`, `"unity": "persons"`, "unknown field"},
		{"law/kindergeld.json", `"2026-01-01", "is": 259`, `"2024-01-01", "is": 259`, "does not follow"},
		{"law/kindergeld.json", `"2026-01-01", "is": 259`, `"2026-01-32", "is": 259`, "no date"},
		{"law/kindergeld.json", `"2026-01-01", "is": 259`, `"2026-01-01", "is": "259"`, "kg.rate from 2026-01-01"},
		{"law/kindergeld.json", `[2, 154], [3, 154]`, `[2, 154], [2, 154]`, "limits must rise"},
		{"law/kindergeld.json", `{"from": "2022-01-01", "ends": true}`, `{"from": "2022-01-01", "ends": true}, {"from": "2023-01-01", "is": null}`, "nothing was known before"},
		{"formulas/kindergeld.json", `{"steps": ["kg.rates", "kg.count"]}`, `{"steps": ["kg.rate", "kg.count"]}`, "no parameter of kind"},
		{"formulas/kindergeld.json", `"kg.bonus_per_child", "kg.count"]}, 12]`, `"kg.bonus_per_child", "kg.count"]}, "kg.bonus_per_child"]`, "divides by"},
		{"formulas/kindergeld.json", `"kg.bonus_per_child", "kg.count"]}, 12]`, `"kg.bonus_per_child", "kg.count"]}, "kg.count"]`, "only a constant"},
		{"benefits/kindergeld.json", `"sure": "A"`, `"sure": "sure"`, "certainty"},
		{"questions.json", `"else": false`, `"else": 7`, "else is no value"},
		{"questions.json", `{"id": "household", "facts": []}`, `{"id": "household", "facts": ["wage"]}`, "asked twice"},
		{"benefits/kindergeld.json", `"conditions": [`, `"conditions": [7, `, "benefits/kindergeld.json"},
	} {
		files := shipped(t)
		text := string(files[c.file].Data)
		if !strings.Contains(text, c.old) {
			t.Fatalf("%s has no %s", c.file, c.old)
		}
		files[c.file] = &fstest.MapFile{Data: []byte(strings.Replace(text, c.old, c.new, 1))}
		if _, err := Load(files); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s → %s: %v, want %q", c.old, c.new, err, c.want)
		}
	}
}

// FuzzLoad: whatever stands in a file, loading ends with rules or an error, and
// rules that load can be evaluated, exported and checked.
func FuzzLoad(f *testing.F) {
	for name, file := range shipped(f) {
		f.Add(name, file.Data)
	}
	files := shipped(f)
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		if files[name] == nil {
			return
		}
		changed := fstest.MapFS{}
		maps.Copy(changed, files)
		changed[name] = &fstest.MapFile{Data: content}
		r, err := Load(changed)
		if err != nil {
			return
		}
		r.Check(today)
		if _, err := r.Export("2023-01-01", "2027-12-31"); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Evaluate(request(t, known(t)[0])); err != nil && !errors.Is(err, fault.Invalid) {
			t.Fatal(err)
		}
	})
}

// FuzzEvaluate: whatever a request says, it is answered or refused.
func FuzzEvaluate(f *testing.F) {
	r := rules(f)
	for _, text := range known(f) {
		f.Add([]byte(text))
	}
	f.Add([]byte(`{"date":"2027-02-28","persons":[{"id":"a","birth":"1990"}],"given":{"wg.income@wohngeld":{"low":1,"high":900}},"next":true}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var q Request
		if json.Unmarshal(text, &q) != nil {
			return
		}
		if q.Date == "" {
			q.Date = today
		}
		result, err := r.Evaluate(q)
		if err != nil {
			if !errors.Is(err, fault.Invalid) {
				t.Fatal(err)
			}
			return
		}
		if _, err := json.Marshal(result); err != nil {
			t.Fatal(err)
		}
	})
}
