package finder

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// The rules that ship have no mistake; what is not certain is on the editor's
// list.
func TestTheShippedRulesAreSound(t *testing.T) {
	kinds := map[FindingKind]int{}
	for _, f := range rules(t).Check(today) {
		kinds[f.Kind]++
		if f.Mistake() {
			t.Errorf("%s %s: %s", f.Kind, f.Where, f.What)
		}
	}
	if kinds[NotCertain] == 0 || kinds[Overdue] != 0 {
		t.Errorf("findings %v", kinds)
	}
}

// A review is due half a year after the last one.
func TestReviewsFallDue(t *testing.T) {
	r := rules(t)
	if n := len(r.checkReviews("2027-05-22")); n != 0 {
		t.Errorf("%d too early", n)
	}
	all := len(r.params) + len(r.bodies) + len(r.benefits) + 1 // ways online, and the table of places
	if n := len(r.checkReviews("2027-12-01")); n != all {
		t.Errorf("%d of %d", n, all)
	}
}

func TestCheckFindsMistakes(t *testing.T) {
	for _, c := range []struct {
		file, old, new string
		kind           FindingKind
		where          string
	}{
		{"formulas/kindergeld.json", `{"*": ["kg.rate", "kg.count"]}`, `{"+": ["kg.rate", "kg.count"]}`, BadUnit, "kg.amount"},
		{"formulas/kindergeld.json", `{"*": ["wage", 12]}`, `"wage"`, BadUnit, "kg.income_year"},
		{"formulas/kindergeld.json", `"unit": "persons", "law": "§ 63 EStG"`, `"unit": "persons", "law": "somewhere"`, NoLaw, "kg.count"},
		{"formulas/kindergeld.json", `"id": "kg.household", "shown": true`, `"id": "kg.household"`, Unreachable, "kg.household"},
		{"formulas/kindergeld.json", `{"count": ["claimed", "kg.child"]}`, `{"if": [{">": [{"count": "claimed"}, 3]}, 1, {"count": ["claimed", "kg.child"]}]}`, NoBoundary, "kg.count"},
		{"law/kindergeld.json", `{"from": "2023-01-01", "is": 250,`, `{"from": "2023-02-01", "is": 250,`, Gap, "kg.rate"},
		{"law/wohngeld.json", `{"from": "2009-01-01", "is": 10`, `{"from": "2023-02-01", "is": 10`, Gap, "wg.least_paid"},
		{"benefits/wohngeld.json", `"law": "§ 7 Abs. 1 WoGG"`, `"law": "somewhere"`, NoLaw, "wohngeld/buergergeld"},
		{"formulas/kindergeld.json", `{"id": "kg.household"`, `{"id": "kg.a", "unit": "number", "law": "§ 1", "is": 1}, {"id": "kg.b", "unit": "number", "law": "§ 1", "is": "kg.a"}, {"id": "kg.household"`, Unreachable, "kg.a"},
		{"formulas/kindergeld.json", `{"from": "2012-01-01", `, `{"from": "2012-01-01", "law": "somewhere", `, NoLaw, "kg.in_training"},
		{"law/kindergeld.json", `"2026-01-01", "is": 259,`, `"2026-01-01", "is": 259, "sure": "B",`, NotCertain, "kg.rate"},
		{"law/kindergeld.json", `, "src": "Art. 6 G. v. 30.12.2024 BGBl. 2024 I Nr. 449"`, ``, NoSource, "kg.rate"},
		{"law/kindergeld.json", `"sure": "A", "reviewed": "2026-11-23"`, `"sure": "A", "reviewed": "2025-11-23"`, Overdue, "kg.rate"},
	} {
		files := shipped(t)
		text := string(files[c.file].Data)
		if !strings.Contains(text, c.old) {
			t.Fatalf("%s has no %s", c.file, c.old)
		}
		files[c.file] = &fstest.MapFile{Data: []byte(strings.Replace(text, c.old, c.new, 1))}
		r, err := Load(files)
		if err != nil {
			t.Fatal(err)
		}
		if found := r.Check(today); !slices.ContainsFunc(found, func(f Finding) bool { return f.Kind == c.kind && f.Where == c.where }) {
			t.Errorf("%s → %s: no %s at %s", c.old, c.new, c.kind, c.where)
		}
	}
}

// The whole rules have every id, only what is in force in the span, and no sources.
func TestExport(t *testing.T) {
	r := rules(t)
	content, err := r.Export("2026-01-01", "2026-12-31")
	if err != nil {
		t.Fatal(err)
	}
	var got exported
	if err := json.Unmarshal(content, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Params) != len(r.params) || len(got.Nodes) != len(r.nodes) || len(got.Benefits) != len(r.benefits) {
		t.Errorf("%d parameters, %d nodes, %d benefits", len(got.Params), len(got.Nodes), len(got.Benefits))
	}
	i := slices.IndexFunc(got.Params, func(p exportedParam) bool { return p.ID == "kg.rate" })
	if p := got.Params[i]; len(p.Dated) != 1 || p.Dated[0].From != "" || string(p.Dated[0].Is) != "259" {
		t.Errorf("kg.rate: %v", p.Dated)
	}
	content, err = r.Export("2025-12-31", "2026-12-31")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), `"id":"kg.rate","kind":"number","unit":"EUR/month","dated":[{"is":255},{"from":"2026-01-01","is":259}]`) {
		t.Error("kg.rate does not change in the span")
	}
	if strings.Contains(string(content), `"src"`) || strings.Contains(string(content), "BGBl") {
		t.Error("sources in the export")
	}
}

// The way to an amount can be shown step by step, with paragraphs.
func TestExplain(t *testing.T) {
	r := rules(t)
	trace, err := r.Explain(request(t, known(t)[0]), "wohngeld")
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(trace, func(s Trace) bool { return s.Node == "wg.income@wohngeld" && s.Person == "a" })
	if i < 0 || trace[i].Value.Low != trace[i].Value.High || !strings.Contains(trace[i].Law, "WoGG") || trace[i].Unit != "EUR/month" {
		t.Errorf("%v", trace)
	}
	if _, err := r.Explain(request(t, known(t)[0]), "nothing"); err == nil {
		t.Error("explains a benefit that is not there")
	}
}
