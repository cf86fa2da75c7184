package civil_test

import (
	"testing"

	"lotse/internal/roster/civil"
)

// FuzzParse reads anything as a date and as a week. What is taken is written the
// same way again, so that one day has one name.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"2026-11-03", "2024-02-29", "2023-02-29", "2026-W01", "2026-W53", "2020-W53", "", "0000-00-00", "-1-1-1", "2026-11-03T00:00", "99999-01-01", "２０２６-11-03"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := civil.ParseDate(s); err == nil && d.String() != s {
			t.Errorf("the date %q is written %q", s, d)
		}
		if w, err := civil.ParseWeek(s); err == nil && (w.String() != s || civil.WeekOf(w.Monday()) != w) {
			t.Errorf("the week %q is written %q", s, w)
		}
	})
}
