package finder

import (
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// locality is a row of the table of postcodes.
type locality struct {
	postcode, name, land, kreis, ags string
	lat, lon                         float64
}

// annex is the list of rent levels (Anlage zu § 1 Abs. 3 WoGV), by Land.
type annex struct {
	towns  map[string]map[string][]int // plain name → levels
	twice  map[string]bool             // Land and plain name that localities of several Kreise bear
	kreise map[string]map[string]int
}

// nearby is how far, in km, a place the list does not name may be from a town on
// the list and still belong to it.
const nearby = 4

// TestPlacesAreMadeOfTheirSources makes configs/finder/places.json again and
// compares; LOTSE_WRITE=1 writes it.
func TestPlacesAreMadeOfTheirSources(t *testing.T) {
	made := makePlaces(t, readLocalities(t), readAnnex(t))
	var text strings.Builder
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(made); err != nil {
		t.Fatal(err)
	}
	const path = "../configs/finder/places.json"
	if os.Getenv("LOTSE_WRITE") == "1" {
		if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != text.String() {
		t.Error("places.json is not what its sources make; run LOTSE_WRITE=1 go test ./finder -run PlacesAreMade")
	}
}

func readRows(t *testing.T, r io.Reader) [][]string {
	t.Helper()
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func readLocalities(t *testing.T) (all []locality) {
	t.Helper()
	file, err := os.Open("../configs/plz.csv.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range readRows(t, plain) {
		lat, _ := strconv.ParseFloat(row[3], 64)
		lon, _ := strconv.ParseFloat(row[4], 64)
		all = append(all, locality{row[0], row[1], row[2], row[6], row[7], lat, lon})
	}
	slices.SortStableFunc(all, func(a, b locality) int { return cmp.Compare(a.postcode, b.postcode) })
	return all
}

func readAnnex(t *testing.T) annex {
	t.Helper()
	file, err := os.Open("testdata/mietenstufen_2023.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	a := annex{towns: map[string]map[string][]int{}, kreise: map[string]map[string]int{}}
	for _, row := range readRows(t, file) {
		land, name := row[0], row[2]
		level, err := strconv.Atoi(row[4])
		if err != nil {
			t.Fatal(err)
		}
		if a.towns[land] == nil {
			a.towns[land], a.kreise[land] = map[string][]int{}, map[string]int{}
		}
		switch row[1] {
		case "Gemeinde":
			key := plainName(name)
			a.towns[land][key] = append(a.towns[land][key], level)
		case "Kreis":
			a.kreise[land][plainKreis(name)] = level
		}
	}
	return a
}

var (
	brackets  = regexp.MustCompile(`\(.*?\)`)
	noLetters = regexp.MustCompile(`[^a-zäöüß]+`)
	ofKreis   = regexp.MustCompile(`\b(landkreis|kreis|an der|in der|a d|i d|opf|oberpfalz|am|im|a|i|f|fichtelgebirge)\b`)
	spellings = strings.NewReplacer("a. d.", "an der", "a.d.", "an der", "i. d.", "in der", "i.d.", "in der", "a. ", "am ", "i. ", "in ", "weinstr.", "weinstraße", "opf.", "oberpfalz", "st. ", "sankt ")
)

// plainName is the name of a town without what is added to it.
func plainName(name string) string {
	name, _, _ = strings.Cut(strings.ToLower(name), ",")
	name = brackets.ReplaceAllString(name, " ")
	return strings.TrimSpace(noLetters.ReplaceAllString(spellings.Replace(name), " "))
}

// plainKreis is the name of a Kreis without kind, river and spaces.
func plainKreis(name string) string {
	name, _, _ = strings.Cut(strings.ToLower(name), ",")
	name = brackets.ReplaceAllString(name, " ")
	name = noLetters.ReplaceAllString(spellings.Replace(name), " ")
	return strings.ReplaceAll(ofKreis.ReplaceAllString(name, ""), " ", "")
}

// kreisNames are those that the two sources call differently.
var kreisNames = map[string]string{"heidekreis": "soltaufallingbostel", "eifelkreisbitburgprüm": "bitburgprüm", "sächsischeschweiz": "sächsischeschweizosterzgebirge"}

// cityNames are towns that the annex spells in a way of its own.
var cityNames = map[string]string{"07316": "neustadt", "09363": "weiden in der oberpfalz"}

// isCity says whether a Kreis is a single town, by the numbers of the official
// list of municipalities.
func isCity(ags string) bool {
	n, _ := strconv.Atoi(ags[3:])
	in := func(all ...string) bool { return slices.Contains(all, ags) }
	switch ags[:2] {
	case "02", "04", "11":
		return true
	case "01":
		return n <= 4
	case "03":
		return ags < "03151" || ags >= "03401" && ags <= "03405"
	case "05":
		return n <= 24
	case "06":
		return in("06411", "06412", "06413", "06414", "06611")
	case "07":
		return in("07111", "07211") || ags >= "07311" && ags <= "07320"
	case "08":
		return in("08111", "08121", "08211", "08212", "08221", "08222", "08231", "08311", "08421")
	case "09":
		return n >= 61 && n <= 65
	case "12", "16":
		return n >= 51 && n <= 56
	case "13":
		return in("13003", "13004")
	case "14":
		return in("14511", "14612", "14713")
	case "15":
		return n <= 3
	}
	return false
}

var kind = regexp.MustCompile(`^(Kreisfreie Stadt|Stadtkreis|Landeshauptstadt|Freie und Hansestadt|Freie Hansestadt|Hansestadt|Stadt|Landkreis|Kreis)\s+`)

// shown is how a Kreis is called on the page.
func shown(kreis, ags string) string {
	name, _, _ := strings.Cut(kreis, ",")
	name = strings.TrimSpace(kind.ReplaceAllString(name, ""))
	if name == "Sächsische Schweiz" {
		name += "-Osterzgebirge"
	}
	switch {
	case isCity(ags) && slices.Contains([]string{"02", "11"}, ags[:2]):
		return name
	case isCity(ags):
		return "Stadt " + name
	case regexp.MustCompile(`(?i)kreis|^Städteregion|^Region|^Regionalverband`).MatchString(name):
		return name
	case ags[:2] == "05" || ags[:2] == "01":
		return "Kreis " + name
	}
	return "Landkreis " + name
}

// makePlaces joins both sources by name.
func makePlaces(t *testing.T, rows []locality, a annex) packedPlaces {
	t.Helper()
	out := packedPlaces{Law: "§ 1 Abs. 3 WoGV und Anlage (ab 2023-01-01)", Sure: "B", Reviewed: "2026-11-27",
		Src: "GeoNames (configs/plz.csv.gz, CC BY 4.0); Anlage zu § 1 Abs. 3 WoGV (amtliches Werk, § 5 UrhG), joined by name"}
	names, places := map[string]string{}, map[string]map[string]bool{}
	levels := map[string][]int{}
	a.twice = namesOfSeveral(rows)
	known := townsByKreis(rows, a)
	for _, l := range rows {
		names[l.ags] = shown(l.kreis, l.ags)
		if places[l.postcode] == nil {
			places[l.postcode] = map[string]bool{}
		}
		places[l.postcode][l.ags] = true
		found := a.levels(l, known[l.ags])
		if len(found) == 0 {
			t.Errorf("no level for %+v", l)
			found = []int{1, rentLevels}
		}
		levels[l.postcode] = append(levels[l.postcode], found...)
	}
	numbers := slices.Sorted(maps.Keys(names))
	before := 0
	for _, ags := range numbers {
		mark := "-"
		if isCity(ags) {
			mark = "*"
		}
		n, _ := strconv.Atoi(ags)
		out.Districts = append(out.Districts, strconv.Itoa(n-before)+mark+names[ags])
		before = n
	}
	out.pack(numbers, places, levels)
	return out
}

// namesOfSeveral are the names that stand for more than one Kreis of a Land: one
// of the annex may be either.
func namesOfSeveral(rows []locality) map[string]bool {
	first, twice := map[string]string{}, map[string]bool{}
	for _, l := range rows {
		key := l.land + plainName(l.name)
		twice[key] = twice[key] || first[key] != "" && first[key] != l.ags
		first[key] = l.ags
	}
	return twice
}

// townsByKreis are the localities of each Kreis that the annex names.
func townsByKreis(rows []locality, a annex) map[string][]locality {
	known := map[string][]locality{}
	for _, l := range rows {
		if !isCity(l.ags) && a.towns[l.land][plainName(l.name)] != nil {
			known[l.ags] = append(known[l.ags], l)
		}
	}
	return known
}

// levels are the levels that a locality may have.
func (a annex) levels(l locality, towns []locality) []int {
	all := a.towns[l.land]
	if isCity(l.ags) {
		city := cmp.Or(cityNames[l.ags], plainName(kind.ReplaceAllString(l.kreis, "")))
		for name, levels := range all {
			if name == city || strings.HasPrefix(name, city+" ") && all[city] == nil {
				return levels
			}
		}
		return nil
	}
	name := plainName(l.name)
	if levels := all[name]; levels != nil && !a.twice[l.land+name] {
		return levels
	}
	found := slices.Clone(all[name])
	kreis := plainKreis(kind.ReplaceAllString(l.kreis, ""))
	if level := a.kreise[l.land][cmp.Or(kreisNames[kreis], kreis)]; level > 0 {
		found = append(found, level)
	}
	for town, levels := range all {
		if strings.HasPrefix(town, name+" ") || strings.HasPrefix(name, town+" ") {
			found = append(found, levels...)
		}
	}
	for _, town := range towns {
		if len(found) == 0 || math.Hypot((town.lat-l.lat)*111, (town.lon-l.lon)*70) < nearby {
			found = append(found, all[plainName(town.name)]...)
		}
	}
	if len(found) > 0 && a.kreise[l.land][cmp.Or(kreisNames[kreis], kreis)] == 0 {
		// The annex has no level for the Kreis, since it names all its towns: it may be any of them.
		for _, town := range towns {
			found = append(found, all[plainName(town.name)]...)
		}
	}
	return found
}

// pack writes the columns.
func (p *packedPlaces) pack(numbers []string, places map[string]map[string]bool, levels map[string][]int) {
	var gaps, runs, letters strings.Builder
	before, times, first := 0, 0, 0
	var last []string
	flush := func() {
		var ids []string
		for i, ags := range last {
			n := slices.Index(numbers, ags)
			ids = append(ids, strconv.Itoa(n-first))
			if i == 0 {
				first = n
			}
		}
		run := strings.Join(ids, "+")
		if times > 1 {
			run += "*" + strconv.Itoa(times)
		}
		if times > 0 {
			runs.WriteString(run + " ")
		}
	}
	for _, postcode := range slices.Sorted(maps.Keys(places)) {
		code, _ := strconv.Atoi(postcode)
		if gap := code - before; gap < longGap {
			gaps.WriteByte(byte(gapLetter + gap))
		} else {
			fmt.Fprintf(&gaps, "!%d!", gap)
		}
		before = code
		set := slices.Sorted(maps.Keys(places[postcode]))
		if slices.Equal(set, last) {
			times++
		} else {
			flush()
			last, times = set, 1
		}
		low, high := slices.Min(levels[postcode]), slices.Max(levels[postcode])
		letters.WriteByte(byte(levelLetter + (low-1)*rentLevels + high - 1))
	}
	flush()
	p.Gaps, p.Runs, p.Levels = gaps.String(), strings.TrimSpace(runs.String()), letters.String()
}
