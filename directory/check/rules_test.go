package check

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestThreeStrikesOverDays(t *testing.T) {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	day := func(n int) time.Time { return noon.AddDate(0, 0, n) }
	s := State{}
	for i := range 5 {
		s = s.After(Missing, noon.Add(time.Duration(i)*time.Minute))
	}
	if s.Strikes != 1 || s.Broken(noon) {
		t.Errorf("five failures on one day: %+v", s)
	}
	if s = s.After(NoAnswer, day(1)); s.Strikes != 2 || s.Broken(day(1)) {
		t.Errorf("two days: %+v", s)
	}
	if again := s.After(Fine, day(2)); again.Strikes != 0 || again.Reason != Fine || again.Struck != "" || !again.Good.Equal(day(2)) {
		t.Errorf("recovered: %+v", again)
	}
	if same := s.After(Unasked, day(2)); same.Strikes != 2 || same.Reason != NoAnswer || !same.Tried.Equal(day(2)) {
		t.Errorf("unasked: %+v", same)
	}
	s = s.After(ServerError, day(2))
	if s.Strikes != 3 || !s.Broken(day(2)) || s.Reason != ServerError {
		t.Errorf("three days: %+v", s)
	}
	if s.Broken(day(40)) {
		t.Error("an old result still says something")
	}
	if s = s.After(Missing, day(3)); s.Strikes != 3 {
		t.Errorf("four days: %+v", s)
	}
}

func TestWhenALinkIsDue(t *testing.T) {
	now := time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		state State
		due   bool
	}{
		{State{}, true},
		{State{Tried: now.Add(-24 * time.Hour)}, false},
		{State{Tried: now.Add(-7 * 24 * time.Hour)}, true},
		{State{Strikes: 1, Tried: now.Add(-time.Hour)}, false},
		{State{Strikes: 1, Tried: now.Add(-21 * time.Hour)}, true},
	} {
		if c.state.Due(now) != c.due {
			t.Errorf("%+v: due %v", c.state, !c.due)
		}
	}
}

func TestPhoneNumbers(t *testing.T) {
	for number, want := range map[string]PhoneFault{
		"0221 4710 101": PhoneFine, "+49 (0)30 23125-0": PhoneFine, "0049 40 669690": PhoneFine, "+49 151 23456789": PhoneFine,
		"0176/04069012": PhoneFine, "0800 111 0 111": PhoneFine, "116 111": PhoneFine, "116117": PhoneFine, "110": PhoneFine,
		"072 22 / 381-23 76": PhoneFine, "03 51 / 488 13 80": PhoneFine, "02581 63-0": PhoneFine, "+43 1 4000": PhoneFine,
		"(030) 901 80 98 76": PhoneFine, "0180 5 123456": PhoneFine, "032 12 345 67 89": PhoneFine,
		"":               PhoneWords,
		"siehe Webseite": PhoneWords, "030 1234567 (Frau X)": PhoneWords, "030 12 34, 56": PhoneWords,
		"5391-0": PhoneNoCode, "381 23 76": PhoneNoCode,
		"030 12": PhoneShort, "0176 1234": PhoneShort, "0800 12": PhoneShort,
		"030 1234567 / 030 7654321": PhoneLong, "0176 123456789": PhoneLong,
		"0123 4567890": PhoneFiller, "030 000000": PhoneFiller, "0000000000": PhoneFiller, "0999999999": PhoneFiller,
		"0112 345678": PhoneUnknown, "0147 1234567": PhoneUnknown, "+49 12": PhoneUnknown, "0130 1234567": PhoneUnknown,
	} {
		if got := Phone(number); got != want {
			t.Errorf("%q: %q, want %q", number, got, want)
		}
	}
}

func TestMailAddresses(t *testing.T) {
	for _, good := range []string{"a@b.example", "schulden.koeln@demo.example", "info@xn--mnchen-3ya.de", "a+b@sub.stadt.de"} {
		if !Mail(good) {
			t.Errorf("%q is good", good)
		}
	}
	for _, bad := range []string{"", "a", "a@b", "a@b.1", "@b.de", "A <a@b.de>", "a@b..de", "a@.de", "a b@c.de", "a@b.de, c@d.de", "\"a b\"@c.de", "a@[192.0.2.1].de",
		"a@b.de\r\nBcc: c@d.de",
		"a@" + strings.Repeat("b", 260) + ".de"} {
		if Mail(bad) {
			t.Errorf("%q is bad", bad)
		}
	}
}

func TestRobots(t *testing.T) {
	const text = "# a comment\nUser-agent: Other\nUser-agent: *\nDisallow: /intern\nAllow: /intern/offen\nDisallow:\nDisallow: /*/druck\n\n" +
		"User-agent: Third\nDisallow: /"
	everybody := readRobots(text + "\n")
	for path, want := range map[string]bool{"": false, "/x": false} { // "/*/druck" forbids more than it says
		if everybody.allows(path) != want {
			t.Errorf("%q: %v", path, !want)
		}
	}
	plain := readRobots("User-Agent: *\nDisallow: /intern\nAllow: /intern/offen\n\nUser-agent: Third\nDisallow: /")
	for path, want := range map[string]bool{"": true, "/": true, "/x": true, "/intern": false, "/intern/y": false, "/intern/offen/z": true} {
		if plain.allows(path) != want {
			t.Errorf("%q: %v", path, !want)
		}
	}
	if ours := readRobots("User-agent: *\nDisallow: /\nUser-agent: lotselinkcheck\nDisallow: /nur\n"); !ours.allows("/") || ours.allows("/nur") {
		t.Error("our own group does not win")
	}
	if !readRobots("<html>not found</html>").allows("/") {
		t.Error("a page that is no robots.txt forbids")
	}
}

func TestRobotsKeepTheProberAway(t *testing.T) {
	var asked []string
	p, server := site(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		if r.URL.Path == "/robots.txt" {
			w.Write([]byte("User-agent: *\nDisallow: /intern\n"))
		}
	})
	if got := p.Try(t.Context(), server.URL+"/intern/x"); got != Unasked {
		t.Errorf("got %q", got)
	}
	if got := p.Try(t.Context(), server.URL+"/"); got != Fine {
		t.Errorf("got %q", got)
	}
	if got := strings.Join(asked, " "); got != "/robots.txt /" {
		t.Errorf("asked for %s", got)
	}
}

func TestHostsAreAskedSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, start := newPace(hostPause), time.Now()
		for range 3 {
			if err := p.wait(t.Context(), "a.example"); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took != 2*hostPause {
			t.Errorf("three requests to a host took %v", took)
		}
		before := time.Now()
		if p.wait(t.Context(), "b.example"); time.Since(before) != 0 {
			t.Error("another host had to wait")
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if p.wait(ctx, "b.example") == nil {
			t.Error("a cancelled wait goes on")
		}
	})
}
