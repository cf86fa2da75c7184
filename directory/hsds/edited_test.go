package hsds

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lotse/directory"
	"lotse/directory/hsds/hsdstest"
	"lotse/internal/testenv"
)

// What a person changes in an entry that came as HSDS goes out as it is now, and
// what it was goes out no more.
func TestEditedEntriesTellThePresent(t *testing.T) {
	tests := []struct {
		name    string
		change  func(*directory.Entry)
		now     string
		nowhere string
	}{
		{"name", func(e *directory.Entry) { e.Offer.Name = "Neuer Name" }, `"name":"Neuer Name"`, `"name":"Community Counselling"`},
		{"description", func(e *directory.Entry) { e.Offer.Description = "" }, `"id"`, "Suitable for people with mental health"},
		{"url", func(e *directory.Entry) { e.Offer.URL = "https://neu.example.org" }, "https://neu.example.org", ""},
		{"email", func(e *directory.Entry) { e.Offer.Email = "neu@example.org" }, "neu@example.org", ""},
		{"fees", func(e *directory.Entry) { e.Offer.Fees = "fünf Euro" }, "fünf Euro", ""},
		{"age", func(e *directory.Entry) { e.Offer.MinAge = 37 }, `"minimum_age":37`, ""},
		{"alert", func(e *directory.Entry) { e.Offer.Alert = "Umbau" }, "Umbau", ""},
		{"topics", func(e *directory.Entry) { e.Offer.Topics = []string{"schulden"} }, `"value":"schulden"`, ""},
		{"target", func(e *directory.Entry) { e.Offer.Target = []string{"Eltern"} }, `"value":"Eltern"`, ""},
		{"phones", func(e *directory.Entry) { e.Venue.Phones = []directory.Phone{{Number: "0221 987"}} }, "0221 987", "5555 555555"},
		{"venue email", func(e *directory.Entry) { e.Venue.Email = "vorort@example.org" }, "vorort@example.org", ""},
		{"venue url", func(e *directory.Entry) { e.Venue.URL = "https://vorort.example.org" }, "https://vorort.example.org", ""},
		{"hours", func(e *directory.Entry) { e.Venue.Hours, e.Venue.Hint = "Mo 08:00-09:00", "" }, `"opens_at":"08:00`, `"opens_at":"10:00`},
		{"hint", func(e *directory.Entry) { e.Venue.Hours, e.Venue.Hint = "Mo 08:00-09:00", "klingeln" }, "klingeln", ""},
		{"walk-in", func(e *directory.Entry) { e.Venue.WalkIn = true }, `"value":"walk_in"`, ""},
		{"channels", func(e *directory.Entry) { e.Venue.Channels = []directory.Channel{"chat"} }, `"value":"chat"`, ""},
		{"languages", func(e *directory.Entry) { e.Venue.Languages = []string{"tr"} }, `"code":"tr"`, ""},
		{"assured", func(e *directory.Entry) { e.Venue.Assured = "2031-02-03" }, "2031-02-03", ""},
		{"catchment", func(e *directory.Entry) { e.Venue.Areas = []directory.Area{{Kind: "plz", Low: "50667", High: "50668"}} }, "50667-50668", ""},
		{"street", func(e *directory.Entry) { e.Location.Street = "Neuweg 9" }, "Neuweg 9", ""},
		{"postcode", func(e *directory.Entry) { e.Location.Postcode = "50667" }, `"postal_code":"50667"`, `"postal_code":"ABC 1234"`},
		{"point", func(e *directory.Entry) { e.Location.Point = &directory.Point{Lat: 50.5, Lon: 7.5} }, `"latitude":50.5`, ""},
		{"place", func(e *directory.Entry) { e.Location.Name = "Haus Neu" }, "Haus Neu", ""},
		{"transport", func(e *directory.Entry) { e.Location.Transport = "Linie 5" }, "Linie 5", ""},
		{"accessibility", func(e *directory.Entry) { e.Location.Accessibility = []string{"step_free"} }, "step_free", ""},
		{"provider", func(e *directory.Entry) { e.Provider.Name = "Träger Neu" }, "Träger Neu", ""},
		{"umbrella", func(e *directory.Entry) { e.Provider.Umbrella = "Verband Neu" }, "Verband Neu", ""},
		{"legal form", func(e *directory.Entry) { e.Provider.LegalForm = "eG" }, `"legal_status":"eG"`, ""},
	}
	text, err := os.ReadFile(filepath.Join(hsdstest.Pack(t), "hsds-3.0", "examples", "service_full.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := imported(t, testenv.Migrated(t, testenv.SQLite(t)), string(text), directory.ImportOptions{})
			id := s.Listed(directory.Selection{})[0].ID
			if err := s.Edit(t.Context(), "", id, func(e *directory.Entry) error { tt.change(e); return nil }); err != nil {
				t.Fatal(err)
			}
			o := one(t, lists(s).Stream(t.Context(), Services, directory.Selection{}, Full))
			delete(o, "metadata")
			out, err := json.Marshal(o)
			if err != nil || !strings.Contains(string(out), tt.now) {
				t.Errorf("%s is missing, %v", tt.now, err)
			}
			if tt.nowhere != "" && strings.Contains(string(out), tt.nowhere) {
				t.Errorf("%s is still there", tt.nowhere)
			}
		})
	}
}

// What a person changes in an entry that came as HSDS is told from then on, what
// they take away is gone, and what this model does not know stays.
func TestEditedExampleTellsThePresentFacts(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(hsdstest.Pack(t), "hsds-3.0", "examples", "service_full.json"))
	if err != nil {
		t.Fatal(err)
	}
	s := imported(t, testenv.Migrated(t, testenv.SQLite(t)), string(text), directory.ImportOptions{})
	before := hsdstest.Decoded(t, one(t, lists(s).Stream(t.Context(), Services, directory.Selection{}, Full))).(map[string]any)
	centre := s.Listed(directory.Selection{})[0].ID
	if err := s.Edit(t.Context(), "somebody", centre, rewritten); err != nil {
		t.Fatal(err)
	}
	after := hsdstest.Decoded(t, one(t, lists(s).Stream(t.Context(), Services, directory.Selection{}, Full))).(map[string]any)
	if wrong := hsdstest.SchemasOf(filepath.Join(hsdstest.Pack(t), "hsds-3.0", "compiled")).Problems(t, "service.json", after); wrong != "" {
		t.Error(wrong)
	}
	told, err := json.Marshal(after)
	if err != nil {
		t.Fatal(err)
	}
	for _, fact := range []string{"Neuer Name", "Neuer Text", "neu@example.org", "https://neu.example", "0221 999", `"code":"uk"`, "Neuer Hinweis", "Ausweis", "schulden",
		"Neuweg 1", "50667", "50668-50669", "neu-stelle@example.org", "Neuer Bus", "step_free", `"opens_at":"10:00`, "on_site", "Neuer Verein"} {
		if !strings.Contains(string(told), fact) {
			t.Errorf("%q is not told", fact)
		}
	}
	if _, there := after["fees_description"]; there {
		t.Error("what was taken away is still told")
	}
	if after["alternate_name"] == nil || after["alternate_name"] != before["alternate_name"] || after["last_modified"] == before["last_modified"] {
		t.Errorf("alternate name %v, was %v; last modified %v", after["alternate_name"], before["alternate_name"], after["last_modified"])
	}
}

// rewritten changes every fact of an entry that an object tells.
func rewritten(e *directory.Entry) error {
	f, v, l := &e.Offer, &e.Venue, &e.Location
	f.Name, f.Description, f.Email, f.URL, f.Alert, f.Fees = "Neuer Name", "Neuer Text", "neu@example.org", "https://neu.example", "Neuer Hinweis", ""
	f.Phones, f.Languages, f.Topics = []directory.Phone{{Number: "0221 999"}}, []string{"uk"}, []string{"schulden"}
	f.Documents = []directory.Document{{Name: "Ausweis"}}
	v.Hours, v.Email, v.Channels = "Mo 10:00-11:00", "neu-stelle@example.org", []directory.Channel{directory.OnSite}
	v.Areas = []directory.Area{{Kind: directory.AreaPostcodes, Low: "50668", High: "50669"}}
	l.Street, l.Postcode, l.City, l.Transport, l.Accessibility = "Neuweg 1", "50667", "Köln", "Neuer Bus", []string{"step_free"}
	e.Provider.Name = "Neuer Verein"
	return nil
}
