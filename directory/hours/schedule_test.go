package hours

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lotse/internal/fault"
	"lotse/internal/roster/civil"
)

func parse(t testing.TB, s string) Hours {
	t.Helper()
	h, err := Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestSchedules(t *testing.T) {
	tests := []struct{ in, want string }{
		{"Mo-Fr 09:00-12:00", `[{"freq":"WEEKLY","interval":1,"byday":"MO,TU,WE,TH,FR","opens_at":"09:00","closes_at":"12:00"}]`},
		{"Mo-Th 08:00-16:00; Tu 09:00-12:00", `[{"freq":"WEEKLY","interval":1,"byday":"MO,WE,TH","opens_at":"08:00","closes_at":"16:00"},` +
			`{"freq":"WEEKLY","interval":1,"byday":"TU","opens_at":"09:00","closes_at":"12:00"}]`},
		{"Mo,Tu 22:00-06:00; PH off", `[{"freq":"WEEKLY","interval":1,"byday":"MO,TU","opens_at":"22:00","closes_at":"06:00"}]`},
		{"Mo 09:00-24:00 unknown", `[{"freq":"WEEKLY","interval":1,"byday":"MO","opens_at":"09:00","closes_at":"00:00","notes":"nach Vereinbarung"}]`},
		{`Mo 09:00-12:00 open "2. Stock"`, `[{"freq":"WEEKLY","interval":1,"byday":"MO","opens_at":"09:00","closes_at":"12:00","notes":"2. Stock"}]`},
		{"We[1,-1] 10:00-12:00", `[{"freq":"MONTHLY","interval":1,"byday":"1WE,-1WE","opens_at":"10:00","closes_at":"12:00"}]`},
		{"2026 Nov 26-2027 Mar 31 Mo 10:00-12:00,14:00-16:00", `[{"valid_from":"2026-11-26","valid_to":"2027-03-31","freq":"WEEKLY","interval":1,"byday":"MO","opens_at":"10:00","closes_at":"12:00"},` +
			`{"valid_from":"2026-11-26","valid_to":"2027-03-31","freq":"WEEKLY","interval":1,"byday":"MO","opens_at":"14:00","closes_at":"16:00"}]`},
		{"week 10-14/2 Mo 10:00-12:00", `[{"freq":"WEEKLY","interval":1,"byday":"MO","byweekno":"10,12,14","opens_at":"10:00","closes_at":"12:00"}]`},
		{"Mo 10:00-12:00; Dec 24 off", `[{}]`},
		{"off", `[{}]`},
	}
	for _, tt := range tests {
		h := parse(t, tt.in)
		rows := h.Schedules()
		if rows[0].OpeningHours != h.String() {
			t.Errorf("%q: the first row carries %q", tt.in, rows[0].OpeningHours)
		}
		rows[0].OpeningHours = ""
		got, err := json.Marshal(rows)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != tt.want {
			t.Errorf("%q\n got %s\nwant %s", tt.in, got, tt.want)
		}
	}
}

func TestFromSchedules(t *testing.T) {
	weekly := func(s Schedule) Schedule { s.Freq = "WEEKLY"; return s }
	monthly := func(s Schedule) Schedule { s.Freq = "MONTHLY"; return s }
	tests := []struct {
		rows []Schedule
		want string
	}{
		{nil, ""},
		{[]Schedule{weekly(Schedule{ByDay: "MO,TU", OpensAt: "09:00", ClosesAt: "12:00"})}, "Mo,Tu 09:00-12:00"},
		{[]Schedule{weekly(Schedule{ByDay: "MO", OpensAt: "09:00:00", ClosesAt: "12:00:00Z"}), weekly(Schedule{ByDay: "MO", OpensAt: "14:00+01:00", ClosesAt: "16:00"})}, "Mo 09:00-12:00,14:00-16:00"},
		{[]Schedule{weekly(Schedule{ByDay: "MO", OpensAt: "09:00", ClosesAt: "12:00"}), weekly(Schedule{ByDay: "TU", OpensAt: "22:00", ClosesAt: "06:00"})}, "Mo 09:00-12:00, Tu 22:00-06:00"},
		{[]Schedule{weekly(Schedule{ByDay: "SA", OpensAt: "18:00", ClosesAt: "00:00"})}, "Sa 18:00-24:00"},
		{[]Schedule{monthly(Schedule{ByDay: "2WE,-1FR", OpensAt: "10:00", ClosesAt: "12:00"})}, "We[2],Fr[-1] 10:00-12:00"},
		{[]Schedule{{OpensAt: "10:00", ClosesAt: "12:00", ValidFrom: "2026-11-26"}}, "2026 Nov 26+ 10:00-12:00"},
		{[]Schedule{{OpensAt: "10:00", ClosesAt: "12:00", ValidFrom: "2026-11-26", DTStart: "2026-12-01T00:00:00", ValidTo: "2027-05-31", Until: "2027-03-31"}}, "2026 Dec 01-2027 Mar 31 10:00-12:00"},
		{[]Schedule{weekly(Schedule{DTStart: "2026-11-26", OpensAt: "10:00", ClosesAt: "12:00"})}, "2026 Nov 26+ Th 10:00-12:00"},
		{[]Schedule{weekly(Schedule{ByDay: "MO", ByWeekNo: "41,42", OpensAt: "10:00", ClosesAt: "12:00"})}, "week 41,42 Mo 10:00-12:00"},
		{[]Schedule{{Description: "Termine nach \"Absprache\"\nam Telefon"}}, `"Termine nach ”Absprache” am Telefon"`},
		{[]Schedule{weekly(Schedule{ByDay: "MO", OpensAt: "09:00", ClosesAt: "12:00", Notes: "nach Vereinbarung"})}, "Mo 09:00-12:00 unknown"},
		{[]Schedule{{OpeningHours: "Mo 10:00-12:00; PH off", OpensAt: "nonsense"}}, "Mo 10:00-12:00; PH off"},
	}
	for _, tt := range tests {
		h, err := FromSchedules(tt.rows)
		if err != nil || h.String() != tt.want {
			t.Errorf("%+v reads as %q, %v; want %q", tt.rows, h, err, tt.want)
		}
	}
}

func TestFromSchedulesSaysWhatIsWrong(t *testing.T) {
	tests := []struct {
		row         Schedule
		field, want string
	}{
		{Schedule{Freq: "YEARLY"}, "freq", "hours_unsupported"},
		{Schedule{Count: 3}, "count", "hours_unsupported"},
		{Schedule{ByDay: "MO,XX", OpensAt: "09:00", ClosesAt: "12:00"}, "byday", "hours_weekday"},
		{Schedule{ByDay: "2MO", Freq: "WEEKLY", OpensAt: "09:00", ClosesAt: "12:00"}, "byday", "hours_nth"},
		{Schedule{ByDay: "9MO", Freq: "MONTHLY", OpensAt: "09:00", ClosesAt: "12:00"}, "byday", "hours_nth"},
		{Schedule{OpensAt: "9", ClosesAt: "12:00"}, "opens_at", "hours_time"},
		{Schedule{OpensAt: "09:00", ClosesAt: "25:00"}, "closes_at", "hours_time"},
		{Schedule{OpensAt: "24:00", ClosesAt: "12:00"}, "opens_at", "hours_time"},
		{Schedule{OpensAt: "09:00"}, "closes_at", "hours_time"},
		{Schedule{ValidFrom: "26.11.2026"}, "valid_from", "hours_date"},
		{Schedule{ValidFrom: "2026-11-26", Until: "2025-01-01"}, "valid_to", "hours_date"},
		{Schedule{Freq: "MONTHLY", ByMonthDay: "-1", OpensAt: "09:00", ClosesAt: "12:00"}, "bymonthday", "hours_unsupported"},
		{Schedule{Freq: "MONTHLY", ByMonthDay: "32", OpensAt: "09:00", ClosesAt: "12:00"}, "bymonthday", "hours_date"},
		{Schedule{Freq: "WEEKLY", ByWeekNo: "60", OpensAt: "09:00", ClosesAt: "12:00"}, "byweekno", "hours_week"},
		{Schedule{Freq: "WEEKLY", Interval: 2, ByDay: "MO", OpensAt: "09:00", ClosesAt: "12:00"}, "dtstart", "hours_date"},
	}
	for _, tt := range tests {
		_, err := FromSchedules([]Schedule{{OpensAt: "09:00", ClosesAt: "12:00"}, tt.row})
		var got *fault.Error
		want := map[string]string{"schedules[1]." + tt.field: tt.want}
		if !errors.As(err, &got) || !cmp.Equal(got.Fields, want) {
			t.Errorf("%+v: %v, want %v", tt.row, err, want)
		}
	}
}

// Every second week from a day, which OpenStreetMap cannot say, and the 15th of
// each month until a day, survive a round trip through rows.
func TestRecur(t *testing.T) {
	tests := []struct {
		row  Schedule
		open []string
	}{
		{Schedule{Freq: "WEEKLY", Interval: 2, DTStart: "2026-12-01", ByDay: "MO,TU", OpensAt: "09:00", ClosesAt: "12:00"},
			[]string{"2026-12-01", "2026-12-14", "2026-12-15", "2026-12-28", "2026-12-29", "2027-01-11", "2027-01-12"}},
		{Schedule{Freq: "MONTHLY", Interval: 2, DTStart: "2026-11-15", Until: "2027-03-31", OpensAt: "09:00", ClosesAt: "12:00"},
			[]string{"2026-11-15", "2027-01-15", "2027-03-15"}},
		{Schedule{Freq: "MONTHLY", Interval: 1, ByMonthDay: "15,31", ValidFrom: "2026-12-16", ValidTo: "2027-02-28", OpensAt: "09:00", ClosesAt: "12:00"},
			[]string{"2026-12-31", "2027-01-15", "2027-01-31", "2027-02-15"}},
	}
	for _, tt := range tests {
		h, err := FromSchedules([]Schedule{tt.row})
		if err != nil {
			t.Fatal(err)
		}
		var open []string
		for _, d := range h.Days(civil.Date{Year: 2026, Month: 11, Day: 1}, 140, placeIn(t, "Berlin")) {
			if len(d.Openings) > 0 {
				open = append(open, d.Date.String())
			}
		}
		open = open[:min(len(open), len(tt.open))]
		if diff := cmp.Diff(tt.open, open); diff != "" {
			t.Errorf("%+v: %s", tt.row, diff)
		}
		if h.Expressible() {
			t.Errorf("%+v claims to be expressible as %q", tt.row, h)
		}
		if tt.row.Interval > 1 {
			if again, err := FromSchedules(h.Schedules()); err != nil || !cmp.Equal(again, h) {
				t.Errorf("%+v comes back as %+v, %v", h, again, err)
			}
		}
	}
}

// Rows give back the hours they came from; and what they say without
// OpeningHours is what the hours say on days without holiday.
func TestSchedulesRoundTrip(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 2026))
	place := Place{Zone: berlin()} // no holidays
	said := 0
	for range 4000 {
		h := generate(random)
		rows := h.Schedules()
		again, err := FromSchedules(rows)
		if err != nil || !cmp.Equal(again, h) {
			t.Fatalf("%q comes back as %q, %v", h, again, err)
		}
		if rows[0].OpensAt == "" {
			continue
		}
		said++
		rows[0].OpeningHours = ""
		plain, err := FromSchedules(rows)
		if err != nil {
			t.Fatal(err)
		}
		from, to := moment(t, "2026-11-26T00:00"), moment(t, "2027-02-01T00:00")
		if diff := cmp.Diff(states(h.Periods(from, to, place)), states(plain.Periods(from, to, place))); diff != "" {
			t.Fatalf("%q: rows say %q: %s", h, plain, diff)
		}
	}
	if said < 300 {
		t.Errorf("only %d of 4000 had rows that say something", said)
	}
}

// states are periods without comments, which HSDS keeps in other places.
func states(list []Period) []Period {
	var out []Period
	for _, p := range list {
		p.Comment = ""
		if last := len(out) - 1; last >= 0 && out[last].State == p.State {
			out[last].To = p.To
			continue
		}
		out = append(out, p)
	}
	return out
}
