package roster

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lotse/internal/fault"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// MaxTemplateName is the longest name of a template, in characters.
const MaxTemplateName = 60

// Template is a week of shifts without dates.
type Template struct {
	ID     TemplateID
	Team   staff.TeamID
	Name   string
	By     staff.ID // who saved it last
	At     time.Time
	Shifts []Slot
}

// Slot is a shift of a template: on a weekday, by the wall clock.
type Slot struct {
	Weekday    int   // 0 = Monday
	Start, End int   // minutes since midnight of the weekday; End may be 1440 or more
	Shift      Shift // what is asked for; without id and times
	People     []staff.ID
}

// Filled is what filling a week has done.
type Filled struct {
	Made    int // new drafts
	Present int // shifts that the week has already, left as they are
	Lost    int // shifts that do not exist on a day with a clock change
}

// Templates lists a team's templates by name.
func (s *Service) Templates(ctx context.Context, actor staff.Actor, team staff.TeamID) (list []Template, err error) {
	if err := supervises(actor, team); err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(tx *store.Tx) error {
		list, err = templatesWhere(ctx, tx, (&where{}).and("team = ?", team))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read templates of team %s: %w", team, err)
	}
	return list, nil
}

// SaveTemplate keeps a week of the team, drafts included, under a name, in
// place of the template that had it. It returns Invalid with the field name
// when the name is empty or too long, and "week" when the week has no shifts.
func (s *Service) SaveTemplate(ctx context.Context, actor staff.Actor, team staff.TeamID, week civil.Week, name string) (t Template, err error) {
	if err := supervises(actor, team); err != nil {
		return Template{}, err
	}
	name = strings.Join(strings.Fields(name), " ")
	f := flaws{}
	f.add(name == "", "name", "required")
	f.add(!utf8.ValidString(name) || utf8.RuneCountInString(name) > MaxTemplateName, "name", "too_long")
	if err := f.err(); err != nil {
		return Template{}, err
	}
	err = s.transact(ctx, topicDraft, func(tx *store.Tx) (staff.TeamID, error) {
		entries, err := s.weekEntries(ctx, tx, team, week)
		if err != nil {
			return team, err
		}
		t = Template{ID: TemplateID{newUUID()}, Team: team, Name: name, By: actor.ID, At: tx.Now, Shifts: s.slots(entries, true)}
		if len(t.Shifts) == 0 {
			return team, fault.InvalidInput(flaws{"week": "no_shifts"})
		}
		if err := putTemplate(ctx, tx, t); err != nil {
			return team, err
		}
		return team, s.record(ctx, tx, actor, "template_saved", t.ID.String(), map[string]string{"team": team.String(), "week": week.String()})
	})
	if err != nil {
		return Template{}, fmt.Errorf("save template for team %s: %w", team, err)
	}
	return t, nil
}

// weekEntries lists the shifts of a team that begin in a week, as they would be
// after publishing, without those to be removed.
func (s *Service) weekEntries(ctx context.Context, tx *store.Tx, team staff.TeamID, week civil.Week) ([]Entry, error) {
	from, to := week.Span(s.zone)
	teams := []staff.TeamID{team}
	m, err := gather(ctx, tx, teams, from, to)
	if err != nil {
		return nil, err
	}
	if err := m.gatherDrafts(ctx, tx, teams, from, to); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(m.entries(team, from, to), func(e Entry) bool { return e.Change == Removed }), nil
}

// slots takes the dates off shifts. People who no longer counsel for the team
// are left out, or all if people is false.
func (s *Service) slots(entries []Entry, people bool) []Slot {
	var list []Slot
	for _, e := range entries {
		c := s.Clock(e.Start, e.End)
		slot := Slot{Weekday: c.Date.Weekday(), Start: c.Start, End: c.End, Shift: e.Shift}
		if people {
			slot.People = slices.DeleteFunc(slices.Clone(e.People), func(p staff.ID) bool { return slices.Contains(e.Unfit, p) })
		}
		list = append(list, slot)
	}
	return list
}

// RemoveTemplate deletes a template. Deleting one that is gone does nothing.
func (s *Service) RemoveTemplate(ctx context.Context, actor staff.Actor, team staff.TeamID, id TemplateID) error {
	if err := supervises(actor, team); err != nil {
		return err
	}
	err := s.transact(ctx, topicDraft, func(tx *store.Tx) (staff.TeamID, error) {
		res, err := tx.Exec(ctx, "DELETE FROM week_template WHERE id = $1 AND team = $2", id, team)
		if err != nil {
			return team, err
		}
		if n, err := res.RowsAffected(); n == 0 {
			return team, err // not there, or another team's: the audit log says nothing
		}
		return team, s.record(ctx, tx, actor, "template_removed", id.String(), map[string]string{"team": team.String()})
	})
	if err != nil {
		return fmt.Errorf("remove template %s: %w", id, err)
	}
	return nil
}

// Apply plans the shifts of a template in a week, as drafts. Shifts that the
// week has already are not doubled. It returns NotFound when the team has no
// such template.
func (s *Service) Apply(ctx context.Context, actor staff.Actor, team staff.TeamID, id TemplateID, week civil.Week) (Filled, error) {
	return s.fill(ctx, actor, team, week, "template_applied", id.String(), func(tx *store.Tx) ([]Slot, error) {
		list, err := templatesWhere(ctx, tx, (&where{}).and("id = ? AND team = ?", id, team))
		if err == nil && len(list) == 0 {
			err = fault.New(fault.NotFound, "template_not_found")
		}
		if err != nil {
			return nil, err
		}
		return list[0].Shifts, nil
	})
}

// CopyWeek plans the shifts of one week in another, as drafts, with their
// people if wanted. Shifts that the week has already are not doubled.
func (s *Service) CopyWeek(ctx context.Context, actor staff.Actor, team staff.TeamID, from, to civil.Week, people bool) (Filled, error) {
	return s.fill(ctx, actor, team, to, "week_copied", from.String(), func(tx *store.Tx) ([]Slot, error) {
		entries, err := s.weekEntries(ctx, tx, team, from)
		return s.slots(entries, people), err
	})
}

// fill plans the slots that source returns in a week.
func (s *Service) fill(ctx context.Context, actor staff.Actor, team staff.TeamID, week civil.Week, action, from string, source func(*store.Tx) ([]Slot, error)) (done Filled, err error) {
	if err := supervises(actor, team); err != nil {
		return Filled{}, err
	}
	err = s.transact(ctx, topicDraft, func(tx *store.Tx) (staff.TeamID, error) {
		done = Filled{}
		slots, err := source(tx)
		if err != nil {
			return team, err
		}
		present, err := s.weekEntries(ctx, tx, team, week)
		if err != nil {
			return team, err
		}
		crew, err := crews(ctx, tx, []staff.TeamID{team})
		if err != nil {
			return team, err
		}
		drafts := s.drafts(slots, week, present, &done)
		for _, d := range drafts {
			d.Team, d.by, d.at = team, actor.ID, tx.Now
			d.People = slices.DeleteFunc(d.People, func(p staff.ID) bool { return !material{crew: crew}.fit(team, p) })
			if err := d.check(ctx, tx); err != nil {
				return team, err
			}
			if err := putDraft(ctx, tx, d); err != nil {
				return team, err
			}
		}
		return team, s.record(ctx, tx, actor, action, team.String(), map[string]string{"from": from, "to": week.String()})
	})
	if err != nil {
		return Filled{}, fmt.Errorf("fill week %s of team %s: %w", week, team, err)
	}
	return done, nil
}

// drafts makes a draft of each slot that the week lacks and counts.
func (s *Service) drafts(slots []Slot, week civil.Week, present []Entry, done *Filled) []draft {
	var list []draft
	for _, slot := range slots {
		d := draft{Planned: Planned{Shift: slot.Shift, People: slices.Clone(slot.People)}}
		d.ID, d.Revision, d.State = NewShiftID(), 1, Draft
		d.Start, d.End = s.Span(Clock{week.Monday().Add(slot.Weekday), slot.Start, slot.End})
		i := slices.IndexFunc(present, func(e Entry) bool {
			return e.Start.Equal(d.Start) && e.End.Equal(d.End) && slices.Equal(e.Channels, d.Channels) &&
				slices.Equal(e.Topics, d.Topics) && slices.Equal(e.Languages, d.Languages)
		})
		switch {
		case i >= 0:
			present = slices.Delete(present, i, i+1) // two equal shifts in the source want two
			done.Present++
		case !d.Start.Before(d.End):
			done.Lost++
		default:
			done.Made++
			list = append(list, d)
		}
	}
	return list
}
