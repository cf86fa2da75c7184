package directory

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"lotse/directory/lexicon"
	"lotse/internal/fault"
)

// Match is a topic that a person's words are about.
type Match struct {
	ID     string
	Weight float64          // 0 to 1
	Why    []lexicon.Reason // the words that led to it; none for a chosen topic
	// Through is the found topic whose broader one this is: centres for it help
	// with that one too.
	Through string
}

// Words are the person's words that led to the topic, as they were written.
func (m Match) Words() []string {
	words := []string{}
	for _, reason := range m.Why {
		words = append(words, reason.Words)
	}
	return words
}

// Chat is whether somebody can be written to now.
type Chat struct {
	State          string // free, queue, full or closed
	FromMin, ToMin int    // how long the wait is likely to be
	Opens          time.Time
}

// Live is what the rest of the server knows of centres at this moment. A centre
// that is not in an answer has no chat.
type Live interface {
	Chats(ctx context.Context, centres []string) (map[string]Chat, error)
}

// Find answers a query. A topic that does not exist, a postcode that is not five
// digits and a text that is too long are [fault.Invalid]; a well-formed unknown
// postcode is answered without distances. It keeps nothing of the query but one
// count for each topic, see [Service.Demand].
func (s *Service) Find(ctx context.Context, q Query) (Answer, error) {
	if fields := s.check(q); len(fields) > 0 {
		return Answer{}, fault.InvalidInput(fields)
	}
	a, w := s.understand(q)
	x, clock := s.index.Load(), newClock(time.Now(), s.Around)
	a.Unclear = q.Text != "" && len(w.topics) == 0 && !w.spot.known && len(w.words) == 0
	if !a.Unclear {
		a.Results, a.Total, a.WhiteSpot = x.search(w, clock)
	}
	if a.Total == 0 && q.Text != "" && len(w.topics) == 0 {
		a.Unclear = true
		w.topics, w.words = s.wishes(s.Taxonomy.general, nil), nil
		a.Results, a.Total, _ = x.search(w, clock)
	}
	s.demand.count(a.Topics, a.WhiteSpot)
	return a, s.enliven(ctx, a.Results)
}

func (s *Service) check(q Query) map[string]string {
	fields := map[string]string{}
	if _, ok := s.Taxonomy.byTag[q.Topic]; q.Topic != "" && !ok {
		fields["topic"] = "topic_unknown"
	}
	if q.Postcode != "" && !ValidPostcode(q.Postcode) {
		fields["postcode"] = "postcode_invalid"
	}
	if len(q.Text) > MaxText {
		fields["q"] = "too_long"
	}
	return fields
}

// understand turns a query into what search wants.
func (s *Service) understand(q Query) (Answer, wanted) {
	r := s.read(q.Text, q.Page, young(q.Filter.Target))
	a := Answer{Crisis: r.Crisis, Topics: s.matches(r, q), Place: s.where(q.Postcode, r)}
	w := wanted{words: r.Rest, said: r.Said, filter: q.Filter, seed: q.Seed, limit: q.Limit, spot: a.Place.spot()}
	found := slices.DeleteFunc(slices.Clone(a.Topics), func(m Match) bool { return m.Through != "" })
	w.topics, w.leads = s.wanted(found), leads(found)
	if len(q.Without) > 0 && len(w.topics) == 0 {
		w.words = tokens(q.Text)
	}
	if common := func(word string) bool { return !s.index.Load().words.rare(word) }; len(w.topics) > 0 {
		w.words, w.said = slices.DeleteFunc(w.words, common), slices.DeleteFunc(w.said, common)
	}
	return a, w
}

// wanted are the found topics and those whose centres help with them too. A topic
// that the words only hint at brings no others.
func (s *Service) wanted(found []Match) (all []wish) {
	for _, m := range found {
		switch distance := beside(found, m); distance {
		case hinted:
			all = addWish(all, wish{m.ID, hinted})
		default:
			all = s.wishes(m.ID, addWish(all, wish{m.ID, distance}))
		}
	}
	return all
}

// leadShare is from which share of the strongest topic's weight another one is a
// matter of its own.
const leadShare = 0.6

// leads are the strongest topics, when there are several.
func leads(found []Match) (ids []string) {
	for _, m := range found[:min(len(found), maxLeads)] {
		if m.Weight >= leadShare*found[0].Weight {
			ids = append(ids, m.ID)
		}
	}
	if len(ids) < 2 {
		return nil
	}
	return ids
}

// TopicsIn returns what a text is about, strongest first, and whether it speaks
// of danger. page is the language of the page.
func (s *Service) TopicsIn(text, page string) ([]Match, bool) {
	r := s.read(text[:min(len(text), MaxText)], page, false)
	return s.matches(r, Query{}), r.Crisis
}

// read understands a text; without a lexicon every word is looked for as it is.
func (s *Service) read(text, page string, isYoung bool) lexicon.Reading {
	words := s.words()
	if words == nil {
		return lexicon.Reading{Rest: tokens(text)}
	}
	return words.Understand(text, page, isYoung)
}

// youngTargets are the beginnings of the target groups that only young people choose.
var youngTargets = []string{"jug", "jung", "kind", "youth", "young", "child"}

func young(target string) bool {
	return slices.ContainsFunc(youngTargets, func(begin string) bool { return strings.HasPrefix(strings.ToLower(target), begin) })
}

// matches are the topics of a reading without those that the person took away,
// or the topic that the person chose.
func (s *Service) matches(r lexicon.Reading, q Query) []Match {
	if q.Topic != "" {
		return []Match{{ID: s.Taxonomy.byTag[q.Topic], Weight: 1}}
	}
	var all []Match
	for _, m := range r.Topics {
		if !slices.Contains(q.Without, m.Topic) && len(all) < maxTopics {
			all = append(all, Match{ID: m.Topic, Weight: m.Weight, Why: m.Why})
		}
	}
	return s.withBroader(s.generalLast(all), q.Without)
}

// generalLast lowers the topic for everything beside one that is surely meant:
// "keiner hilft uns" says less than what the matter is.
func (s *Service) generalLast(found []Match) []Match {
	sure := func(m Match) bool { return m.ID != s.Taxonomy.general && m.Weight >= surelyMeant }
	for i := range found {
		if found[i].ID == s.Taxonomy.general && slices.ContainsFunc(found, sure) {
			found[i].Weight *= broaderShare
		}
	}
	slices.SortStableFunc(found, func(a, b Match) int { return cmp.Compare(b.Weight, a.Weight) })
	return found
}

// withBroader adds the topics whose centres help with the found ones too, below
// the found topic and above mere hints.
func (s *Service) withBroader(found []Match, without []string) []Match {
	all := slices.Clone(found)
	for _, m := range found[:min(len(found), maxLeads)] {
		topic, _ := s.Taxonomy.Topic(m.ID)
		for _, id := range topic.Also {
			same := func(o Match) bool { return o.ID == id }
			if m.Weight >= surelyMeant && !slices.ContainsFunc(all, same) && !slices.Contains(without, id) {
				all = append(all, Match{ID: id, Weight: m.Weight * broaderShare, Through: m.ID})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Match) int { return cmp.Compare(b.Weight, a.Weight) })
	return all[:min(len(all), maxTopics)]
}

// surelyMeant is from which weight on a topic brings its broader ones, which
// weigh broaderShare of it.
const (
	surelyMeant  = 0.6
	broaderShare = 0.5
)

// maxTopics is how many topics one text may be about.
const maxTopics = 5

// Distances of a topic from the matter: the strongest ones are the matter itself,
// weaker ones beside it, topics whose centres also help are related, and those
// that a word only hints at come after them.
const (
	matter  = 0
	weaker  = 1
	related = 2
	hinted  = 4
)

// beside returns how far a found topic is from the strongest.
func beside(found []Match, m Match) uint8 {
	switch share := m.Weight / found[0].Weight; {
	case share < leadShare:
		return hinted
	case share < nearlyAsStrong:
		return weaker
	}
	return matter
}

const nearlyAsStrong = 0.85

// wishes adds a topic and the topics whose centres help with it too.
func (s *Service) wishes(id string, to []wish) []wish {
	to = addWish(to, wish{id, matter})
	topic, _ := s.Taxonomy.Topic(id)
	for i, also := range topic.Also {
		to = addWish(to, wish{also, related + uint8(min(i, 1))})
	}
	return to
}

// addWish adds a topic, or brings it nearer.
func addWish(to []wish, w wish) []wish {
	for i := range to {
		if to[i].topic == w.topic {
			to[i].distance = min(to[i].distance, w.distance)
			return to
		}
	}
	return append(to, w)
}

// enliven adds what is known of the results at this moment.
func (s *Service) enliven(ctx context.Context, results []Hit) error {
	if s.Live == nil || len(results) == 0 {
		return nil
	}
	var ids []string
	for _, h := range results {
		ids = append(ids, h.ID)
	}
	chats, err := s.Live.Chats(ctx, ids)
	if err != nil {
		return err
	}
	for i, h := range results {
		if chat, ok := chats[h.ID]; ok {
			results[i].Chat = &chat
		}
	}
	return nil
}
