package directory

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"lotse/directory/hours"
	"lotse/directory/lexicon"
	"lotse/internal/fault"

	"pgregory.net/rapid"
)

const somePlaces = `plz,place,state,lat,lon
01067,Dresden,Sachsen,51.0547,13.7269
01099,Dresden Neustadt,Sachsen,51.07,13.75
04109,Leipzig,Sachsen,51.34,12.37
50667,Köln,Nordrhein-Westfalen,50.9387,6.9547
53111,Bonn,Nordrhein-Westfalen,50.7402,7.0985
80331,München,Bayern,48.1345,11.571
`

func testPlaces(t testing.TB) *Places {
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

func ids(results []Hit) string {
	var b strings.Builder
	for _, r := range results {
		b.WriteString(r.ID + ":" + string(r.Tier) + " ")
	}
	return strings.TrimSpace(b.String())
}

// finder answers from centres in memory.
func finder(t testing.TB, centres ...*Centre) *Service {
	t.Helper()
	s := New(Options{Log: slog.New(slog.DiscardHandler), Taxonomy: realTaxonomy(t), Places: testPlaces(t), Lexicon: have(realLexicon(t, testPlaces(t).Names()...))})
	s.index.Store(newIndex(1, centres, s.Places))
	return s
}

func find(t *testing.T, s *Service, q Query) Answer {
	t.Helper()
	a, err := s.Find(t.Context(), q)
	if err != nil {
		t.Fatalf("Find(%+v): %v", q, err)
	}
	return a
}

func TestFindTiers(t *testing.T) {
	places := testPlaces(t)
	hidden := at("hidden", "schulden", "01067", places)
	hidden.Active = false
	online := at("online", "schulden", "80331", places)
	online.Type = Virtual
	s := finder(t,
		at("far", "schulden", "80331", places), online,
		at("land", "schulden", "04109", places),
		at("near", "schulden", "01099", places),
		at("own", "schulden", "04109", places, Range{"01000", "01099"}),
		at("other-area", "schulden", "01067", places, Range{"80000", "80999"}),
		at("related", "allgemeine-soziale-beratung", "01067", places),
		at("other-topic", "sucht", "01067", places), hidden)
	tests := []struct {
		name, want string
		q          Query
		white      bool
	}{
		{"own catchment beats nearness, a related topic near by beats the far", "own:catchment near:radius related:radius land:land online:anywhere",
			Query{Topic: "schulden", Postcode: "01067"}, false},
		{"an alias is the topic", "own:catchment near:radius related:radius land:land online:anywhere", Query{Topic: "debt", Postcode: "01067"}, false},
		{"words and postcode in one text", "own:catchment near:radius related:radius land:land online:anywhere",
			Query{Text: "hab nur noch Rechnungen und der Gerichtsvollzieher kommt 01067"}, false},
		{"words and place in one text", "own:catchment near:radius related:radius land:land online:anywhere", Query{Text: "schulden in dresden"}, false},
		{"white spot shows who may know more", "other-topic:land", Query{Topic: "sucht", Postcode: "04109"}, true},
		{"a name puts its centre first among equals", "far:anywhere", Query{Text: "Stelle far"}, false},
		{"a topic taken away does not count", "related:radius", Query{Text: "schulden", Without: []string{"schulden"}, Postcode: "01067", Limit: 1}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := find(t, s, tt.q)
			if got := ids(a.Results); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if a.WhiteSpot != tt.white {
				t.Errorf("white spot %v, want %v", a.WhiteSpot, tt.white)
			}
		})
	}
}

// An agency that is reached online and states a catchment is for the people there.
func TestOnlineWithACatchmentIsNotEverywhere(t *testing.T) {
	places := testPlaces(t)
	online := at("online", "schulden", "50667", places, Range{"50441", "51149"})
	online.Type = Virtual
	s := finder(t, online, at("munich", "schulden", "80331", places))
	for postcode, want := range map[string]string{"50667": "online:catchment", "80331": "munich:radius"} {
		if got := ids(find(t, s, Query{Topic: "schulden", Postcode: postcode}).Results); got != want {
			t.Errorf("%s: got %s, want %s", postcode, got, want)
		}
	}
}

// Where nobody is there, somebody for the matter itself comes first: online, near, in
// the same Land, and only then general help from the other end of the country.
func TestWhiteSpotPutsTheMatterFirst(t *testing.T) {
	places := testPlaces(t)
	online := func(id, topic string) *Centre {
		c := at(id, topic, "80331", places)
		c.Type = Virtual
		return c
	}
	s := finder(t, at("bonn", "asyl", "53111", places, Range{"53111", "53111"}), at("leipzig", "asyl", "04109", places, Range{"04109", "04109"}),
		online("online", "asyl"), online("general", "allgemeine-soziale-beratung"))
	for postcode, want := range map[string]string{
		"50667": "online:anywhere bonn:elsewhere general:anywhere leipzig:elsewhere",
		"01067": "online:anywhere leipzig:elsewhere general:anywhere bonn:elsewhere",
	} {
		a := find(t, s, Query{Topic: "asyl", Postcode: postcode})
		if got := ids(a.Results); got != want || !a.WhiteSpot {
			t.Errorf("%s: %s, want %s", postcode, got, want)
		}
	}
}

func TestWhiteSpotOffersOtherCatchments(t *testing.T) {
	s := finder(t, at("munich", "kuren", "80331", testPlaces(t), Range{"80000", "80999"}))
	a := find(t, s, Query{Topic: "kuren", Postcode: "50667"})
	if got := ids(a.Results); got != "munich:elsewhere" || !a.WhiteSpot {
		t.Errorf("got %s, white spot %v", got, a.WhiteSpot)
	}
}

func TestUnclearWordsLeadToGeneralCounselling(t *testing.T) {
	places := testPlaces(t)
	s := finder(t, at("general", "allgemeine-soziale-beratung", "50667", places), at("debt", "schulden", "50667", places))
	a := find(t, s, Query{Text: "hjkl qwfp", Postcode: "50667"})
	if got := ids(a.Results); got != "general:radius" || !a.Unclear || len(a.Topics) > 0 {
		t.Errorf("got %s, unclear %v, topics %v", got, a.Unclear, a.Topics)
	}
}

func TestFindTellsWhy(t *testing.T) {
	s := finder(t, at("debt", "schulden", "50667", testPlaces(t)))
	a := find(t, s, Query{Text: "Der Gerichtsvolzieher kommt"})
	if len(a.Topics) == 0 || a.Topics[0].ID != "schulden" || a.Topics[0].Why[0] != (lexicon.Reason{Words: "Gerichtsvolzieher", Near: true}) {
		t.Errorf("topics %+v", a.Topics)
	}
	if len(a.Results) != 1 || !slices.Equal(a.Results[0].Found, []string{"schulden"}) {
		t.Errorf("results %+v", a.Results)
	}
}

func TestFilters(t *testing.T) {
	places := testPlaces(t)
	plain := at("plain", "schulden", "50667", places)
	rich := at("rich", "schulden", "50667", places)
	rich.Channels, rich.Languages, rich.Accessibility = []Channel{ByChat}, []string{"ar"}, []string{"step_free"}
	rich.Targets, rich.WalkIn, rich.Anonymous, rich.Free, rich.OpeningHours = []string{"women"}, true, true, true, "24/7"
	s := finder(t, plain, rich)
	s.Around = func(string, string) hours.Place { return hours.Place{Zone: time.UTC} }
	for _, f := range []Filter{{Channel: ByChat}, {Language: "ar"}, {Accessible: []string{"step_free"}}, {Target: "women"},
		{WalkIn: true}, {Anonymous: true}, {FreeOfCost: true}, {OpenNow: true}} {
		a := find(t, s, Query{Topic: "schulden", Postcode: "50667", Filter: f})
		if got := ids(a.Results); got != "rich:radius" {
			t.Errorf("%+v: %s", f, got)
		}
	}
	if a := find(t, s, Query{Topic: "schulden"}); a.Total != 2 || a.Results[0].Open.State == a.Results[1].Open.State {
		t.Errorf("without a filter: %d centres, open %v and %v", a.Total, a.Results[0].Open, a.Results[1].Open)
	}
}

// Whatever its hours say, nobody is there in a centre that is closed for a while.
func TestPausedCentreIsNotOpen(t *testing.T) {
	c := at("c", "schulden", "50667", testPlaces(t))
	c.OpeningHours, c.Status = "24/7", "temporarily closed"
	s := finder(t, c)
	s.Around = func(string, string) hours.Place { return hours.Place{Zone: time.UTC} }
	if a := find(t, s, Query{Topic: "schulden", Filter: Filter{OpenNow: true}}); a.Total != 0 {
		t.Error("it passes as open now")
	}
	if a := find(t, s, Query{Topic: "schulden"}); a.Total != 1 || a.Results[0].Open.State != hours.Unknown {
		t.Errorf("found %+v", a.Results)
	}
}

// Mariä Himmelfahrt is a holiday in Munich, not in Nuremberg, and in Bavaria that
// depends.
func TestHolidaysOfMunicipalities(t *testing.T) {
	around, err := Germany(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := hours.Parse("Mo-Su 09:00-17:00; PH off")
	if err != nil {
		t.Fatal(err)
	}
	clock := newClock(time.Date(2026, 8, 15, 12, 0, 0, 0, time.UTC), around)
	for ags, want := range map[string]hours.State{"09162": hours.Closed, "09564": hours.Open, "": hours.Unknown} {
		d := &doc{Centre: &Centre{State: "Bayern", AGS: ags}, hours: plan, timed: true}
		if got := clock.status(d).State; got != want {
			t.Errorf("%q: %v, want %v", ags, got, want)
		}
	}
}

func TestUnknownPostcodeIsNowhere(t *testing.T) {
	s := finder(t, at("c", "schulden", "50667", testPlaces(t)))
	if a := find(t, s, Query{Topic: "schulden", Postcode: "50001"}); a.Place.Located() || len(a.Place.Postcodes) != 1 {
		t.Errorf("a postcode that is none: %+v", a.Place)
	}
	if a := find(t, s, Query{Topic: "schulden", Postcode: "50667"}); !a.Place.Located() {
		t.Errorf("a known postcode: %+v", a.Place)
	}
}

func TestSuggest(t *testing.T) {
	c := at("c", "schulden", "50667", testPlaces(t))
	c.Name = "Treffpunkt Koline"
	s := finder(t, c)
	tests := []struct{ text, language, want string }{
		{"schuldnerb", "de", "topic schulden"},
		{"debt adv", "en", "topic schulden"},
		{"borç", "tr", "topic schulden"},
		{"köl", "de", "place 50667"},
		{"5066", "de", "place 50667"},
		{"treffpunkt k", "de", "centre c"},
		{"qzx", "de", ""}, {"", "de", ""},
	}
	for _, tt := range tests {
		first := ""
		if all := s.Suggest(t.Context(), tt.text, tt.language, 8); len(all) > 0 {
			first = all[0].Kind + " " + all[0].ID
		}
		if first != tt.want {
			t.Errorf("Suggest(%q) begins with %q, want %q", tt.text, first, tt.want)
		}
	}
}

func TestSmallDemandIsNotTold(t *testing.T) {
	s := finder(t)
	look := func(times int, q Query) {
		for range times {
			find(t, s, q)
		}
	}
	look(LeastDemand-1, Query{Text: "schulden"})
	look(1, Query{Text: "alkohol"})
	if got, _ := s.Demand(); len(got) > 0 {
		t.Errorf("Demand() = %v", got)
	}
	look(LeastDemand, Query{Text: "schulden"}) // 19: nobody sees the one that is not a whole step
	if got, since := s.Demand(); len(got) != 1 || got["schulden"] != (Wanted{Searches: LeastDemand}) || since.IsZero() {
		t.Errorf("Demand() = %v since %v", got, since)
	}
	white := Query{Topic: "schulden", Postcode: "01067", Filter: Filter{Language: "xx"}}
	if !find(t, s, white).WhiteSpot {
		t.Fatal("no white spot")
	}
	look(LeastDemand, white)
	if got, _ := s.Demand(); got["schulden"] != (Wanted{Searches: 3 * LeastDemand, Alone: LeastDemand}) {
		t.Errorf("Demand() = %v", got)
	}
}

func TestOrderIsNeutralAndStable(t *testing.T) {
	places := testPlaces(t)
	var centres []*Centre
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		centres = append(centres, at(id, "schulden", "50667", places))
	}
	first := map[string]bool{}
	s := finder(t)
	for seed := range uint64(64) {
		rand.Shuffle(len(centres), func(i, j int) { centres[i], centres[j] = centres[j], centres[i] })
		q := Query{Topic: "schulden", Postcode: "50667", Seed: seed}
		s.index.Store(newIndex(1, centres, places))
		one := find(t, s, q)
		slices.Reverse(centres)
		s.index.Store(newIndex(1, centres, places))
		two, page := find(t, s, q), Query{Topic: q.Topic, Postcode: q.Postcode, Seed: seed, Limit: 3}
		if ids(one.Results) != ids(two.Results) || !strings.HasPrefix(ids(one.Results), ids(find(t, s, page).Results)) {
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

// The catchment index agrees with plain containment, whatever the ranges.
func TestCatchmentAgreesWithScan(t *testing.T) {
	places := testPlaces(t)
	rapid.Check(t, func(t *rapid.T) {
		postcode := rapid.SampledFrom([]string{"00000", "01067", "01068", "01099", "04109", "50667", "53111", "80331", "99999"})
		var centres []*Centre
		for i := range rapid.IntRange(0, 6).Draw(t, "centres") {
			c := &Centre{ID: fmt.Sprint(i), Active: true, Topics: []string{"schulden"}}
			for range rapid.IntRange(0, 3).Draw(t, "ranges") {
				c.Catchment = append(c.Catchment, Range{postcode.Draw(t, "low"), postcode.Draw(t, "high")})
			}
			centres = append(centres, c)
		}
		x := newIndex(1, centres, places)
		for _, asked := range places.Postcodes() {
			var got, want []string
			for _, c := range x.coveringTopic("schulden", asked) {
				got = append(got, c.ID)
			}
			for _, c := range centres {
				if slices.ContainsFunc(c.Catchment, func(r Range) bool { return r.Contains(asked) }) {
					want = append(want, c.ID)
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%s: index %v, scan %v", asked, got, want)
			}
		}
	})
}

func FuzzFind(f *testing.F) {
	s := finder(f, at("a", "schulden", "50667", testPlaces(f)), at("b", "allgemeine-soziale-beratung", "01067", testPlaces(f)))
	for _, text := range []string{"Schulden 50667", "hilfe", "qwertz", "Stelle a", "Köln", "\xff\x00", "ديون", "nicht mehr leben"} {
		f.Add(text, "50667")
		f.Add(text, "")
	}
	f.Fuzz(func(t *testing.T, text, postcode string) {
		a, err := s.Find(t.Context(), Query{Text: text, Postcode: postcode})
		if err != nil {
			if !errors.Is(err, fault.Invalid) {
				t.Fatal(err)
			}
			return
		}
		if a.Total < len(a.Results) || len(a.Topics) > maxTopics {
			t.Fatalf("%d of %d results, %d topics", len(a.Results), a.Total, len(a.Topics))
		}
		s.Suggest(t.Context(), text, "de", 8)
	})
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
	if d := apartKM(onSphere(50.9387, 6.9547), onSphere(48.1345, 11.571)); d < 450 || d > 465 {
		t.Errorf("Cologne to Munich: %.0f km", d)
	}
	if d := apartKM(onSphere(50, 7), onSphere(50, 7)); d != 0 {
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

// Suicidal words alone lead nobody to a topic for people under 25; words of youth
// and the filter for young people do.
func TestOnlyYoungPeopleAreLedToTheTopicForThem(t *testing.T) {
	s := finder(t)
	const youth = "u25-suizidpraevention"
	tests := []struct {
		q    Query
		want string
	}{
		{Query{Text: "ich will nicht mehr leben"}, "psychische-gesundheit"},
		{Query{Text: "meine Frau ist tot und ich will nicht mehr leben"}, "psychische-gesundheit"},
		{Query{Text: "ich bin 15 und will nicht mehr leben"}, youth},
		{Query{Text: "ich will nicht mehr leben", Filter: Filter{Target: "Jugendliche"}}, youth},
		{Query{Text: "U25"}, youth},
	}
	for _, tt := range tests {
		topics := firstTopics(find(t, s, tt.q).Topics)
		if !slices.Contains(topics, tt.want) || tt.want != youth && slices.Contains(topics, youth) {
			t.Errorf("%+v: %v, want %s", tt.q, topics, tt.want)
		}
	}
}

// A centre that is by name what was asked for goes before one that is nearer, and
// before a general one that is responsible for the place.
func TestTheAskedKindGoesFirst(t *testing.T) {
	places := testPlaces(t)
	general := at("general", "allgemeine-soziale-beratung", "01067", places)
	general.Catchment = []Range{{"01000", "01999"}}
	advice := at("advice", "gewalt-opferhilfe", "01067", places)
	house := at("house", "gewalt-opferhilfe", "01099", places)
	general.Name, advice.Name, house.Name = "Sozialberatung", "Beratung für Opfer", "Frauenhaus Dresden"
	s := finder(t, general, advice, house)
	if got := ids(find(t, s, Query{Text: "frauenhaus", Postcode: "01067"}).Results); got != "house:radius advice:radius general:catchment" {
		t.Error(got)
	}
	if got := ids(find(t, s, Query{Text: "opferhilfe", Postcode: "01067"}).Results); got != "advice:radius house:radius general:catchment" {
		t.Error(got)
	}
}

// have is a lexicon that is there already.
func have(words *lexicon.Lexicon) func() (*lexicon.Lexicon, error) {
	return func() (*lexicon.Lexicon, error) { return words, nil }
}
