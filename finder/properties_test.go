package finder

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"
)

// people makes random households: everybody known, then as much forgotten as
// the test wants. The seed makes a failure repeatable.
type people struct {
	rules *Rules
	rng   *rand.Rand
}

func newPeople(t testing.TB, seed uint64) *people {
	return &people{rules(t), rand.New(rand.NewPCG(seed, 40))}
}

// household is a request of which every fact is known.
func (g *people) household() Request {
	q := Request{Date: g.date(), Asker: "a", Household: map[string]Answer{}}
	q.Persons = append(q.Persons, Person{ID: "a", Birth: g.birth(18, 85)})
	parents := []string{"a"}
	if g.rng.IntN(2) == 0 {
		q.Persons[0].Partner = "b"
		q.Persons = append(q.Persons, Person{ID: "b", Birth: g.birth(18, 85), Partner: "a"})
		parents = append(parents, "b")
	}
	for k := range g.rng.IntN(4) {
		child := Person{ID: fmt.Sprint("k", k), Birth: g.birth(0, 26), Parents: slices.Clone(parents)}
		if len(parents) == 1 && g.rng.IntN(2) == 0 {
			child.Parents = append(child.Parents, Away)
		}
		q.Persons = append(q.Persons, child)
	}
	for i := range q.Persons {
		q.Persons[i].Facts = map[string]Answer{}
	}
	for _, f := range g.rules.facts {
		switch {
		case f.builtin:
		case f.Of == "household":
			q.Household[f.ID] = g.answer(f)
		default:
			for i := range q.Persons {
				q.Persons[i].Facts[f.ID] = g.answer(f)
			}
		}
	}
	q.Household["postcode"] = Say(g.postcode(jsonOf(q.Household["rent_level"])))
	return q
}

// postcode is one that may have the rent level, or of which nothing is known.
func (g *people) postcode(level any) string {
	x, _ := level.(float64)
	row := g.rules.places.rows[g.rng.IntN(len(g.rules.places.rows))]
	if x < float64(row.low) || x > float64(row.high) {
		return "00001"
	}
	return fmt.Sprintf("%05d", row.postcode)
}

func (g *people) date() string {
	return fmt.Sprintf("%d-%02d-%02d", 2023+g.rng.IntN(5), 1+g.rng.IntN(12), 1+g.rng.IntN(28))
}

// birth is the birthday of somebody who is that old in 2023.
func (g *people) birth(from, to int) string {
	return fmt.Sprintf("%d-%02d-%02d", 2022-from-g.rng.IntN(to-from+1), 1+g.rng.IntN(12), 1+g.rng.IntN(28))
}

// answer is a plausible answer: often the usual one, else anything.
func (g *people) answer(f fact) Answer {
	switch f.Kind {
	case "postcode":
		return Say("00001") // one that fits the rent level is put in later
	case "bool":
		return Say(g.rng.IntN(4) == 0)
	case "choice":
		if g.rng.IntN(2) == 0 {
			return Say(f.Options[0])
		}
		return Say(f.Options[g.rng.IntN(len(f.Options))])
	}
	if g.rng.IntN(3) == 0 {
		return Say(f.Min)
	}
	most := map[string]float64{"EUR/month": 3000, "EUR": 60000, "EUR/year": 250000}[f.Unit]
	if most == 0 {
		most = f.Max
	}
	return Say(math.Round(f.Min + g.rng.Float64()*(min(most, f.Max)-f.Min)))
}

// forget returns the request with about one answer in n not given, not known or
// only as a range.
func (g *people) forget(q Request, n int) Request {
	out := q
	out.Household = g.forgotten(q.Household, n)
	out.Persons = slices.Clone(q.Persons)
	for i := range out.Persons {
		out.Persons[i].Facts = g.forgotten(q.Persons[i].Facts, n)
		if g.rng.IntN(n) == 0 {
			out.Persons[i].Birth = out.Persons[i].Birth[:[]int{4, 7}[g.rng.IntN(2)]]
		}
	}
	return out
}

func (g *people) forgotten(answers map[string]Answer, n int) map[string]Answer {
	out := map[string]Answer{}
	for _, id := range slices.Sorted(maps.Keys(answers)) {
		out[id] = answers[id]
		if g.rng.IntN(n) > 0 {
			continue
		}
		f := g.rules.facts[g.rules.symbols[id].index]
		v, err := f.read(answers[id])
		switch k := g.rng.IntN(3); {
		case k == 0:
			delete(out, id)
		case k == 1 && f.Kind == "number" && err == nil:
			out[id] = Say(Range{max(f.Min, v.Lo-float64(g.rng.IntN(300))), min(f.Max, v.Hi+float64(g.rng.IntN(300)))})
		default:
			out[id] = Say(nil)
		}
	}
	return out
}

// What is added to the answers never leaves the interval that was there before:
// no node, no amount, no verdict. So no yes becomes a no, and every range holds
// every result that is still possible.
func TestMoreInformationOnlyNarrows(t *testing.T) {
	g := newPeople(t, 1)
	for i := range 1500 {
		whole := g.household()
		part := g.forget(whole, 2+i%6)
		a, errA := g.rules.start(&part)
		b, errB := g.rules.start(&whole)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		for k := range g.rules.benefits {
			benefit := &g.rules.benefits[k]
			wide, narrow := a.judge(benefit), b.judge(benefit)
			if !inside(narrow.is, wide.is) || !narrow.is.isNo() && !inside(narrow.amount, wide.amount) {
				t.Fatalf("household %d: %s narrows from %v %v to %v %v", i, benefit.ID, wide.is, wide.amount, narrow.is, narrow.amount)
			}
		}
		for n := range g.rules.nodes {
			for p := range whole.Persons {
				wide, narrow := a.node(n, p), b.node(n, p)
				if !inside(narrow, wide) {
					t.Fatalf("household %d: %s of %s narrows from [%v %v] to [%v %v]", i, g.rules.nodes[n].ID, whole.Persons[p].ID, wide.Lo, wide.Hi, narrow.Lo, narrow.Hi)
				}
				if wide.known() && wide.Asks != 0 || !wide.known() && wide.Asks == 0 && wide.Laws == 0 {
					t.Fatalf("%s is [%v %v] with causes %v %v", g.rules.nodes[n].ID, wide.Lo, wide.Hi, g.rules.questionIDs(wide.Asks), g.rules.pointIDs(wide.Laws))
				}
			}
		}
	}
}

// inside says whether a range lies in another.
func inside(narrow, wide Value) bool { return narrow.Lo >= wide.Lo-grain && narrow.Hi <= wide.Hi+grain }

func TestStatesNeverFlip(t *testing.T) {
	g := newPeople(t, 2)
	for range 300 {
		whole := g.household()
		part, err := g.rules.Evaluate(g.forget(whole, 3))
		if err != nil {
			t.Fatal(err)
		}
		all, err := g.rules.Evaluate(whole)
		if err != nil {
			t.Fatal(err)
		}
		for i, before := range part.Benefits {
			after := all.Benefits[i]
			if before.State == LikelyNo && saysYes(after) || saysYes(before) && after.State == LikelyNo {
				t.Errorf("%s goes from %s to %s", before.ID, before.State, after.State)
			}
		}
	}
}

// saysYes says that nothing rules the benefit out but, at most, one that goes first.
func saysYes(b BenefitResult) bool {
	failed := slices.ContainsFunc(b.Reasons, func(r Reason) bool { return r.Verdict == "no" })
	return b.State == LikelyYes || b.State == OtherFirst && !failed
}

// What is not known is named: an open verdict always says which question or
// which point of law would help.
func TestOpenVerdictsNameTheirCauses(t *testing.T) {
	g := newPeople(t, 3)
	for range 300 {
		q := g.forget(g.household(), 3)
		result, err := g.rules.Evaluate(q)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range result.Benefits {
			if b.State == Depends && len(b.Missing) == 0 {
				t.Errorf("%s depends on nothing", b.ID)
			}
		}
	}
}

func TestTheOrderOfPersonsDoesNotMatter(t *testing.T) {
	g := newPeople(t, 4)
	for range 300 {
		q := g.forget(g.household(), 8)
		other := q
		other.Persons = slices.Clone(q.Persons)
		g.rng.Shuffle(len(other.Persons), func(i, j int) {
			other.Persons[i], other.Persons[j] = other.Persons[j], other.Persons[i]
		})
		a, errA := g.rules.Evaluate(q)
		b, errB := g.rules.Evaluate(other)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		for i := range a.Benefits {
			x, y := a.Benefits[i], b.Benefits[i]
			if x.State != y.State || !slices.Equal(x.Missing, y.Missing) || !near(x.Amount, y.Amount) {
				t.Errorf("%s: %s %v %v, other order %s %v %v", x.ID, x.State, x.Amount, x.Missing, y.State, y.Amount, y.Missing)
			}
		}
	}
}

func near(a, b *Range) bool {
	if a == nil || b == nil {
		return a == b
	}
	return math.Abs(a.Low-b.Low) < 0.01 && math.Abs(a.High-b.High) < 0.01
}

// The wage alone is no measure: above the marginal-job limit § 16 WoGG takes
// three tenths off. Income that nothing is taken off is.
func TestMoreIncomeNeverRaisesWohngeld(t *testing.T) {
	g := newPeople(t, 5)
	node := g.rules.symbols["wg.amount@wohngeld"].index
	for range 300 {
		q := g.household()
		q.Given = map[string]Given{"wg.side": {All: &Answer{[]byte("true")}}}
		before := math.Inf(1)
		for income := 0.0; income < 4000; income += 137 {
			q.Persons[0].Facts["other_income"] = Say(income)
			run, err := g.rules.start(&q)
			if err != nil {
				t.Fatal(err)
			}
			got := run.node(node, 0)
			if got.Hi > before+grain {
				t.Fatalf("%v EUR more give %v after %v", income, got.Hi, before)
			}
			before = got.Hi
		}
	}
}

// The facts that a verdict cites give the same verdict without the others.
func TestCitedFactsAreEnough(t *testing.T) {
	g := newPeople(t, 6)
	for range 250 {
		whole := g.forget(g.household(), 12)
		run, err := g.rules.start(&whole)
		if err != nil {
			t.Fatal(err)
		}
		for i := range g.rules.benefits {
			b := &g.rules.benefits[i]
			want := run.judge(b).is
			if !want.known() {
				continue
			}
			cited, err := g.rules.Cited(whole, b.ID)
			if err != nil {
				t.Fatal(err)
			}
			only := keep(whole, cited)
			again, err := g.rules.start(&only)
			if err != nil {
				t.Fatal(err)
			}
			if got := again.judge(b).is; got.Lo != want.Lo || got.Hi != want.Hi {
				t.Fatalf("%s is [%v %v], by %v alone [%v %v] (%v)", b.ID, want.Lo, want.Hi, cited, got.Lo, got.Hi, g.rules.questionIDs(got.Asks))
			}
		}
	}
}

// keep is the request with the named facts only. Persons and births stay: they
// are the household.
func keep(q Request, cited []string) Request {
	out := q
	out.Household = map[string]Answer{}
	for id, a := range q.Household {
		if slices.Contains(cited, "household."+id) {
			out.Household[id] = a
		}
	}
	out.Persons = slices.Clone(q.Persons)
	for i, p := range q.Persons {
		out.Persons[i].Facts = map[string]Answer{}
		for id, a := range p.Facts {
			if slices.Contains(cited, p.ID+"."+id) {
				out.Persons[i].Facts[id] = a
			}
		}
	}
	return out
}

// Every first of a month from 2023 to the end of 2027 has a law: nothing is
// read that is not there, and what is not known yet says so.
func TestDateSweep(t *testing.T) {
	g := newPeople(t, 7)
	open := 0 // benefits that wait for the figures of 2027
	for range 5 {
		q := g.household()
		for year := 2023; year <= 2027; year++ {
			for month := 1; month <= 12; month++ {
				q.Date = fmt.Sprintf("%d-%02d-01", year, month)
				result, err := g.rules.Evaluate(q)
				if err != nil {
					t.Fatal(q.Date, err)
				}
				for _, b := range result.Benefits {
					unknown := slices.Contains(b.Points, "figures_2027")
					if unknown && year < 2027 {
						t.Errorf("%s: %s does not know its figures", q.Date, b.ID)
					}
					open += b2i(unknown)
				}
			}
		}
	}
	if open == 0 {
		t.Error("in 2027 all figures seem to be known")
	}
	for _, f := range g.rules.checkGaps(today) {
		t.Error(f.Where, f.What)
	}
}

// Rules are shared: requests at the same time do not meet in the memory that
// runs lend each other.
func TestManyAskAtOnce(t *testing.T) {
	g := newPeople(t, 8)
	var requests []Request
	var want []Result
	for range 20 {
		q := g.forget(g.household(), 4)
		q.Next = true
		result, err := g.rules.Evaluate(q)
		if err != nil {
			t.Fatal(err)
		}
		requests, want = append(requests, q), append(want, result)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i, q := range requests {
				got, err := g.rules.Evaluate(q)
				if err != nil || !reflect.DeepEqual(got, want[i]) {
					t.Errorf("request %d differs: %v", i, err)
				}
			}
		})
	}
	all.Wait()
}
