package web

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"lotse/directory"
	"lotse/finder"
)

// personRow is a line of the form of people.
type personRow struct {
	Index       int
	Relation    string
	Month, Year string
}

// fieldGroup is what a question asks of one person or of the household.
type fieldGroup struct {
	Legend string // empty for the household
	Ticks  string // name of the tick boxes; empty when each fact has an own field
	Fields []fieldView
}

// fieldView is one field.
type fieldView struct {
	Name, Kind, Label, Help, Unit string
	Fact                          string
	Value                         string // as typed: text, an option, "yes", "no" or ""
	Options                       []optionView
}

type optionView struct{ Value, Label string }

// ticksFrom is how many yes-or-no facts of one person make tick boxes.
const ticksFrom = 4

// readPeople reads the form of people.
func readPeople(form url.Values) (rows []personRow, people []finderPerson, errs map[string]string) {
	errs = map[string]string{}
	for i := range maxPeople {
		n := strconv.Itoa(i)
		row := personRow{Relation: form.Get("relation." + n), Month: strings.TrimSpace(form.Get("month." + n)), Year: strings.TrimSpace(form.Get("year." + n))}
		if i > 0 && !slices.Contains(relations, row.Relation) {
			continue // nobody, or taken out
		}
		row.Index = len(rows)
		birth, ok := birthOf(row)
		if !ok {
			errs["year."+strconv.Itoa(row.Index)] = "birth_unclear"
		}
		rows, people = append(rows, row), append(people, finderPerson{row.Relation, birth})
	}
	checkRelations(people, errs)
	return rows, people, errs
}

// checkRelations finds relations that cannot be meant so.
func checkRelations(people []finderPerson, errs map[string]string) {
	partners := 0
	for i, p := range people {
		if p.Relation == "partner" {
			if partners++; partners > 1 {
				errs["relation."+strconv.Itoa(i)] = "two_partners"
			}
		}
	}
	for i, p := range people {
		if partners == 0 && (p.Relation == "child_both" || p.Relation == "child_partner") {
			errs["relation."+strconv.Itoa(i)] = "no_partner"
		}
	}
}

// birthOf is the birth a row says, "" when it is left out.
func birthOf(row personRow) (string, bool) {
	if row.Year == "" {
		return "", row.Month == ""
	}
	year, err := strconv.Atoi(notNumber.Replace(row.Year))
	if err != nil || year < 1906 || year > 2100 {
		return "", false
	}
	if row.Month == "" {
		return strconv.Itoa(year), true
	}
	month, err := strconv.Atoi(row.Month)
	if err != nil || month < 1 || month > 12 {
		return "", false
	}
	return strconv.Itoa(year) + "-" + strconv.Itoa(100 + month)[1:], true
}

// rowsOf are the people of a state as rows.
func rowsOf(people []finderPerson) []personRow {
	rows := []personRow{}
	for i, p := range people {
		year, month, _ := strings.Cut(p.Birth, "-")
		rows = append(rows, personRow{i, p.Relation, strings.TrimPrefix(month, "0"), year})
	}
	if len(rows) == 0 {
		rows = append(rows, personRow{})
	}
	return rows
}

// readAnswers reads the answers to the fields of a question. What is left empty
// is "not known"; ticks that are not set are no.
func readAnswers(form url.Values, fields []finder.Field) (answers map[string]finder.Answer, errs map[string]string) {
	answers, errs = map[string]finder.Answer{}, map[string]string{}
	for _, f := range fields {
		name := owner(f) + "." + f.Fact.ID
		if ticked(fields, f) {
			answers[name] = finder.Say(slices.Contains(form["ticks."+owner(f)], f.Fact.ID))
			continue
		}
		a, code := readField(f.Fact, strings.TrimSpace(form.Get(name)))
		if code != "" {
			errs[name] = code
			continue
		}
		answers[name] = a
	}
	return answers, errs
}

// mayBeNone reports whether "none of these" is an answer to a question: it asks
// for more than one thing, and each can be nothing or no.
func mayBeNone(fields []finder.Field) bool {
	facts := map[string]bool{}
	for _, f := range fields {
		facts[f.Fact.ID] = true
		if f.Fact.Kind == "choice" || f.Fact.Kind == "postcode" || f.Fact.Min != 0 {
			return false
		}
	}
	return len(facts) > 1
}

// sayNone answers what was left empty with nothing or no.
func sayNone(answers map[string]finder.Answer, fields []finder.Field) {
	for _, f := range fields {
		name := owner(f) + "." + f.Fact.ID
		if a, ok := answers[name]; !ok || typed(German, a) != "" {
			continue
		}
		answers[name] = finder.Say(0)
		if f.Fact.Kind == "bool" {
			answers[name] = finder.Say(false)
		}
	}
}

// readField reads one answer, or says what is wrong with it.
func readField(f finder.Fact, text string) (finder.Answer, string) {
	switch {
	case text == "":
		return finder.Say(nil), ""
	case f.Kind == "bool" && (text == "yes" || text == "no"):
		return finder.Say(text == "yes"), ""
	case f.Kind == "choice" && slices.Contains(f.Options, text):
		return finder.Say(text), ""
	case f.Kind == "postcode":
		return readPostcode(text)
	case f.Kind != "number":
		return finder.Answer{}, "invalid_choice"
	}
	a, ok := parseAmount(text)
	if !ok {
		return a, "number_unclear"
	}
	low, high := ends(a)
	if low < f.Min || high > f.Max {
		return a, "out_of_range"
	}
	return a, ""
}

// readPostcode reads five digits, whichever digits and spaces they are written
// with.
func readPostcode(text string) (finder.Answer, string) {
	code := notNumber.Replace(text)
	if !directory.ValidPostcode(code) {
		return finder.Answer{}, "postcode_invalid"
	}
	return finder.Say(code), ""
}

// ends are the ends of an answer that is a number or a range.
func ends(a finder.Answer) (low, high float64) {
	raw, _ := a.MarshalJSON()
	if json.Unmarshal(raw, &low) == nil {
		return low, low
	}
	var r finder.Range
	_ = json.Unmarshal(raw, &r) // neither: nothing
	return r.Low, r.High
}

// ticked reports whether a fact is asked as one of several tick boxes.
func ticked(fields []finder.Field, f finder.Field) bool {
	n := 0
	for _, other := range fields {
		if other.Person == f.Person && other.Fact.Kind == "bool" {
			n++
		}
	}
	return f.Fact.Kind == "bool" && n >= ticksFrom
}

// typed is an answer as a person would type it.
func typed(lang Lang, a finder.Answer) string {
	raw, _ := a.MarshalJSON()
	var v any
	_ = json.Unmarshal(raw, &v) // an answer is JSON
	switch v := v.(type) {
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case string:
		return v
	case float64:
		return amount(lang, v)
	case map[string]any:
		low, high := ends(a)
		return amount(lang, low) + "–" + amount(lang, high)
	}
	return ""
}

// groupsOf are the fields of a question by person, with what has been typed or
// else answered.
func (s *Server) groupsOf(lang Lang, st *finderState, fields []finder.Field, form url.Values) []fieldGroup {
	var groups []fieldGroup
	owners := []string{ofHousehold}
	for i := range st.People {
		owners = append(owners, personID(i))
	}
	for i, who := range owners {
		group := fieldGroup{}
		if i > 0 {
			group.Legend = s.personName(lang, st, i-1)
		}
		for _, f := range fields {
			if owner(f) == who {
				group.add(s.fieldView(lang, st, fields, f, form))
				if ticked(fields, f) {
					group.Ticks = "ticks." + who
				}
			}
		}
		if len(group.Fields) > 0 {
			groups = append(groups, group)
		}
	}
	if len(groups) == 1 && len(st.People) == 1 {
		groups[0].Legend = ""
	}
	return groups
}

func (g *fieldGroup) add(f fieldView) { g.Fields = append(g.Fields, f) }

// fieldView is a field with its value.
func (s *Server) fieldView(lang Lang, st *finderState, fields []finder.Field, f finder.Field, form url.Values) fieldView {
	view := fieldView{
		Name: owner(f) + "." + f.Fact.ID, Fact: f.Fact.ID, Kind: f.Fact.Kind,
		Label: s.texts.rule(lang, "fact."+f.Fact.ID), Unit: s.texts.unit(lang, f.Fact.Unit),
	}
	view.Help, _ = s.texts.known(lang, "fact."+f.Fact.ID+".help")
	for _, option := range f.Fact.Options {
		view.Options = append(view.Options, optionView{option, s.texts.rule(lang, "option."+f.Fact.ID+"."+option)})
	}
	if a, answered := st.Facts[owner(f)][f.Fact.ID]; answered {
		view.Value = typed(lang, a)
	} else if f.Fact.Unit == "EUR/month" && st.isChild(f.Person) && asksAsker(fields, f.Fact.ID) {
		view.Value = "0" // most children have no income; it stands there to be seen and changed
	}
	switch {
	case form == nil:
	case ticked(fields, f):
		view.Value = map[bool]string{true: "yes", false: "no"}[slices.Contains(form["ticks."+owner(f)], f.Fact.ID)]
	default:
		view.Value = form.Get(view.Name)
	}
	return view
}

// asksAsker reports whether a fact is asked of the person who asks as well.
func asksAsker(fields []finder.Field, fact string) bool {
	return slices.ContainsFunc(fields, func(f finder.Field) bool { return f.Person == personID(0) && f.Fact.ID == fact })
}

// isChild reports whether a person is a child in the household.
func (st *finderState) isChild(id string) bool {
	i, err := strconv.Atoi(strings.TrimPrefix(id, "p"))
	return err == nil && i < len(st.People) && strings.HasPrefix(st.People[i].Relation, "child")
}

// personName is how a person is called: you, partner, child (2019).
func (s *Server) personName(lang Lang, st *finderState, i int) string {
	kind, _, _ := strings.Cut(st.People[i].Relation, "_")
	if i == 0 {
		kind = "self"
	}
	name := s.texts.say(lang, "finder.person."+kind)
	if year, _, _ := strings.Cut(st.People[i].Birth, "-"); i > 0 && year != "" {
		name += " (" + year + ")"
	}
	return name
}
