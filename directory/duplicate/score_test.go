package duplicate

import "testing"

func TestScore(t *testing.T) {
	base := Item{Name: "Schuldnerberatung Mitte", Operator: "Träger e.V.", Street: "Hauptstraße 12a", Postcode: "50667", City: "Köln",
		Phones: []string{"+49 221 123456"}, Email: "rat@example.org", URL: "https://example.org/mitte", Topics: []string{"schulden"}}
	change := func(do func(*Item)) Item {
		other := base
		do(&other)
		return other
	}
	tests := []struct {
		name  string
		other Item
		same  bool
	}{
		{"the same", base, true},
		{"written in another way", change(func(i *Item) {
			i.Street, i.Phones, i.URL = "Hauptstr. 12 a", []string{"0221 / 12 34 56"}, "www.example.org/mitte/"
		}), true},
		{"named after who runs it", change(func(i *Item) { i.Name, i.Operator = "Träger e. V.", "" }), true},
		{"with a slip in the street", change(func(i *Item) { i.Street = "Hauptsraße 12a" }), true},
		{"without postcode and mail", change(func(i *Item) { i.Postcode, i.Email, i.URL = "", "", "" }), true},
		{"another offer in the same house", change(func(i *Item) { i.Name, i.Topics = "Suchtberatung Mitte", []string{"sucht"} }), false},
		{"another branch", change(func(i *Item) {
			i.Street, i.Postcode, i.City, i.Phones = "Bahnhofstraße 3", "53111", "Bonn", []string{"0228 654321"}
		}), false},
		{"somebody else in the same street", Item{Name: "Familienhilfe", Street: "Hauptstraße 90", Postcode: "50667", City: "Köln", Phones: []string{"0221 999999"}}, false},
		{"nothing known", Item{}, false},
	}
	for _, tt := range tests {
		forth, back := Score(base, tt.other), Score(tt.other, base)
		if forth != back || (forth >= Likely) != tt.same {
			t.Errorf("%s: %.2f, %.2f, want same: %v", tt.name, forth, back, tt.same)
		}
	}
}

func TestFindReportsEachPairOnce(t *testing.T) {
	a := Item{ID: "b", Name: "Beratung Nord", Street: "Weg 1", Postcode: "01067", City: "Dresden", Phones: []string{"0351 123456"}}
	b := a
	b.ID = "a"
	pairs := Find([]Item{a, b, {ID: "c", Name: "Anderes", Postcode: "01067"}}, Likely)
	if len(pairs) != 1 || pairs[0].A != "a" || pairs[0].B != "b" || pairs[0].Score != 1 {
		t.Errorf("%+v", pairs)
	}
}
