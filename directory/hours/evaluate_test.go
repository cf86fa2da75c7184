package hours

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lotse/directory/hours/holiday"
	"lotse/internal/roster/civil"
)

// placeAt is a place by its official municipality key.
func placeAt(t testing.TB, key string) Place {
	t.Helper()
	table, err := holiday.Load()
	if err != nil {
		t.Fatal(err)
	}
	return Place{berlin(), table.At(key)}
}

func TestStatus(t *testing.T) {
	const week = "Mo-Fr 09:00-12:00,14:00-17:00; PH off"
	tests := []struct{ hours, now, want string }{
		// 26 November 2026 is a Thursday.
		{week, "2026-11-26T08:59", "closed until Thu 09:00, opens Thu 09:00"},
		{week, "2026-11-26T09:00", "open until Thu 12:00"},
		{week, "2026-11-26T11:59", "open until Thu 12:00"},
		{week, "2026-11-26T12:00", "closed until Thu 14:00, opens Thu 14:00"},
		{week, "2026-11-27T17:00", "closed until Mon 09:00, opens Mon 09:00"},
		{week, "2026-12-24T18:00", "closed until Mon 09:00, opens Mon 09:00"},
		{"24/7", "2026-11-26T08:59", "open"},
		{"off", "2026-11-26T08:59", "closed"},
		{"Mo-Su 00:00-24:00", "2026-11-26T08:59", "open"},
		{"24/7; PH off", "2026-11-26T08:59", "open until Fri 00:00"},
		{"Mo-Su 19:00-08:00", "2026-11-26T23:00", "open until Fri 08:00"},
		{"Mo-Su 19:00-08:00", "2026-11-26T03:00", "open until Thu 08:00"},
		{"Mo-Fr 09:00-12:00,12:00-15:00", "2026-11-26T10:00", "open until Thu 15:00"},
		{`Th 09:00-12:00 || "nach Vereinbarung"`, "2026-11-26T08:00", "by_arrangement until Thu 09:00, opens Thu 09:00 (nach Vereinbarung)"},
		{`Th 09:00-12:00 || "nach Vereinbarung"`, "2026-11-26T10:00", "open until Thu 12:00"},
		{`Th 09:00-12:00 open "2. Stock"`, "2026-11-26T10:00", "open until Thu 12:00 (2. Stock)"},
		{`"nur nach Vereinbarung"`, "2026-11-26T10:00", "by_arrangement (nur nach Vereinbarung)"},
		{"Th 09:00-10:00 unknown, Fr 09:00-10:00", "2026-11-26T09:30", "by_arrangement until Thu 10:00, opens Fri 09:00"},
		{"2020 Mo 09:00-10:00", "2026-11-26T09:30", "closed"},
		{"We[5] 10:00-12:00", "2026-11-26T09:30", "closed until Wed 10:00, opens Wed 10:00"},
	}
	for _, tt := range tests {
		s := parse(t, tt.hours).Status(At(moment(t, tt.now), placeAt(t, "05")))
		got := s.State.String()
		if !s.Until.IsZero() {
			got += " until " + s.Until.In(berlin()).Format("Mon 15:04")
		}
		if !s.Opens.IsZero() {
			got += ", opens " + s.Opens.In(berlin()).Format("Mon 15:04")
		}
		if s.Comment != "" {
			got += " (" + s.Comment + ")"
		}
		if got != tt.want {
			t.Errorf("%s at %s: %s, want %s", tt.hours, tt.now, got, tt.want)
		}
	}
}

// On the night of 29 March 2026 clocks go from 2:00 to 3:00, on that of
// 25 October from 3:00 back to 2:00.
func TestClockChange(t *testing.T) {
	const spring, autumn = "2026-03-29", "2026-10-25"
	tests := []struct{ hours, date, want string }{
		{"22:00-06:00", spring, "00:00 CET – 06:00 CEST, 22:00 CEST – 00:00 CEST"},
		{"22:00-06:00", autumn, "00:00 CEST – 06:00 CET, 22:00 CET – 00:00 CET"},
		{"01:00-02:00", spring, "01:00 CET – 03:00 CEST"}, // the same instant
		{"02:00-03:00", spring, ""},                       // the hour that is skipped
		{"02:30-05:00", spring, "03:00 CEST – 05:00 CEST"},
		{"01:00-02:30", spring, "01:00 CET – 03:00 CEST"},
		{"02:00-03:00", autumn, "02:00 CEST – 03:00 CET"}, // two hours
		{"01:00-02:00", autumn, "01:00 CEST – 02:00 CEST"},
		{"03:00-04:00", autumn, "03:00 CET – 04:00 CET"},
		{"02:30-05:00", autumn, "02:30 CEST – 05:00 CET"},
		{"22:00-02:30", autumn, "00:00 CEST – 02:30 CEST, 22:00 CET – 00:00 CET"},
		{"01:00-02:15,02:30-05:00", autumn, "01:00 CEST – 02:15 CEST, 02:30 CEST – 05:00 CET"},
		{"24/7", autumn, "00:00 CEST – 00:00 CET"},
	}
	for _, tt := range tests {
		h, place := parse(t, tt.hours), placeAt(t, "05")
		first, err := civil.ParseDate(tt.date)
		if err != nil {
			t.Fatal(err)
		}
		from, to := civil.Resolve(first, 0, berlin(), civil.Start), civil.Resolve(first.Add(1), 0, berlin(), civil.Start)
		periods := h.Periods(from, to, place)
		var open []string
		for _, p := range periods {
			if p.State == Open {
				open = append(open, p.From.In(berlin()).Format("15:04 MST")+" – "+p.To.In(berlin()).Format("15:04 MST"))
			}
		}
		if got := strings.Join(open, ", "); got != tt.want {
			t.Errorf("%s on %s: %s, want %s", tt.hours, tt.date, got, tt.want)
		}
		for at := from; at.Before(to); at = at.Add(5 * time.Minute) {
			i := slices.IndexFunc(periods, func(p Period) bool { return at.Before(p.To) })
			if got := h.Open(At(at, place)); got != (periods[i].State == Open) {
				t.Fatalf("%s: Open(%s) = %v, not as its periods", tt.hours, at.In(berlin()), got)
			}
		}
	}
}

// What hangs on school holidays, or on a holiday of parts of the Land, is
// unknown; what does not, is not.
func TestUnknown(t *testing.T) {
	tests := []struct{ hours, key, at, want string }{
		{"Mo-Fr 09:00-12:00; SH off", "05", "2026-11-26T10:00", "unknown"},
		{"Mo-Fr 09:00-12:00; SH off", "05", "2026-11-26T13:00", "closed"},
		{"Mo-Fr 09:00-12:00; SH Mo-Fr 11:00-13:00", "05", "2026-11-26T11:30", "open"},
		{"Mo-Fr 09:00-12:00; SH Mo-Fr 11:00-13:00", "05", "2026-11-26T12:30", "unknown"},
		{"Mo-Su 09:00-12:00; PH off", "09", "2026-08-15T10:00", "unknown"}, // Mariä Himmelfahrt
		{"Mo-Su 09:00-12:00; PH off", "09162", "2026-08-15T10:00", "closed"},
		{"Mo-Su 09:00-12:00; PH off", "09564", "2026-08-15T10:00", "open"},
		{"Mo-Su 09:00-12:00; PH off", "", "2026-08-15T10:00", "unknown"},
		{"Mo-Su 09:00-12:00", "09", "2026-08-15T10:00", "open"},
		{"Mo-Su 09:00-12:00; PH off; SH 10:00-11:00", "09", "2026-08-15T10:30", "unknown"},
	}
	for _, tt := range tests {
		if got := parse(t, tt.hours).Status(At(moment(t, tt.at), placeAt(t, tt.key))).State.String(); got != tt.want {
			t.Errorf("%s at %s in %q: %s, want %s", tt.hours, tt.at, tt.key, got, tt.want)
		}
	}
}

func TestDays(t *testing.T) {
	h := parse(t, `Mo-Fr 19:00-08:00, Sa,Su 19:00-09:00; PH 10:00-12:00 "mit Termin"; We off`)
	var got []string
	for _, d := range h.Days(civil.Date{Year: 2026, Month: 12, Day: 21}, 7, placeAt(t, "05")) {
		openings := join(d.Openings, func(o Opening) string {
			return strings.TrimSpace(fmt.Sprintf("%s %s %s", o.Span, o.State, o.Comment))
		})
		got = append(got, fmt.Sprintf("%s %s: %s", weekdays[d.Date.Weekday()], d.Holiday.Name, openings))
	}
	want := []string{
		"Mo : 19:00-08:00 open",
		"Tu : 19:00-24:00 open",
		"We : ",
		"Th : 00:00-08:00 open,19:00-24:00 open", // what began on Wednesday is not Wednesday
		"Fr 1. Weihnachtstag: 10:00-12:00 by_arrangement mit Termin",
		"Sa 2. Weihnachtstag: 10:00-12:00 by_arrangement mit Termin",
		"Su : 00:00-09:00 open,19:00-09:00 open",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWeekly(t *testing.T) {
	tests := []struct{ hours, want string }{
		{"Mo,Tu 09:00-12:00", "Mo 09:00-12:00; Tu 09:00-12:00"},
		{"Mo,Tu 09:00-12:00; Tu 10:00-11:00", "Mo 09:00-12:00; Tu 10:00-11:00"},
		{"Mo,Tu 09:00-12:00, Tu 14:00-15:00", "Mo 09:00-12:00; Tu 09:00-12:00,14:00-15:00"},
		{"Su 22:00-06:00", "Su 22:00-06:00"},
		{"Mo 10:00-12:00; PH off", "Mo 10:00-12:00; PH"},
		{"Mo 10:00-12:00; Tu,PH 10:00-15:00", "Mo 10:00-12:00; Tu 10:00-15:00; PH 10:00-15:00"},
		{"Mo 10:00-12:00, PH 14:00-15:00", "no"}, // on a Monday both
		{"We[1] 10:00-12:00", "no"},
		{"Jan Mo 10:00-12:00", "no"},
		{"week 2-52/2 Mo 10:00-12:00", "no"},
		{"Mo 10:00-12:00; SH off", "no"},
	}
	for _, tt := range tests {
		got := "no"
		if w, ok := parse(t, tt.hours).Weekly(); ok {
			var parts []string
			for i, openings := range w.Days {
				if len(openings) > 0 {
					parts = append(parts, weekdays[i]+" "+join(openings, func(o Opening) string { return o.Span.String() }))
				}
			}
			if w.Named {
				parts = append(parts, strings.TrimSpace("PH "+join(w.Public, func(o Opening) string { return o.Span.String() })))
			}
			got = strings.Join(parts, "; ")
		}
		if got != tt.want {
			t.Errorf("Weekly(%s) = %s, want %s", tt.hours, got, tt.want)
		}
	}
}

func BenchmarkOpen20000Centres(b *testing.B) {
	place := placeAt(b, "05")
	var centres []Hours
	for _, s := range fixtures(b) {
		centres = append(centres, parse(b, s))
	}
	now := moment(b, "2026-11-26T10:00")
	b.ReportAllocs()
	for b.Loop() {
		m := At(now, place)
		for i := range 20000 {
			centres[i%len(centres)].Open(m)
		}
	}
}

func BenchmarkStatus(b *testing.B) {
	for _, s := range []string{"Mo-Fr 09:00-12:00,13:00-16:00; PH off", "24/7", "Mo-Su 00:00-24:00", "Dec 24 10:00-12:00"} {
		b.Run(s, func(b *testing.B) {
			h, m := parse(b, s), At(moment(b, "2026-11-27T17:00"), placeAt(b, "05"))
			b.ReportAllocs()
			for b.Loop() {
				h.Status(m)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := Parse("Mo-Fr 09:00-12:00,13:00-16:00; We[1] 10:00-12:00; PH off"); err != nil {
			b.Fatal(err)
		}
	}
}
