package duplicate

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

// realData finds the large real data beside the project. In CI it must be there.
func realData(t *testing.T) string {
	t.Helper()
	root := os.Getenv("LOTSE_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(root, "data", "directory")
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("real data is missing: %s", dir)
	}
	t.Skipf("real duplicates not checked: %s is not there", dir)
	return ""
}

// saxony are the contact points of the Saxon list and their twins in the
// nationwide one, compared by hand. MEI-001, BZ-002, GR-002 and ERZ-002 have none.
var saxony = map[string]string{"TDO-001": "293", "TDO-002": "304", "L-001": "299", "L-Land-001": "297", "L-Land-002": "306",
	"L-Land-003": "291", "BZ-001": "298", "GR-001": "305", "DD-001": "294", "PIR-001": "302", "FG-001": "301", "C-001": "292",
	"Z-001": "307", "ERZ-001": "300", "V-001": "303"}

func TestSaxony(t *testing.T) {
	var items []Item
	for _, r := range rows(t, filepath.Join(realData(t), "centres.csv")) {
		if r["source"] != "selbsthilfe" && r["source"] != "selbsthilfe_sachsen" {
			continue
		}
		email, _, _ := strings.Cut(r["email"], " ")
		items = append(items, Item{ID: r["source"] + "/" + r["source_id"], Name: r["name"], Operator: r["operator"], Street: r["street"],
			Postcode: r["plz"], City: r["city"], Phones: strings.Split(r["phone"], ";"), Email: email, URL: r["url"], Topics: []string{r["topics"]}})
	}
	found := map[string]string{}
	wrong := 0
	for _, p := range Find(items, Likely) {
		a, b := strings.TrimPrefix(p.A, "selbsthilfe/"), strings.TrimPrefix(p.B, "selbsthilfe_sachsen/")
		if a == p.A || b == p.B {
			continue // two of one list
		}
		if saxony[b] != a {
			wrong++
			t.Logf("not the same: %s and %s, %.2f", p.A, p.B, p.Score)
			continue
		}
		found[b] = a
	}
	for b, a := range saxony {
		if found[b] == "" {
			t.Logf("missed: %s and %s", a, b)
		}
	}
	judge(t, "Saxony", len(found), len(saxony), wrong, 0.95, 0.9)
}

// judge prints recall and precision, and fails below the floors.
func judge(t *testing.T, what string, found, all, wrong int, leastRecall, leastPrecision float64) {
	t.Helper()
	recall, precision := float64(found)/float64(all), float64(found)/float64(max(found+wrong, 1))
	t.Logf("%s: recall %.3f (%d of %d), precision %.3f (%d wrong)", what, recall, found, all, precision, wrong)
	if recall < leastRecall || precision < leastPrecision {
		t.Errorf("%s: recall %.3f, precision %.3f; want %.2f, %.2f", what, recall, precision, leastRecall, leastPrecision)
	}
}

func rows(t *testing.T, path string) []map[string]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]string
	for _, row := range all[1:] {
		r := map[string]string{}
		for i, name := range all[0] {
			r[name] = row[i]
		}
		list = append(list, r)
	}
	return list
}

// The labelled set of Washington 211: each original and the same with some of
// its fields mangled. The originals have many twins among themselves that the
// labels do not know, so the precision is a lower bound.
func TestWashingtonMangled(t *testing.T) {
	file, err := os.Open(filepath.Join(realData(t), "raw/dedupe_wa211/training_set_103122.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	in := csv.NewReader(charmap.Windows1252.NewDecoder().Reader(file))
	in.FieldsPerRecord, in.LazyQuotes = -1, true
	all, err := in.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var items []Item
	group := map[string]int{} // id → which original it comes from
	groups, size := 0, map[int]int{}
	for i, r := range all {
		if len(r) < 12 || r[11] == "" {
			groups++
		}
		id := strconv.Itoa(i)
		group[id] = groups
		size[groups]++
		items = append(items, Item{ID: id, Name: r[0], URL: r[2], Street: r[3], City: r[5], Postcode: r[7]})
	}
	most := 0
	for _, n := range size {
		most += n * (n - 1) / 2
	}
	found, wrong := 0, 0
	for _, p := range Find(items, Likely) {
		if group[p.A] == group[p.B] {
			found++
		} else {
			wrong++
		}
	}
	judge(t, "Washington, mangled", found, most, wrong, 0.7, 0)
}

// The labelled pairs of Washington 211 say whether two addresses are the same,
// whoever is there. That is not the question here; the figures are printed to
// compare.
func TestWashingtonPairs(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(realData(t), "raw/dedupe_wa211/dedupe_io_addresses_training.json"))
	if err != nil {
		t.Fatal(err)
	}
	type side struct {
		Name, City string
		Street     string `json:"address_1"`
		Postcode   string `json:"postal_code"`
	}
	var sets map[string][]struct {
		Value []side `json:"__value__"`
	}
	if err := json.Unmarshal(text, &sets); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for label, pairs := range sets {
		for _, p := range pairs {
			a, b := p.Value[0], p.Value[1]
			if Score(Item{Name: a.Name, Street: a.Street, Postcode: a.Postcode, City: a.City}, Item{Name: b.Name, Street: b.Street, Postcode: b.Postcode, City: b.City}) >= Likely {
				count[label]++
			}
		}
	}
	judge(t, "Washington, pairs", count["match"], len(sets["match"]), count["distinct"], 0, 0)
}
