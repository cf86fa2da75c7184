package directory

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// Postcodes returns the area of a closed range of postcodes.
func Postcodes(low, high string) Area { return Area{Kind: AreaPostcodes, Low: low, High: high} }

func compareAreas(a, b Area) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Low, b.Low), cmp.Compare(a.High, b.High))
}

// sortedAreas returns the areas in order, each once.
func sortedAreas(areas []Area) []Area {
	list := slices.Clone(areas)
	slices.SortFunc(list, compareAreas)
	return slices.Compact(list)
}

// Ranges returns areas in postcodes, and whether one of them is the whole
// country, which is no catchment: everybody may come, nobody is nearer to it.
func (p *Places) Ranges(areas []Area) (ranges []Range, nationwide bool) {
	for _, a := range areas {
		switch a.Kind {
		case AreaPostcodes:
			ranges = append(ranges, Range{Low: a.Low, High: a.High})
		case AreaNationwide:
			nationwide = true
		case AreaDistrict, AreaState:
			ranges = append(ranges, p.spans[a.Low]...)
		}
	}
	return ranges, nationwide
}

var rangePattern = regexp.MustCompile(`^(\d{5})(?:\s*[-–]\s*(\d{5}))?$`)

// ReadArea reads an area as Stated writes it: "50441-51149", "53001", "ags:05315",
// "land:Berlin" or "nationwide". It reports false for any other text. Whether the
// ends of a range are the right way round, and whether there is such a place, it
// does not look at.
func ReadArea(s string) (Area, bool) {
	if m := rangePattern.FindStringSubmatch(s); m != nil {
		return Postcodes(m[1], cmp.Or(m[2], m[1])), true
	}
	kind, name, _ := strings.Cut(s, ":")
	a := Area{Kind: AreaKind(strings.TrimSpace(kind)), Low: strings.TrimSpace(name), High: strings.TrimSpace(name)}
	switch a.Kind {
	case AreaNationwide:
		return a, name == ""
	case AreaDistrict, AreaState:
		return a, a.Low != ""
	}
	return a, false
}

// District returns the name of the Kreis with the key, empty when it is not known.
func (p *Places) District(ags string) string { return p.districts[ags].name }

// Known reports whether the table knows a postcode of the area. The whole country
// is known.
func (p *Places) Known(a Area) bool {
	switch a.Kind {
	case AreaNationwide:
		return true
	case AreaPostcodes:
		return p.Count([]Area{a}) > 0
	}
	return len(p.spans[a.Low]) > 0
}

// Count returns how many of the known postcodes lie in areas, each counted once. The
// whole country counts as none, as it does in Ranges.
func (p *Places) Count(areas []Area) int {
	ranges, _ := p.Ranges(areas)
	within := map[string]bool{}
	all := p.Postcodes()
	for _, r := range ranges {
		from, _ := slices.BinarySearch(all, r.Low)
		for _, postcode := range all[from:] {
			if postcode > r.High {
				break
			}
			within[postcode] = true
		}
	}
	return len(within)
}
