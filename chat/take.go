package chat

import (
	"context"
	"errors"
	"slices"

	"lotse/internal/fault"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// accept gives a conversation to a counsellor: one offered to them, one that
// waits, or a message nobody has answered. It returns NotFound for one outside
// their teams, or Conflict: taken, no_place, off_duty, no_key.
func (s *Service) accept(ctx context.Context, actor staff.Actor, id ID) (Conversation, error) {
	// Most of those who race for a chat have lost before they begin, and need to
	// look at a few columns only to know it.
	st := Step{Act: ActAccept, Who: Counsellor, Staff: actor.ID, KID: actor.KID}
	c, err := s.glance(ctx, s.db, actor, id, st)
	if err != nil {
		return c, err
	}
	places, err := s.placesFor(ctx, actor, c)
	if err != nil {
		return c, err
	}
	var done change
	err = s.db.Transact(ctx, func(tx *store.Tx) (err error) {
		if _, err = s.glance(ctx, tx, actor, id, st); err == nil {
			done, err = s.acceptIn(ctx, tx, id, st, places)
		}
		return err
	})
	if err != nil {
		return c, err
	}
	s.announce(done)
	return done.after, nil
}

// glance reads just enough of a conversation to tell whether an actor could have
// it, and refuses if not.
func (s *Service) glance(ctx context.Context, q store.Queryer, actor staff.Actor, id ID, st Step) (c Conversation, err error) {
	err = q.QueryRow(ctx, `SELECT id, state, kind, team, topic, language, counsellor FROM conversation WHERE id = $1`, id).
		Scan(&c.ID, &c.State, &c.Kind, &c.Team, &c.Topic, &c.Language, &c.Counsellor)
	if err != nil {
		return c, store.NotFound(err, "not_found")
	}
	if !actor.May(staff.Counsellor, c.Team) {
		return c, fault.New(fault.NotFound, "not_found")
	}
	_, err = s.machine.take(c, with(st, true, true))
	return c, err
}

// acceptIn takes the edge, if there are places left and the key fits.
func (s *Service) acceptIn(ctx context.Context, tx *store.Tx, id ID, st Step, places int) (change, error) {
	c, err := loadConversation(ctx, tx, id)
	if err != nil {
		return change{}, err
	}
	load, err := loadOf(ctx, tx, st.Staff)
	if err != nil {
		return change{}, err
	}
	reads, err := mayRead(ctx, tx, c, st.KID)
	if err != nil {
		return change{}, err
	}
	return s.stepIn(ctx, tx, c, with(st, places-load >= c.Kind.Weight(), reads))
}

func with(st Step, place, key bool) Step {
	st.Place, st.Key = place, key
	return st
}

// placesFor is how many places the actor has at a desk that fits the
// conversation. A message may be answered off duty: its place is the key.
func (s *Service) placesFor(ctx context.Context, actor staff.Actor, c Conversation) (int, error) {
	b, err := s.boards.public(ctx)
	if err != nil {
		return 0, err
	}
	if c.Kind == Message || c.Counsellor == actor.ID {
		return places(b.skills[actor.ID], b.presence[actor.ID].Limit), nil
	}
	need := Need{Kind: c.Kind, Topic: c.Topic, Language: c.Language}
	for _, d := range b.desks[c.Team] {
		if d.Person == actor.ID && d.Fits(need) {
			return d.Places, nil
		}
	}
	return 0, fault.New(fault.Conflict, "off_duty")
}

// next accepts the first conversation that fits the counsellor: what is offered
// to them, else what waits longest in any of their teams. It returns NotFound
// (nothing_waiting), or the reason why the first that waits does not fit.
func (s *Service) next(ctx context.Context, actor staff.Actor) (Conversation, error) {
	b, err := s.boards.fresh(ctx)
	if err != nil {
		return Conversation{}, err
	}
	var refused error
	for _, c := range b.reachable(actor) {
		got, err := s.accept(ctx, actor, c.ID)
		if err == nil {
			return got, nil
		}
		if !errors.Is(err, fault.Conflict) && !errors.Is(err, fault.NotFound) && !errors.Is(err, fault.Gone) {
			return got, err
		}
		refused = firstOf(refused, err)
	}
	if fault.CodeOf(refused) == "taken" {
		refused = nil
	}
	return Conversation{}, firstOf(refused, fault.New(fault.NotFound, "nothing_waiting"))
}

// reachable lists what is offered to an actor or waits with words in their teams, in turn.
func (b *board) reachable(actor staff.Actor) []Conversation {
	var mine, waiting []Conversation
	for _, c := range b.offered {
		if c.Counsellor == actor.ID {
			mine = append(mine, c.Conversation)
		}
	}
	for team, q := range b.queue {
		if actor.May(staff.Counsellor, team) {
			for _, c := range q {
				if !c.mute {
					waiting = append(waiting, c.Conversation)
				}
			}
		}
	}
	slices.SortFunc(waiting, func(x, y Conversation) int { return byTurn(&x, &y) })
	return append(mine, waiting...)
}

// act takes a step of a counsellor that needs nothing but the row.
func (s *Service) act(ctx context.Context, actor staff.Actor, id ID, act Act) error {
	_, err := s.step(ctx, id, func(_ context.Context, _ *store.Tx, c Conversation) (Step, error) {
		if !actor.May(staff.Counsellor, c.Team) {
			return Step{}, fault.New(fault.NotFound, "not_found")
		}
		return Step{Act: act, Who: Counsellor, Staff: actor.ID}, nil
	})
	return err
}

// seekerAct takes a step of a seeker that needs nothing but the row.
func (s *Service) seekerAct(ctx context.Context, id ID, act Act) error {
	_, err := s.step(ctx, id, func(context.Context, *store.Tx, Conversation) (Step, error) {
		return Step{Act: act, Who: Seeker}, nil
	})
	return err
}

// requeue puts a left message in the queue for a live chat, at the end. It
// returns a *ClosedError when the team takes nobody, and Conflict (network_full).
func (s *Service) requeue(ctx context.Context, id ID) error {
	c, err := loadConversation(ctx, s.db, id)
	if err != nil {
		return err
	}
	b, err := s.boards.fresh(ctx)
	if err != nil {
		return err
	}
	l := b.line(b.teams[c.Team], Ask{Topic: c.Topic, Language: c.Language}, Live)
	if c.State == Deferred && !takes(l) {
		return closedError(l.promise())
	}
	_, err = s.step(ctx, id, func(ctx context.Context, tx *store.Tx, c Conversation) (Step, error) {
		if c.State == Deferred {
			err = s.mayQueue(ctx, tx, id, b.teams[c.Team], l.Free)
		}
		return Step{Act: ActRequeue, Who: Seeker, TeamOpen: takes(l)}, err
	})
	return err
}

// tell sets what the seeker wants to happen on going away, and the urgent mark.
func (s *Service) tell(ctx context.Context, id ID, onGone *OnGone, urgent *bool) error {
	if onGone != nil && *onGone != Keep && *onGone != Discard {
		return fault.InvalidInput(map[string]string{"on_gone": "invalid"})
	}
	err := s.db.Transact(ctx, func(tx *store.Tx) error {
		c, err := loadConversation(ctx, tx, id)
		if err != nil {
			return err
		}
		if !c.Open() {
			return fault.New(fault.Conflict, "conversation_closed")
		}
		after := c
		after.Rev++
		if onGone != nil {
			after.OnGone = *onGone
		}
		if urgent != nil {
			after.Urgent = *urgent
		}
		return swap(ctx, tx, c, after)
	})
	if err != nil {
		return err
	}
	s.hint(topicConversation+id.String(), payloadState)
	if urgent != nil {
		s.hint(topicQueue, "")
	}
	return nil
}

// askTransfer asks the seeker's consent to hand a conversation to a person, a
// team, or a person of a team. It returns Invalid, or Conflict (team_closed,
// counsellor_busy) when nobody there could take it now.
func (s *Service) askTransfer(ctx context.Context, actor staff.Actor, id ID, team staff.TeamID, person staff.ID) error {
	c, err := loadConversation(ctx, s.db, id)
	if err != nil {
		return err
	}
	if !actor.May(staff.Counsellor, c.Team) {
		return fault.New(fault.NotFound, "not_found")
	}
	b, err := s.boards.fresh(ctx)
	if err != nil {
		return err
	}
	if team.IsZero() {
		team = c.Team
	}
	if err := b.mayGo(c, actor.ID, team, person); err != nil {
		return err
	}
	_, err = s.step(ctx, id, func(_ context.Context, _ *store.Tx, c Conversation) (Step, error) {
		return Step{Act: ActAsk, Who: Counsellor, Staff: actor.ID, Transfer: Transfer{Team: team, Person: person}}, nil
	})
	return err
}

// mayGo checks the goal of a transfer. Messages may go to a team that is closed
// now; live chats need somebody there.
func (b *board) mayGo(c Conversation, from staff.ID, team staff.TeamID, person staff.ID) error {
	t, known := b.teams[team]
	if !known || person == from || team == c.Team && person.IsZero() {
		return fault.InvalidInput(map[string]string{"team": "invalid"})
	}
	if c.Kind == Message {
		return nil
	}
	need := Need{Kind: c.Kind, Topic: "", Language: c.Language, Guard: t.LastChatBefore}
	ready, placed := false, false
	for _, d := range b.desks[team] {
		if (person.IsZero() || d.Person == person) && d.Suits(need, b.at) {
			ready, placed = true, placed || d.Free() >= c.Kind.Weight()
		}
	}
	switch {
	case person.IsZero() && !ready:
		return fault.New(fault.Conflict, "team_closed")
	case !person.IsZero() && !placed:
		return fault.New(fault.Conflict, "counsellor_busy")
	}
	return nil
}

// consent carries a transfer out. To a person of the same team the conversation
// passes at once, if they still have a place; otherwise it waits at the head of
// the new team's queue, for that person first, while the seeker's browser lets the new
// team in by a new epoch. It returns Conflict: no_transfer, counsellor_busy.
func (s *Service) consent(ctx context.Context, id ID) error {
	b, err := s.boards.fresh(ctx)
	if err != nil {
		return err
	}
	done, err := s.step(ctx, id, func(ctx context.Context, tx *store.Tx, c Conversation) (Step, error) {
		t := c.Transfer
		st := Step{Act: ActConsent, Who: Seeker, To: t.Person, KID: b.kids[t.Person], Provider: b.teams[t.Team].Provider}
		if t.Person.IsZero() || t.Team != c.Team {
			return st, nil
		}
		load, err := loadOf(ctx, tx, t.Person)
		if err != nil {
			return st, err
		}
		free := places(b.skills[t.Person], b.presence[t.Person].Limit) - load
		reads, err := mayRead(ctx, tx, c, st.KID)
		return with(st, free >= c.Kind.Weight() && b.presence[t.Person].State == deskReady, reads), err
	})
	if code := fault.CodeOf(err); code == "no_place" || code == "no_key" {
		return fault.Wrap(fault.Conflict, "counsellor_busy", err)
	}
	if err == nil && !done.before.Transfer.Person.IsZero() {
		s.hint(topicDesk+done.before.Transfer.Person.String(), "")
	}
	return err
}

// offer holds a waiting conversation out to a desk, if it still waits and the
// desk still has the place. It reports whether it did.
func (s *Service) offer(ctx context.Context, c Conversation, d Desk) (bool, error) {
	_, err := s.step(ctx, c.ID, func(ctx context.Context, tx *store.Tx, now Conversation) (Step, error) {
		if now.Rev != c.Rev {
			return Step{}, fault.New(fault.Conflict, "not_now")
		}
		load, err := loadOf(ctx, tx, d.Person)
		if err != nil {
			return Step{}, err
		}
		at := s.now()
		reads, err := mayRead(ctx, tx, now, d.KID)
		return with(Step{Act: ActOffer, Who: System, At: at, To: d.Person, KID: d.KID, Until: at.Add(s.rules.Offer)},
			d.Places-load >= now.Kind.Weight(), reads), err
	})
	if errors.Is(err, fault.Conflict) {
		return false, nil
	}
	return err == nil, err
}

// systemStep takes a step of the server itself; that somebody else was faster is
// no error.
func (s *Service) systemStep(ctx context.Context, id ID, st Step) (bool, error) {
	st.Who, st.At = System, s.now()
	_, err := s.step(ctx, id, func(context.Context, *store.Tx, Conversation) (Step, error) { return st, nil })
	if errors.Is(err, fault.Conflict) || errors.Is(err, fault.Gone) || errors.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}
