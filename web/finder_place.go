package web

import (
	"cmp"
	"strconv"
	"strings"

	"lotse/finder"
)

// placeView is what the postcode says, for the person to see and to correct.
type placeView struct {
	Unknown bool   // a postcode that the table does not know
	Name    string // postcode and Kreise
	Several bool   // Kreise
	Level   string // rent level taken from it; empty when the person gave one
}

// place is what the result says of the postcode; nil when none was given.
func (t *turn) place(found finder.Result) *placeView {
	code := t.st.postcode()
	if code == "" {
		return nil
	}
	if found.Place == nil {
		return &placeView{Unknown: true, Name: code}
	}
	var names []string
	for _, d := range found.Place.Districts {
		names = append(names, d.Name)
	}
	view := &placeView{Name: code + " (" + strings.Join(names, ", ") + ")", Several: len(names) > 1}
	if found.Place.Used {
		view.Level = levelRange(found.Place.RentLevel)
	}
	return view
}

// postcode is the one that was answered, or empty.
func (st *finderState) postcode() string {
	return typed(German, st.Facts[ofHousehold]["postcode"])
}

// levelRange is a rent level, or the range of those that are possible.
func levelRange(r finder.Range) string {
	low, high := strconv.Itoa(int(r.Low)), strconv.Itoa(int(r.High))
	if low == high {
		return low
	}
	return low + "–" + high
}

// derived says in the list of answers which rent level the postcode gives; nil
// when the person gave one, or the postcode gives none.
func (t *turn) derived(q step) []checkAnswer {
	a, answered := t.st.Facts[ofHousehold]["rent_level"]
	place, known := t.s.finder.Place(t.st.postcode())
	if q.id != "housing" || !known || answered && typed(German, a) != "" {
		return nil
	}
	value := t.s.texts.say(t.lang, "finder.from_postcode", "level", levelRange(place.RentLevel))
	return []checkAnswer{{Label: t.s.texts.rule(t.lang, "fact.rent_level"), Value: value}}
}

// where names who is responsible where the person lives.
func (t *turn) where(all []finder.Where) (names []string, unsure bool) {
	for _, w := range all {
		names = append(names, strings.ReplaceAll(t.s.texts.rule(t.lang, "where."+w.Kind), "{name}", w.Name))
		unsure = unsure || w.Kind == "body" || w.Kind == "children"
	}
	return names, unsure
}

// takenAnywhere reports whether any municipality takes the application and passes
// it on (§ 16 SGB I). It is not said of federal authorities: the Kindergeld of the
// tax law is outside that rule.
func takenAnywhere(a finder.Access) bool { return a.Level != "federal" }

// online is how far an application goes online, in words.
func (s *Server) online(lang Lang, o finder.Online) (lines []string) {
	lines = append(lines, s.texts.rule(lang, "online."+o.Offer))
	if o.Offer != "unknown" {
		lines = append(lines, s.texts.say(lang, "finder.as_of", "date", dayIn(o.Reviewed)))
	}
	if o.Level != "unknown" || o.Offer != "unknown" {
		lines = append(lines, s.texts.rule(lang, "ozg."+cmp.Or(o.Level, "unknown")))
	}
	return lines
}
