package directory

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lotse/internal/fault"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

const twins = `source,source_id,name,operator,street,plz,city,state,phone,email,topics,catchment_plz,fees
a,1,Schuldnerberatung Mitte,Träger e.V.,Hauptstraße 12,50667,Köln,Nordrhein-Westfalen,0221 123456,,schulden,50667,
b,9,Schuldnerberatung Mitte,Träger e. V.,Hauptstr. 12,50667,Köln,Nordrhein-Westfalen,+49 221 123456,rat@example.org,schulden;sucht,50668,kostenlos
b,10,Suchtberatung Nord,Andere,Nordweg 1,04109,Leipzig,Sachsen,0341 999999,,sucht,,
`

func TestMergeAndUndo(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := testService(t, db)
		importText(t, s, twins)
		pairs, err := s.Duplicates(t.Context())
		kept, merged := CentreID("a", "1"), CentreID("b", "9")
		if err != nil || len(pairs) != 1 || pairs[0].A != min(kept, merged) || pairs[0].B != max(kept, merged) {
			t.Fatalf("%+v, %v", pairs, err)
		}
		before := withoutInstants(snapshot(t, s))
		id, err := s.Merge(t.Context(), "account", kept, merged)
		if err != nil {
			t.Fatal(err)
		}
		c, err := s.Centre(merged)
		if err != nil || c.ID != kept || c.Email != "rat@example.org" || c.Fees != "kostenlos" || !c.Serves("sucht") || c.Phone != "0221 123456" || len(c.Catchment) != 2 {
			t.Errorf("merged: %+v, %v", c, err)
		}
		covering, _ := s.Covering(t.Context(), "sucht", "50667")
		if !sameSet(covering, []string{kept, merged}) {
			t.Errorf("covering %v", covering)
		}
		if again, _ := s.Duplicates(t.Context()); len(again) != 0 {
			t.Errorf("proposed again: %v", again)
		}
		importText(t, s, twins) // the sources know nothing of the merge
		if c, _ := s.Centre(merged); c == nil || c.ID != kept || c.Email != "rat@example.org" || !c.Serves("sucht") || len(c.Catchment) != 2 {
			t.Errorf("after an import: %+v", c)
		}
		refuses(t, s, kept, merged)
		if err := s.Undo(t.Context(), "account", id); err != nil {
			t.Fatal(err)
		}
		if after := withoutInstants(snapshot(t, s)); after != before {
			t.Error(cmp.Diff(strings.Split(before, "\n"), strings.Split(after, "\n")))
		}
		if err := s.Undo(t.Context(), "account", id); !errors.Is(err, fault.NotFound) {
			t.Errorf("undone twice: %v", err)
		}
		if err := s.Distinct(t.Context(), "account", merged, kept); err != nil {
			t.Fatal(err)
		}
		if again, _ := s.Duplicates(t.Context()); len(again) != 0 {
			t.Errorf("proposed although different: %v", again)
		}
	})
}

// The own file of the centre that was kept goes on stating its facts, and what it
// takes from its catchment goes; what the merged centre has stays.
func TestMergedCentreFollowsItsFile(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := testService(t, db)
		importText(t, s, strings.Replace(twins, "50667,\n", "50667;50672,\n", 1))
		kept := CentreID("a", "1")
		id, err := s.Merge(t.Context(), "account", kept, CentreID("b", "9"))
		if err != nil {
			t.Fatal(err)
		}
		says := strings.Replace(twins, ",,schulden,50667,\n", ",amt@example.org,schulden,50674,umsonst\n", 1)
		importText(t, s, says)
		if again := importText(t, s, says); again.Changed > 0 {
			t.Errorf("a second import changes %+v", again.Diff)
		}
		c, err := s.Centre(kept)
		if want := []Range{{"50668", "50668"}, {"50674", "50674"}}; err != nil || c.Email != "amt@example.org" || c.Fees != "umsonst" || !slices.Equal(c.Catchment, want) {
			t.Errorf("%+v, %v", c, err)
		}
		if err := s.Undo(t.Context(), "account", id); err != nil {
			t.Fatal(err)
		}
		importText(t, s, says)
		if c, err := s.Centre(kept); err != nil || c.Serves("sucht") || len(c.Catchment) != 1 || c.Email != "amt@example.org" {
			t.Errorf("undone: %+v, %v", c, err)
		}
	})
}

func refuses(t *testing.T, s *Service, kept, merged string) {
	t.Helper()
	tests := []struct {
		kept, merged string
		kind         fault.Kind
	}{{kept, kept, fault.Conflict}, {kept, merged, fault.Conflict}, {merged, kept, fault.Conflict}, {kept, "nobody", fault.NotFound}}
	for _, tt := range tests {
		if _, err := s.Merge(t.Context(), "account", tt.kept, tt.merged); !errors.Is(err, tt.kind) {
			t.Errorf("merge of %s into %s: %v", tt.merged, tt.kept, err)
		}
	}
}

func importText(t *testing.T, s *Service, text string) Report {
	t.Helper()
	report, err := s.Import(t.Context(), strings.NewReader(text), ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// withoutInstants leaves out when a centre was changed last.
func withoutInstants(snapshot string) string {
	var b strings.Builder
	for line := range strings.Lines(snapshot) {
		head, rest, _ := strings.Cut(line, "Updated:")
		_, rest, _ = strings.Cut(rest, " Name:")
		b.WriteString(head + rest)
	}
	return b.String()
}
