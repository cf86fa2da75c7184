package hours

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"lotse/directory/hours/holiday"
	"lotse/internal/roster/civil"
)

// The oracle for holidays is date-holidays. Where it differs, the law decides.
func TestOracleAgreesOnHolidays(t *testing.T) {
	t.Parallel()
	const first, last = 2015, 2035
	justified := map[string]string{}
	table, err := holiday.Load()
	if err != nil {
		t.Fatal(err)
	}
	var theirs map[string][]string
	if err := json.Unmarshal(oracle(t, nil, "holidays.js", strconv.Itoa(first), strconv.Itoa(last)), &theirs); err != nil {
		t.Fatal(err)
	}
	if want := 16 * (last - first + 1); len(theirs) != want {
		t.Fatalf("the oracle has %d years of Länder, want %d", len(theirs), want)
	}
	compared := 0
	for _, name := range slices.Sorted(maps.Keys(theirs)) {
		land, year, _ := strings.Cut(name, " ")
		n, err := strconv.Atoi(year)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{}
		for _, d := range theirs[name] {
			want[d] = true
		}
		calendar := table.At(holiday.Key(land))
		for d := (civil.Date{Year: n, Month: time.January, Day: 1}); d.Year == n; d = d.Add(1) {
			compared++
			ours, difference := calendar.On(d), fmt.Sprintf("%s %s", land, d)
			differs := ours.Certain != want[d.String()]
			if law := justified[difference]; differs != (law != "") {
				t.Errorf("%s: ours %+v, the oracle %v; justified: %q", difference, ours, want[d.String()], law)
			}
		}
	}
	t.Logf("%d days of Länder compared, %d justified differences", compared, len(justified))
}
