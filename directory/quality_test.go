package directory

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lotse/internal/store"
	"lotse/internal/testenv"
)

func TestGapsAreNamed(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	full := Centre{Type: Physical, Phones: []Phone{{Number: "1"}}, HoursHint: "x", Precision: AtAddress, Languages: []string{"de"},
		Accessibility: []string{"step_free"}, Areas: []Area{{Kind: AreaNationwide}}, Assured: "2026-01-20"}
	for name, c := range map[string]struct {
		change func(*Centre)
		want   []Gap
	}{
		"full":        {func(*Centre) {}, nil},
		"empty":       {func(c *Centre) { *c = Centre{Type: Physical} }, AllGaps},
		"virtual":     {func(c *Centre) { c.Type, c.Precision, c.Accessibility = Virtual, Nowhere, nil }, nil},
		"protected":   {func(c *Centre) { c.Type, c.Precision = Protected, Nowhere }, nil},
		"no areas":    {func(c *Centre) { c.Areas = nil }, []Gap{NoCatchment}},
		"no access":   {func(c *Centre) { c.Accessibility = nil }, []Gap{NoAccess}},
		"nowhere":     {func(c *Centre) { c.Precision = Nowhere }, []Gap{NoPoint}},
		"180 days":    {func(c *Centre) { c.Assured = "2026-01-02" }, nil},
		"181 days":    {func(c *Centre) { c.Assured = "2026-01-01" }, []Gap{Unconfirmed}},
		"no date":     {func(c *Centre) { c.Assured = "neulich" }, []Gap{Unconfirmed}},
		"hours alone": {func(c *Centre) { c.HoursHint, c.OpeningHours = "", "24/7" }, nil},
	} {
		one := full
		c.change(&one)
		if got := one.Gaps(now); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestImportRemembersWhatItFound(t *testing.T) {
	const head = "source,source_id,name,plz,city,url,topics,licence\n"
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := testService(t, db)
		read := func(file string) []Found {
			t.Helper()
			if _, err := s.Import(t.Context(), strings.NewReader(head+file), ImportOptions{}); err != nil {
				t.Fatal(err)
			}
			found, err := s.Findings(t.Context(), []string{CentreID("x", "1"), CentreID("x", "2"), CentreID("x", "3")})
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		first := read("x,1,Eins,1067,Dresden,a.example,schulden,l\nx,2,,01067,Dresden,,schulden,l\nx,3,Drei,01067,Dresden,,schulden,l\n")
		want := []Found{
			{CentreID("x", "1"), "csv", Repaired, []string{"url_scheme_added", "postcode_leading_zero"}},
			{CentreID("x", "2"), "csv", Rejected, []string{"name_missing"}},
			{CentreID("x", "3"), "csv", Repaired, nil},
		}
		checkFound(t, first, want)
		second := read("x,1,Eins,01067,Dresden,https://a.example,schulden,l\n")
		checkFound(t, second, []Found{{CentreID("x", "1"), "csv", Repaired, nil}, want[1], want[2]})
	})
}

// checkFound compares findings without their order and without what follows from
// the postcode, which every row has.
func checkFound(t *testing.T, got, want []Found) {
	t.Helper()
	plain := func(list []Found) map[string]Found {
		all := map[string]Found{}
		for _, f := range list {
			f.Codes = slices.DeleteFunc(slices.Clone(f.Codes), func(c string) bool { return strings.Contains(c, "_from_") })
			slices.Sort(f.Codes)
			all[f.CentreID] = f
		}
		return all
	}
	if diff := cmp.Diff(plain(want), plain(got), cmp.Transformer("nil", func(s []string) []string { return append([]string{}, s...) })); diff != "" {
		t.Error(diff)
	}
}

// TestCoverageIsThatOfASearch compares the coverage with a search for each
// postcode: a white spot there is Nobody here.
func TestCoverageIsThatOfASearch(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := testService(t, db)
		importFile(t, s, "testdata/centres.csv")
		importFile(t, s, "testdata/agencies.csv")
		importFile(t, s, "testdata/ranges.csv")
		for _, topic := range []string{"schulden", "sucht"} {
			checkReach(t, s, topic, 1)
		}
		if c := s.Coverage("unsinn"); c.Whole.Nobody != c.Whole.All() || s.coverage.ready["unsinn"] != nil {
			t.Errorf("nonsense: %+v", c.Whole)
		}
		before := s.Coverage("schulden")
		if s.Coverage("schulden") != before {
			t.Error("worked out twice")
		}
		if err := s.DB.Transact(t.Context(), func(tx *store.Tx) error { return raiseRevision(t.Context(), tx) }); err != nil {
			t.Fatal(err)
		}
		if err := s.Load(t.Context()); err != nil || s.Coverage("schulden") == before {
			t.Error("a new index keeps the old coverage", err)
		}
	})
}

// checkReach compares each postcode with what its definition says, centre by
// centre, and every step-th with what a search finds.
func checkReach(t *testing.T, s *Service, topic string, step int) {
	t.Helper()
	cover := s.Coverage(topic)
	lands, centres := map[string]int{}, s.Listed(Selection{Topic: topic})
	for i, p := range cover.Postcodes {
		lands[p.State]++
		if want := slowReach(centres, p.Place); p.Reach != want {
			t.Errorf("%s in %s: %d, want %d", topic, p.Postcode, p.Reach, want)
		}
		if i%step != 0 {
			continue
		}
		answer, err := s.Find(context.Background(), Query{Topic: topic, Postcode: p.Postcode, Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		if answer.WhiteSpot != (p.Reach == Nobody) {
			t.Errorf("%s in %s: the search says %v", topic, p.Postcode, answer.WhiteSpot)
		}
	}
	for _, land := range cover.Lands {
		if land.All() != lands[land.Land] {
			t.Errorf("%s: %+v of %d", topic, land, lands[land.Land])
		}
	}
	if cover.Whole.All() != len(s.Places.Postcodes()) {
		t.Errorf("%+v", cover.Whole)
	}
}

func slowReach(centres []*Centre, at Place) (best Reach) {
	for _, c := range centres {
		switch {
		case covers(c.Catchment, at.Postcode):
			return Served
		case c.Nationwide, c.Type == Virtual, len(c.Catchment) > 0, !c.Located():
		case apartKM(onSphere(c.Lat, c.Lon), onSphere(at.Lat, at.Lon)) <= NearbyKM:
			best = InReach
		}
	}
	return best
}
