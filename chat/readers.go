package chat

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"lotse/internal/fault"
	"lotse/internal/roster"
	"lotse/internal/seal"
	"lotse/internal/staff"
)

// chainAge is how long a team's chain is believed without a hint.
const chainAge = time.Minute

// teamChain is the newest state of a team, as far as the server needs it. The
// server does not judge signatures; every client verifies the chain itself.
type teamChain struct {
	read   time.Time
	states []seal.SignedState
	hash   seal.Hash
}

// head is the newest state; false for a team without a chain.
func (c *teamChain) head() (seal.State, bool) {
	if len(c.states) == 0 {
		return seal.State{}, false
	}
	return c.states[len(c.states)-1].State, true
}

// members lists who may read at an instant: staff, and the recovery keys apart.
func (c *teamChain) members(at time.Time) (people, recovery []string) {
	head, _ := c.head()
	for _, m := range head.Members {
		switch {
		case !m.Reads || m.NotAfter != 0 && m.NotAfter <= at.Unix():
		case m.Recovery:
			recovery = append(recovery, m.KID.String())
		default:
			people = append(people, m.KID.String())
		}
	}
	return people, recovery
}

// name is what the chain calls a key, "" when it is not a member.
func (c *teamChain) name(kid string) string {
	for _, s := range slices.Backward(c.states) {
		for _, m := range s.Members {
			if m.KID.String() == kid {
				return m.Name
			}
		}
	}
	return ""
}

// readers keeps the chains of all teams.
type readers struct {
	s      *Service
	mu     sync.Mutex
	chains map[staff.TeamID]*teamChain
}

func newReaders(s *Service) *readers {
	return &readers{s: s, chains: map[staff.TeamID]*teamChain{}}
}

// chain returns a team's chain, read at most chainAge ago and after every hint.
func (r *readers) chain(ctx context.Context, team staff.TeamID) (*teamChain, error) {
	now := r.s.now()
	r.mu.Lock()
	c := r.chains[team]
	r.mu.Unlock()
	if c != nil && now.Sub(c.read) < chainAge && !now.Before(c.read) {
		return c, nil
	}
	states, err := r.s.staff.Chain(ctx, team)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return nil, fmt.Errorf("chain of team %s: %w", team, err)
	}
	c = &teamChain{read: now, states: states}
	if head, ok := c.head(); ok {
		c.hash = head.Hash()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.chains[team] = c
	return c, nil
}

// forget drops what is known of a team, or of all with the zero id.
func (r *readers) forget(team staff.TeamID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if team.IsZero() {
		clear(r.chains)
		return
	}
	delete(r.chains, team)
}

// wanted is who must be able to read a conversation of a team, with its chain. The
// slice is empty when nobody can.
func (r *readers) wanted(ctx context.Context, b *board, team staff.Team, kind Kind, kid string) ([]string, *teamChain, error) {
	c, err := r.chain(ctx, team.ID)
	if err != nil {
		return nil, nil, err
	}
	return c.wanted(b, team, kind, kid), c, nil
}

// wanted lists, as sorted kids, who must be able to read. Policy duty narrows live
// chats to those on duty now or in the next shift, and to the counsellor who holds
// the chat (kid); a message must find a reader whenever it is answered, so it goes
// to the whole team.
func (c *teamChain) wanted(b *board, team staff.Team, kind Kind, kid string) []string {
	people, recovery := c.members(b.at)
	if team.Policy == staff.PolicyDuty && kind != Message {
		soon := b.onDutySoon(team.ID)
		people = slices.DeleteFunc(people, func(k string) bool { return k != kid && !soon[k] })
	}
	if len(people) == 0 {
		return nil
	}
	all := append(people, recovery...)
	slices.Sort(all)
	return all
}

// onDutySoon lists the keys of those on duty now or in the next shift of a team.
func (b *board) onDutySoon(team staff.TeamID) map[string]bool {
	var next time.Time
	for _, d := range b.duties {
		if d.Team == team && d.Start.After(b.at) && (next.IsZero() || d.Start.Before(next)) {
			next = d.Start
		}
	}
	soon := map[string]bool{}
	for _, d := range b.duties {
		if d.Team == team && reachable(d) && d.End.After(b.at) && (!d.Start.After(b.at) || d.Start.Equal(next)) {
			soon[b.kids[d.Person]] = true
		}
	}
	return soon
}

// reachable reports whether a duty can hold conversations at all.
func reachable(d roster.Duty) bool {
	return slices.ContainsFunc(d.Channels, func(c roster.Channel) bool { return c != roster.Phone })
}
