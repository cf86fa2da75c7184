package chat

import (
	"context"
	"slices"

	"lotse/internal/fault"
	"lotse/internal/staff"
)

// Desk is everything a console shows at first. It returns Forbidden for somebody
// who counsels nowhere.
func (s *Service) Desk(ctx context.Context, actor staff.Actor) (DeskView, error) {
	if !actor.MayAny(staff.Counsellor) {
		return DeskView{}, fault.New(fault.Forbidden, "forbidden")
	}
	b, err := s.boards.fresh(ctx)
	if err != nil {
		return DeskView{}, err
	}
	p := b.presence[actor.ID]
	d := DeskView{Me: Me{ID: actor.ID, Name: actor.Name, KID: actor.KID}, Status: Status{State: p.State, Limit: p.Limit},
		Duties: b.spans(actor.ID), Conversations: []View{}, Offers: []Offer{}, Queue: b.items(actor)}
	if p.State == "" {
		d.Status.State = deskAway
	}
	if d.Teams, err = s.deskTeams(ctx, b, actor); err != nil {
		return DeskView{}, err
	}
	return d, s.deskConversations(ctx, &d, actor)
}

func (s *Service) deskConversations(ctx context.Context, d *DeskView, actor staff.Actor) error {
	mine, err := s.inHands(ctx, actor.ID)
	if err != nil {
		return err
	}
	for _, c := range mine {
		v, err := s.view(ctx, c, Counsellor)
		if err != nil {
			return err
		}
		d.Conversations = append(d.Conversations, v)
		if c.State == Offered {
			d.Offers = append(d.Offers, offerOf(c))
		}
	}
	return nil
}

// deskTeams lists the teams of an actor first, then those a conversation can be
// handed to: of the same provider, or open to everybody.
func (s *Service) deskTeams(ctx context.Context, b *board, actor staff.Actor) ([]DeskTeam, error) {
	teams := []DeskTeam{}
	for _, own := range []bool{true, false} {
		for _, t := range b.list {
			in := actor.May(staff.Counsellor, t.ID)
			if in != own || !in && t.Provider != actor.Provider && t.Reach == staff.Catchment {
				continue
			}
			people, err := s.colleagues(ctx, b, actor, t)
			if err != nil {
				return nil, err
			}
			teams = append(teams, DeskTeam{TeamRef: teamRef(t), Colleagues: people})
		}
	}
	return teams, nil
}

// colleagues lists who is ready in a team, by the names in its chain.
func (s *Service) colleagues(ctx context.Context, b *board, actor staff.Actor, t staff.Team) ([]Colleague, error) {
	chain, err := s.readers.chain(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	people := []Colleague{}
	for _, d := range b.desks[t.ID] {
		known := slices.ContainsFunc(people, func(p Colleague) bool { return p.ID == d.Person })
		if d.Ready && d.Person != actor.ID && !known {
			people = append(people, Colleague{ID: d.Person, Name: chain.name(d.KID), KID: d.KID})
		}
	}
	return people, nil
}
