package lexicon

import (
	"cmp"
	"slices"
	"strings"
)

// Reading is what a text says.
type Reading struct {
	Topics   []Match  // strongest first
	Crisis   bool     // the text speaks of danger to life or limb
	Young    bool     // the text says that it is about somebody young
	Postcode string   // five digits, the first in the text, or empty
	Place    string   // the name of a place as in the gazetteer, or empty
	Rest     []string // folded words that nothing above explains, for a search by name
	Said     []string // folded words that surely led to a topic: what kind of help it shall be
}

// Match is a topic and why it was found.
type Match struct {
	Topic  string
	Weight float64 // 0 to 1
	Why    []Reason
	first  int // the word of the text that led to it first
}

// Reason is the words that led to a topic.
type Reason struct {
	Words string // as the person wrote them
	Near  bool   // only almost written like the known word
}

// Leave out what weighs less than this, alone or beside the strongest topic.
const (
	leastWeight = 0.25
	leastShare  = 0.30
	leastDanger = 0.15
)

// Understand reads text. language is that of the page and only breaks ties; isYoung
// tells that the person is young whatever the text says.
func (x *Lexicon) Understand(text, language string, isYoung bool) Reading {
	words := split(text)
	var r Reading
	spot := x.place(words, &r)
	scan := x.scan(words, spot, language)
	found := scan.complete(x.tongues(words, language))
	r.Crisis = slices.ContainsFunc(found, func(f foundTerm) bool { return x.terms[f.term].danger && f.weight > leastDanger })
	r.Young = isYoung || slices.ContainsFunc(found, func(f foundTerm) bool { return x.terms[f.term].topic == young && together(f.at) })
	r.Topics = x.weigh(words, found, r.Young)
	r.Rest, r.Said = x.rest(words, spot, found, r.Postcode), x.said(words, found)
	return r
}

// foundTerm is a term whose every slot is filled.
type foundTerm struct {
	term   int
	weight float64
	at     []hit // one for each slot
}

// maxGap is how many other words may stand between the words of a phrase.
const maxGap = 6

// complete returns the terms that are complete, weighed by the languages.
func (s scan) complete(tongue []float64) []foundTerm {
	s.block()
	var found []foundTerm
	for id, hits := range s.hits {
		t := s.Lexicon.terms[id]
		at, quality := t.fill(s.free(t, hits))
		if quality > 0 && !t.never && (t.slots == 1 || !s.hollow(at)) && (!t.last || s.endsAt(at)) {
			found = append(found, foundTerm{id, t.weight * quality * tongue[t.language], at})
		}
	}
	slices.SortFunc(found, func(a, b foundTerm) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.term, b.term))
	})
	return found
}

// block marks the words of phrases that only look like a topic.
func (s scan) block() {
	for id, hits := range s.hits {
		t := s.Lexicon.terms[id]
		if !t.never {
			continue
		}
		at, quality := t.fill(slices.Clone(hits))
		for _, h := range at {
			for i := h.at; i <= h.to && quality > 0; i++ {
				s.blocked[[2]int{t.topic, i}] = true
			}
		}
	}
}

// endsAt reports whether the last of the hits ends a sentence and the hits stand
// close together.
func (s scan) endsAt(at []hit) bool {
	last := 0
	for _, h := range at {
		last = max(last, h.to)
	}
	return s.words[last].ends
}

// together reports whether no other word stands between the hits.
func together(at []hit) bool {
	first, last, n := at[0].at, at[0].to, 0
	for _, h := range at {
		first, last, n = min(first, h.at), max(last, h.to), n+h.to-h.at+1
	}
	return last-first < n
}

// hollow reports whether a phrase was found in words that say nothing by
// themselves and do not stand together: "kann meine Miete nicht mehr zahlen"
// does not say "kann nicht mehr".
func (s scan) hollow(at []hit) bool {
	first, last := at[0].at, at[0].to
	for _, h := range at {
		if s.stop[s.words[h.at].folded] == 0 {
			return false
		}
		first, last = min(first, h.at), max(last, h.to)
	}
	return last-first > len(at)
}

// free leaves out words that never mean the topic of t. Words of danger are held
// back only by what never means danger: "she hurts herself" does not need "herself"
// to be about her mind.
func (s scan) free(t term, hits []hit) []hit {
	if len(s.blocked) == 0 {
		return hits
	}
	meant := t.topic
	if t.danger {
		meant = danger
	}
	return slices.DeleteFunc(hits, func(h hit) bool { return s.blocked[[2]int{meant, h.at}] })
}

// fill chooses a hit for each slot: different words, close together, the best
// quality. It returns quality 0 when there is none.
func (t term) fill(hits []hit) (at []hit, quality float64) {
	if t.slots == 1 {
		best := hit{}
		for _, h := range hits {
			if h.quality > best.quality {
				best = h
			}
		}
		return []hit{best}, best.quality
	}
	if len(hits) < t.slots {
		return nil, 0
	}
	tries := maxTries
	return t.fillFrom(0, hits, nil, &tries)
}

// maxTries bounds the work for one phrase in a text that repeats its words.
const maxTries = 1000

func (t term) fillFrom(slot int, hits, chosen []hit, tries *int) (at []hit, quality float64) {
	if slot == t.slots {
		quality = exact
		for _, h := range chosen {
			quality = min(quality, h.quality)
		}
		return slices.Clone(chosen), quality
	}
	for _, h := range hits {
		if h.slot != slot || !fits(h, chosen, t.slots) {
			continue
		}
		if *tries--; *tries < 0 {
			break
		}
		if a, q := t.fillFrom(slot+1, hits, append(chosen, h), tries); q > quality {
			at, quality = a, q
		}
		if quality == exact {
			break
		}
	}
	return at, quality
}

func fits(h hit, chosen []hit, slots int) bool {
	for _, c := range chosen {
		if h.at <= c.to && c.at <= h.to {
			return false
		}
		if h.to-c.at >= slots+maxGap || c.to-h.at >= slots+maxGap {
			return false
		}
	}
	return true
}

// weigh turns found terms into topics. Terms at the same words count once, the
// strongest; further ones make the topic likelier.
func (x *Lexicon) weigh(words []word, found []foundTerm, isYoung bool) []Match {
	byTopic := map[int]*Match{}
	used := map[[2]int]bool{}
	for _, f := range found {
		topic := x.terms[f.term].topic
		if isYoung && topic >= 0 {
			topic = x.terms[f.term].instead
		}
		if topic < 0 || !claim(used, topic, f.at) {
			continue
		}
		m := byTopic[topic]
		if m == nil {
			m = &Match{Topic: x.topics[topic], first: len(words)}
			byTopic[topic] = m
		}
		m.first = min(m.first, f.at[0].at)
		weight := f.weight
		if isYoung && topic != x.terms[f.term].topic {
			weight = max(weight, sure)
		}
		m.Weight = 1 - (1-m.Weight)*(1-weight)
		m.Why = append(m.Why, reason(words, f.at))
	}
	var all []Match
	for _, m := range byTopic {
		all = append(all, *m)
	}
	slices.SortFunc(all, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.first, b.first), cmp.Compare(a.Topic, b.Topic))
	})
	return slices.DeleteFunc(all, func(m Match) bool {
		return m.Weight < leastWeight || m.Weight < leastShare*all[0].Weight
	})
}

// claim reports whether a term brings a word that its topic has not used yet,
// and marks its words as used.
func claim(used map[[2]int]bool, topic int, at []hit) (fresh bool) {
	for _, h := range at {
		for i := h.at; i <= h.to; i++ {
			fresh = fresh || !used[[2]int{topic, i}]
			used[[2]int{topic, i}] = true
		}
	}
	return fresh
}

func reason(words []word, at []hit) Reason {
	r := Reason{}
	var parts []string
	for _, h := range slices.SortedFunc(slices.Values(at), func(a, b hit) int { return cmp.Compare(a.at, b.at) }) {
		for i := h.at; i <= h.to; i++ {
			parts = append(parts, words[i].raw)
		}
		r.Near = r.Near || h.near
	}
	r.Words = strings.Join(parts, " ")
	return r
}

// rest returns the words that stand for no topic and no place and are no stop
// words.
func (x *Lexicon) rest(words []word, spot span, found []foundTerm, postcode string) []string {
	explained := map[int]bool{}
	for _, f := range found {
		for _, h := range f.at {
			for i := h.at; i <= h.to && f.weight > vague; i++ {
				explained[i] = true
			}
		}
	}
	var rest []string
	for i, w := range words {
		if !explained[i] && !spot.contains(i) && x.stop[w.folded] == 0 && len(w.folded) > 1 && w.folded != postcode {
			rest = append(rest, w.folded)
		}
	}
	return rest
}

// said returns the words that single-word terms surely were found in.
func (x *Lexicon) said(words []word, found []foundTerm) (said []string) {
	for _, f := range found {
		t := x.terms[f.term]
		if t.slots > 1 || t.topic < 0 || f.weight < inDanger {
			continue
		}
		for i := f.at[0].at; i <= f.at[0].to; i++ {
			if !slices.Contains(said, words[i].folded) && x.stop[words[i].folded] == 0 {
				said = append(said, words[i].folded)
			}
		}
	}
	return said
}

// otherTongue lowers the terms of a language that the text is not in.
const otherTongue = 0.55

// tongues weighs the languages by the stop words of the text. Only languages that share
// an alphabet can be mistaken for each other.
func (x *Lexicon) tongues(words []word, page string) []float64 {
	votes := make([]int, len(x.languages))
	for _, w := range words {
		for l := range votes {
			if x.stop[w.folded]&(1<<l) != 0 {
				votes[l] += 2
			}
		}
	}
	for l, code := range x.languages {
		if family(code) == family(page) && votes[l] > 0 {
			votes[l]++
		}
		for other, theirs := range x.languages {
			if family(code) == family(theirs) {
				votes[l] = max(votes[l], votes[other])
			}
		}
	}
	most := slices.Max(votes)
	weights := make([]float64, len(votes))
	for l := range weights {
		weights[l] = 1
		if most >= 4 && votes[l]*2 < most {
			weights[l] = otherTongue
		}
	}
	return weights
}

// family is the language without its variant: de-simple is German.
func family(code string) string {
	base, _, _ := strings.Cut(code, "-")
	return base
}
