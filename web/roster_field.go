package web

import (
	"strconv"
	"strings"
	"time"

	"lotse/internal/roster"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
)

// rosterField is an input, select or group of boxes of a form, with its label,
// hint and error.
type rosterField struct {
	Name, Type, Value string
	Key               string // locale key of the label
	Hint              string // locale key, or empty
	Flaw              string // what is wrong with it, or empty
	None              string // locale key of the empty choice of a select, or empty
	Min, Max, Length  string
	Class             string
	Required          bool
	Choices           []choice
}

// Described lists the ids of hint and error for aria-describedby.
func (f rosterField) Described() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Flaw != "" {
		ids = append(ids, f.Name+"-error")
	}
	return strings.Join(ids, " ")
}

// field is what all fields have. plural is the name that errors and texts use.
func (sc *rosterScope) field(name, plural string) rosterField {
	f := rosterField{Name: name, Key: "roster.field." + plural, Flaw: sc.Errors[plural]}
	if _, ok := sc.texts.lookup(sc.voice, "roster.hint."+plural); ok {
		f.Hint = "roster.hint." + plural
	}
	if _, ok := sc.texts.lookup(sc.voice, "roster.none."+plural); ok {
		f.None = "roster.none." + plural
	}
	return f
}

// Field is an input that has to be filled in.
func (sc *rosterScope) Field(name, kind, value string) rosterField {
	f := sc.Optional(name, kind, value)
	f.Required = true
	return f
}

// Optional is an input that may stay empty.
func (sc *rosterScope) Optional(name, kind, value string) rosterField {
	f := sc.field(name, name)
	f.Type, f.Value, f.Class = kind, value, "narrow"
	return f
}

// Number is an input for a number of people.
func (sc *rosterScope) Number(name, value string) rosterField {
	f := sc.Field(name, "number", value)
	f.Min, f.Max = "0", strconv.Itoa(roster.MaxStaff)
	return f
}

// Text is an input of one line that may stay empty.
func (sc *rosterScope) Text(name, value string, longest int) rosterField {
	f := sc.Optional(name, "text", value)
	f.Length, f.Class = strconv.Itoa(longest), ""
	return f
}

// Select is a list to choose one from.
func (sc *rosterScope) Select(name string, choices []choice) rosterField {
	f := sc.field(name, name)
	f.Choices = choices
	return f
}

// Boxes is a group of boxes to tick.
func (sc *rosterScope) Boxes(name string, choices []choice) rosterField {
	f := sc.field(name, name+"s")
	f.Choices = choices
	return f
}

// WeekName is KW 48.
func (sc *rosterScope) WeekName() string { return sc.week(sc.Week) }

// WeekDates is the first and the last day of the week.
func (sc *rosterScope) WeekDates() string { return sc.dates(sc.Week) }

// Plain is a path below the roster's with no parameter but the language.
func (sc *rosterScope) Plain(parts ...string) string {
	return sc.at(rosterPath + strings.Join(parts, ""))
}

// NewURL is the form for a new shift on a date.
func (sc *rosterScope) NewURL(date string) string { return sc.URL("/schicht", "tag", date) }

// PublishURL shows the drafts of the week.
func (sc *rosterScope) PublishURL() string { return sc.URL("/veroeffentlichen") }

// WatchURL is the stream of changes of the week.
func (sc *rosterScope) WatchURL() string {
	return sc.at(rosterChanges, "team", sc.Team.ID.String(), "woche", sc.Week.String())
}

// AbsencePath is where absences are entered.
func (sc *rosterScope) AbsencePath() string { return sc.at(absencePath) }

// tab is a page of the planner in its navigation.
type tab struct {
	URL, Key string
	Current  bool
}

// tabs are the planner's pages; current is the locale key of the shown one.
func (sc *rosterScope) tabs(current string) []tab {
	list := []tab{
		{URL: sc.URL(""), Key: "roster.tab.days"},
		{URL: sc.URL("", "ansicht", "personen"), Key: "roster.tab.people"},
		{URL: sc.URL("/vorlagen"), Key: "roster.tab.fill"},
		{URL: sc.URL("/vertretung"), Key: "roster.tab.overrides"},
		{URL: sc.at(absencePath, "team", sc.Team.ID.String(), "woche", sc.Week.String()), Key: "roster.tab.absence"},
		{URL: sc.URL("/verlauf"), Key: "roster.tab.history"},
	}
	if sc.Actor.MayAny(staff.Counsellor) {
		list = append(list, tab{URL: sc.at(rosterPath + "/meine"), Key: "roster.tab.own"})
	}
	for i := range list {
		list[i].Current = list[i].Key == current
	}
	return list
}

// Tabs is the navigation with the week marked, by days or by people.
func (v rosterWeekView) Tabs() []tab {
	if v.ByPerson {
		return v.tabs("roster.tab.people")
	}
	return v.tabs("roster.tab.days")
}

// Tabs is the navigation with the templates marked.
func (v rosterTemplatesView) Tabs() []tab { return v.tabs("roster.tab.fill") }

// Tabs is the navigation with the overrides marked.
func (v rosterOverrideView) Tabs() []tab { return v.tabs("roster.tab.overrides") }

// Tabs is the navigation with the absences marked.
func (v rosterAbsenceView) Tabs() []tab { return v.tabs("roster.tab.absence") }

// Tabs is the navigation with the history marked.
func (v rosterHistoryView) Tabs() []tab { return v.tabs("roster.tab.history") }

// dateIn is the date of an instant in the roster's zone.
func dateIn(t time.Time, sc *rosterScope) civil.Date { return civil.DateOf(t, sc.zone) }
