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
// the recipients again), token_used, room_used.
func (s *Service) Open(ctx context.Context, req OpenRequest) (Opened, error) {
	token, err := req.check()
	if err != nil {
		return Opened{}, err
	}
	if again, err := s.openedBefore(ctx, req, token); err != nil || again.Again {
		return again, err
	}
	c, tiers, err := s.admit(ctx, req)
	if err != nil {
		return Opened{}, err
	}
	row, err := newEpochRow(s.keys, req.Epoch, Seeker, seal.DayOf(s.now().Add(sealFor)))
	if err != nil {
		return Opened{}, err
	}
	done, err := s.insert(ctx, c, token, row, tiers)
	if store.IsUnique(err) { // the same request at the same time
		return s.openedBefore(ctx, req, token)
	}
	if err != nil {
		return Opened{}, err
	}
	s.announce(done)
	return Opened{ID: c.ID, Token: string(token), State: done.after.State}, nil
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

// admit checks a request against the present board and returns the conversation
// to be and its candidate teams.
func (s *Service) admit(ctx context.Context, req OpenRequest) (Conversation, [][]staff.Team, error) {
	b, err := s.boards.fresh(ctx)
	if err != nil {
		return Conversation{}, nil, err
	}
	team, tiers, err := s.teamFor(ctx, b, req)
	if err != nil {
		return Conversation{}, nil, err
	}
	if err := s.checkReaders(ctx, b, team, req.Kind, "", req.Epoch); err != nil {
		return Conversation{}, nil, err
	}
	now := s.now()
	c := Conversation{ID: NewID(), Room: req.Epoch.Room, Kind: req.Kind, Provider: team.Provider, Team: team.ID, Topic: req.Topic,
		Language: req.Language, OnGone: req.OnGone, CreatedAt: now, Since: now, QueuedAt: now, LastAt: now, LastBySeeker: true, GoneAt: now}
	return c, tiers, nil
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

// insert writes a new conversation unless its queue filled up meanwhile.
func (s *Service) insert(ctx context.Context, c Conversation, token Token, row epochRow, tiers [][]staff.Team) (done change, err error) {
	st := Step{Act: ActLeave, Who: Seeker, At: c.CreatedAt, Rules: s.rules}
	if c.Kind == Live {
		st.Act = ActOpen
	}
	after, err := s.machine.take(c, st)
	if err != nil {
		return change{}, err
	}
	queueMax := queueRoom(tiers, c.Team)
	err = s.db.Transact(ctx, func(tx *store.Tx) error {
		if err := s.queueHasRoom(ctx, tx, after, queueMax); err != nil {
			return err
		}
		if err := insertConversation(ctx, tx, after, token); err != nil {
			return err
		}
		if err := row.insert(ctx, tx, c.ID, c.CreatedAt); err != nil {
			return err
		}
		if err := insertCandidates(ctx, tx, c.ID, tiers); err != nil {
			return err
		}
		return insertEvent(ctx, tx, c, after, st)
	})
	if err != nil {
		return change{}, fmt.Errorf("open conversation: %w", err)
	}
	return change{c, after}, nil
}

func queueRoom(tiers [][]staff.Team, id staff.TeamID) int {
	for _, tier := range tiers {
		for _, t := range tier {
			if t.ID == id {
				return t.QueueMax
			}
		}
	}
	return 0
}

// queueHasRoom counts within the transaction, so that a rush cannot overfill a
// queue by more than the places that are free.
func (s *Service) queueHasRoom(ctx context.Context, tx *store.Tx, c Conversation, queueMax int) error {
	if c.State != Waiting {
		return nil
	}
	var waiting int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM conversation WHERE state = 'waiting' AND team = $1`, c.Team).Scan(&waiting); err != nil {
		return err
	}
	if waiting >= queueMax {
		return closedError(Availability{State: LineFull})
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
