package hours

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lotse/internal/fault"
)

func TestParseWritesTheCanonicalForm(t *testing.T) {
	tests := []struct{ in, want string }{
		{"Mo,Tu,We,Th,Fr 09:00-12:00", "Mo-Fr 09:00-12:00"},
		{"mo-fr 9:00 – 12:00 , 13:00-16:00", "Mo-Fr 09:00-12:00,13:00-16:00"},
		{"Mo 13:00-16:00,09:00-12:00", "Mo 09:00-12:00,13:00-16:00"},
		{"Fr-Mo 10:00-12:00", "Mo,Fr-Su 10:00-12:00"},
		{"Mo: 10:00-12:00", "Mo 10:00-12:00"},
		{"Mo 08:00-15:00 Uhr; Tu 08:00-18:00 Uhr", "Mo 08:00-15:00; Tu 08:00-18:00"},
		{";Mo 10:00-12:00;", "Mo 10:00-12:00"},
		{"Mo 22:00-26:00", "Mo 22:00-02:00"},
		{"Mo 10:00-26:00", "Mo 10:00-02:00"},
		{"Mo 22:00-48:00", "Mo 22:00-48:00"},
		{"Mo 10:00-10:00", "Mo 10:00-10:00"},
		{"Mo 00:00-00:00", "Mo 00:00-24:00"},
		{"24/7", "24/7"},
		{"open", "24/7"},
		{"24/7 closed", "off"},
		{"unknown", "unknown"},
		{`unknown "nur nach Vereinbarung"`, `"nur nach Vereinbarung"`},
		{`Mo 10:00-12:00 open "mit Termin"`, `Mo 10:00-12:00 open "mit Termin"`},
		{"PH closed", "PH off"},
		{"Mo,PH off", "Mo,PH off"},
		{"SH,PH off", "PH,SH off"},
		{"SH Mo-Fr 10:00-12:00", "SH Mo-Fr 10:00-12:00"},
		{"Su,PH 10:00-15:00", "Su,PH 10:00-15:00"},
		{"We[1] 10:00-12:00", "We[1] 10:00-12:00"},
		{"We[3,1],Mo[-1],We[2] 10:00-12:00", "Mo[-1],We[1,2,3] 10:00-12:00"},
		{"We[1-3,-1] 10:00-12:00", "We[1,2,3,-1] 10:00-12:00"},
		{"Jan-Mar: Mo 10:00-12:00", "Jan-Mar Mo 10:00-12:00"},
		{"Oct-Mar,Jul Mo 10:00-12:00", "Oct-Mar,Jul Mo 10:00-12:00"},
		{"Dec 24-26 off", "Dec 24-26 off"},
		{"Dec 24,26 off", "Dec 24,Dec 26 off"},
		{"Dec 24-Jan 2 off", "Dec 24-Jan 02 off"},
		{"2026 Nov 26-Dec 31 off", "2026 Nov 26-2026 Dec 31 off"},
		{"2026 Nov 26-2027 Mar 31 Mo 10:00-12:00", "2026 Nov 26-2027 Mar 31 Mo 10:00-12:00"},
		{"2026 Nov 26+ Mo 10:00-12:00", "2026 Nov 26+ Mo 10:00-12:00"},
		{"2026 Jan-Mar Mo 10:00-12:00", "2026 Jan-Mar Mo 10:00-12:00"},
		{"2026-2028,2030+ Dec 24 off", "2026-2028,2030+ Dec 24 off"},
		{"week 1-53/2 Mo 10:00-12:00", "week 01-53/2 Mo 10:00-12:00"},
		{"week 2,4-10 Mo 10:00-12:00", "week 02,04-10 Mo 10:00-12:00"},
		{"Mo 10:00-12:00,Tu 14:00-16:00", "Mo 10:00-12:00, Tu 14:00-16:00"},
		{`Mo 10:00-12:00||"nach Vereinbarung"`, `Mo 10:00-12:00 || "nach Vereinbarung"`},
		{"24/7, Tu 10:00-12:00 off", "open, Tu 10:00-12:00 off"},
		{"Mo open, Tu 10:00-12:00", "Mo open, Tu 10:00-12:00"},
		{"10:00-12:00 open, 14:00-16:00", "10:00-12:00 open, 14:00-16:00"},
	}
	for _, tt := range tests {
		h, err := Parse(tt.in)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.in, err)
			continue
		}
		if got := h.String(); got != tt.want {
			t.Errorf("Parse(%q) writes %q, want %q", tt.in, got, tt.want)
		}
		again, err := Parse(h.String())
		if diff := cmp.Diff(h, again); diff != "" || err != nil {
			t.Errorf("%q read again: %v %s", h, err, diff)
		}
	}
}

func TestParseSaysWhatIsWrongAndWhere(t *testing.T) {
	tests := []struct {
		in   string
		want Error
	}{
		{"", Error{Empty, 0, ""}},
		{" ; ", Error{Empty, 3, ""}},
		{strings.Repeat("Mo,", 700) + "Mo", Error{TooLong, 0, ""}},
		{"Mo 10:00-12:00 nach Vereinbarung", Error{BadWeekday, 15, "nach"}},
		{`Mo "nach Vereinbarung`, Error{Unclosed, 3, `"nach`}},
		{"Di 10:00-12:00", Error{BadWeekday, 0, "Di"}},
		{"Mo-Di 10:00-12:00", Error{BadWeekday, 3, "Di"}},
		{"Mo 10-12", Error{BadTime, 5, "-12"}},
		{"Mo 10:00", Error{BadTime, 8, ""}},
		{"Mo 10:00-", Error{BadTime, 9, ""}},
		{"Mo 10:00-12:60", Error{BadTime, 12, "60"}},
		{"Mo 10:00-12:5", Error{BadTime, 12, "5"}},
		{"Mo 24:00-26:00", Error{BadTime, 3, "24:00-26:00"}},
		{"Mo 20:00-49:00", Error{BadTime, 9, "49:00"}},
		{"Mo 10.00-12.00", Error{Unexpected, 5, ".00-12.00"}},
		{"Mo 10:00+", Error{Unsupported, 8, "+"}},
		{"Mo 10:00-12:00+", Error{Unsupported, 14, "+"}},
		{"Mo sunrise-12:00", Error{Unsupported, 3, "sunrise-12:00"}},
		{"easter off", Error{Unsupported, 0, "easter"}},
		{"Dec 24+ off", Error{Unsupported, 6, "+"}},
		{"We[6] 10:00-12:00", Error{BadNth, 3, "6]"}},
		{"We[0] 10:00-12:00", Error{BadNth, 3, "0]"}},
		{"We[3-1] 10:00-12:00", Error{BadNth, 5, "1]"}},
		{"We[1 10:00-12:00", Error{BadNth, 5, "10:00-12:00"}},
		{"Feb 30 off", Error{BadDate, 0, "Feb"}},
		{"2026 Feb 29 off", Error{BadDate, 0, "2026"}},
		{"2026 Dec 24,Dec 31 off", Error{BadDate, 0, "2026"}},
		{"2026 Dec 24-Jan 02 off", Error{BadDate, 0, "2026"}},
		{"Apr 20-10 off", Error{BadDate, 0, "Apr"}},
		{"Jan-Mar 15 off", Error{BadDate, 0, "Jan-Mar"}},
		{"2028-2026 off", Error{BadDate, 0, "2028-2026"}},
		{"week 54 off", Error{BadWeek, 5, "54"}},
		{"week 50-02 off", Error{BadWeek, 5, "50-02"}},
		{"Mo 10:00-12:00 ||", Error{Unexpected, 17, ""}},
		{"Mo 10:00-12:00 || ; off", Error{Unexpected, 18, ";"}},
		{"|| off", Error{Unexpected, 0, "||"}},
		{"Mo 10:00-12:00 14:00-16:00", Error{BadTime, 15, "14:00-16:00"}},
		{"Mö 10:00-12:00 ?", Error{Unexpected, 15, "?"}},
		{"PH,Dec 24 off", Error{Unexpected, 2, ",Dec"}},
		{"Mo, 10:00-12:00", Error{Unexpected, 2, ","}},
		{"PH Mo,SH off", Error{Unexpected, 9, "off"}},
	}
	for _, tt := range tests {
		_, err := Parse(tt.in)
		var got *Error
		if !errors.As(err, &got) {
			t.Errorf("Parse(%.40q) = %v, want %v", tt.in, err, &tt.want)
			continue
		}
		if *got != tt.want {
			t.Errorf("Parse(%.40q) = %+v, want %+v", tt.in, *got, tt.want)
		}
		if !errors.Is(err, fault.Invalid) {
			t.Errorf("Parse(%.40q) is no fault.Invalid", tt.in)
		}
	}
}

// fixtures are the lines of testdata/strings.txt, of the kinds that centres use.
func fixtures(t testing.TB) []string {
	text, err := os.ReadFile("testdata/strings.txt")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	return lines
}

func FuzzParse(f *testing.F) {
	for _, s := range fixtures(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, err := Parse(s)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.At < 0 || e.At > len([]rune(s)) {
				t.Fatalf("Parse(%q) = %#v", s, err)
			}
			return
		}
		again, err := Parse(h.String())
		if err != nil {
			t.Fatalf("%q writes %q: %v", s, h, err)
		}
		if diff := cmp.Diff(h, again); diff != "" {
			t.Fatalf("%q writes %q, read again: %s", s, h, diff)
		}
	})
}

// Whatever can be read can be evaluated: periods follow each other without gaps,
// and a moment is what its period says.
func FuzzPeriods(f *testing.F) {
	for i, s := range fixtures(f) {
		f.Add(s, int64(i)*40_000_000)
	}
	place := placeAt(f, "09")
	first := moment(f, "2026-01-01T00:00")
	f.Fuzz(func(t *testing.T, s string, seconds int64) {
		h, err := Parse(s)
		if err != nil || seconds < 0 || seconds > 10*365*86400 {
			return
		}
		from := first.Add(time.Duration(seconds) * time.Second)
		at, to := from, from.AddDate(0, 0, 9)
		for _, p := range h.Periods(from, to, place) {
			if !p.From.Equal(at) || !p.To.After(p.From) {
				t.Fatalf("%q: period from %s to %s after %s", s, p.From, p.To, at)
			}
			middle := p.From.Add(p.To.Sub(p.From) / 2)
			for _, moment := range []time.Time{p.From, middle, p.To.Add(-time.Second)} {
				if got := h.Status(At(moment, place)); got.State != p.State || got.Comment != p.Comment {
					t.Fatalf("%q at %s: %+v, its period says %+v", s, moment, got, p)
				}
			}
			at = p.To
		}
		if !at.Equal(to) {
			t.Fatalf("%q: periods end at %s, not %s", s, at, to)
		}
	})
}
