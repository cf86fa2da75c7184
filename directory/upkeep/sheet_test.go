package upkeep

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"lotse/directory"
	"lotse/internal/fault"
)

// full is an entry that says everything.
func full() *directory.Entry {
	return &directory.Entry{
		Provider: directory.Provider{Name: "Träger", Email: "traeger@example.org", Phones: []directory.Phone{{Number: "0221 1"}}},
		Offer: directory.Offer{Name: "Beratung", Description: "d", Alert: "a", Status: "active", Topics: []string{"schulden"}, Target: []string{"alle"},
			MinAge: 18, MaxAge: 27, Free: true, Fees: "nichts", Languages: []string{"de"}, Application: "anrufen", Waiting: "keine",
			NextSteps: []string{"kommen"}, Documents: []directory.Document{{Name: "Ausweis", URL: "https://example.org/a"}},
			Email: "angebot@example.org", URL: "https://example.org"},
		Location: directory.Location{Type: directory.Physical, Street: "Weg 1", Postcode: "50667", City: "Köln", Transport: "Bus", Accessibility: []string{"step_free"}},
		Venue: directory.Venue{Phones: []directory.Phone{{Number: "0221 2", Type: "voice", Extension: 5}}, Email: "stelle@example.org", URL: "https://example.org/s",
			Hours: "Mo 10:00-11:00", Hint: "h", Channels: []directory.Channel{directory.OnSite}, WalkIn: true, Anonymous: true, Languages: []string{"de", "tr"}},
	}
}

func TestSheetHasEveryField(t *testing.T) {
	got := SheetOf(full()).Facts()
	if len(got) != len(Fields) {
		t.Errorf("%d facts, %d fields", len(got), len(Fields))
	}
	for _, field := range Fields {
		if got[field] == nil {
			t.Errorf("the sheet of a full entry lacks %s", field)
		}
	}
}

// What is not changed is not touched; what is emptied stays empty.
func TestPut(t *testing.T) {
	e := full()
	SheetOf(e).Put(e)
	if want := full(); !reflect.DeepEqual(e, want) {
		t.Errorf("%+v\n%+v", e, want)
	}
	Sheet{Name: "Neu"}.Put(e)
	left := SheetOf(e)
	want := Sheet{Name: "Neu", Email: "traeger@example.org", Phones: []Line{{Number: "0221 1"}}} // what the provider says goes on
	if !reflect.DeepEqual(left.Facts(), want.Facts()) {
		t.Errorf("%+v", left)
	}
	e = full()
	sheet := SheetOf(e)
	sheet.Phones = append(sheet.Phones, Line{"0221 3", "Fax"})
	sheet.Documents = append(sheet.Documents, "Bescheid")
	sheet.Put(e)
	if p := e.Venue.Phones; len(p) != 2 || p[0].Extension != 5 || p[1].Note != "Fax" || e.Offer.Documents[0].URL == "" {
		t.Errorf("%+v %+v", p, e.Offer.Documents)
	}
}

func TestCheck(t *testing.T) {
	was := SheetOf(full())
	known := func(id string) bool { return id == "schulden" }
	for _, c := range []struct {
		field, code string
		change      func(*Sheet)
	}{
		{"name", "required", func(s *Sheet) { s.Name = "" }},
		{"name", "too_long", func(s *Sheet) { s.Name = strings.Repeat("x", 201) }},
		{"description", "too_long", func(s *Sheet) { s.Description = strings.Repeat("x", 4001) }},
		{"topics", "topic_unknown", func(s *Sheet) { s.Topics = []string{"nichts"} }},
		{"status", "malformed", func(s *Sheet) { s.Status = "inactive" }},
		{"phones", "invalid_phone", func(s *Sheet) { s.Phones = []Line{{"ruf an", ""}} }},
		{"email", "invalid_email", func(s *Sheet) { s.Email = "a@example.org, b@example.org" }},
		{"email", "invalid_email", func(s *Sheet) { s.Email = "a@example.org\r\nBcc: b@example.org" }},
		{"email", "invalid_email", func(s *Sheet) { s.Email = "A <a@example.org>" }},
		{"url", "invalid_url", func(s *Sheet) { s.URL = "javascript:alert(1)" }},
		{"url", "invalid_url", func(s *Sheet) { s.URL = "example.org" }},
		{"postcode", "invalid_postcode", func(s *Sheet) { s.Postcode = "1234" }},
		{"hours", "invalid_hours", func(s *Sheet) { s.Hours = "montags" }},
		{"languages", "invalid_language", func(s *Sheet) { s.Languages = []string{"Deutsch!"} }},
		{"channels", "malformed", func(s *Sheet) { s.Channels = []string{"fax"} }},
		{"max_age", "invalid_age", func(s *Sheet) { s.MaxAge = 10 }},
		{"min_age", "invalid_age", func(s *Sheet) { s.MinAge = -1 }},
		{"target", "too_long", func(s *Sheet) { s.Target = make([]string, 41) }},
	} {
		s := was
		c.change(&s)
		bad, ok := s.Check(was, known).(*fault.Error)
		if !ok || bad.Fields[c.field] != c.code || len(bad.Fields) != 1 {
			t.Errorf("%s: %v", c.field, bad)
		}
	}
	old := was
	old.Hours = "montags"
	mended := old
	mended.Name = "Neu"
	if err := mended.Check(old, known); err != nil {
		t.Errorf("an old flaw stops a new edit: %v", err)
	}
}

func TestComplete(t *testing.T) {
	sum := 0
	for _, w := range weights {
		sum += w.points
		if !slices.Contains(Fields, w.field) {
			t.Errorf("%s is no field", w.field)
		}
	}
	if sum != 100 {
		t.Errorf("the weights are %d", sum)
	}
	if s := Complete(SheetOf(full()), directory.Physical); s.Percent != 100 || len(s.Missing) > 0 {
		t.Errorf("full: %+v", s)
	}
	if s := Complete(Sheet{}, directory.Physical); s.Percent != 0 || len(s.Missing) != len(weights) || s.Missing[0] != "phones" {
		t.Errorf("empty: %+v", s)
	}
	hidden := full()
	hidden.Location = directory.Location{Type: directory.Protected, Accessibility: []string{"toilet"}}
	if s := Complete(SheetOf(hidden), directory.Protected); s.Percent != 100 {
		t.Errorf("protected: %+v", s)
	}
}

func TestLetterIsOneHeaderLine(t *testing.T) {
	s := New(Options{From: "Beratung\nBcc: x@example.org"})
	e := full()
	e.Offer.Name = "Stelle\r\nBcc: alle@example.org\u2028\x00"
	l, err := s.write(e, Mail{ID: "1", Address: "a@example.org"}, "https://beratung.example/de/angaben/token")
	if err != nil || strings.ContainsAny(l.Subject, "\r\n\x00\u2028") || strings.Contains(l.Text, "\nBcc:") || !strings.Contains(l.Text, "https://beratung.example/de/angaben/token/abbestellen") {
		t.Errorf("%+v, %v", l, err)
	}
	for line := range strings.SplitSeq(l.Text, "\n") {
		if len([]rune(line)) > 100 {
			t.Errorf("a long line: %s", line)
		}
	}
}
