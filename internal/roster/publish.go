package roster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"lotse/internal/fault"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// Scope limits drafts to those that touch [From, To), before or after the
// change. The zero Scope is all of them.
type Scope struct{ From, To time.Time }

func (s Scope) touches(c Change) bool {
	if s.From.IsZero() && s.To.IsZero() {
		return true
	}
	for _, p := range []*Planned{c.Before, c.After} {
		if p != nil && overlaps(p.Start, p.End, s.From, s.To) {
			return true
		}
	}
	return false
}

// Change is what publishing does to one shift. Before is nil for an added
// shift, After for a removed one.
type Change struct {
	Before, After *Planned
}

// Kind says whether the shift is added, removed or changed.
func (c Change) Kind() ChangeKind {
	switch {
	case c.Before == nil:
		return Added
	case c.After == nil:
		return Removed
	}
	return Changed
}

// Shift is the shift as it will be, or as it was if it is removed.
func (c Change) Shift() Planned {
	if c.After == nil {
		return *c.Before
	}
	return *c.After
}

// Joined lists who is newly on the shift.
func (c Change) Joined() []staff.ID { return minus(people(c.After), people(c.Before)) }

// Left lists who is no longer on the shift.
func (c Change) Left() []staff.ID { return minus(people(c.Before), people(c.After)) }

// Affected lists whose duty changes: who joins or leaves, and everybody on the
// shift when its time or what it asks for changes.
func (c Change) Affected() []staff.ID {
	if c.Before != nil && c.After != nil && c.Before.sameShift(c.After.Shift) {
		return sortPeople(append(c.Joined(), c.Left()...))
	}
	return sortPeople(slices.Concat(people(c.Before), people(c.After)))
}

func people(p *Planned) []staff.ID {
	if p == nil {
		return nil
	}
	return p.People
}

func minus(a, b []staff.ID) []staff.ID {
	return slices.DeleteFunc(slices.Clone(a), func(id staff.ID) bool { return slices.Contains(b, id) })
}

// Diff is what publishing a team's drafts would change, by start.
type Diff struct {
	Team     staff.TeamID
	Changes  []Change
	Findings []Finding // of the plan as it would be, about shifts that change
	Names    map[staff.ID]string
	Digest   string // names exactly these changes
}

// Affected lists everybody whose duty changes.
func (d Diff) Affected() []staff.ID {
	var list []staff.ID
	for _, c := range d.Changes {
		list = append(list, c.Affected()...)
	}
	return sortPeople(list)
}

// Diff reads what publishing would change.
func (s *Service) Diff(ctx context.Context, actor staff.Actor, team staff.TeamID, scope Scope) (d Diff, err error) {
	if err := supervises(actor, team); err != nil {
		return Diff{}, err
	}
	err = s.db.View(ctx, func(tx *store.Tx) error {
		if d, err = readDiff(ctx, tx, team, scope); err != nil || len(d.Changes) == 0 {
			return err
		}
		if d.Findings, err = s.diffFindings(ctx, tx, actor, d); err != nil {
			return err
		}
		d.Names, err = names(ctx, tx, d.persons())
		return err
	})
	if err != nil {
		return Diff{}, fmt.Errorf("read drafts of team %s: %w", team, err)
	}
	return d, nil
}

func (d Diff) persons() []staff.ID {
	var list []staff.ID
	for _, c := range d.Changes {
		list = slices.Concat(list, people(c.Before), people(c.After))
	}
	for _, f := range d.Findings {
		list = append(list, f.Person)
	}
	return slices.DeleteFunc(sortPeople(list), staff.ID.IsZero)
}

// diffFindings lists what is wrong with the shifts of a diff after publishing.
func (s *Service) diffFindings(ctx context.Context, q store.Queryer, actor staff.Actor, d Diff) ([]Finding, error) {
	from, to := d.Changes[0].Shift().Start, d.Changes[0].Shift().End
	concerned := map[ShiftID]bool{}
	for _, c := range d.Changes {
		shift := c.Shift()
		from, to = earlier(from, shift.Start), later(to, shift.End)
		concerned[shift.ID] = c.After != nil
	}
	m, err := s.gatherFor(ctx, q, actor, d.Team, from, to)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(m.findings(m.drafted(), d.Team, from, to), func(f Finding) bool {
		return !concerned[f.Shift] && !concerned[f.OtherShift]
	}), nil
}

// readDiff compares the drafts of a team with what is in force.
func readDiff(ctx context.Context, q store.Queryer, team staff.TeamID, scope Scope) (Diff, error) {
	diff := Diff{Team: team}
	drafts, err := draftsWhere(ctx, q, (&where{}).and("team = ?", team))
	if err != nil {
		return diff, err
	}
	published, err := plannedWhere(ctx, q, (&where{}).and("id IN (SELECT id FROM shift_draft WHERE team = ?)", team))
	if err != nil {
		return diff, err
	}
	inForce := map[ShiftID]*Planned{}
	for i, p := range published {
		inForce[p.ID] = &published[i]
	}
	for _, d := range drafts {
		c := Change{Before: inForce[d.ID]}
		if !d.removed {
			c.After = &d.Planned
		}
		if c.real() && scope.touches(c) {
			diff.Changes = append(diff.Changes, c)
		}
	}
	diff.Digest = digestOf(diff.Changes)
	return diff, nil
}

// real reports whether the change changes anything.
func (c Change) real() bool {
	return c.Before == nil && c.After != nil || c.Before != nil && (c.After == nil || !c.After.same(*c.Before))
}

func digestOf(changes []Change) string {
	text, err := json.Marshal(changes)
	if err != nil {
		panic(err) // values of this package alone: cannot fail
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

// Publish puts the drafts that a Diff of the same scope has shown in force, all
// or none, and returns them. It returns Conflict "plan_changed" when the drafts
// are no longer those of the digest, or are none.
func (s *Service) Publish(ctx context.Context, actor staff.Actor, team staff.TeamID, scope Scope, digest string) (diff Diff, err error) {
	if err := supervises(actor, team); err != nil {
		return Diff{}, err
	}
	err = s.transact(ctx, topicPlan, func(tx *store.Tx) (staff.TeamID, error) {
		if diff, err = expect(ctx, tx, team, scope, digest); err != nil {
			return team, err
		}
		id := PublicationID{newUUID()}
		if err := putPublication(ctx, tx, Publication{ID: id, By: actor.ID, At: tx.Now, Changes: diff.Changes}, team); err != nil {
			return team, err
		}
		for _, c := range diff.Changes {
			if err := enforce(ctx, tx, c); err != nil {
				return team, err
			}
		}
		return team, s.record(ctx, tx, actor, "published", id.String(), diff.meta())
	})
	if err != nil {
		return Diff{}, fmt.Errorf("publish drafts of team %s: %w", team, err)
	}
	return diff, nil
}

// expect reads the diff and checks that it is the one that was shown.
func expect(ctx context.Context, tx *store.Tx, team staff.TeamID, scope Scope, digest string) (Diff, error) {
	diff, err := readDiff(ctx, tx, team, scope)
	if err == nil && (diff.Digest != digest || len(diff.Changes) == 0) {
		err = fault.New(fault.Conflict, "plan_changed")
	}
	return diff, err
}

// enforce carries out one change.
func enforce(ctx context.Context, tx *store.Tx, c Change) error {
	id := c.Shift().ID
	if err := dropDraft(ctx, tx, id); err != nil {
		return err
	}
	if c.After == nil {
		return dropPublished(ctx, tx, id)
	}
	return putPublished(ctx, tx, *c.After)
}

func (d Diff) meta() map[string]string {
	count := map[ChangeKind]int{}
	for _, c := range d.Changes {
		count[c.Kind()]++
	}
	meta := map[string]string{"team": d.Team.String()}
	for _, kind := range []ChangeKind{Added, Removed, Changed} {
		meta[string(kind)] = strconv.Itoa(count[kind])
	}
	return meta
}

// Discard drops the drafts that a Diff of the same scope has shown. Its errors
// are those of Publish.
func (s *Service) Discard(ctx context.Context, actor staff.Actor, team staff.TeamID, scope Scope, digest string) error {
	if err := supervises(actor, team); err != nil {
		return err
	}
	err := s.transact(ctx, topicDraft, func(tx *store.Tx) (staff.TeamID, error) {
		diff, err := expect(ctx, tx, team, scope, digest)
		if err != nil {
			return team, err
		}
		for _, c := range diff.Changes {
			e, err := readEntry(ctx, tx, actor, c.Shift().ID)
			if err == nil {
				err = revert(ctx, tx, e)
			}
			if err != nil {
				return team, err
			}
		}
		return team, s.record(ctx, tx, actor, "discarded", team.String(), diff.meta())
	})
	if err != nil {
		return fmt.Errorf("discard drafts of team %s: %w", team, err)
	}
	return nil
}
