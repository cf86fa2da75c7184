package civil

import (
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"
)

func zone(t interface{ Fatal(...any) }, name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestResolve(t *testing.T) {
	tests := []struct {
		why, zone, date string
		minute          int
		edge            Edge
		want            string
	}{
		{"an ordinary day", "Europe/Berlin", "2026-11-23", 8 * 60, Start, "2026-11-23T07:00:00Z"},
		{"summer", "Europe/Berlin", "2026-07-01", 8 * 60, End, "2026-07-01T06:00:00Z"},
		{"past midnight", "Europe/Berlin", "2026-11-23", 30 * 60, End, "2026-11-24T05:00:00Z"},
		{"before midnight", "Europe/Berlin", "2026-11-23", -60, Start, "2026-11-22T22:00:00Z"},
		{"last minute before the gap", "Europe/Berlin", "2026-03-29", 119, Start, "2026-03-29T00:59:00Z"},
		{"first skipped minute", "Europe/Berlin", "2026-03-29", 120, Start, "2026-03-29T01:00:00Z"},
		{"in the gap, start", "Europe/Berlin", "2026-03-29", 150, Start, "2026-03-29T01:00:00Z"},
		{"in the gap, end", "Europe/Berlin", "2026-03-29", 150, End, "2026-03-29T01:00:00Z"},
		{"after the gap", "Europe/Berlin", "2026-03-29", 180, Start, "2026-03-29T01:00:00Z"},
		{"repeated, start", "Europe/Berlin", "2026-10-25", 150, Start, "2026-10-25T00:30:00Z"},
		{"repeated, end", "Europe/Berlin", "2026-10-25", 150, End, "2026-10-25T01:30:00Z"},
		{"first repeated minute, start", "Europe/Berlin", "2026-10-25", 120, Start, "2026-10-25T00:00:00Z"},
		{"first repeated minute, end", "Europe/Berlin", "2026-10-25", 120, End, "2026-10-25T01:00:00Z"},
		{"after the fold", "Europe/Berlin", "2026-10-25", 180, End, "2026-10-25T02:00:00Z"},
		{"half-hour fold, start", "Australia/Lord_Howe", "2026-04-05", 105, Start, "2026-04-04T14:45:00Z"},
		{"half-hour fold, end", "Australia/Lord_Howe", "2026-04-05", 105, End, "2026-04-04T15:15:00Z"},
		{"half-hour gap", "Australia/Lord_Howe", "2026-10-04", 135, Start, "2026-10-03T15:30:00Z"},
		{"a day that never was, noon", "Pacific/Apia", "2011-12-30", 720, Start, "2011-12-30T10:00:00Z"},
		{"a day that never was, midnight", "Pacific/Apia", "2011-12-30", 0, End, "2011-12-30T10:00:00Z"},
		{"clocks change at midnight", "America/Havana", "2026-03-08", 0, Start, "2026-03-08T05:00:00Z"},
		{"no clock changes", "Asia/Kolkata", "2026-03-29", 150, Start, "2026-03-28T21:00:00Z"},
		{"UTC", "UTC", "2026-03-29", 150, End, "2026-03-29T02:30:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			date, err := ParseDate(tt.date)
			if err != nil {
				t.Fatal(err)
			}
			got := Resolve(date, tt.minute, zone(t, tt.zone), tt.edge).Format(time.RFC3339)
			if got != tt.want {
				t.Errorf("Resolve(%s, %d, %s) = %s, want %s", tt.date, tt.minute, tt.zone, got, tt.want)
			}
		})
	}
}

// TestResolveAgainstClock compares with a search that knows nothing of offsets:
// it looks at a clock on the wall, minute by minute.
func TestResolveAgainstClock(t *testing.T) {
	zones := []string{"Europe/Berlin", "Europe/Lisbon", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
		"Pacific/Apia", "Pacific/Chatham", "America/Havana", "Africa/Casablanca", "America/St_Johns", "UTC"}
	days := []Date{{2026, 3, 29}, {2026, 10, 25}, {2026, 3, 8}, {2026, 11, 1}, {2026, 4, 5}, {2026, 10, 4},
		{2011, 12, 30}, {2026, 2, 15}, {2026, 3, 22}, {2026, 9, 27}}
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		day := rapid.SampledFrom(days).Draw(t, "day").Add(rapid.IntRange(-1, 1).Draw(t, "shift"))
		minute := rapid.IntRange(0, 2880).Draw(t, "minute")
		edge := Edge(rapid.Bool().Draw(t, "end"))
		want := lookAtClock(day, minute, z, edge)
		if got := Resolve(day, minute, z, edge); !got.Equal(want) {
			t.Fatalf("Resolve(%s, %d, %s, %v) = %s, want %s", day, minute, z, edge, got, want)
		}
	})
}

func lookAtClock(day Date, minute int, z *time.Location, edge Edge) time.Time {
	wall := time.Date(day.Year, day.Month, day.Day, 0, minute, 0, 0, time.UTC)
	var first, last, past time.Time
	for t := wall.Add(-30 * time.Hour); t.Before(wall.Add(30 * time.Hour)); t = t.Add(time.Minute) {
		shown := t.In(z).Format("2006-01-02 15:04")
		if shown == wall.Format("2006-01-02 15:04") {
			if first.IsZero() {
				first = t
			}
			last = t
		}
		if past.IsZero() && shown > wall.Format("2006-01-02 15:04") {
			past = t
		}
	}
	switch {
	case first.IsZero():
		return past
	case edge == End:
		return last
	}
	return first
}

// TestMinutes reads an instant back as a wall clock: resolving what it shows
// gives the instant again.
func TestMinutes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom([]string{"Europe/Berlin", "Australia/Lord_Howe", "UTC"}).Draw(t, "zone"))
		day := Date{2026, 1, 1}.Add(rapid.IntRange(0, 364).Draw(t, "day"))
		at := Resolve(day, rapid.IntRange(0, 2880).Draw(t, "minute"), z, Start)
		if again := Resolve(day, Minutes(day, at, z), z, Start); !again.Equal(at) {
			t.Fatalf("resolving %s again gives %s", at, again)
		}
	})
}

func TestDate(t *testing.T) {
	d, err := ParseDate("2026-02-28")
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Add(1).String(); got != "2026-03-01" {
		t.Errorf("the day after 28 February 2026 is %s", got)
	}
	if got := d.Weekday(); got != 5 {
		t.Errorf("28 February 2026 has weekday %d, want 5 (Saturday)", got)
	}
	if got := Days(Date{2026, 3, 28}, Date{2026, 3, 30}); got != 2 {
		t.Errorf("Days over a clock change = %d, want 2", got)
	}
	if !d.Before(d.Add(1)) || d.Before(d) {
		t.Error("Before is not strict order")
	}
	for _, bad := range []string{"", "2026-02-30", "2026-2-3", "28.02.2026", "2026-02-28T00:00:00Z", "0000-00-00"} {
		if _, err := ParseDate(bad); err == nil {
			t.Errorf("ParseDate(%q) accepts it", bad)
		}
	}
}

func TestWeek(t *testing.T) {
	tests := []struct{ day, week, monday string }{
		{"2026-11-23", "2026-W48", "2026-11-23"},
		{"2026-01-01", "2026-W01", "2025-12-29"},
		{"2027-01-03", "2026-W53", "2026-12-28"},
		{"2025-12-29", "2026-W01", "2025-12-29"},
	}
	for _, tt := range tests {
		d, _ := ParseDate(tt.day)
		w := WeekOf(d)
		if w.String() != tt.week || w.Monday().String() != tt.monday {
			t.Errorf("%s is in %s from %s, want %s from %s", tt.day, w, w.Monday(), tt.week, tt.monday)
		}
		if parsed, err := ParseWeek(tt.week); err != nil || parsed != w {
			t.Errorf("ParseWeek(%q) = %v, %v", tt.week, parsed, err)
		}
	}
	for _, bad := range []string{"", "2026", "2026-W00", "2025-W53", "2026-W54", "2026-48", "2026-W48x", "2026-W8", "2026-w48", " 2026-W48"} {
		if w, err := ParseWeek(bad); err == nil {
			t.Errorf("ParseWeek(%q) = %v", bad, w)
		}
	}
}

func TestWeekSpan(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	for week, want := range map[string]time.Duration{"2026-W13": 167 * time.Hour, "2026-W43": 169 * time.Hour, "2026-W48": 168 * time.Hour} {
		w, err := ParseWeek(week)
		if err != nil {
			t.Fatal(err)
		}
		from, to := w.Span(berlin)
		if to.Sub(from) != want {
			t.Errorf("%s lasts %s, want %s", week, to.Sub(from), want)
		}
		if next, _ := w.Add(1).Span(berlin); !next.Equal(to) {
			t.Errorf("%s does not end where %s begins", week, w.Add(1))
		}
	}
}
