package chat

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// Open makes a conversation out of the first epoch of a seeker's room. The same
// token and epoch again give the same conversation. It returns Invalid, a
// *ClosedError when a live chat finds nobody, or Conflict: recipients_changed (ask for
// the recipients again), token_used, room_used, network_full. A live chat from a
// network that has its share of the queue is opened as a message, unless its words
// are to be discarded with the seeker's going: then it is network_full.
func (s *Service) Open(ctx context.Context, req OpenRequest) (Opened, error) {
	token, err := req.check()
	if err != nil {
		return Opened{}, err
	}
	if again, err := s.openedBefore(ctx, req, token); err != nil || again.Again {
		return again, err
	}
	a, err := s.admit(ctx, req)
	if err != nil {
		return Opened{}, err
	}
	row, err := newEpochRow(s.keys, req.Epoch, Seeker, seal.DayOf(s.now().Add(sealFor)))
	if err != nil {
		return Opened{}, err
	}
	s.shares.note(a.c.ID, req.Network, s.now())
	done, err := s.insert(ctx, a, token, row)
	if err != nil {
		s.shares.forget(a.c.ID)
	}
	if store.IsUnique(err) { // the same request at the same time
		return s.openedBefore(ctx, req, token)
	}
	if err != nil {
		return Opened{}, err
	}
	s.announce(done)
	return Opened{ID: a.c.ID, Token: string(token), State: done.after.State}, nil
}

func (r OpenRequest) check() (Token, error) {
	if err := r.clean(); err != nil {
		return "", err
	}
	bad := map[string]string{}
	if r.Kind != Live && r.Kind != Message {
		bad["kind"] = "invalid"
	}
	if r.OnGone != Keep && r.OnGone != Discard {
		bad["on_gone"] = "invalid"
	}
	if r.Epoch.Check() != nil || r.Epoch.Number != 0 {
		bad["epoch"] = "bad_epoch"
	}
	token := newToken()
	if r.Token != "" {
		var err error
		if token, err = parseToken(r.Token); err != nil {
			bad["token"] = "invalid"
		}
	}
	if len(bad) > 0 {
		return "", fault.InvalidInput(bad)
	}
	return token, nil
}

func newToken() Token {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return Token(base64.RawURLEncoding.EncodeToString(b))
}

// openedBefore answers a repeated request: Again is set when the conversation is
// there, with this very epoch.
func (s *Service) openedBefore(ctx context.Context, req OpenRequest, token Token) (Opened, error) {
	c, err := s.byTokenOrRoom(ctx, token, req.Epoch.Room)
	if fault.KindOf(err) == fault.NotFound {
		return Opened{}, nil
	}
	if err != nil {
		return Opened{}, err
	}
	if c.State == Purged {
		return Opened{}, fault.New(fault.Gone, "deleted")
	}
	h, err := loadEpochHead(ctx, s.db, c.ID, 0)
	if err != nil {
		return Opened{}, err
	}
	if same, err := sameEpoch(h, req.Epoch); err != nil || !same {
		return Opened{}, firstOf(err, fault.New(fault.Conflict, "token_used"))
	}
	return Opened{ID: c.ID, Token: string(token), State: c.State, Again: true}, nil
}

// byTokenOrRoom finds the conversation of a token. It returns Conflict when there
// is none but the room is taken; the token is looked for again then, because
// the same request may have come through between the two looks.
func (s *Service) byTokenOrRoom(ctx context.Context, token Token, room seal.RoomID) (Conversation, error) {
	c, err := oneConversation(ctx, s.db, `token_hash = $1`, token.hash())
	if fault.KindOf(err) != fault.NotFound {
		return c, err
	}
	if _, err := oneConversation(ctx, s.db, `room = $1`, room.String()); err != nil {
		return c, err
	}
	c, err = oneConversation(ctx, s.db, `token_hash = $1`, token.hash())
	if fault.KindOf(err) == fault.NotFound {
		return c, fault.New(fault.Conflict, "room_used")
	}
	return c, err
}

func sameEpoch(h epochHead, e seal.Epoch) (bool, error) {
	whole, err := json.Marshal(e)
	if err != nil {
		return false, err
	}
	sum := sha256.Sum256(whole)
	return slices.Equal(sum[:], h.digest), nil
}

// admission is a conversation to be, with what its opening depends on.
type admission struct {
	c     Conversation
	team  staff.Team
	free  int // places of the team that nobody has
	tiers [][]staff.Team
}

// admit checks a request against the board that the seeker was told of; what must not
// be old, the queue, is looked at by insert.
func (s *Service) admit(ctx context.Context, req OpenRequest) (admission, error) {
	b, err := s.boards.public(ctx)
	if err != nil {
		return admission{}, err
	}
	team, tiers, err := s.teamFor(ctx, b, req)
	if err != nil {
		return admission{}, err
	}
	if err := s.checkReaders(ctx, b, team, req.Kind, "", req.Epoch); err != nil {
		return admission{}, err
	}
	now := s.now()
	c := Conversation{ID: NewID(), Room: req.Epoch.Room, Kind: req.Kind, Provider: team.Provider, Team: team.ID, Topic: req.Topic,
		Language: req.Language, OnGone: req.OnGone, CreatedAt: now, Since: now, QueuedAt: now, LastAt: now, LastBySeeker: true, GoneAt: now}
	return admission{c, team, b.line(team, req.Ask, Live).Free, tiers}, nil
}

// teamFor is the team the epoch was made for, if it is a candidate that takes
// conversations now. The choice may have moved on since the seeker asked; any
// candidate that is open will do.
func (s *Service) teamFor(ctx context.Context, b *board, req OpenRequest) (staff.Team, [][]staff.Team, error) {
	_, tiers, err := s.choose(ctx, b, req.Ask, req.Kind)
	if err != nil {
		return staff.Team{}, nil, err
	}
	for _, tier := range tiers {
		for _, t := range tier {
			if t.ID.String() != req.Epoch.Team {
				continue
			}
			if req.Kind == Message || takes(b.line(t, req.Ask, Live)) {
				return t, tiers, nil
			}
		}
	}
	return staff.Team{}, nil, fault.New(fault.Conflict, "recipients_changed")
}

func takes(l Line) bool { return l.Openness() == LineFree || l.Openness() == LineQueue }

// checkReaders compares an epoch with who must be able to read.
func (s *Service) checkReaders(ctx context.Context, b *board, t staff.Team, kind Kind, kid string, e seal.Epoch) error {
	kids, chain, err := s.readers.wanted(ctx, b, t, kind, kid)
	if err != nil {
		return err
	}
	if e.Team != t.ID.String() || e.TeamState != chain.hash || joinReaders(readerText(e.Readers())) != joinReaders(kids) {
		return fault.New(fault.Conflict, "recipients_changed")
	}
	return nil
}

// insert writes a new conversation. Whether it may queue is decided within the
// transaction, so that a rush cannot overfill a queue or a share by more than the
// places that are free.
func (s *Service) insert(ctx context.Context, a admission, token Token, row epochRow) (done change, err error) {
	st := Step{Act: ActLeave, Who: Seeker, At: a.c.CreatedAt, Rules: s.rules}
	var after Conversation
	err = s.db.Transact(ctx, func(tx *store.Tx) (err error) {
		if st.Act, err = s.entrance(ctx, tx, a); err != nil {
			return err
		}
		if after, err = s.machine.take(a.c, st); err != nil {
			return err
		}
		if err := insertConversation(ctx, tx, after, token); err != nil {
			return err
		}
		if err := row.insert(ctx, tx, a.c.ID, a.c.CreatedAt); err != nil {
			return err
		}
		if err := insertCandidates(ctx, tx, a.c.ID, a.tiers); err != nil {
			return err
		}
		return insertEvent(ctx, tx, a.c, after, st)
	})
	if err != nil {
		return change{}, fmt.Errorf("open conversation: %w", err)
	}
	return change{a.c, after}, nil
}

// entrance is the act that opens a conversation: into the queue, or as a message.
func (s *Service) entrance(ctx context.Context, tx *store.Tx, a admission) (Act, error) {
	if a.c.Kind == Message {
		return ActLeave, nil
	}
	err := s.mayQueue(ctx, tx, a.c.ID, a.team, a.free)
	switch {
	case err == nil:
		return ActOpen, nil
	case fault.CodeOf(err) == codeShare && a.c.OnGone == Keep:
		return ActLeave, nil
	}
	return "", err
}

// codeShare says that a network has its share of a queue.
const codeShare = "network_full"

// mayQueue reports whether a team's queue takes a conversation: a *ClosedError when
// it is full, Conflict (network_full) when nobody is free and the network has its
// share.
func (s *Service) mayQueue(ctx context.Context, tx *store.Tx, id ID, team staff.Team, free int) error {
	rows, err := tx.Query(ctx, `SELECT id FROM conversation WHERE state = 'waiting' AND team = $1`, team.ID)
	waiting, err := store.Collect(rows, err, store.Value[ID])
	switch {
	case err != nil:
		return fmt.Errorf("who waits: %w", err)
	case len(waiting) >= team.QueueMax:
		return closedError(Availability{State: LineFull})
	case free <= len(waiting) && s.shares.full(id, waiting, team.QueueMax):
		return fault.New(fault.Conflict, codeShare)
	}
	return nil
}

func insertCandidates(ctx context.Context, tx *store.Tx, id ID, tiers [][]staff.Team) error {
	for n, tier := range tiers {
		for _, t := range tier {
			_, err := tx.Exec(ctx, `INSERT INTO conversation_candidate (conversation, team, tier) VALUES ($1, $2, $3)`, id, t.ID, n)
			if err != nil {
				return err
			}
		}
	}
	return nil
}
