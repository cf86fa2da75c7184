package duplicate

import (
	"cmp"
	"math"
	"slices"
)

// Pair is two items that may be the same; A is the lesser id.
type Pair struct {
	A, B  string
	Score float64
}

// maxBlock is how many items a key may have in common. A key that more share,
// such as the domain of a large association, tells nothing.
const maxBlock = 60

// Find returns the pairs that score at least least, the likeliest first. Items
// are compared only when they share a key, so the time grows with their number
// and not with its square.
func Find(items []Item, least float64) []Pair {
	all := make([]features, len(items))
	for i, item := range items {
		all[i] = featuresOf(item)
	}
	rarity := rarityOf(all)
	var pairs []Pair
	for couple := range couples(all, rarity) {
		if s := score(all[couple[0]], all[couple[1]], rarity); s >= least {
			a, b := items[couple[0]].ID, items[couple[1]].ID
			pairs = append(pairs, Pair{A: min(a, b), B: max(a, b), Score: s})
		}
	}
	slices.SortFunc(pairs, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
	})
	return pairs
}

// couples are the items that share a key, as indexes, the lesser first.
func couples(all []features, rarity map[string]float64) map[[2]int]bool {
	blocks := map[string][]int{}
	for i, f := range all {
		for _, key := range f.keys(rarity) {
			blocks[key] = append(blocks[key], i)
		}
	}
	found := map[[2]int]bool{}
	for _, block := range blocks {
		if len(block) > maxBlock {
			continue
		}
		for i, a := range block {
			for _, b := range block[i+1:] {
				if a != b {
					found[[2]int{a, b}] = true
				}
			}
		}
	}
	return found
}

// keys are what an item can be found by.
func (f features) keys(rarity map[string]float64) []string {
	var keys []string
	if f.street != "" {
		keys = append(keys, "street "+f.street[:min(5, len(f.street))]+" "+f.number+" "+f.postcode, "street "+f.street[:min(5, len(f.street))]+" in "+f.city)
	}
	for _, p := range f.phones {
		keys = append(keys, "phone "+p)
	}
	if f.email != "" {
		keys = append(keys, "mail "+f.email)
	}
	for _, d := range f.domains {
		keys = append(keys, "domain "+d+" "+f.city, "domain "+d)
	}
	for _, w := range f.name {
		if weight(w, rarity) > 0.4 {
			keys = append(keys, "word "+w+" in "+f.city, "word "+w+" at "+f.postcode)
		}
	}
	return keys
}

// rarityOf weighs words by how few names have them: 1 for a word of one name,
// falling towards 0.1.
func rarityOf(all []features) map[string]float64 {
	count := map[string]float64{}
	for _, f := range all {
		for _, w := range f.name {
			count[w]++
		}
	}
	most := math.Log(float64(len(all)) + 1)
	for w, n := range count {
		count[w] = math.Max(0.1, 1-math.Log(n)/most)
	}
	return count
}
