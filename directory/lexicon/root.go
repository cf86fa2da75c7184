package lexicon

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// endings are what words of the languages with rich inflection end in, longest
// first: a word in the data stands for its other forms too.
var endings = func() []string {
	all := strings.Fields(`
ующий ющий ами ями ого его ому ему ыми ими ешь ишь ете ите ает яет ует ют ут ят ат ала ила ело ыла ать ять ить еть уть ал ил ел ая яя ое ее ые ие ый ий ой ей ом ем ам ям ах ях ов ев ую юю ою ею
ові еві ами ями ого ому ими ати ити іти ути ав ив ла ло ли ть ся сь ою ею ів їв ій ої ає ує
а я о е ы и і ї у ю ь й
owac owal owala ami ach ego emu ymi imi ych ich ysz isz uje uja asz esz amy emy acie ecie aja eja alem alam alismy al ala ali ila ili yl yla yli owi om em ie ac ec ic yc a e i o u y
larimi lerimi larim lerim lari leri lar ler imi umu imiz umuz iniz im um in un si su den dan ten tan de da te ta ye ya yi yu ni nu ecek acak iyor uyor
esten eren erem eres sten test tet est ste ten tes ter tem en er es em et st te t s n e`)
	slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(all)
}()

// leastRoot is how many letters of a word must be left for it to be a root.
const leastRoot = 4

// root takes the longest ending off a folded word. It is empty when too little
// would be left.
func root(folded string) string {
	for _, e := range endings {
		if rest, ok := strings.CutSuffix(folded, e); ok && utf8.RuneCountInString(rest) >= leastRoot {
			return rest
		}
	}
	if utf8.RuneCountInString(folded) < leastRoot {
		return ""
	}
	return folded
}

// byRoot finds whole words by their roots.
type byRoot map[string][]int

func newByRoot(x *Lexicon) byRoot {
	all := byRoot{}
	for id, f := range x.forms {
		if r := root(f.stem); f.kind == whole && r != "" && len(x.posts[id]) > 0 {
			all[r] = append(all[r], id)
		}
	}
	return all
}

// find calls yield with each word that has the same root.
func (b byRoot) find(folded string, yield func(atom int)) {
	if r := root(folded); r != "" {
		for _, id := range b[r] {
			yield(id)
		}
	}
}
