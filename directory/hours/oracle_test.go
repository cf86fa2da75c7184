package hours

import (
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"lotse/directory/hours/holiday"
	"lotse/internal/roster/civil"
)

// The oracle is opening_hours.js, the reference reader of the syntax.

const days = 400 // in each comparison

var (
	generated = flag.Int("generated", 150, "how many generated values to compare with the oracle")
	seed      = flag.Uint64("seed", 4, "of the generated values")
)

// question is a line to testdata/oracle/hours.js.
type question struct {
	Value string `json:"value"`
	State string `json:"state"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// answer is what it answers.
type answer struct {
	Spans [][4]any `json:"spans"`
	Error string   `json:"error"`
}

// lands are Länder without holidays of single municipalities, so that every day
// is certain.
var lands = []string{"Berlin", "Brandenburg", "Hamburg", "Hessen", "Mecklenburg-Vorpommern", "Niedersachsen",
	"Nordrhein-Westfalen", "Rheinland-Pfalz", "Saarland", "Sachsen-Anhalt", "Schleswig-Holstein"}

// oracle runs a script of testdata/oracle with the input given. Without Node or
// its packages the test does not run, which CI does not allow.
func oracle(t testing.TB, input []byte, script ...string) []byte {
	t.Helper()
	if _, err := os.Stat("testdata/oracle/node_modules"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("the packages of testdata/oracle are not installed; .ci/setup does it")
		}
		t.Skip("not compared with the oracle: make setup installs it")
	}
	cmd := exec.Command("node", script...)
	cmd.Dir = "testdata/oracle"
	cmd.Env = append(os.Environ(), "TZ=Europe/Berlin")
	cmd.Stdin = strings.NewReader(string(input))
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node %s: %v", script, err)
	}
	return out
}

func ask(t testing.TB, questions []question) []answer {
	t.Helper()
	var input strings.Builder
	lines := json.NewEncoder(&input)
	for _, q := range questions {
		if err := lines.Encode(q); err != nil {
			t.Fatal(err)
		}
	}
	answers := make([]answer, len(questions))
	reply := json.NewDecoder(strings.NewReader(string(oracle(t, []byte(input.String()), "hours.js"))))
	for i := range answers {
		if err := reply.Decode(&answers[i]); err != nil {
			t.Fatal(err)
		}
	}
	return answers
}

// periods are the answer in our terms.
func (a answer) periods() []Period {
	var list []Period
	for _, s := range a.Spans {
		p := Period{time.Unix(int64(s[0].(float64)), 0), time.Unix(int64(s[1].(float64)), 0), Open, s[3].(string)}
		if s[2].(bool) {
			p.State = ByArrangement
		}
		if last := len(list) - 1; last >= 0 && list[last].To.Equal(p.From) && list[last].State == p.State && list[last].Comment == p.Comment {
			list[last].To = p.To
			continue
		}
		list = append(list, p)
	}
	return list
}

// written are the periods as text, without the first hour of the Monday after
// clocks go forward: there the oracle looks for yesterday 24 hours back and finds
// Saturday (generateDateShifter), so that what ran over from Sunday is lost.
func written(list []Period) []string {
	var lines []string
	for _, p := range list {
		if monday, ok := afterClockChange(p.From, p.To); ok {
			first, second := p, p
			first.To, second.From = earlier(p.To, monday), later(p.From, monday.Add(time.Hour))
			lines = append(lines, written([]Period{first, second})...)
			continue
		}
		if p.State != Closed && p.From.Before(p.To) {
			lines = append(lines, p.text())
		}
	}
	return lines
}

func (p Period) text() string {
	const layout = "Mon 2006-01-02 15:04 MST"
	text := fmt.Sprintf("%s – %s %s", p.From.In(berlin()).Format(layout), p.To.In(berlin()).Format(layout), p.State)
	return strings.TrimSpace(text + " " + p.Comment)
}

// afterClockChange is the Monday after clocks go forward, if its first hour has
// something in common with the span.
func afterClockChange(from, to time.Time) (time.Time, bool) {
	for year := from.Year(); year <= to.Year(); year++ {
		sunday := civil.Date{Year: year, Month: time.March, Day: 31}
		sunday = sunday.Add(-(sunday.Weekday() + 1) % 7)
		monday := civil.Resolve(sunday.Add(1), 0, berlin(), civil.Start)
		if from.Before(monday.Add(time.Hour)) && to.After(monday) {
			return monday, true
		}
	}
	return time.Time{}, false
}

func berlin() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}

// placeIn is a Land by its name.
func placeIn(t testing.TB, land string) Place {
	t.Helper()
	return placeAt(t, holiday.Key(land))
}

// ours answers a question ourselves.
func ours(t testing.TB, q question) ([]Period, error) {
	t.Helper()
	h, err := Parse(q.Value)
	if err != nil {
		return nil, err
	}
	return h.Periods(moment(t, q.From), moment(t, q.To), placeIn(t, q.State)), nil
}

func moment(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02T15:04", s, berlin())
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func from(first civil.Date, value, state string) question {
	return question{value, state, first.String() + "T00:00", first.Add(days).String() + "T00:00"}
}

// compare asks both and reports the first difference of each value.
func compare(t *testing.T, questions []question) {
	t.Helper()
	differ := 0
	for i, a := range ask(t, questions) {
		q := questions[i]
		periods, err := ours(t, q)
		if err != nil || a.Error != "" {
			t.Errorf("%q: we say %v, the oracle says %s", q.Value, err, a.Error)
			continue
		}
		got, want := written(periods), written(a.periods())
		if slices.Equal(got, want) {
			continue
		}
		if differ++; differ <= 10 {
			at := 0
			for at < len(got) && at < len(want) && got[at] == want[at] {
				at++
			}
			t.Errorf("%q in %s: %d periods, oracle %d; first difference:\n  ours   %s\n  oracle %s", q.Value, q.State,
				len(got), len(want), strings.Join(got[at:min(at+1, len(got))], ""), strings.Join(want[at:min(at+1, len(want))], ""))
		}
	}
	t.Logf("%d of %d values differ over %d days", differ, len(questions), days)
}

var newYear = civil.Date{Year: 2026, Month: time.January, Day: 1}

func TestOracleAgreesOnFixtures(t *testing.T) {
	t.Parallel()
	var questions []question
	for _, value := range fixtures(t) {
		if !strings.Contains(value, "SH") { // school holidays are unknown to us on purpose
			questions = append(questions, from(newYear, value, "Berlin"), from(newYear, value, "Saarland"))
		}
	}
	compare(t, questions)
}

func TestOracleAgreesOnRealHours(t *testing.T) {
	t.Parallel()
	root := os.Getenv("LOTSE_SHARED")
	if root == "" {
		root = "../../../shared"
	}
	f, err := os.Open(filepath.Join(root, "data", "directory", "centres.csv"))
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("not run on real hours: no shared data")
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column, state := slices.Index(rows[0], "opening_hours"), slices.Index(rows[0], "state")
	asked := map[question]bool{}
	var questions []question
	for _, row := range rows[1:] {
		land := row[state]
		if !slices.Contains(lands, land) {
			land = "Berlin"
		}
		if q := from(newYear, row[column], land); q.Value != "" && !asked[q] {
			asked[q] = true
			questions = append(questions, q)
		}
	}
	compare(t, questions)
}

// The values of the generator are those of the subset in which no difference is
// known; TestOracleIsWrong has the others.
func TestOracleAgreesOnGeneratedHours(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(*seed, 2026))
	questions := make([]question, *generated)
	for i := range questions {
		first := civil.Date{Year: 2026 + random.IntN(3), Month: time.Month(1 + random.IntN(12)), Day: 1 + random.IntN(28)}
		questions[i] = from(first, generate(random).String(), lands[random.IntN(len(lands))])
	}
	compare(t, questions)
}

// The oracle is wrong on these. When it gets one right this test fails, and the
// line moves to the fixtures.
func TestOracleIsWrong(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value, from, to, why string
		want                 []string
	}{
		{"Su 19:30-07:30", "2026-03-29T12:00", "2026-03-30T12:00",
			"it goes 24 hours back from Monday 00:30 to find yesterday, which the change of clocks makes Saturday",
			[]string{"Sun 2026-03-29 19:30 CEST – Mon 2026-03-30 07:30 CEST open"}},
		{"02:30-05:00", "2026-03-29T00:00", "2026-03-29T12:00",
			"clocks skip 2:30; its interval begins at 3:30, though asked for 3:10 it says open",
			[]string{"Sun 2026-03-29 03:00 CEST – Sun 2026-03-29 05:00 CEST open"}},
		{"2026", "2026-12-30T00:00", "2027-01-03T00:00",
			"its list of intervals misses the end of a single year, though asked for a moment in 2027 it says closed",
			[]string{"Wed 2026-12-30 00:00 CET – Fri 2027-01-01 00:00 CET open"}},
		{"Feb 29 10:00-11:00", "2027-03-02T00:00", "2028-03-01T00:00",
			"it looks ahead from one year to the next and misses a day that only leap years have",
			[]string{"Tue 2028-02-29 10:00 CET – Tue 2028-02-29 11:00 CET open"}},
		{"PH,SH Mo-Fr 10:00-12:00", "2026-11-23T00:00", "2026-11-24T00:00",
			"a list of holidays narrows the weekdays after it (<holiday_sequence> <space> <weekday_sequence>); it adds them up",
			[]string{"Mon 2026-11-23 10:00 CET – Mon 2026-11-23 12:00 CET unknown"}},
		{"Mo 10:00-12:00; 14:00-16:00", "2026-11-23T00:00", "2026-11-24T00:00",
			"a rule after ; overwrites the days that it selects (<normal_rule_separator>); without a selector these are all days",
			[]string{"Mon 2026-11-23 14:00 CET – Mon 2026-11-23 16:00 CET open"}},
		{`Mo 00:00-03:00 || 22:00-02:00 "x"`, "2026-11-23T00:00", "2026-11-23T12:00",
			"a fallback speaks only where the rules before it say closed (<fallback_rule_separator>), after midnight too",
			[]string{"Mon 2026-11-23 00:00 CET – Mon 2026-11-23 03:00 CET open"}},
	}
	var questions []question
	for _, tt := range tests {
		questions = append(questions, question{tt.value, "Berlin", tt.from, tt.to})
	}
	for i, a := range ask(t, questions) {
		tt := tests[i]
		periods, err := ours(t, questions[i])
		if err != nil {
			t.Fatal(err)
		}
		if got := texts(periods); !slices.Equal(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.value, got, tt.want)
		}
		if got := texts(a.periods()); slices.Equal(got, tt.want) {
			t.Errorf("%q: the oracle agrees now; it was said: %s", tt.value, tt.why)
		}
	}
}

// texts are all periods but closed ones.
func texts(list []Period) []string {
	var lines []string
	for _, p := range list {
		if p.State != Closed {
			lines = append(lines, p.text())
		}
	}
	return lines
}
