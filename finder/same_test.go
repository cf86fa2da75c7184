package finder

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/evanw/esbuild/pkg/api"

	"lotse/internal/fault"
)

// rulesFrom and rulesTo span the dates of random households and of all cases,
// and two years more.
const rulesFrom, rulesTo = "2002-01-01", "2030-12-31"

// inNode evaluates requests by the page's interpreter and returns one line of
// JSON for each.
func inNode(t *testing.T, r *Rules, requests []Request) [][]byte {
	t.Helper()
	module := filepath.Join(t.TempDir(), "driver.mjs")
	built := api.Build(api.BuildOptions{
		EntryPoints: []string{"testdata/driver.ts"}, Outfile: module, Write: true, Bundle: true,
		Platform: api.PlatformNode, Format: api.FormatESModule, Target: api.ES2022, LogLevel: api.LogLevelSilent,
	})
	if len(built.Errors) > 0 {
		t.Fatal(strings.Join(api.FormatMessages(built.Errors, api.FormatMessagesOptions{}), ""))
	}
	exported, err := r.Export(rulesFrom, rulesTo)
	if err != nil {
		t.Fatal(err)
	}
	input := bytes.NewBuffer(append(exported, '\n'))
	for _, request := range requests {
		input.Write(jsonLine(request))
	}
	cmd := exec.CommandContext(t.Context(), "node", module)
	var problems bytes.Buffer
	cmd.Stdin, cmd.Stderr = input, &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node (needs Node.js 20 or newer): %v\n%s", err, problems.String())
	}
	return bytes.Split(out, []byte("\n"))
}

// said is what an interpreter answers to a request.
type said struct {
	Result Result            `json:"result"`
	Next   string            `json:"next"`
	Fields map[string]string `json:"fields"`
}

// inGo evaluates a request by the server's interpreter.
func inGo(t *testing.T, r *Rules, in Request) said {
	t.Helper()
	result, err := r.evaluate(in)
	if bad, ok := errors.AsType[*fault.Error](err); ok {
		return said{Fields: bad.Fields}
	}
	if err != nil {
		t.Fatal(err)
	}
	next, _, err := r.Next(in)
	if err != nil {
		t.Fatal(err)
	}
	var again Result // as a caller of the API reads it
	if err := json.Unmarshal(jsonLine(result), &again); err != nil {
		t.Fatal(err)
	}
	if again.Bundles == nil {
		again.Bundles = []BundleResult{} // null and [] are the same to a caller
	}
	return said{Result: again, Next: next.ID}
}

// sameInBoth fails for the first requests to which the two interpreters do not
// give the same answer, numbers to the last bit.
func sameInBoth(t *testing.T, r *Rules, requests []Request) {
	t.Helper()
	lines, wrong := inNode(t, r, requests), 0
	if len(lines) != len(requests) {
		t.Fatalf("%d answers to %d requests", len(lines), len(requests))
	}
	for i, request := range requests {
		var got said
		if err := json.Unmarshal(lines[i], &got); err != nil {
			t.Fatal(err)
		}
		if want := inGo(t, r, request); !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n%s", jsonLine(request), difference(want, got))
			if wrong++; wrong == 3 {
				t.FailNow()
			}
		}
	}
}

// difference names what is not the same.
func difference(want, got said) string {
	if len(want.Result.Benefits) != len(got.Result.Benefits) {
		return fmt.Sprintf("Go   %s\npage %s", jsonLine(want), jsonLine(got))
	}
	var out strings.Builder
	for i, b := range want.Result.Benefits {
		if !reflect.DeepEqual(b, got.Result.Benefits[i]) {
			fmt.Fprintf(&out, "Go   %spage %s", jsonLine(b), jsonLine(got.Result.Benefits[i]))
		}
	}
	if !reflect.DeepEqual(want.Result.Bundles, got.Result.Bundles) {
		fmt.Fprintf(&out, "Go   %spage %s", jsonLine(want.Result.Bundles), jsonLine(got.Result.Bundles))
	}
	fmt.Fprintf(&out, "next: Go %s %s, page %s %s", want.Result.Next, want.Next, got.Result.Next, got.Next)
	return out.String()
}

// TestPageAndServerFindTheSame evaluates random households in Go and in the
// page's interpreter. LOTSE_FINDER_HOUSEHOLDS sets how many ("make households":
// 100,000).
func TestPageAndServerFindTheSame(t *testing.T) {
	n := 3000
	if set, err := strconv.Atoi(os.Getenv("LOTSE_FINDER_HOUSEHOLDS")); err == nil {
		n = set
	}
	r := rules(t)
	g := newHouseholds(t, r, 20261123)
	for done := 0; done < n; done += 10_000 {
		requests := make([]Request, min(10_000, n-done))
		for i := range requests {
			requests[i] = g.request()
		}
		sameInBoth(t, r, requests)
	}
}

// TestPageAndServerFindTheSameForCases compares both on the expected-value
// cases, which give values for formulas and go back to older law.
func TestPageAndServerFindTheSameForCases(t *testing.T) {
	r := rules(t)
	var requests []Request
	for _, c := range readCases(t) {
		columns, n := map[string][]any{}, 0
		maps.Copy(columns, c.Inputs)
		maps.Copy(columns, c.Assumed)
		for _, column := range columns {
			n = max(n, len(column))
		}
		for _, members := range groups(columns["hh_id"], n) {
			q, _ := translate(c, columns, members, r)
			requests = append(requests, q)
		}
	}
	if len(requests) == 0 {
		withoutCases(t)
		return
	}
	sameInBoth(t, r, requests)
}

// jsonLine is v as one line of JSON.
func jsonLine(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // requests and results always encode
	}
	return append(b, '\n')
}

// households makes random requests: families of many kinds, answers of every
// sort, values on and beside round figures, gaps, ranges and mistakes.
type households struct {
	*rand.Rand

	person, household []Fact
	nodes             []string
	postcodes         []placeRow
}

func newHouseholds(t *testing.T, r *Rules, seed uint64) *households {
	t.Helper()
	g := &households{Rand: rand.New(rand.NewPCG(seed, 0)), postcodes: r.places.rows}
	for _, q := range r.Questions() {
		for _, f := range q.Facts {
			if f.Of == "person" {
				g.person = append(g.person, f)
			} else {
				g.household = append(g.household, f)
			}
		}
	}
	exported, err := r.Export(rulesFrom, rulesTo)
	if err != nil {
		t.Fatal(err)
	}
	var known struct {
		Nodes []struct{ ID, Unit string }
	}
	if err := json.Unmarshal(exported, &known); err != nil {
		t.Fatal(err)
	}
	for _, n := range known.Nodes {
		if n.Unit != "bool" {
			g.nodes = append(g.nodes, n.ID)
		}
	}
	return g
}

func (g *households) chance(percent int) bool { return g.IntN(100) < percent }

func (g *households) request() Request {
	in := Request{
		Date:      fmt.Sprintf("%d-%02d-%02d", 2023+g.IntN(5), 1+g.IntN(12), 1+g.IntN(28)),
		Household: g.answers(g.household), Given: map[string]Given{}, Next: g.chance(30),
	}
	if g.chance(97) {
		in.Persons = g.persons()
		in.Asker = in.Persons[g.IntN(min(2, len(in.Persons)))].ID
	}
	if g.chance(5) {
		value := Say(float64(g.IntN(3000)))
		in.Given[g.nodes[g.IntN(len(g.nodes))]] = Given{All: &value}
	}
	if g.chance(2) {
		in.Household["no_such_fact"] = Say(1)
	}
	return in
}

// persons are one or two grown-ups with children, sometimes a parent of theirs
// or somebody else.
func (g *households) persons() []Person {
	people := []Person{{ID: "a", Birth: g.birth(16, 90)}}
	if g.chance(45) {
		people[0].Partner = "b"
		people = append(people, Person{ID: "b", Birth: g.birth(16, 80), Partner: "a"})
	}
	for i := range max(0, g.IntN(7)-2) {
		child := Person{ID: "k" + strconv.Itoa(i), Birth: g.birth(0, 26), Parents: []string{"a"}}
		switch {
		case len(people) > 1 && people[1].ID == "b" && g.chance(60):
			child.Parents = append(child.Parents, "b")
		case g.chance(80):
			child.Parents = append(child.Parents, Away)
		}
		if g.chance(10) {
			child.KindergeldTo = "a"
		}
		people = append(people, child)
	}
	if g.chance(12) {
		people = append(people, Person{ID: "m", Birth: g.birth(40, 95)})
		people[0].Parents = []string{"m"}
	}
	if g.chance(3) {
		people[0].Partner = "m"
	}
	for i := range people {
		people[i].Facts = g.answers(g.person)
		if people[i].Birth == "" && g.chance(50) {
			people[i].Facts["age"] = Say(float64(g.IntN(90)))
		}
	}
	g.Shuffle(len(people), func(i, j int) { people[i], people[j] = people[j], people[i] })
	return people
}

// birth is a year, a month, a day or unknown.
func (g *households) birth(youngest, oldest int) string {
	year := strconv.Itoa(2026 - youngest - g.IntN(oldest-youngest+1))
	switch month := fmt.Sprintf("-%02d", 1+g.IntN(12)); {
	case g.chance(3):
		return ""
	case g.chance(30):
		return year
	case g.chance(40):
		return year + month
	default:
		return year + month + fmt.Sprintf("-%02d", 1+g.IntN(31))
	}
}

// answers answers all, most or few of the facts.
func (g *households) answers(facts []Fact) map[string]Answer {
	out := map[string]Answer{}
	share := []int{100, 90, 50, 10}[g.IntN(4)]
	for _, f := range facts {
		if g.chance(share) {
			out[f.ID] = g.answer(f)
		}
	}
	return out
}

func (g *households) answer(f Fact) Answer {
	if g.chance(6) {
		return Say(nil)
	}
	switch f.Kind {
	case "bool":
		return Say(g.chance(30))
	case "postcode":
		return Say(g.postcode())
	case "choice":
		return Say(f.Options[g.IntN(len(f.Options))])
	}
	low := g.number(f)
	if g.chance(12) {
		return Say(Range{Low: low, High: max(low, g.number(f))})
	}
	return Say(low)
}

// postcode is mostly one of the table, else any five letters.
func (g *households) postcode() string {
	if g.chance(5) {
		return []string{"00000", "99999", "1234", "5O667", "50667 "}[g.IntN(5)]
	}
	return fmt.Sprintf("%05d", g.postcodes[g.IntN(len(g.postcodes))].postcode)
}

// number is small or large within the limits, round or to the cent.
func (g *households) number(f Fact) float64 {
	x := f.Min + g.Float64()*min(f.Max-f.Min, []float64{10, 1000, 4000, 60000}[g.IntN(4)])
	switch g.IntN(4) {
	case 0:
		return max(f.Min, float64(int(x/50)*50))
	case 1:
		return max(f.Min, float64(int(x)))
	case 2:
		return max(f.Min, float64(int(x*100))/100)
	}
	return x
}
