package chat

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"lotse/internal/fault"
	"lotse/internal/roster"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// dutyAhead is how far ahead the board knows duties.
const dutyAhead = 36 * time.Hour

// board is everything routing and availability look at, at one instant. It is
// never changed after it was made; what many ask of it is worked out once.
type board struct {
	*crew
	at       time.Time
	desks    map[staff.TeamID][]Desk
	presence map[staff.ID]presence
	held     map[ID]*held             // everything that waits, is offered or was left
	queue    map[staff.TeamID][]*held // waiting, in turn
	offered  []*held
	deferred map[staff.TeamID][]*held // oldest first
	mean     map[staff.TeamID]time.Duration

	lines  memo[lineKey, Line]
	wanted memo[wantedKey, wanted]
	queues *memo[string, sharedFrame] // by teams; outlives the board while the queues are the same
}

// crew is who works where: it changes seldom, and boards share it until it does.
type crew struct {
	read   time.Time
	teams  map[staff.TeamID]staff.Team
	list   []staff.Team
	kids   map[staff.ID]string
	skills map[staff.ID]staff.Skills
	duties []roster.Duty                   // from read on
	tiers  memo[[2]string, [][]staff.Team] // by topic and language, wherever one lives
}

// lineKey is what a line depends on, within a board.
type lineKey struct {
	team            staff.TeamID
	topic, language string
	kind            Kind
}

// held is a conversation on the board, with the keys that open its present epoch.
// Boards share it for as long as its revision stays.
type held struct {
	Conversation
	readers []string
	mute    bool // not a word has arrived: the first are still under way, or never come
}

// presence is what the bus keeps of a desk.
type presence struct {
	State string `json:"state"`
	Limit int    `json:"limit"`
	Node  string `json:"node"`
	Conn  string `json:"conn"`
	Was   string `json:"was,omitempty"` // state before the socket went away

	raw string // what it was read from
}

// boards keeps the newest board.
type boards struct {
	s       *Service
	latest  atomic.Pointer[board] // last, for those who do not wait
	mu      sync.Mutex            // held while one is built
	last    *board
	built   time.Time
	dirtyMu sync.Mutex
	dirty   bool // queues or presence
	moved   bool // the crew
}

func newBoards(s *Service) *boards { return &boards{s: s, dirty: true, moved: true} }

// spoil says that the last board is out of date.
func (b *boards) spoil() {
	b.dirtyMu.Lock()
	defer b.dirtyMu.Unlock()
	b.dirty, b.moved = true, true
}

// spoilQueues says that its queues or its presence are; the crew is the same.
func (b *boards) spoilQueues() {
	b.dirtyMu.Lock()
	defer b.dirtyMu.Unlock()
	b.dirty = true
}

// takeDirty returns whether the crew has to be read anew.
func (b *boards) takeDirty() (moved bool) {
	b.dirtyMu.Lock()
	defer b.dirtyMu.Unlock()
	moved = b.moved
	b.dirty, b.moved = false, false
	return moved
}

func (b *boards) isDirty() bool {
	b.dirtyMu.Lock()
	defer b.dirtyMu.Unlock()
	return b.dirty
}

// fresh returns a board that knows everything hinted so far and is at most
// BoardAge old.
func (b *boards) fresh(ctx context.Context) (*board, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.getLocked(ctx, 0)
}

// public returns a board for anybody who asks: as fresh, except that however
// many ask it is built at most every BoardFloor, and that nobody waits for one that
// is being built while the last one is not older than two of them.
func (b *boards) public(ctx context.Context) (*board, error) {
	if last := b.latest.Load(); !b.mu.TryLock() {
		if last != nil && b.s.now().Sub(last.at).Abs() < 2*b.s.tune.BoardFloor {
			return last, nil
		}
		b.mu.Lock()
	}
	defer b.mu.Unlock()
	return b.getLocked(ctx, b.s.tune.BoardFloor)
}

func (b *boards) getLocked(ctx context.Context, floor time.Duration) (*board, error) {
	now := b.s.now()
	age := now.Sub(b.built)
	if b.last != nil && age >= 0 && (age < floor || age < b.s.tune.BoardAge && !b.isDirty()) {
		return b.last, nil
	}
	moved := b.takeDirty()
	next, err := b.s.buildBoard(ctx, now, b.last, moved)
	if err != nil {
		b.spoil()
		return nil, err
	}
	b.last, b.built = next, now
	b.latest.Store(next)
	return next, nil
}

// buildBoard reads a board. What has not changed since the last one, which may be
// nil, is taken from there; moved says that the crew has.
func (s *Service) buildBoard(ctx context.Context, now time.Time, last *board, moved bool) (_ *board, err error) {
	b := &board{at: now, desks: map[staff.TeamID][]Desk{}}
	if last == nil {
		last = &board{crew: &crew{}}
	}
	b.crew = last.crew
	if age := now.Sub(b.read); moved || age < 0 || age >= s.tune.BoardAge {
		if b.crew, err = s.readCrew(ctx, now); err != nil {
			return nil, err
		}
	}
	if err := s.readPresence(ctx, b, last); err != nil {
		return nil, err
	}
	if b.mean, err = loadMeans(ctx, s.db); err != nil {
		return nil, fmt.Errorf("board: means: %w", err)
	}
	if err := s.takeQueues(ctx, b, last); err != nil {
		return nil, err
	}
	return b, s.seatDesks(ctx, b, last)
}

func (s *Service) readCrew(ctx context.Context, now time.Time) (_ *crew, err error) {
	c := &crew{read: now, teams: map[staff.TeamID]staff.Team{}}
	if c.list, err = s.staff.Teams(ctx); err != nil {
		return nil, fmt.Errorf("board: teams: %w", err)
	}
	for _, t := range c.list {
		c.teams[t.ID] = t
	}
	if c.kids, err = s.staff.KIDs(ctx); err != nil {
		return nil, fmt.Errorf("board: keys: %w", err)
	}
	if c.skills, err = s.staff.Skills(ctx); err != nil {
		return nil, fmt.Errorf("board: skills: %w", err)
	}
	if c.duties, err = s.duties.Duties(ctx, now, now.Add(dutyAhead)); err != nil {
		return nil, fmt.Errorf("board: duties: %w", err)
	}
	return c, nil
}

func (s *Service) readPresence(ctx context.Context, b, last *board) error {
	present, err := s.bus.Present(ctx, setDesk)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "unavailable", fmt.Errorf("board: presence: %w", err))
	}
	if last.hasPresence(present) {
		b.presence = last.presence
		return nil
	}
	b.presence = make(map[staff.ID]presence, len(present))
	for member, value := range present {
		id, err := staff.ParseID(member)
		if err != nil {
			continue // another program's member; nobody of ours
		}
		if p, known := last.presence[id]; known && p.raw == string(value) {
			b.presence[id] = p
			continue
		}
		p := presence{raw: string(value)}
		if json.Unmarshal(value, &p) == nil {
			b.presence[id] = p
		}
	}
	return nil
}

// hasPresence reports whether everybody is present as on this board.
func (b *board) hasPresence(present map[string][]byte) bool {
	if len(present) != len(b.presence) {
		return false
	}
	for member, value := range present {
		id, err := staff.ParseID(member)
		if p, known := b.presence[id]; err != nil || !known || p.raw != string(value) {
			return false
		}
	}
	return true
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
func (s *Service) seatDesks(ctx context.Context, b, last *board) error {
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
	members := map[staff.TeamID][]string{}
	for _, d := range b.duties {
		if d.Start.After(b.at) || !d.End.After(b.at) {
			continue
		}
		if _, known := members[d.Team]; !known {
			chain, err := s.readers.chain(ctx, d.Team)
			if err != nil {
				return err
			}
			members[d.Team], _ = chain.members(b.at)
			b.desks[d.Team] = make([]Desk, 0, len(last.desks[d.Team])+1)
		}
		desk := b.deskOf(d, members[d.Team])
		desk.Load, desk.Busy, desk.Idle = loads[d.Person], busy[d.Person], later(idle[d.Person], d.Start)
		b.desks[d.Team] = append(b.desks[d.Team], desk)
	}
	return nil
}

// deskOf is the desk of a duty; people are the keys that read for its team.
func (b *board) deskOf(d roster.Duty, people []string) Desk {
	p, here := b.presence[d.Person]
	desk := Desk{Person: d.Person, KID: b.kids[d.Person], Team: d.Team, Channels: d.Channels, Topics: d.Topics, Languages: d.Languages,
		Skills: b.skills[d.Person], Here: here && p.State != deskAway, Until: d.End}
	for _, c := range d.Channels {
		desk.Until = later(desk.Until, roster.Until(b.duties, d.Person, d.Team, c, b.at))
	}
	desk.Ready = here && p.State == deskReady && slices.Contains(people, desk.KID)
	desk.Places = places(desk.Skills, p.Limit)
	return desk
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
	return b.lines.get(lineKey{t.ID, ask.Topic, ask.Language, kind}, func() Line { return b.count(t, ask, kind) })
}

func (b *board) count(t staff.Team, ask Ask, kind Kind) Line {
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

// unserved goes through all who are offered or wait.
func (b *board) unserved() iter.Seq[*held] {
	return func(yield func(*held) bool) {
		for _, c := range b.offered {
			if !yield(c) {
				return
			}
		}
		for _, q := range b.queue {
			for _, c := range q {
				if !yield(c) {
					return
				}
			}
		}
	}
}

// turn is the place of a waiting conversation in its team's queue, from 1; 0
// when it does not wait.
func (b *board) turn(id ID, team staff.TeamID) int {
	return 1 + slices.IndexFunc(b.queue[team], func(o *held) bool { return o.ID == id })
}

// wait is what a waiting conversation is told about its queue: position 0 while
// nobody is there who could serve it. ok is false when it does not wait.
func (b *board) wait(id ID, t told) (position int, w Wait, ok bool) {
	position = b.turn(id, t.team)
	if position == 0 {
		return 0, Wait{}, false
	}
	l := b.line(b.teams[t.team], Ask{Topic: t.topic, Language: t.language}, Live)
	if l.Places == 0 {
		return 0, Wait{}, true
	}
	return position, Estimate(position-1, l.Mean, l.Places), true
}
