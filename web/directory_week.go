package web

import (
	"strconv"
	"strings"
	"time"

	"lotse/directory/hours"
	"lotse/internal/roster/civil"
)

// weekDay is a line of the table of opening hours.
type weekDay struct {
	Day     string // "Montag, 30.11."
	Holiday string // its German name, or empty
	Unsure  bool   // a holiday in a part of the Land only
	Today   bool
	Times   []weekTime // empty: closed
}

// weekTime is one opening of a day.
type weekTime struct {
	Span string // "09:00–12:00"
	Kind string // open, by_arrangement or unknown
	Note string // in the words of the source
}

// week is the table for the seven days from now on.
func (t *texts) week(v voice, plan hours.Hours, place hours.Place, now time.Time) ([]weekDay, error) {
	var week []weekDay
	for i, day := range plan.Days(civil.DateOf(now, now.Location()), 7, place) {
		at := now.AddDate(0, 0, i)
		weekday, err := t.text(v, "common.weekday."+strconv.Itoa(int(at.Weekday())))
		if err != nil {
			return nil, err
		}
		line := weekDay{Day: weekday + ", " + at.Format("2.1."), Holiday: day.Holiday.Name, Unsure: day.Holiday.Unsure(), Today: i == 0}
		for _, o := range day.Openings {
			line.Times = append(line.Times, weekTime{strings.Replace(o.Span.String(), "-", "–", 1), o.State.String(), o.Comment})
		}
		week = append(week, line)
	}
	return week, nil
}
