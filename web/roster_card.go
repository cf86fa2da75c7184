package web

import (
	"slices"

	"lotse/internal/roster"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
)

// rosterCard is one shift in the table of the week.
type rosterCard struct {
	ID, URL  string
	Hours    string
	Label    string // for the link: day and hours in full
	Cover    string // 1 of 2
	Tone     string // gap, short, clash, off or empty
	Channels string
	Only     string // topics and languages, where they are not the team's
	People   []rosterPlace
	Change   string // locale key of the draft's kind, or empty
	Note     string

	date civil.Date
	band int
}

// rosterPlace is a person on a shift with what is special about it.
type rosterPlace struct {
	Name string
	Note string // why not as planned, or the hours if not all
	Out  bool   // planned, but not on duty
}

func (sc *rosterScope) cards(plan roster.WeekPlan) []rosterCard {
	list := make([]rosterCard, 0, len(plan.Entries))
	for _, e := range plan.Entries {
		list = append(list, sc.card(plan, e))
	}
	return list
}

func (sc *rosterScope) card(plan roster.WeekPlan, e roster.Entry) rosterCard {
	date := civil.DateOf(e.Start, sc.zone)
	c := rosterCard{
		ID: e.ID.String(), URL: sc.ShiftURL(e.ID), Hours: sc.hours(e.Start, e.End),
		Label:    sc.t("roster.moment", "day", sc.longDay(date), "time", sc.hours(e.Start, e.End)),
		Channels: sc.channels(e.Channels), Only: sc.only(e.Shift), Note: e.Note,
		date: date, band: bandOf(civil.Clock(e.Start, sc.zone)),
	}
	if e.Change != "" {
		c.Change = "roster.change." + string(e.Change)
	}
	if e.Change == roster.Removed {
		c.Tone = "off"
		for _, person := range e.People {
			c.People = append(c.People, rosterPlace{Name: plan.Names[person]})
		}
		return c
	}
	c.People = sc.places(plan, e)
	c.Cover, c.Tone = sc.cover(plan, e)
	return c
}

// only names topics and languages that a shift has of its own.
func (sc *rosterScope) only(s roster.Shift) string {
	var parts []string
	for _, topic := range s.Topics {
		parts = append(parts, sc.topic(topic))
	}
	for _, code := range s.Languages {
		parts = append(parts, sc.language(code))
	}
	return sc.Join(parts)
}

// cover says how many people the shift has and how grave that is: the lowest
// number at any time counts.
func (sc *rosterScope) cover(plan roster.WeekPlan, e roster.Entry) (text, tone string) {
	have, want := plan.Cover(e.Shift), e.Opt
	for _, f := range plan.Findings {
		if f.Shift != e.ID && f.OtherShift != e.ID {
			continue
		}
		switch {
		case f.Kind == roster.BelowMinimum:
			want, tone = e.Min, "gap"
		case f.Kind == roster.BelowOptimum && tone == "":
			tone = "short"
		case f.Kind != roster.BelowOptimum && tone != "gap":
			tone = "clash"
		}
	}
	return sc.t("roster.cover", "have", have, "want", want), tone
}

// onShift lists who is on duty for a shift, each once, with the spans.
func onShift(plan roster.WeekPlan, id roster.ShiftID) map[staff.ID][]roster.Duty {
	on := map[staff.ID][]roster.Duty{}
	for _, d := range plan.Duties {
		if d.Shift == id {
			on[d.Person] = append(on[d.Person], d)
		}
	}
	return on
}

// places lists who is planned and who is on duty instead, by name.
func (sc *rosterScope) places(plan roster.WeekPlan, e roster.Entry) []rosterPlace {
	on := onShift(plan, e.ID)
	var list []rosterPlace
	for _, person := range e.People {
		place := rosterPlace{Name: plan.Names[person]}
		switch {
		case slices.Contains(e.Unfit, person):
			place.Note, place.Out = sc.t("roster.place.unfit"), true
		case len(on[person]) == 0 && away(plan, person, e):
			place.Note, place.Out = sc.t("roster.place.away"), true
		case len(on[person]) == 0:
			place.Note, place.Out = sc.t("roster.place.replaced"), true
		default:
			place.Note = sc.parts(on[person], e)
		}
		list = append(list, place)
	}
	for person, duties := range on {
		if !slices.Contains(e.People, person) {
			notes := []string{sc.t("roster.place.stand_in")}
			if hours := sc.parts(duties, e); hours != "" {
				notes = append(notes, hours)
			}
			list = append(list, rosterPlace{Name: plan.Names[person], Note: sc.Join(notes)})
		}
	}
	slices.SortFunc(list, func(a, b rosterPlace) int {
		return slices.Compare([]string{a.Name, a.Note}, []string{b.Name, b.Note})
	})
	return list
}

func away(plan roster.WeekPlan, person staff.ID, e roster.Entry) bool {
	return slices.ContainsFunc(plan.Absences, func(a roster.Absence) bool {
		return a.Person == person && a.Start.Before(e.End) && a.End.After(e.Start)
	})
}

// parts names the hours of duties that are less than the shift: part of the
// time, or not all channels.
func (sc *rosterScope) parts(duties []roster.Duty, e roster.Entry) string {
	var texts []string
	for _, d := range duties {
		text := ""
		if !d.Start.Equal(e.Start) || d.End.Before(e.End) {
			text = sc.hours(d.Start, d.End)
		}
		if len(d.Channels) < len(e.Channels) {
			if text != "" {
				text += " "
			}
			text += sc.channels(d.Channels)
		}
		if text != "" {
			texts = append(texts, text)
		}
	}
	return sc.Join(texts)
}
