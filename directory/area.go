package directory

import (
	"cmp"
	"slices"
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
