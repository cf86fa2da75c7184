package directory

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

const somePlaces = `plz,place,state,lat,lon
01067,Dresden,Sachsen,51.0547,13.7269
01099,Dresden Neustadt,Sachsen,51.07,13.75
04109,Leipzig,Sachsen,51.34,12.37
50667,Köln,Nordrhein-Westfalen,50.9387,6.9547
53111,Bonn,Nordrhein-Westfalen,50.7402,7.0985
80331,München,Bayern,48.1345,11.571
`

func testPlaces(t *testing.T) *Places {
	t.Helper()
	p, err := ReadPlaces(strings.NewReader(somePlaces))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func at(id, topic, postcode string, places *Places, catchment ...Range) *Centre {
	place, _ := places.Lookup(postcode)
	return &Centre{ID: id, Name: "Stelle " + id, City: place.Name, Postcode: postcode, State: place.State,
		Lat: place.Lat, Lon: place.Lon, Precision: AtPostcode, Active: true, Topics: []string{topic}, Catchment: catchment}
}

func ids(results []Result) string {
	var b strings.Builder
	for _, r := range results {
		b.WriteString(r.ID + ":" + string(r.Tier) + " ")
	}
	return strings.TrimSpace(b.String())
}

func TestSearchTiers(t *testing.T) {
	places := testPlaces(t)
	hidden := at("hidden", "schulden", "01067", places)
	hidden.Active = false
	x := newIndex(1, []*Centre{
		at("far", "schulden", "80331", places),
		at("land", "schulden", "04109", places),
		at("near", "schulden", "01099", places),
		at("own", "schulden", "04109", places, Range{"01000", "01099"}),
		at("other-area", "schulden", "01067", places, Range{"80000", "80999"}),
		at("other-topic", "sucht", "01067", places), hidden,
	}, places)
	tests := []struct {
		name, want string
		q          Query
		white      bool
	}{
		{"own catchment beats nearness, other catchments stay away", "own:catchment near:radius land:land far:anywhere", Query{Topic: "schulden", Postcode: "01067"}, false},
		{"white spot shows who may know more", "other-topic:land", Query{Topic: "sucht", Postcode: "04109"}, true},
		{"no postcode: all equal", "", Query{Topic: "schulden"}, false},
		{"text narrows", "near:radius", Query{Topic: "schulden", Postcode: "01067", Text: "neustadt"}, false},
		{"text folds", "far:anywhere", Query{Topic: "schulden", Postcode: "01067", Text: "MUNCHEN"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found := search(x, places, tt.q)
			if got := ids(found.Results); tt.want != "" && got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if found.WhiteSpot != tt.white {
				t.Errorf("white spot %v, want %v", found.WhiteSpot, tt.white)
			}
		})
	}
}

func TestWhiteSpotOffersOtherCatchments(t *testing.T) {
	places := testPlaces(t)
	x := newIndex(1, []*Centre{at("munich", "kuren", "80331", places, Range{"80000", "80999"})}, places)
	found := search(x, places, Query{Topic: "kuren", Postcode: "50667"})
	if got := ids(found.Results); got != "munich:elsewhere" || !found.WhiteSpot {
		t.Errorf("got %s, white spot %v", got, found.WhiteSpot)
	}
}

func TestOrderIsNeutralAndStable(t *testing.T) {
	places := testPlaces(t)
	var centres []*Centre
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		centres = append(centres, at(id, "schulden", "50667", places))
	}
	first := map[string]bool{}
	for seed := range uint64(64) {
		rand.Shuffle(len(centres), func(i, j int) { centres[i], centres[j] = centres[j], centres[i] })
		q := Query{Topic: "schulden", Postcode: "50667", Seed: seed}
		one := search(newIndex(1, centres, places), places, q)
		slices.Reverse(centres)
		two := search(newIndex(1, centres, places), places, q)
		if ids(one.Results) != ids(two.Results) {
			t.Fatalf("seed %d: %s and %s", seed, ids(one.Results), ids(two.Results))
		}
		first[one.Results[0].ID] = true
	}
	if len(first) < 6 {
		t.Errorf("only %d of 8 equals ever stand first", len(first))
	}
}

func TestWithin(t *testing.T) {
	known := []string{"01067", "01099", "04109", "50667"}
	tests := []struct {
		ranges []Range
		want   []string
	}{
		{nil, nil},
		{[]Range{{"01067", "01067"}}, []string{"01067"}},
		{[]Range{{"00000", "01098"}}, []string{"01067"}},
		{[]Range{{"01067", "04109"}, {"01099", "99999"}}, known},
		{[]Range{{"60000", "99999"}}, nil},
	}
	for _, tt := range tests {
		if got := within(known, tt.ranges); !slices.Equal(got, tt.want) {
			t.Errorf("within(%v) = %v, want %v", tt.ranges, got, tt.want)
		}
	}
}

func TestPlacesKeepsLeadingZeros(t *testing.T) {
	places := testPlaces(t)
	if p, ok := places.Lookup("01067"); !ok || p.State != "Sachsen" {
		t.Errorf("Lookup(01067) = %+v, %v", p, ok)
	}
	if _, ok := places.Lookup("1067"); ok {
		t.Error("a postcode without its zero is known")
	}
}

func TestReadPlacesRefuses(t *testing.T) {
	for _, bad := range []string{"", "plz,place\n", "plz,place,state,lat,lon\n01067,Dresden,Sachsen,north,13\n", "plz,place,state,lat,lon\n1,2\n"} {
		if _, err := ReadPlaces(strings.NewReader(bad)); err == nil {
			t.Errorf("ReadPlaces(%q) succeeds", bad)
		}
	}
}

func TestDistance(t *testing.T) {
	if d := distanceKM(50.9387, 6.9547, 48.1345, 11.571); d < 450 || d > 465 {
		t.Errorf("Cologne to Munich: %.0f km", d)
	}
	if d := distanceKM(50, 7, 50, 7); d != 0 {
		t.Errorf("nowhere: %f km", d)
	}
}

func TestParseTaxonomy(t *testing.T) {
	good := "[[topic]]\nid=\"a\"\naliases=[\"x\"]\n[topic.labels]\nde=\"A\"\nen=\"AA\"\n"
	x, err := ParseTaxonomy(strings.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	topics, unknown := x.Resolve([]string{"x", "a", "", "zzz"})
	if !slices.Equal(topics, []string{"a"}) || !slices.Equal(unknown, []string{"zzz"}) {
		t.Errorf("Resolve = %v, %v", topics, unknown)
	}
	if topic, _ := x.Topic("a"); topic.Label("en") != "AA" || topic.Label("ar") != "A" {
		t.Errorf("labels %q %q", topic.Label("en"), topic.Label("ar"))
	}
	for _, bad := range []string{good + good, "[[topic]]\nid=\"a\"\n", "x = 1\n", "[[topic"} {
		if _, err := ParseTaxonomy(strings.NewReader(bad)); err == nil {
			t.Errorf("ParseTaxonomy(%q) succeeds", bad)
		}
	}
}
