package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"lotse/configs"
	"lotse/internal/roster"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
)

const (
	demoDaysBack  = 2
	demoDaysAhead = 8
	demoTemplate  = "Regelwoche"
)

// extend plans and publishes the weeks around now that have no shifts yet. Weeks
// that somebody has planned are left alone.
func (d *demo) extend(ctx context.Context) error {
	if d.supervisor.ID.IsZero() {
		return nil
	}
	today := d.roster.Today()
	first, last := civil.WeekOf(today.Add(-demoDaysBack)), civil.WeekOf(today.Add(demoDaysAhead))
	for key, team := range d.teams {
		for week := first; !last.Monday().Before(week.Monday()); week = week.Add(1) {
			if err := d.fill(ctx, key, team, week); err != nil {
				return fmt.Errorf("week %s of %s: %w", week, key, err)
			}
		}
	}
	return nil
}

// fill plans a week, by the template once there is one, and publishes it.
func (d *demo) fill(ctx context.Context, key string, team staff.TeamID, week civil.Week) error {
	plan, err := d.roster.Week(ctx, d.supervisor, team, week)
	if err != nil || len(plan.Entries) > 0 {
		return err
	}
	templates, err := d.roster.Templates(ctx, d.supervisor, team)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(templates, func(t roster.Template) bool { return t.Name == demoTemplate })
	if at >= 0 {
		_, err = d.roster.Apply(ctx, d.supervisor, team, templates[at].ID, week)
	} else {
		err = d.plan(ctx, key, team, week)
	}
	if err != nil {
		return err
	}
	return d.publish(ctx, team, week)
}

// plan enters the shifts of the demo in a week and keeps it as a template.
func (d *demo) plan(ctx context.Context, key string, team staff.TeamID, week civil.Week) error {
	for _, s := range d.data.Shifts {
		if s.Team != key {
			continue
		}
		for _, day := range s.Days {
			for _, times := range s.Times {
				if err := d.planShift(ctx, team, week, s, day, times); err != nil {
					return fmt.Errorf("%s %s: %w", day, times, err)
				}
			}
		}
	}
	_, err := d.roster.SaveTemplate(ctx, d.supervisor, team, week, demoTemplate)
	return err
}

func (d *demo) planShift(ctx context.Context, team staff.TeamID, week civil.Week, s configs.DemoShift, day, times string) error {
	clock, err := demoClock(week, day, times)
	if err != nil {
		return err
	}
	start, end := d.roster.Span(clock)
	shift := roster.Shift{ID: roster.NewShiftID(), Team: team, Start: start, End: end, Min: s.Min, Opt: s.Opt, Note: s.Note}
	for _, channel := range s.Channels {
		shift.Channels = append(shift.Channels, roster.Channel(channel))
	}
	if _, err := d.roster.Save(ctx, d.supervisor, shift); err != nil {
		return err
	}
	for _, person := range s.People {
		if _, err := d.roster.Assign(ctx, d.supervisor, shift.ID, d.people[person]); err != nil {
			return fmt.Errorf("%s: %w", person, err)
		}
	}
	return nil
}

// demoClock reads "mo" and "08:00-16:00".
func demoClock(week civil.Week, day, times string) (roster.Clock, error) {
	weekday := slices.Index([]string{"mo", "tu", "we", "th", "fr", "sa", "su"}, day)
	from, to, ok := strings.Cut(times, "-")
	start, err1 := minutes(from)
	end, err2 := minutes(to)
	if weekday < 0 || !ok || err1 != nil || err2 != nil || end <= start {
		return roster.Clock{}, fmt.Errorf("no time")
	}
	return roster.Clock{Date: week.Monday().Add(weekday), Start: start, End: end}, nil
}

func minutes(clock string) (int, error) {
	hours, rest, _ := strings.Cut(clock, ":")
	h, err := strconv.Atoi(hours)
	if err != nil {
		return 0, err
	}
	m, err := strconv.Atoi(rest)
	return 60*h + m, err
}

func (d *demo) publish(ctx context.Context, team staff.TeamID, week civil.Week) error {
	from, to := week.Span(d.roster.Zone())
	scope := roster.Scope{From: from, To: to}
	diff, err := d.roster.Diff(ctx, d.supervisor, team, scope)
	if err != nil || len(diff.Changes) == 0 {
		return err
	}
	_, err = d.roster.Publish(ctx, d.supervisor, team, scope, diff.Digest)
	return err
}
