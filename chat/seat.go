package chat

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/staff"
)

// maxPage is the largest page of messages.
const maxPage = 200

// Seat finds the seeker's seat by its token. It returns Unauthenticated for a
// token nobody holds and Gone (deleted) when the conversation was purged.
func (s *Service) Seat(ctx context.Context, token string) (Seat, error) {
	seat, _, err := s.seatOf(ctx, token)
	return seat, err
}

// seatOf is Seat with the connection that held the seat last, as far as is
// written.
func (s *Service) seatOf(ctx context.Context, token string) (Seat, string, error) {
	t, err := parseToken(token)
	if err != nil {
		return Seat{}, "", err
	}
	seat := Seat{Who: Seeker}
	var state State
	var last sql.NullString
	err = s.db.QueryRow(ctx, `SELECT id, state, seat FROM conversation WHERE token_hash = $1`, t.hash()).Scan(&seat.Conversation, &state, &last)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Seat{}, "", fault.New(fault.Unauthenticated, "unauthenticated")
	case err != nil:
		return Seat{}, "", fmt.Errorf("find seat: %w", err)
	case state == Purged:
		return Seat{}, "", fault.New(fault.Gone, "deleted")
	}
	return seat, last.String, nil
}

// StaffSeat is a counsellor's seat in a conversation: one that is theirs, offered
// to them, or that waits in their team and whose present epoch their key opens.
// Everything else is NotFound, so that ids tell nothing.
func (s *Service) StaffSeat(ctx context.Context, actor staff.Actor, id ID) (Seat, error) {
	c, err := loadConversation(ctx, s.db, id)
	if err != nil {
		return Seat{}, err
	}
	if err := s.mayLook(ctx, actor, c); err != nil {
		return Seat{}, err
	}
	return Seat{Conversation: id, Who: Counsellor, Actor: actor}, nil
}

func (s *Service) mayLook(ctx context.Context, actor staff.Actor, c Conversation) error {
	unknown := fault.New(fault.NotFound, "not_found")
	switch {
	case !actor.May(staff.Counsellor, c.Team), c.State == Purged:
		return unknown
	case c.Counsellor == actor.ID:
		return nil
	case c.State != Waiting && c.State != Deferred:
		return unknown
	}
	if reads, err := mayRead(ctx, s.db, c, actor.KID); err != nil || !reads {
		return firstOf(err, unknown)
	}
	return nil
}

// recheck loads the conversation of a seat and checks that it may still be
// looked at: a seat is a value and may be old.
func (s *Service) recheck(ctx context.Context, seat Seat) (Conversation, error) {
	c, err := loadConversation(ctx, s.db, seat.Conversation)
	if err != nil {
		return c, err
	}
	if seat.Who == Counsellor {
		return c, s.mayLook(ctx, seat.Actor, c)
	}
	if c.State == Purged {
		return c, fault.New(fault.Gone, "deleted")
	}
	return c, nil
}

// Own is the conversation of a seat with its epochs and the chains to verify
// them. It returns the errors of Seat and StaffSeat.
func (s *Service) Own(ctx context.Context, seat Seat) (Own, error) {
	c, err := s.recheck(ctx, seat)
	if err != nil {
		return Own{}, err
	}
	epochs, err := loadEpochs(ctx, s.db, s.keys, c.ID)
	if err != nil {
		return Own{}, err
	}
	view, err := s.view(ctx, c, seat.Who)
	if err != nil {
		return Own{}, err
	}
	o := Own{Conversation: view, Room: c.Room, Epochs: epochs, Chains: map[staff.TeamID][]seal.SignedState{}}
	if err := s.addChains(ctx, &o, c); err != nil {
		return Own{}, err
	}
	if seat.Who == Seeker {
		var has bool
		err = s.db.QueryRow(ctx, `SELECT return_hash IS NOT NULL FROM conversation WHERE id = $1`, c.ID).Scan(&has)
		o.HasReturn = &has
	}
	return o, err
}

func (s *Service) addChains(ctx context.Context, o *Own, c Conversation) error {
	teams := []staff.TeamID{c.Team}
	for _, e := range o.Epochs {
		if id, err := staff.ParseTeamID(e.Team); err == nil && !slices.Contains(teams, id) {
			teams = append(teams, id)
		}
	}
	for _, id := range teams {
		chain, err := s.readers.chain(ctx, id)
		if err != nil {
			return err
		}
		o.Chains[id] = chain.states
	}
	return nil
}

// Wanted is whom the seeker's browser has to encrypt to from now on.
func (s *Service) Wanted(ctx context.Context, seat Seat) (Recipients, error) {
	c, err := s.recheck(ctx, seat)
	if err != nil {
		return Recipients{}, err
	}
	b, err := s.boards.fresh(ctx)
	if err != nil {
		return Recipients{}, err
	}
	t, ok := b.teams[c.Team]
	if !ok {
		return Recipients{}, fault.New(fault.NotFound, "no_team")
	}
	return s.recipientsOf(ctx, b, t, c.Kind, holder(c))
}

// holder is the key of who holds an active conversation.
func holder(c Conversation) string {
	if c.State == Active {
		return c.KID
	}
	return ""
}

// Messages reads up to limit messages behind after. It returns Invalid for a
// limit out of range and the errors of Seat and StaffSeat.
func (s *Service) Messages(ctx context.Context, seat Seat, after int64, limit int) (Messages, error) {
	if limit < 1 || limit > maxPage || after < 0 {
		return Messages{}, fault.InvalidInput(map[string]string{"limit": "out_of_range"})
	}
	if _, err := s.recheck(ctx, seat); err != nil {
		return Messages{}, err
	}
	page, err := loadMessages(ctx, s.db, seat.Conversation, after, limit+1)
	if err != nil {
		return Messages{}, err
	}
	m := Messages{Messages: page, More: len(page) > limit}
	if m.More {
		m.Messages = page[:limit]
	}
	if m.Messages == nil {
		m.Messages = []Stored{}
	}
	return m, nil
}

// view shows a conversation to one side.
func (s *Service) view(ctx context.Context, c Conversation, who Who) (View, error) {
	chain, err := s.readers.chain(ctx, c.Team)
	if err != nil {
		return View{}, fmt.Errorf("view of %s: %w", c.ID, err)
	}
	v := View{C: c.ID, Rev: c.Rev, State: c.State, Kind: c.Kind, Team: c.Team, Topic: c.Topic, Language: c.Language, Epoch: c.Epoch, Seq: c.Seq,
		Since: Moment(c.Since), ClosedBy: c.ClosedBy, PurgeAt: momentOrNil(c.PurgeAt), WarnAt: momentOrNil(c.WarnAt)}
	if c.State == Waiting {
		v.Since = Moment(c.QueuedAt)
	}
	if !c.Counsellor.IsZero() && c.State != Offered {
		v.Counsellor = &Person{Name: chain.name(c.KID), KID: c.KID}
	}
	if !c.Transfer.IsZero() {
		if v.Transfer, err = s.transferView(ctx, c); err != nil {
			return View{}, err
		}
	}
	if v.KeepS, err = s.keepTold(ctx, c); err != nil {
		return View{}, err
	}
	if who == Seeker {
		v.seekerOnly(c)
		return v, nil
	}
	here := c.GoneAt.IsZero()
	v.Urgent, v.SeekerHere, v.Delivered, v.Read = &c.Urgent, &here, &c.Delivered, &c.Seen
	return v, nil
}

func (v *View) seekerOnly(c Conversation) {
	v.OnGone = c.OnGone
	if c.State == Offered {
		v.State, v.Since = Waiting, Moment(c.QueuedAt)
	}
}

func (s *Service) transferView(ctx context.Context, c Conversation) (*TransferView, error) {
	b, err := s.boards.public(ctx)
	if err != nil {
		return nil, err
	}
	t := &TransferView{Step: "ask", Team: c.Transfer.Team, TeamName: b.teams[c.Transfer.Team].Name}
	if c.Transfer.Person.IsZero() {
		return t, nil
	}
	chain, err := s.readers.chain(ctx, c.Transfer.Team)
	if err != nil {
		return nil, err
	}
	t.Person, t.Name = &c.Transfer.Person, chain.name(b.kids[c.Transfer.Person])
	return t, nil
}
