//go:build !race

package directory

import (
	"math"
	"path/filepath"
	"testing"

	"lotse/internal/testenv"
)

// The coverage of the real agencies' ranges is what another program measured on
// them, and that of all real data is what its definition says.
func TestCoverageOfRealData(t *testing.T) {
	dir := sharedData(t)
	s := realService(t, testenv.Migrated(t, testenv.SQLite(t)), dir)
	importFile(t, s, filepath.Join(dir, "caritas_agencies.csv"))
	importFile(t, s, filepath.Join(dir, "caritas_postcode_ranges.csv"))
	for topic, percent := range caritasCoverage {
		whole := s.Coverage(topic).Whole
		got := 100 * float64(whole.Served) / float64(whole.All())
		t.Logf("%s: %.1f %% of %d postcodes served, %d more in reach", topic, got, whole.All(), whole.InReach)
		if whole.All() != 8309 || math.Abs(got-percent) > 0.15 {
			t.Errorf("%s: %.2f %% of %d, want %.1f", topic, got, whole.All(), percent)
		}
	}
	for _, name := range realFiles(t, dir) {
		importFile(t, s, name)
	}
	for _, topic := range s.Topics() {
		checkReach(t, s, topic.ID, 401)
	}
}
