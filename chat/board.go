package chat

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"lotse/internal/fault"
	"lotse/internal/roster"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// dutyAhead is how far ahead the board knows duties.
const dutyAhead = 36 * time.Hour

// board is everything routing and availability look at, at one instant. It is
// never changed after it was made.
type board struct {
	at       time.Time
	teams    map[staff.TeamID]staff.Team
	list     []staff.Team
	kids     map[staff.ID]string
	skills   map[staff.ID]staff.Skills
	duties   []roster.Duty // from now on
	desks    map[staff.TeamID][]Desk
	presence map[staff.ID]presence
	queue    map[staff.TeamID][]Conversation // waiting, in turn
	offered  []Conversation
	deferred map[staff.TeamID][]Conversation // oldest first
	readers  map[ID][]string                 // of waiting and deferred conversations
	mean     map[staff.TeamID]time.Duration
}

// presence is what the bus keeps of a desk.
type presence struct {
	State string `json:"state"`
	Limit int    `json:"limit"`
	Node  string `json:"node"`
	Conn  string `json:"conn"`
	Was   string `json:"was,omitempty"` // state before the socket went away
}

// boards keeps the newest board.
type boards struct {
	s       *Service
	mu      sync.Mutex // held while one is built
	last    *board
	built   time.Time
	dirtyMu sync.Mutex
	dirty   bool
}

func newBoards(s *Service) *boards { return &boards{s: s, dirty: true} }

// spoil says that the last board is out of date.
func (b *boards) spoil() {
	b.dirtyMu.Lock()
	defer b.dirtyMu.Unlock()
	b.dirty = true
}

func (b *boards) takeDirty() bool {
	b.dirtyMu.Lock()
	defer b.dirtyMu.Unlock()
	was := b.dirty
	b.dirty = false
	return was
}

func (b *boards) isDirty() bool {
	b.dirtyMu.Lock()
	defer b.dirtyMu.Unlock()
	return b.dirty
}

// fresh returns a board that knows everything hinted so far and is at most
// BoardAge old.
func (b *boards) fresh(ctx context.Context) (*board, error) { return b.get(ctx, 0) }

// public returns a board for anybody who asks: as fresh, except that however
// many ask it is built at most every BoardFloor.
func (b *boards) public(ctx context.Context) (*board, error) { return b.get(ctx, b.s.tune.BoardFloor) }

func (b *boards) get(ctx context.Context, floor time.Duration) (*board, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.s.now()
	age := now.Sub(b.built)
	if b.last != nil && age >= 0 && (age < floor || age < b.s.tune.BoardAge && !b.isDirty()) {
		return b.last, nil
	}
	b.takeDirty()
	next, err := b.s.buildBoard(ctx, now)
	if err != nil {
		b.spoil()
		return nil, err
	}
	b.last, b.built = next, now
	return next, nil
}

func (s *Service) buildBoard(ctx context.Context, now time.Time) (_ *board, err error) {
	b := &board{at: now, teams: map[staff.TeamID]staff.Team{}, desks: map[staff.TeamID][]Desk{}, presence: map[staff.ID]presence{},
		queue: map[staff.TeamID][]Conversation{}, deferred: map[staff.TeamID][]Conversation{}}
	if b.list, err = s.staff.Teams(ctx); err != nil {
		return nil, fmt.Errorf("board: teams: %w", err)
	}
	for _, t := range b.list {
		b.teams[t.ID] = t
	}
	if b.kids, err = s.staff.KIDs(ctx); err != nil {
		return nil, fmt.Errorf("board: keys: %w", err)
	}
	if b.skills, err = s.staff.Skills(ctx); err != nil {
		return nil, fmt.Errorf("board: skills: %w", err)
	}
	if b.duties, err = s.duties.Duties(ctx, now, now.Add(dutyAhead)); err != nil {
		return nil, fmt.Errorf("board: duties: %w", err)
	}
	if err := s.readPresence(ctx, b); err != nil {
		return nil, err
	}
	if err := s.readQueues(ctx, b); err != nil {
		return nil, err
	}
	return b, s.seatDesks(ctx, b)
}

func (s *Service) readPresence(ctx context.Context, b *board) error {
	present, err := s.bus.Present(ctx, setDesk)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "unavailable", fmt.Errorf("board: presence: %w", err))
	}
	for member, value := range present {
		id, err := staff.ParseID(member)
		if err != nil {
			continue // another program's member; nobody of ours
		}
		var p presence
		if json.Unmarshal(value, &p) == nil {
			b.presence[id] = p
		}
	}
	return nil
}

func (s *Service) readQueues(ctx context.Context, b *board) error {
	all, err := manyConversations(ctx, s.db, `state IN ('waiting', 'offered', 'deferred')`)
	if err != nil {
		return err
	}
	for _, c := range all {
		switch c.State {
		case Waiting:
			b.queue[c.Team] = append(b.queue[c.Team], c)
		case Offered:
			b.offered = append(b.offered, c)
		default:
			b.deferred[c.Team] = append(b.deferred[c.Team], c)
		}
	}
	for _, q := range b.queue {
		slices.SortFunc(q, byTurn)
	}
	for _, q := range b.deferred {
		slices.SortFunc(q, func(a, b Conversation) int { return a.Since.Compare(b.Since) })
	}
	if b.readers, err = loadReaders(ctx, s.db, Waiting, Deferred); err != nil {
		return fmt.Errorf("board: readers: %w", err)
	}
	b.mean, err = loadMeans(ctx, s.db)
	return err
}

func loadMeans(ctx context.Context, q store.Queryer) (map[staff.TeamID]time.Duration, error) {
	rows, err := q.Query(ctx, `SELECT team, mean_s FROM team_service`)
	means := map[staff.TeamID]time.Duration{}
	_, err = store.Collect(rows, err, func(r *sql.Rows) (struct{}, error) {
		var team staff.TeamID
		var mean int64
		err := r.Scan(&team, &mean)
		means[team] = time.Duration(mean) * time.Second
		return struct{}{}, err
	})
	return means, err
}

// seatDesks puts everybody who is on duty now at a desk.
func (s *Service) seatDesks(ctx context.Context, b *board) error {
	loads, err := loadAllLoads(ctx, s.db)
	if err != nil {
		return fmt.Errorf("board: loads: %w", err)
	}
	idle, err := loadIdle(ctx, s.db)
	if err != nil {
		return fmt.Errorf("board: idle: %w", err)
	}
	busy, err := s.busy(ctx, b.at)
	if err != nil {
		return err
	}
	for _, d := range b.duties {
		if d.Start.After(b.at) || !d.End.After(b.at) {
			continue
		}
		desk, err := s.deskOf(ctx, b, d)
		if err != nil {
			return err
		}
		desk.Load, desk.Busy, desk.Idle = loads[d.Person], busy[d.Person], later(idle[d.Person], d.Start)
		b.desks[d.Team] = append(b.desks[d.Team], desk)
	}
	return nil
}

func (s *Service) deskOf(ctx context.Context, b *board, d roster.Duty) (Desk, error) {
	chain, err := s.readers.chain(ctx, d.Team)
	if err != nil {
		return Desk{}, err
	}
	people, _ := chain.members(b.at)
	p, here := b.presence[d.Person]
	desk := Desk{Person: d.Person, KID: b.kids[d.Person], Team: d.Team, Channels: d.Channels, Topics: d.Topics, Languages: d.Languages,
		Skills: b.skills[d.Person], Here: here && p.State != deskAway, Until: d.End}
	for _, c := range d.Channels {
		desk.Until = later(desk.Until, roster.Until(b.duties, d.Person, d.Team, c, b.at))
	}
	desk.Ready = here && p.State == deskReady && slices.Contains(people, desk.KID)
	desk.Places = places(desk.Skills, p.Limit)
	return desk, nil
}

// places is how many places a person has: what the account allows, or less if
// the person wants less.
func places(k staff.Skills, limit int) int {
	if limit > 0 {
		return min(k.Places(), limit)
	}
	return k.Places()
}

func (s *Service) busy(ctx context.Context, at time.Time) (map[staff.ID]bool, error) {
	if s.calendar == nil {
		return nil, nil
	}
	busy, err := s.calendar.Busy(ctx, at, s.tune.Lead)
	if err != nil {
		return nil, fmt.Errorf("board: appointments: %w", err)
	}
	return busy, nil
}

func loadAllLoads(ctx context.Context, q store.Queryer) (map[staff.ID]int, error) {
	rows, err := q.Query(ctx, `SELECT counsellor, kind, count(*) FROM conversation WHERE state IN ('offered', 'active') GROUP BY counsellor, kind`)
	loads := map[staff.ID]int{}
	_, err = store.Collect(rows, err, func(r *sql.Rows) (struct{}, error) {
		var id staff.ID
		var k Kind
		var n int
		err := r.Scan(&id, &k, &n)
		loads[id] += n * k.Weight()
		return struct{}{}, err
	})
	return loads, err
}

func loadIdle(ctx context.Context, q store.Queryer) (map[staff.ID]time.Time, error) {
	rows, err := q.Query(ctx, `SELECT staff, since FROM counsellor_idle`)
	idle := map[staff.ID]time.Time{}
	_, err = store.Collect(rows, err, func(r *sql.Rows) (struct{}, error) {
		var id staff.ID
		var since time.Time
		err := r.Scan(&id, instant{&since})
		idle[id] = since
		return struct{}{}, err
	})
	return idle, err
}

// line is a team as an ask of a kind sees it.
func (b *board) line(t staff.Team, ask Ask, kind Kind) Line {
	need := Need{Kind: kind, Topic: ask.Topic, Language: ask.Language, Guard: t.LastChatBefore}
	l := Line{Team: t.ID, Waiting: len(b.queue[t.ID]), QueueMax: t.QueueMax, Mean: b.mean[t.ID]}
	seen := map[staff.ID]bool{}
	for _, d := range b.desks[t.ID] {
		if d.Suits(need, b.at) && !seen[d.Person] {
			seen[d.Person] = true
			l.Places += d.Places
			l.Free += d.Free()
		}
	}
	return l
}

// turn is the place of a waiting conversation in its team's queue, from 1; 0
// when it does not wait.
func (b *board) turn(id ID, team staff.TeamID) int {
	return 1 + slices.IndexFunc(b.queue[team], func(o Conversation) bool { return o.ID == id })
}

// wait is what a waiting conversation is told about its queue.
func (b *board) wait(id ID, t told) (position int, w Wait) {
	position = b.turn(id, t.team)
	if position == 0 {
		return 0, Wait{}
	}
	l := b.line(b.teams[t.team], Ask{Topic: t.topic, Language: t.language}, Live)
	return position, Estimate(position-1, l.Mean, l.Places)
}
