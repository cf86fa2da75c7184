package chat

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"lotse/internal/fault"
	"lotse/internal/staff"
	"lotse/internal/store"
)

const (
	// dispatchEvery bounds how long a lost hint delays an offer.
	dispatchEvery = time.Second
	// passedFor is how long somebody who let an offer pass is not asked again.
	passedFor = time.Minute
	// awayEvery is how often presence is compared with who sits where.
	awayEvery = 10 * time.Second
)

// dispatcher offers what waits to those who are free, takes back what is not
// answered, and notices who is gone. Each node runs one; every step is a
// compare-and-swap, so they need not know of each other.
type dispatcher struct {
	s      *Service
	wake   chan struct{}
	absent map[staff.ID]time.Time // counsellors with conversations, gone since
	looked time.Time              // last comparison of presence and seats
}

func newDispatcher(s *Service) *dispatcher {
	return &dispatcher{s: s, wake: make(chan struct{}, 1), absent: map[staff.ID]time.Time{}}
}

// nudge makes the dispatcher look at once.
func (d *dispatcher) nudge() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

func (d *dispatcher) run(ctx context.Context) error {
	tick := time.NewTicker(dispatchEvery)
	defer tick.Stop()
	rest := time.NewTimer(0)
	defer rest.Stop()
	<-rest.C
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.wake:
		case <-tick.C:
		}
		if err := d.round(ctx); err != nil && ctx.Err() == nil {
			d.s.log.Error("dispatch", slog.Any("err", err))
		}
		rest.Reset(d.s.tune.Coalesce / 4) // what happens meanwhile is one round's work
		select {
		case <-ctx.Done():
			return nil
		case <-rest.C:
		}
	}
}

// round does everything that is due. One failure does not keep the rest back.
func (d *dispatcher) round(ctx context.Context) error {
	b, err := d.s.boards.fresh(ctx)
	if err != nil {
		return err
	}
	errs := []error{d.expire(ctx, b), d.lost(ctx, b), d.gone(ctx, b)}
	if errors.Join(errs...) == nil { // what came back may be offered at once
		if b, err = d.s.boards.fresh(ctx); err != nil {
			return err
		}
	}
	return errors.Join(append(errs, d.offerAll(ctx, b), d.reroute(ctx, b))...)
}

// expire takes back offers whose deadline is over.
func (d *dispatcher) expire(ctx context.Context, b *board) error {
	now := d.s.now()
	for _, c := range b.offered {
		if c.OfferUntil.After(now) {
			continue
		}
		if _, err := d.s.systemStep(ctx, c.ID, Step{Act: ActExpire, Staff: c.Counsellor}); err != nil {
			return err
		}
	}
	return nil
}

// lost takes conversations back from counsellors who are gone: an offer as soon
// as the grace of their desk is over, a live chat after Rules.Lost more.
func (d *dispatcher) lost(ctx context.Context, b *board) error {
	if d.s.hub.presenceInDoubt() {
		return nil
	}
	now := d.s.now()
	for _, c := range b.offered {
		if _, here := b.presence[c.Counsellor]; here {
			continue
		}
		if _, err := d.s.systemStep(ctx, c.ID, Step{Act: ActLost, Staff: c.Counsellor}); err != nil {
			return err
		}
	}
	if d.looked.IsZero() || now.Sub(d.looked) >= awayEvery {
		d.looked = now
		return errors.Join(d.lostActive(ctx, b, now), d.s.markAbsent(ctx))
	}
	return nil
}

func (d *dispatcher) lostActive(ctx context.Context, b *board, now time.Time) error {
	held, err := d.held(ctx, b)
	if err != nil {
		return err
	}
	for id := range d.absent {
		if _, here := b.presence[id]; here || len(held[id]) == 0 {
			delete(d.absent, id)
		}
	}
	for id, list := range held {
		if _, here := b.presence[id]; here {
			continue
		}
		since, known := d.absent[id]
		if !known {
			d.absent[id] = now
			continue
		}
		if now.Sub(since) < d.s.rules.Lost {
			continue
		}
		for _, c := range list {
			if _, err := d.s.systemStep(ctx, c, Step{Act: ActLost, Staff: id}); err != nil {
				return err
			}
		}
	}
	return nil
}

// held lists the live chats of each counsellor, after taking back every
// conversation whose counsellor has left the team: their key will not open the
// next epoch.
func (d *dispatcher) held(ctx context.Context, b *board) (map[staff.ID][]ID, error) {
	active, err := activeOf(ctx, d.s.db)
	if err != nil {
		return nil, err
	}
	held := map[staff.ID][]ID{}
	for _, c := range active {
		chain, err := d.s.readers.chain(ctx, c.Team)
		if err != nil {
			return nil, err
		}
		people, _ := chain.members(b.at)
		switch {
		case len(chain.states) > 0 && !slices.Contains(people, c.KID):
			if _, err := d.s.systemStep(ctx, c.ID, Step{Act: ActLost, Staff: c.Counsellor}); err != nil {
				return nil, err
			}
		case c.Kind != Message:
			held[c.Counsellor] = append(held[c.Counsellor], c.ID)
		}
	}
	return held, nil
}

// activeOf lists what is active, as far as held looks at it.
func activeOf(ctx context.Context, q store.Queryer) ([]Conversation, error) {
	rows, err := q.Query(ctx, `SELECT id, team, kind, counsellor, counsellor_kid FROM conversation WHERE state = 'active'`)
	list, err := store.Collect(rows, err, func(r *sql.Rows) (c Conversation, err error) {
		err = r.Scan(&c.ID, &c.Team, &c.Kind, &c.Counsellor, &c.KID)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("active conversations: %w", err)
	}
	return list, nil
}

// gone takes seekers off the queue who were away too long.
func (d *dispatcher) gone(ctx context.Context, b *board) error {
	now := d.s.now()
	for c := range b.unserved() {
		if c.GoneAt.IsZero() || now.Sub(c.GoneAt) < d.s.rules.Gone {
			continue
		}
		done, err := d.s.systemStep(ctx, c.ID, Step{Act: ActGone})
		if err != nil {
			return err
		}
		if done && c.OnGone == Discard {
			_, err := d.s.destroy(ctx, c.ID, Step{Act: ActPurge, Who: System})
			if err != nil && !errors.Is(err, fault.Conflict) && !errors.Is(err, fault.Gone) { // kept longer, or gone already
				return err
			}
		}
	}
	return nil
}

// offerAll offers the waiting conversations of each team in turn.
func (d *dispatcher) offerAll(ctx context.Context, b *board) error {
	for team, queue := range b.queue {
		if !anyFree(b.desks[team]) {
			continue
		}
		desks := slices.Clone(b.desks[team])
		for _, c := range queue {
			if !anyFree(desks) {
				break // the rest of the queue has to wait, whoever they are
			}
			if err := d.offerOne(ctx, b, c, desks); err != nil {
				return err
			}
		}
	}
	return nil
}

func anyFree(desks []Desk) bool {
	return slices.ContainsFunc(desks, func(d Desk) bool { return d.Free() > 0 })
}

// offerOne offers one conversation and counts it against the desk in desks.
func (d *dispatcher) offerOne(ctx context.Context, b *board, c *held, desks []Desk) error {
	if c.mute {
		return nil // nobody can take over what says nothing; the first words make this node look again
	}
	if !c.GoneAt.IsZero() && d.s.now().Sub(c.GoneAt) > d.s.rules.Gone/3 {
		return nil // nobody should open a chat with an empty chair
	}
	need := Need{Kind: c.Kind, Topic: c.Topic, Language: c.Language, Readers: c.readers, Guard: b.teams[c.Team].LastChatBefore}
	if need.Readers == nil {
		need.Readers = []string{}
	}
	passed, err := loadPassed(ctx, d.s.db, c.ID, d.s.now().Add(-passedFor))
	if err != nil {
		return err
	}
	desk, ok := Choose(desks, need, d.s.now(), c.Prefer, passed)
	if !ok {
		return nil
	}
	done, err := d.s.offer(ctx, c.Conversation, desk)
	if done {
		for i := range desks {
			if desks[i].Person == desk.Person {
				desks[i].Load += c.Kind.Weight()
			}
		}
	}
	return err
}

func loadPassed(ctx context.Context, q store.Queryer, id ID, since time.Time) (map[staff.ID]bool, error) {
	rows, err := q.Query(ctx, `SELECT staff FROM conversation_pass WHERE conversation = $1 AND at > $2`, id, since)
	passed := map[staff.ID]bool{}
	_, err = store.Collect(rows, err, func(r *sql.Rows) (struct{}, error) {
		var id staff.ID
		err := r.Scan(&id)
		passed[id] = true
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("passed offers of %s: %w", id, err)
	}
	return passed, nil
}

// reroute proposes another team to seekers whose team has nobody left, and takes
// the proposal back when it no longer helps.
func (d *dispatcher) reroute(ctx context.Context, b *board) error {
	for team, queue := range b.queue {
		for _, c := range queue {
			ask := Ask{Topic: c.Topic, Language: c.Language}
			stuck := b.line(b.teams[team], ask, Live).Places == 0
			if stuck == !c.Transfer.IsZero() {
				continue
			}
			if err := d.propose(ctx, b, c.Conversation, ask, stuck); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *dispatcher) propose(ctx context.Context, b *board, c Conversation, ask Ask, stuck bool) error {
	if !stuck {
		_, err := d.s.systemStep(ctx, c.ID, Step{Act: ActCancel})
		return err
	}
	candidates, err := loadCandidates(ctx, d.s.db, c.ID)
	if err != nil {
		return err
	}
	for _, id := range candidates {
		t, known := b.teams[id]
		if !known || id == c.Team || b.line(t, ask, Live).Openness() != LineFree {
			continue
		}
		_, err := d.s.systemStep(ctx, c.ID, Step{Act: ActAsk, Transfer: Transfer{Team: id}})
		return err
	}
	return nil
}

// loadCandidates lists the teams a conversation may go to, nearest first. One
// the seeker has refused is no longer among them.
func loadCandidates(ctx context.Context, q store.Queryer, id ID) ([]staff.TeamID, error) {
	rows, err := q.Query(ctx, `SELECT team FROM conversation_candidate WHERE conversation = $1 ORDER BY tier, team`, id)
	list, err := store.Collect(rows, err, store.Value[staff.TeamID])
	if err != nil {
		return nil, fmt.Errorf("candidates of %s: %w", id, err)
	}
	return list, nil
}
