package directory

import (
	"strings"
	"testing"
)

const areaPlaces = "plz,place,state,lat,lon,kreis,ags5\n50667,Köln,Nordrhein-Westfalen,50.9,6.9,Köln,05315\n50668,Köln,Nordrhein-Westfalen,50.9,6.9,Köln,05315\n10115,Berlin,Berlin,52.5,13.4,Berlin,11000\n"

func TestReadArea(t *testing.T) {
	for text, want := range map[string]Area{
		"50667": Postcodes("50667", "50667"), "50667-50670": Postcodes("50667", "50670"), "50670 – 50667": Postcodes("50670", "50667"),
		"ags:05315": {AreaDistrict, "05315", "05315"}, "land: Berlin": {AreaState, "Berlin", "Berlin"}, "nationwide": {Kind: AreaNationwide},
	} {
		if got, ok := ReadArea(text); !ok || got != want {
			t.Errorf("%q: %+v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "5066", "506677", "50667-", "plz:50667", "land:", "ags:", "nationwide:Berlin", "Köln", "50667-50668-50669"} {
		if got, ok := ReadArea(text); ok {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

// A written area is read back as it was.
func TestStatedAreasAreReadBack(t *testing.T) {
	areas := []Area{Postcodes("50667", "50670"), Postcodes("53001", "53001"), {AreaDistrict, "05315", "05315"}, {AreaState, "Berlin", "Berlin"}, {Kind: AreaNationwide}}
	for i, text := range Stated(areas) {
		if got, ok := ReadArea(text); !ok || got != areas[i] {
			t.Errorf("%q: %+v, %v", text, got, ok)
		}
	}
}

func TestPlacesCountPostcodesOnce(t *testing.T) {
	places, err := ReadPlaces(strings.NewReader(areaPlaces))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want  int
		areas string
	}{{1, "50667"}, {2, "50000-51000"}, {2, "50667-50668 50668 ags:05315"}, {3, "land:Berlin land:Nordrhein-Westfalen"}, {0, "nationwide"}, {0, "99999"}, {0, "50668-50667"}} {
		var areas []Area
		for text := range strings.FieldsSeq(c.areas) {
			a, ok := ReadArea(text)
			if !ok {
				t.Fatal(text)
			}
			areas = append(areas, a)
		}
		if got := places.Count(areas); got != c.want {
			t.Errorf("%s: %d postcodes", c.areas, got)
		}
	}
	for text, want := range map[string]bool{"50667": true, "50669": false, "50000-59999": true, "ags:05315": true, "ags:99999": false, "land:Berlin": true, "land:Atlantis": false, "nationwide": true} {
		if a, ok := ReadArea(text); !ok || places.Known(a) != want {
			t.Errorf("%s: known is not %v", text, want)
		}
	}
}
