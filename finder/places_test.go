package finder

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestPlaces looks postcodes up that stand for what can be hard: towns, two
// Kreise, an island, one that is not there.
func TestPlaces(t *testing.T) {
	r := rules(t)
	for postcode, want := range map[string]string{
		"50667": "Stadt Köln 6-6", "10115": "Berlin 4-4", "20095": "Hamburg 6-6", "01067": "Stadt Dresden 3-3", "73430": "Ostalbkreis 3-3",
		"52146": "Städteregion Aachen 3-3", "82467": "Landkreis Garmisch-Partenkirchen 6-6",
		"21465": "Kreis Herzogtum Lauenburg, Kreis Stormarn 6-6", "06120": "Stadt Halle, Saalekreis 2-3", "00001": "", "5066": "", "": "", "5O667": "",
	} {
		got := ""
		if p, ok := r.Place(postcode); ok {
			var names []string
			for _, d := range p.Districts {
				names = append(names, d.Name)
			}
			got = strings.Join(names, ", ") + " " + string('0'+rune(p.RentLevel.Low)) + "-" + string('0'+rune(p.RentLevel.High))
		}
		if got != want {
			t.Errorf("%q is %q, want %q", postcode, got, want)
		}
	}
}

// TestPostcodeGivesTheRentLevel compares with the same level said by hand; who
// says one keeps it.
func TestPostcodeGivesTheRentLevel(t *testing.T) {
	r := rules(t)
	amount := func(household string) Range {
		t.Helper()
		in := request(t, strings.Replace(known(t)[0], `"rent_level":4,`, household, 1))
		in.Date = today
		result, err := r.Evaluate(in)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range result.Benefits {
			if b.ID == "wohngeld" && b.Amount != nil {
				return *b.Amount
			}
		}
		t.Fatalf("no Wohngeld with %s", household)
		return Range{}
	}
	for said, same := range map[string]string{
		`"postcode":"50667",`:                   `"rent_level":6,`,
		`"postcode":"06120",`:                   `"rent_level":{"low":2,"high":3},`,
		`"postcode":"50667","rent_level":null,`: `"rent_level":6,`,
		`"postcode":"50667","rent_level":2,`:    `"rent_level":2,`,
		`"postcode":"00001",`:                   ``,
		`"postcode":null,`:                      ``,
	} {
		if got, want := amount(said), amount(same); got != want {
			t.Errorf("with %s it is %v, with %s %v", said, got, same, want)
		}
	}
	if amount(`"rent_level":6,`) == amount(`"rent_level":2,`) {
		t.Error("the level makes no difference here, so the test shows nothing")
	}
}

// TestOfficesByPlace names who is responsible where.
func TestOfficesByPlace(t *testing.T) {
	r := rules(t)
	for _, one := range []struct{ postcode, benefit, want string }{
		{"50667", "eingliederungshilfe", "body Landschaftsverband Rheinland (LVR); children Stadt Köln"},
		{"48143", "eingliederungshilfe", "body Landschaftsverband Westfalen-Lippe (LWL); children Stadt Münster"},
		{"97070", "eingliederungshilfe", "body Bezirk Unterfranken"},
		{"80331", "elterngeld", "body Zentrum Bayern Familie und Soziales (ZBFS)"},
		{"50667", "elterngeld", "district Stadt Köln"},
		{"10115", "eingliederungshilfe", "borough Berlin"},
		{"20095", "wohngeld", "borough Hamburg"},
		{"73430", "wohngeld", "within Ostalbkreis"},
		{"50667", "wohngeld", "district Stadt Köln"},
		{"21465", "buergergeld", "district Kreis Herzogtum Lauenburg; district Kreis Stormarn"},
		{"50667", "kindergeld", ""},
		{"00001", "buergergeld", ""},
	} {
		result, err := r.Evaluate(Request{Date: today, Household: map[string]Answer{"postcode": Say(one.postcode)}})
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range result.Benefits {
			if b.ID != one.benefit {
				continue
			}
			var got []string
			for _, w := range b.Where {
				got = append(got, w.Kind+" "+w.Name)
			}
			if strings.Join(got, "; ") != one.want {
				t.Errorf("%s in %s: %q, want %q", one.benefit, one.postcode, strings.Join(got, "; "), one.want)
			}
		}
	}
}

// TestEveryLandHasAnOfficeForEveryBenefit looks at every Kreis.
func TestEveryLandHasAnOfficeForEveryBenefit(t *testing.T) {
	r := rules(t)
	for _, d := range r.places.districts {
		for i := range r.benefits {
			a := &r.benefits[i].Access
			if a.Level != "federal" && len(r.whereIn(a, d)) == 0 {
				t.Errorf("%s: nobody for %s", d.Name, r.benefits[i].ID)
			}
		}
	}
}

// TestBrokenPlacesAreRefused breaks each column.
func TestBrokenPlacesAreRefused(t *testing.T) {
	good := packedPlaces{Districts: []string{"1001*A", "50-B"}, Gaps: "!1000!%%", Runs: "0 1*2", Levels: "(()"}
	if _, err := good.unpack(); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]func(p *packedPlaces){
		"no mark":       func(p *packedPlaces) { p.Districts[0] = "1001A" },
		"no number":     func(p *packedPlaces) { p.Districts[0] = "x*A" },
		"gap":           func(p *packedPlaces) { p.Gaps = "!x!%%" },
		"too few runs":  func(p *packedPlaces) { p.Runs = "0 1" },
		"too many runs": func(p *packedPlaces) { p.Runs = "0 1*3" },
		"no district":   func(p *packedPlaces) { p.Runs = "0 2*2" },
		"levels":        func(p *packedPlaces) { p.Levels = "((" },
		"no level":      func(p *packedPlaces) { p.Levels = "((~" },
		"high and low":  func(p *packedPlaces) { p.Levels = "((/" },
	} {
		p := good
		p.Districts = append([]string{}, good.Districts...)
		bad(&p)
		if _, err := p.unpack(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestAPostcodeAloneRefusesNobody: the table of rent levels is joined by name,
// so a no that another level would not give is none.
func TestAPostcodeAloneRefusesNobody(t *testing.T) {
	r := rules(t)
	for _, one := range []struct {
		household string
		wage      int
		want      State
		sure      bool
	}{
		{`"postcode":"73430",`, 2800, Unclear, false},
		{`"rent_level":3,`, 2800, LikelyNo, true},
		{`"postcode":"73430",`, 6000, LikelyNo, true},
	} {
		in := request(t, fmt.Sprintf(`{"date":"2026-11-23","persons":[{"id":"p","birth":"1985","facts":{"wage":%d,"wage_net":%d,"hours":40,"pension":0,"self_employed":0,
			"other_income":0,"private_pension":0,"reduced_pension":0,"training":"none","residence":"german","assets":0,"disability":0,"care_grade":0,"maintenance_paid":0,"children_away":0}}],
			"household":{%s"rent":900,"heating":90,"homeless":false}}`, one.wage, one.wage*13/20, one.household))
		result, err := r.Evaluate(in)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(result.Benefits, func(b BenefitResult) bool { return b.ID == "wohngeld" })
		if got := result.Benefits[i]; got.State != one.want || got.Sure != one.sure || len(got.Points) != 0 {
			t.Errorf("%s wage %d: %s, sure %v, %v %v", one.household, one.wage, got.State, got.Sure, got.Points, got.Missing)
		}
	}
}
