package upkeep

import (
	"reflect"
	"testing"

	"lotse/directory"
)

// Each field is looked for in the record that states it: taking it away there takes
// it out of the sheet, as long as no other record states it.
func TestHolderStatesTheField(t *testing.T) {
	for _, field := range Fields {
		e := full()
		e.Offer.Email, e.Offer.URL, e.Offer.Languages, e.Provider = "", "", nil, directory.Provider{}
		record, fact := holder(e, field)
		for i := range reflect.TypeFor[directory.Entry]().NumField() {
			part := reflect.ValueOf(e).Elem().Field(i)
			if part.FieldByName("Record").Addr().Interface() == any(record) {
				clearFact(part, fact)
			}
		}
		if SheetOf(e).Facts()[field] != nil {
			t.Errorf("%s is not stated by %s", field, fact)
		}
	}
}

// clearFact empties the field with a JSON name; the catchment has none.
func clearFact(part reflect.Value, fact string) {
	for _, f := range reflect.VisibleFields(part.Type()) {
		if name := f.Tag.Get("json"); name == fact || len(name) > len(fact) && name[:len(fact)+1] == fact+"," || fact == "areas" && f.Name == "Areas" {
			part.FieldByIndex(f.Index).SetZero()
		}
	}
}

func TestOriginsOfADesk(t *testing.T) {
	e := full()
	e.Offer.Origins = directory.Origins{"*": {By: "csv"}, "fees": {By: directory.ByHand}}
	e.Venue.Origins = directory.Origins{"*": {By: "rki"}, "phones": {By: directory.ByHand}}
	e.Location.Origins = directory.Origins{"*": {By: "csv"}, "name": {By: directory.ByHand}}
	got := (&Desk{Entry: e, Published: SheetOf(e)}).Origins()
	for field, by := range map[string]string{"name": "csv", "fees": "person", "phones": "person", "email": "rki", "hours": "rki", "place": "person", "street": "csv"} {
		if got[field].By != by {
			t.Errorf("%s is by %q", field, got[field].By)
		}
	}
	e.Venue.Email = ""
	if by := (&Desk{Entry: e, Published: SheetOf(e)}).Origins()["email"].By; by != "csv" {
		t.Errorf("the mail of the offer is by %q", by)
	}
}
