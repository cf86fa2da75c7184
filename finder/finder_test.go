package finder

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

const today = "2026-11-23"

// rules loads the rules the product ships.
func rules(t testing.TB) *Rules {
	t.Helper()
	r, err := Load(os.DirFS("../configs/finder"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// request reads a request in the form of the API.
func request(t testing.TB, text string) Request {
	t.Helper()
	var q Request
	if err := json.Unmarshal([]byte(text), &q); err != nil {
		t.Fatal(err)
	}
	if q.Date == "" {
		q.Date = today
	}
	return q
}

// ask evaluates and returns the result for one benefit.
func ask(t testing.TB, r *Rules, q Request, benefit string) BenefitResult {
	t.Helper()
	result, err := r.Evaluate(q)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(result.Benefits, func(b BenefitResult) bool { return b.ID == benefit })
	if i < 0 {
		t.Fatalf("no result for %s", benefit)
	}
	return result.Benefits[i]
}

// compute returns a node for a person.
func compute(t testing.TB, r *Rules, q Request, id string, person int) Value {
	t.Helper()
	run, err := r.start(&q)
	if err != nil {
		t.Fatal(err)
	}
	s, known := r.symbols[id]
	if !known || s.kind != isNode {
		t.Fatalf("no node %s", id)
	}
	return run.node(s.index, person)
}

func TestKindergeld(t *testing.T) {
	r := rules(t)
	parent := `{"id":"p","birth":"1990","facts":{"residence":"german","pregnant":false,"children_away":0}}`
	for name, c := range map[string]struct {
		date, child string
		state       State
		amount      float64
	}{
		"minor":                    {today, `{"id":"k","birth":"2010-01-01","parents":["p"]}`, LikelyYes, 259},
		"the day before 18":        {"2027-12-31", `{"id":"k","birth":"2010-01-01","parents":["p"],"facts":{"training":"none","job_seeking":false,"disabled_since_youth":false}}`, LikelyYes, 259},
		"18, nothing":              {"2028-01-01", `{"id":"k","birth":"2010-01-01","parents":["p"],"facts":{"training":"none","job_seeking":false,"disabled_since_youth":false}}`, LikelyNo, 0},
		"19, waits for a place":    {today, `{"id":"k","birth":"2007-01-01","parents":["p"],"facts":{"training":"waiting","trained":false}}`, LikelyYes, 259},
		"24 in training":           {today, `{"id":"k","birth":"2002-01-01","parents":["p"],"facts":{"training":"study","trained":false,"hours":40}}`, LikelyYes, 259},
		"24 second training, work": {today, `{"id":"k","birth":"2002-01-01","parents":["p"],"facts":{"training":"study","trained":true,"hours":21,"job_seeking":false,"disabled_since_youth":false}}`, LikelyNo, 0},
		"in 2025":                  {"2025-06-01", `{"id":"k","birth":"2010-01-01","parents":["p"]}`, LikelyYes, 255},
	} {
		got := ask(t, r, request(t, `{"date":"`+c.date+`","asker":"p","persons":[`+parent+`,`+c.child+`]}`), "kindergeld")
		if got.State != c.state || got.Amount != nil && got.Amount.Low != c.amount {
			t.Errorf("%s: %s %v, want %s %v", name, got.State, got.Amount, c.state, c.amount)
		}
	}
}

func TestKindergeldDependsOnWhatIsNotKnown(t *testing.T) {
	r := rules(t)
	got := ask(t, r, request(t, `{"persons":[{"id":"p","birth":"1980","facts":{"residence":"german","pregnant":false,"children_away":0}},{"id":"k","birth":"2006-01-01","parents":["p"]}]}`), "kindergeld")
	if got.State != Depends || !slices.Equal(got.Missing, []string{"occupation", "health"}) {
		t.Errorf("%s, missing %v", got.State, got.Missing)
	}
	if got.Amount == nil || *got.Amount != (Range{0, 259}) {
		t.Errorf("amount %v", got.Amount)
	}
	got = ask(t, r, request(t, `{"persons":[]}`), "kindergeld")
	if got.State != Depends || !slices.Equal(got.Missing, []string{"household"}) {
		t.Errorf("nobody: %s, missing %v", got.State, got.Missing)
	}
}

func TestKindergeldWithoutSettledResidenceIsUnclear(t *testing.T) {
	got := ask(t, rules(t), request(t, `{"persons":[{"id":"p","birth":"1980","facts":{"residence":"tolerated"}},{"id":"k","birth":"2016","parents":["p"]}]}`), "kindergeld")
	if got.State != Unclear || len(got.Outcomes) != 2 || got.Outcomes[0].State != LikelyNo || got.Outcomes[1].State != LikelyYes {
		t.Errorf("%s %v", got.State, got.Outcomes)
	}
}

// An expected child rules nothing out: a wrong no would be the worst error.
func TestExpectedChild(t *testing.T) {
	r := rules(t)
	for _, hours := range []string{"0", "40"} {
		q := request(t, `{"persons":[{"id":"p","birth":"1996","facts":{"residence":"german","pregnant":true,"children_away":0,"training":"none","hours":`+hours+`,"net_before_birth":2000}}],"household":{"taxable_income":30000}}`)
		for _, benefit := range []string{"kindergeld", "elterngeld"} {
			got := ask(t, r, q, benefit)
			if got.State != Unclear || !slices.Contains(got.Points, "expected_child") {
				t.Errorf("%s at %s hours: %s %v", benefit, hours, got.State, got.Points)
			}
		}
	}
}

// TestSmallChildrenAreAskedLittle holds the questions to what can be true of a
// child of four who lives with a parent.
func TestSmallChildrenAreAskedLittle(t *testing.T) {
	in := request(t, `{"persons":[{"id":"a","birth":"1990"},{"id":"k","birth":"2022-05","parents":["a","away"]}]}`)
	in.Date = "2026-11-23"
	var asked []string
	for _, q := range rules(t).Questions() {
		fields, err := rules(t).Fields(in, q.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range fields {
			if f.Person == "k" {
				asked = append(asked, f.Fact.ID)
			}
		}
	}
	want := []string{"other_income", "maintenance", "receives_sgb12", "residence", "disability", "mark_g", "significant_disability", "care_unpaid", "care_grade", "in_home", "insured"}
	if !slices.Equal(asked, want) {
		t.Errorf("a child of four is asked\n%v, want\n%v", asked, want)
	}
}
