package web

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"lotse/chat"
)

// berlin is where the people of the tests live.
func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestWhen(t *testing.T) {
	all, zone := loaded(t), berlin(t)
	now := time.Date(2026, 10, 24, 22, 30, 0, 0, zone) // the evening before the clocks go back
	for _, c := range []struct {
		lang Lang
		at   time.Time
		want string
	}{
		{"de", time.Date(2026, 10, 24, 23, 0, 0, 0, zone), "heute ab 23:00 Uhr"},
		{"de", time.Date(2026, 10, 24, 22, 0, 0, 0, time.UTC), "morgen ab 00:00 Uhr"},
		{"de", time.Date(2026, 10, 25, 23, 59, 0, 0, zone), "morgen ab 23:59 Uhr"},
		{"de", time.Date(2026, 10, 26, 9, 0, 0, 0, zone), "Montag, 26.10. ab 09:00 Uhr"},
		{"en", time.Date(2026, 10, 26, 9, 0, 0, 0, zone), "Monday 26.10. from 09:00"},
		{"ar", time.Date(2026, 10, 25, 9, 0, 0, 0, zone), "غدًا من الساعة 09:00"},
	} {
		if got, err := all.when(voice{lang: c.lang}, c.at, now); got != c.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", c.at, got, err, c.want)
		}
	}
}

func TestAvailabilityInWords(t *testing.T) {
	all, zone := loaded(t), berlin(t)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, zone)
	for _, c := range []struct {
		a    chat.Availability
		want []string
	}{
		{chat.Availability{State: "free"}, []string{"Jetzt ist jemand für Sie da."}},
		{chat.Availability{State: "queue", Position: 2, Wait: chat.Wait{Low: 241, High: 600}},
			[]string{"Gerade sind alle im Gespräch.", "Sie wären an Platz 2.", "Das dauert etwa 5 bis 10 Minuten."}},
		{chat.Availability{State: "queue", Position: 1, Wait: chat.Wait{High: 1}},
			[]string{"Gerade sind alle im Gespräch.", "Sie wären an Platz 1.", "Das dauert etwa 1 bis 2 Minuten."}},
		{chat.Availability{State: "queue", Position: 9}, []string{"Gerade sind alle im Gespräch.", "Sie wären an Platz 9."}},
		{chat.Availability{State: "closed", OpensAt: new(now.Add(2 * time.Hour))}, []string{"Gerade ist niemand da.", "Wir sind wieder da: heute ab 14:00 Uhr.",
			"Sie können jetzt schon schreiben. Wir antworten, sobald wir da sind."}},
		{chat.Availability{State: "closed"}, []string{"Gerade ist niemand da.", "Sie können jetzt schon schreiben. Wir antworten, sobald wir da sind."}},
		{chat.Availability{State: "full"}, []string{"Im Moment warten schon sehr viele.", "Sie können jetzt schon schreiben. Wir antworten, sobald wir da sind."}},
	} {
		got, err := all.describe(voice{lang: German}, c.a, now)
		if err != nil || !slices.Equal(got.Lines, c.want) || got.State != c.a.State {
			t.Errorf("%+v: %q, %v", c.a, got.Lines, err)
		}
	}
}

// broken cannot tell.
type broken struct{}

// Availability fails.
func (broken) Availability(context.Context, Ask) (chat.Availability, error) {
	return chat.Availability{}, errors.New("database away")
}

// Languages fails.
func (broken) Languages(context.Context) ([]string, error) { return nil, errors.New("database away") }

func TestStartPageTellsTheTruthAboutWhoIsThere(t *testing.T) {
	o := testOptions(t)
	for state, look := range map[string]Lookout{
		"free": lookout{State: "free"}, "queue": lookout{State: "queue", Position: 3}, "full": lookout{State: "full"},
		"closed": lookout{State: "closed"}, "unknown": broken{},
	} {
		o.Lookout = look
		body := get(serverOf(t, o), "/de/").Body.String()
		if !strings.Contains(body, `data-state="`+state+`"`) || !strings.Contains(body, loaded(t).of(German)["public.here."+state]) {
			t.Errorf("%s is not shown", state)
		}
		numbers, door := strings.Index(body, `id="crisis"`), strings.Index(body, `id="door-talk"`)
		if quiet := state != "free" && state != "queue"; numbers < 0 || quiet != (numbers < door) {
			t.Errorf("%s: the numbers stand at %d, the first door at %d", state, numbers, door)
		}
	}
}

func TestCrisisNumbersAreRightAndDialable(t *testing.T) {
	body := get(testServer(t), "/ar/").Body.String()
	for _, number := range []string{"112", "08001110111", "08001110222", "116123", "116016", "116111"} {
		if strings.Count(body, `href="tel:`+number+`" dir="ltr"`) != 1 {
			t.Errorf("%s cannot be dialled", number)
		}
	}
}

func TestChoiceSurvivesWithoutScript(t *testing.T) {
	body := get(testServer(t), "/de/?topic=schulden&language=ar&postcode=12345&centre=%22%3E%3Cscript%3E").Body.String()
	for _, want := range []string{`<option value="schulden" selected>`, `<option value="ar" lang="ar" selected>`, `value="12345"`,
		`formaction="/de/"`, `method="get" action="/de/chat"`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(body, `"><script>`) {
		t.Error("the query is written unescaped")
	}
}
