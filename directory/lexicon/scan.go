package lexicon

// hit says that an atom was found at a word of the text. A joined hit spans the
// next word too.
type hit struct {
	slot, at, to int
	quality      float64
	near         bool // only almost written like it
}

// scan holds the atoms found in a text by the terms that want them.
type scan struct {
	*Lexicon
	words   []word
	hits    map[int][]hit   // term → hits
	blocked map[[2]int]bool // topic, word
}

// Qualities of a hit.
const (
	exact       = 1.0
	inPart      = 0.8 // inside a compound
	soundsAlike = 0.75
	sameRoot    = 0.8 // another ending
	otherScript = 0.8 // in Latin letters
)

// slipQuality is the quality of a hit by its number of mistakes.
var slipQuality = [...]float64{exact, 0.85, 0.65, 0.5}

func (x *Lexicon) scan(words []word, spot span, page string) scan {
	s := scan{x, words, map[int][]hit{}, map[[2]int]bool{}}
	tongues := x.inLatin(words, page)
	for i, w := range words {
		if spot.contains(i) {
			continue
		}
		known := 0
		for _, f := range w.forms {
			known = max(known, s.look(f, i))
		}
		for _, standard := range x.alias[w.folded] {
			s.look(standard, i)
			known = len(w.folded)
		}
		if i+1 < len(words) && !spot.contains(i+1) {
			known = max(known, s.join(w.folded, words[i+1].folded, i))
		}
		if i > 0 {
			known = max(known, s.knows(words[i-1].folded, w.folded))
		}
		for _, language := range tongues {
			s.spell(w.folded, i, language)
		}
		if known*3 < len(w.folded)*2 && x.stop[w.folded] == 0 {
			s.guess(w.folded, i, known)
		}
	}
	return s
}

// look adds the atoms that are in the word and returns the length of the
// longest. Parts of a compound that is known as a whole say nothing of their own.
func (s scan) look(word string, at int) (longest int) {
	longest = s.add(whole, word, at, at, exact)
	for i := range len(word) {
		longest = max(longest, s.add(front, word[:i+1], at, at, covers(i+1, word)), s.add(back, word[i:], at, at, covers(len(word)-i, word)))
		for j := i + 2; j <= len(word); j++ {
			longest = max(longest, s.add(inside, word[i:j], at, at, covers(j-i, word)))
		}
	}
	if longest < len(word) {
		longest = max(longest, s.parts(word, at))
	}
	return longest
}

// covers is the quality of a stem by how much of the word it is: "jugendberufshilfe"
// is a better hit for itself than for "jugend*".
func covers(stem int, word string) float64 {
	return exact - (exact-inPart)*(1-float64(stem)/float64(len(word)))
}

// parts adds the terms that count inside a compound.
func (s scan) parts(word string, at int) (longest int) {
	for i := 1; i < len(word); i++ {
		for j := i + minPart; j <= len(word); j++ {
			if id, ok := s.part[word[i:j]]; ok {
				s.put(id, at, at, inPart)
				longest = max(longest, j-i)
			}
		}
	}
	return longest
}

// join adds the atoms of two words written apart: "Schuldner Beratung".
func (s scan) join(one, two string, at int) (longest int) {
	word := one + two
	longest = s.add(whole, word, at, at+1, exact)
	for i := len(one) + 1; i <= len(word); i++ {
		longest = max(longest, s.add(front, word[:i], at, at+1, covers(i, word)))
	}
	return longest
}

// knows returns the length of two if both words together are a known one.
func (s scan) knows(one, two string) int {
	word := one + two
	_, known := s.atoms[whole][word]
	for i := len(one) + 1; i <= len(word) && !known; i++ {
		_, known = s.atoms[front][word[:i]]
	}
	if known {
		return len(two)
	}
	return 0
}

// add returns the length of the form when it is an atom.
func (s scan) add(kind int, form string, at, to int, quality float64) int {
	id, ok := s.atoms[kind][form]
	if !ok {
		return 0
	}
	s.put(id, at, to, quality)
	return len(form)
}

func (s scan) put(atom, at, to int, quality float64) {
	s.putHit(atom, hit{at: at, to: to, quality: quality})
}

func (s scan) putHit(atom int, h hit) {
	at := h.at
	for _, topic := range s.never[atom] {
		s.blocked[[2]int{topic, at}] = true
	}
	for _, p := range s.posts[atom] {
		h.slot = p.slot
		s.hits[p.term] = append(s.hits[p.term], h)
	}
}

// guess looks for known words, longer than what is known already, that sound
// like word or are written almost like it, and adds those with the fewest
// mistakes.
func (s scan) guess(word string, at, known int) {
	heard := false
	s.byRoot.find(word, func(atom int) { s.put(atom, at, at, sameRoot) })
	s.byEar.find(word, func(atom int) {
		if len(s.forms[atom].stem) > known {
			s.putHit(atom, hit{at: at, to: at, quality: soundsAlike, near: true})
			heard = true
		}
	})
	best := len(slipQuality)
	var nearest []int
	s.near.find(word, func(atom, mistakes int) {
		if mistakes == 0 || mistakes > best || len(s.forms[atom].stem) <= known || len(s.posts[atom]) == 0 {
			return
		}
		if mistakes < best {
			best, nearest = mistakes, nearest[:0]
		}
		nearest = append(nearest, atom)
	})
	if heard && best > 1 {
		return
	}
	for _, atom := range nearest {
		s.putHit(atom, hit{at: at, to: at, quality: slipQuality[best], near: true})
	}
}
