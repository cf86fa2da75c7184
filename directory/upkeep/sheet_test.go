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
		Offer: directory.Offer{Name: "Beratung", Kind: "Beratungsstelle", Eligibility: "wohnt hier", Interpreter: "auf Wunsch", Description: "d", Alert: "a", Status: "active", Topics: []string{"schulden"}, Target: []string{"alle"},
			MinAge: 18, MaxAge: 27, Free: true, Fees: "nichts", Languages: []string{"de"}, Application: "anrufen", Waiting: "keine",
			NextSteps: []string{"kommen"}, Documents: []directory.Document{{Name: "Ausweis", URL: "https://example.org/a"}},
			Email: "angebot@example.org", URL: "https://example.org"},
		Location: directory.Location{Type: directory.Physical, Name: "Haus der Hilfe", Street: "Weg 1", Postcode: "50667", City: "Köln", Transport: "Bus", Accessibility: []string{"step_free"}},
		Venue: directory.Venue{Phones: []directory.Phone{{Number: "0221 2", Type: "voice", Extension: 5}}, Email: "stelle@example.org", URL: "https://example.org/s",
			Hours: "Mo 10:00-11:00", Hint: "h", Channels: []directory.Channel{directory.OnSite}, WalkIn: true, Anonymous: true, Languages: []string{"de", "tr"},
			Booking: "https://example.org/termin", Areas: []directory.Area{directory.Postcodes("50667", "50670")},
			Slot:     &directory.Slot{Day: "2026-11-30", Time: "14:00", WalkIn: true, Stated: "2026-11-27"},
			Capacity: &directory.Capacity{Unit: "Betten", Available: 2, Maximum: 9, Updated: "2026-11-27"}},
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

// notEditable are the facts of the model that the form does not have, and why.
var notEditable = map[string]string{
	"Provider.Name":        "the operator's: the provider stands behind many entries",
	"Provider.Umbrella":    "the operator's: the provider stands behind many entries",
	"Provider.ParentID":    "the operator's: the provider stands behind many entries",
	"Provider.Description": "the operator's: the provider stands behind many entries",
	"Provider.LegalForm":   "the operator's: the provider stands behind many entries",
	"Offer.ProviderID":     "who answers for an entry is no word of the entry's own",
	"Offer.Tags":           "a source's words that lead to no topic; the form has the topics",
	"Location.Description": "shown nowhere; the form has the description of the offer",
	"Location.District":    "follows from the address",
	"Location.AGS":         "follows from the address",
	"Location.State":       "follows from the address",
	"Location.Point":       "follows from the address",
	"Location.URL":         "shown nowhere; the form has the site of the offer",
	"Venue.OfferID":        "a link between records",
	"Venue.LocationID":     "a link between records",
	"Venue.MergedInto":     "a person merges on the page of duplicates",
	"Venue.State":          "moves by drafts, reviews and confirmations",
	"Venue.Hidden":         "its source has withdrawn it",
	"Venue.Assured":        "follows from confirming",
	"Venue.AssuredBy":      "follows from confirming",
}

// Each fact of the model shows in the form, or the table says why it does not.
func TestFormHasEveryFactOfTheModel(t *testing.T) {
	blank := SheetOf(&directory.Entry{})
	facts := map[string]bool{}
	for i := range reflect.TypeFor[directory.Entry]().NumField() {
		record := reflect.TypeFor[directory.Entry]().Field(i)
		for _, field := range reflect.VisibleFields(record.Type) {
			if field.Anonymous || len(field.Index) > 1 {
				continue // ids, source and licence: of the record, not of the centre
			}
			name := record.Name + "." + field.Name
			facts[name] = true
			e := &directory.Entry{}
			fill(reflect.ValueOf(e).Elem().Field(i).FieldByIndex(field.Index))
			shown := len(Compare(blank, SheetOf(e))) > 0
			if shown == (notEditable[name] != "") {
				t.Errorf("%s: in the form %v, said not to be %q", name, shown, notEditable[name])
			}
		}
	}
	for name := range notEditable {
		if !facts[name] {
			t.Errorf("the model has no %s", name)
		}
	}
}

// fill gives a value something that is not nothing.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Int:
		v.SetInt(1)
	case reflect.Float64:
		v.SetFloat(1)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(field)
		}
	}
}

// A full sheet fills an empty entry: what the form has, it can also write.
func TestPutWritesEveryField(t *testing.T) {
	e := &directory.Entry{Location: directory.Location{Type: directory.Physical}}
	want := SheetOf(full())
	want.Put(e)
	for _, d := range Compare(want, SheetOf(e)) {
		t.Errorf("%s: %s became %s", d.Field, d.Before, d.After)
	}
}

// What is stated on a day carries it: the day of the last word, not of the last save.
func TestDate(t *testing.T) {
	was := SheetOf(full())
	const today = "2026-12-01"
	for name, c := range map[string]struct {
		change           func(*Sheet)
		again            bool
		slotted, counted string
	}{
		"as it was":  {func(*Sheet) {}, false, "2026-11-27", "2026-11-27"},
		"once more":  {func(*Sheet) {}, true, today, today},
		"a new time": {func(s *Sheet) { s.SlotTime = "15:00" }, false, today, "2026-11-27"},
		"none free":  {func(s *Sheet) { s.PlacesFree = new(0) }, false, "2026-11-27", today},
		"nothing":    {func(s *Sheet) { s.SlotDay, s.PlacesFree = "", nil }, true, "", ""},
	} {
		s := was
		c.change(&s)
		s.SlotStated, s.PlacesAt = "2020-01-01", "2020-01-01" // what a form brings does not count
		if s.Date(was, today, c.again); s.SlotStated != c.slotted || s.PlacesAt != c.counted {
			t.Errorf("%s: %q and %q", name, s.SlotStated, s.PlacesAt)
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
	Sheet{Name: "Neu", Type: "physical"}.Put(e)
	left := SheetOf(e)
	want := Sheet{Name: "Neu", Type: "physical", Email: "traeger@example.org", Phones: []Line{{Number: "0221 1"}}} // what the provider says goes on
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
	table, err := directory.ReadPlaces(strings.NewReader(places))
	if err != nil {
		t.Fatal(err)
	}
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
		{"booking", "invalid_url", func(s *Sheet) { s.Booking = "http://example.org" }},
		{"type", "malformed", func(s *Sheet) { s.Type = "postal" }},
		{"areas", "area_unread:5066", func(s *Sheet) { s.Areas = []string{"50667", "5066"} }},
		{"areas", "area_inverted:50670-50667", func(s *Sheet) { s.Areas = []string{"50670-50667"} }},
		{"areas", "area_unknown:99999", func(s *Sheet) { s.Areas = []string{"99999"} }},
		{"areas", "area_unknown:ags:99999", func(s *Sheet) { s.Areas = []string{"ags:99999"} }},
		{"areas", "area_unknown:land:Atlantis", func(s *Sheet) { s.Areas = []string{"land:Atlantis"} }},
		{"slot_day", "invalid_day", func(s *Sheet) { s.SlotDay = "morgen" }},
		{"slot_day", "invalid_day", func(s *Sheet) { s.SlotDay, s.SlotTime = "", "" }},
		{"slot_time", "invalid_time", func(s *Sheet) { s.SlotTime = "25:00" }},
		{"slot_day", "slot_over", func(s *Sheet) { s.SlotStated = "2026-12-01" }},
		{"places_free", "invalid_places", func(s *Sheet) { s.PlacesFree = new(-1) }},
		{"places_free", "invalid_places", func(s *Sheet) { s.PlacesFree = new(10) }},
		{"places_free", "invalid_places", func(s *Sheet) { s.PlacesAll = 1 }},
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
		bad, ok := s.Check(was, known, table).(*fault.Error)
		if !ok || bad.Fields[c.field] != c.code || len(bad.Fields) != 1 {
			t.Errorf("%s: %v", c.field, bad)
		}
	}
	fine := was
	fine.Areas = []string{"50667", "50000-59999", "land:Sachsen", "nationwide"}
	fine.SlotDay, fine.SlotTime, fine.SlotWalkIn, fine.SlotStated, fine.PlacesFree = "", "", false, "", new(0)
	if err := fine.Check(was, known, table); err != nil {
		t.Error(err)
	}
	old := was
	old.Hours = "montags"
	mended := old
	mended.Name = "Neu"
	if err := mended.Check(old, known, table); err != nil {
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
