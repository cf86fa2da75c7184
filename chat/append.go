package chat

import (
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"maps"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/store"
)

const (
	batchMax   = 256   // messages of one commit
	appendsMax = 4096  // messages that wait for a commit
	headsMax   = 20000 // conversations whose counters are remembered
	movesMax   = 60    // attempts of a commit while remembered heads prove wrong
)

// job is one message to append.
type job struct {
	seat   Seat
	msg    Sealed
	origin *conn               // gets the ack; nil for a message left by HTTP
	unless error               // set: only a repetition is confirmed, everything else is refused with this
	done   func(Stored, error) // called once, from the appender; must not wait
	result Stored
	err    error
	again  bool // was durable before
	fresh  bool // written in this transaction
}

// head is what must be known of a conversation to number its next message. As
// long as seq is right so are the counters, for they only change together; and a
// seq that is not right is not free, for messages go only when the room is purged.
type head struct {
	seq      int64
	epoch    uint32
	counters map[string]counter
	ids      map[uint64]struct{} // hashes of all message ids, and perhaps of some that were not stored
}

// appender makes messages durable. While one commit runs the next batch gathers,
// so commits are shared under load and immediate without.
type appender struct {
	s     *Service
	in    chan *job
	heard chan heard
	heads map[ID]head
	rows  int      // of one statement
	texts []string // of the statements for 1, 2, 4 … rows
}

// newAppenders makes one appender for an engine with one writer, several for one
// whose commits overlap. A conversation always goes to the same one. Where a
// statement costs a journey it takes many rows; SQLite, which is called and keeps
// statements prepared, is fastest with one.
func newAppenders(s *Service) []*appender {
	n, rows := 1, 1
	if s.db.Engine() == store.Postgres {
		n, rows = 2, 32
	}
	list := make([]*appender, n)
	for i := range list {
		list[i] = &appender{s: s, in: make(chan *job, appendsMax/n), heard: make(chan heard, heardMax), heads: map[ID]head{}, rows: rows, texts: insertTexts(rows, s.db.Engine())}
	}
	return list
}

// submit hands a message to its appender, which calls done. It refuses with
// Invalid, or Unavailable when too much waits already; then done is not called.
func (s *Service) submit(j *job) error {
	if err := j.msg.check(); err != nil {
		return err
	}
	select {
	case s.appenderOf(j.seat.Conversation).in <- j:
		return nil
	default:
		return fault.RetryAfter(fault.Unavailable, "unavailable", time.Second)
	}
}

// appenderOf is the one that numbers the messages of a conversation on this node.
func (s *Service) appenderOf(id ID) *appender {
	return s.appenders[int(id.UUID[15])%len(s.appenders)]
}

// check looks at the form of a message.
func (m Sealed) check() error {
	if _, err := ParseID(m.ID); err != nil || m.N == 0 {
		return fault.InvalidInput(map[string]string{"id": "invalid"})
	}
	if !seal.ValidBody(len(m.Body)) {
		return fault.New(fault.Invalid, "bad_length")
	}
	return nil
}

// LeaveMessage appends one message without a socket and returns when it is
// durable. It returns the errors of docs/protocol.md for send.
func (s *Service) LeaveMessage(ctx context.Context, seat Seat, m Sealed) (Ack, error) {
	if _, err := s.recheck(ctx, seat); err != nil {
		return Ack{}, err
	}
	type answer struct {
		m   Stored
		err error
	}
	c := make(chan answer, 1)
	err := s.submit(&job{seat: seat, msg: m, done: func(m Stored, err error) { c <- answer{m, err} }})
	if err != nil {
		return Ack{}, err
	}
	select {
	case a := <-c:
		return Ack{ID: m.ID, Seq: int64(a.m.Seq), At: a.m.At}, a.err
	case <-ctx.Done():
		return Ack{}, ctx.Err()
	}
}

// A commit that follows another closely waits a moment for company: a commit
// costs much the same for one message as for a hundred, and while one runs on a
// small machine nobody gets to read further messages.
const (
	lingerAfter = 8 * time.Millisecond
	linger      = 2 * time.Millisecond
)

func (a *appender) run(ctx context.Context) error {
	wait := time.NewTimer(0)
	defer wait.Stop()
	<-wait.C
	var last time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case h := <-a.heard:
			a.learn(h)
		case j := <-a.in:
			if time.Since(last) < lingerAfter {
				wait.Reset(linger)
				<-wait.C
			}
			batch := a.gather(j)
			a.listen() // whoever answers a message of another node has heard of it before
			a.commit(ctx, batch)
			last = time.Now()
		}
	}
}

// gather takes what waits already, never waiting for more.
func (a *appender) gather(first *job) []*job {
	batch := []*job{first}
	for len(batch) < batchMax {
		select {
		case j := <-a.in:
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}

// commit appends a batch in one transaction and tells everybody.
func (a *appender) commit(ctx context.Context, batch []*job) {
	began := time.Now()
	groups := group(batch)
	var err error
	for try := 0; len(groups) > 0 && try < movesMax; try++ { // heads in doubt are read this time
		if try > 1 { // another node writes to the same conversation: let it
			time.Sleep(rand.N(time.Duration(min(try, 10)) * time.Millisecond))
		}
		if err = a.append(ctx, groups); err == nil {
			groups = a.settle(groups)
		} else if !errors.Is(err, errMoved) {
			break
		}
	}
	if len(groups) > 0 {
		a.fail(ctx, groups, firstOf(err, errMoved))
		return
	}
	a.s.metrics.commits.Observe(time.Since(began).Seconds())
	a.s.metrics.batch.Observe(float64(len(batch)))
}

// settle tells everybody of the groups that are durable now and returns the others:
// whoever was not met by another node does not wait for those who were.
func (a *appender) settle(groups []*talk) (moved []*talk) {
	done := slices.DeleteFunc(slices.Clone(groups), func(g *talk) bool { return g.moved })
	a.remember(done)
	for _, g := range done {
		a.tell(g)
	}
	return slices.DeleteFunc(groups, func(g *talk) bool { return !g.moved })
}

func (a *appender) append(ctx context.Context, groups []*talk) error {
	return a.s.db.TransactGuarded(ctx, func(tx *store.Tx) error { return a.appendAll(ctx, tx, groups) })
}

func (a *appender) fail(ctx context.Context, groups []*talk, err error) {
	if ctx.Err() == nil {
		a.s.log.Error("append messages", slog.Int("conversations", len(groups)), slog.Any("err", err))
	}
	for _, g := range groups {
		delete(a.heads, g.id)
		for _, j := range g.jobs {
			j.done(Stored{}, fault.RetryAfter(fault.Unavailable, "unavailable", time.Second))
		}
	}
}

// talk is the part of a batch that belongs to one conversation.
type talk struct {
	id      ID
	name    string // of id
	jobs    []*job
	head    head   // after the batch
	rows    []*job // accepted, to be written
	staff   string // the counsellor among the senders, as the row must have it
	fresh   bool   // head was read in this transaction
	doubted bool   // head must be read, whatever is remembered
	moved   bool   // nothing was written: the head was wrong
	listed  bool   // the first words of what waits or was left: now it is offered, or the team sees it
	eased   bool   // the warning of silence was taken back
}

func group(batch []*job) []*talk {
	var groups []*talk
	at := map[ID]*talk{}
	for _, j := range batch {
		g := at[j.seat.Conversation]
		if g == nil {
			g = &talk{id: j.seat.Conversation, name: j.seat.Conversation.String()}
			at[g.id] = g
			groups = append(groups, g)
		}
		g.jobs = append(g.jobs, j)
	}
	slices.SortFunc(groups, func(a, b *talk) int { return strings.Compare(a.name, b.name) }) // see store.TransactGuarded
	return groups
}

// appendAll numbers and writes the messages of all groups, as of now.
func (a *appender) appendAll(ctx context.Context, tx *store.Tx, groups []*talk) error {
	now := a.s.now()
	var unsure []*talk
	for _, g := range groups {
		g.moved = false
		sure, err := a.trust(ctx, tx, g, now)
		if err != nil {
			return err
		}
		if !sure {
			unsure = append(unsure, g)
		}
	}
	if err := look(ctx, tx, unsure, now); err != nil {
		return err
	}
	return a.insertMessages(ctx, tx, groups, now)
}

// trust decides on the messages of a group by the head in memory, if there is one;
// insertMessages checks that it is right. A refusal is not believed before the row
// was read.
func (a *appender) trust(ctx context.Context, tx *store.Tx, g *talk, now time.Time) (sure bool, err error) {
	h, known := a.heads[g.id]
	if !known || g.doubted {
		return false, nil
	}
	g.begin(h, false)
	return g.decideAll(ctx, tx, Conversation{}, now)
}

// look reads the rows of groups and decides on their messages by them.
func look(ctx context.Context, tx *store.Tx, groups []*talk, now time.Time) error {
	rows, heads, err := readHeads(ctx, tx, groups)
	if err != nil {
		return err
	}
	for _, g := range groups {
		c, found := rows[g.id]
		if !found {
			g.begin(head{}, true)
			g.refuseAll()
			continue
		}
		g.begin(heads[g.id], true)
		if _, err := g.decideAll(ctx, tx, c, now); err != nil {
			return err
		}
		g.listed = (c.State == Deferred || c.State == Waiting) && c.Seq == 0 && len(g.rows) > 0
		if len(g.rows) == 0 || c.WarnAt.IsZero() {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE conversation SET warn_at = NULL, rev = rev + 1 WHERE id = $1`, g.id); err != nil {
			return err
		}
		g.eased = true
	}
	return nil
}

// begin starts deciding from a head. Remembered ids are shared with it: a hash too
// many costs one look, no more.
func (g *talk) begin(h head, fresh bool) {
	g.rows, g.staff, g.fresh, g.listed, g.eased = nil, "", fresh, false, false
	g.head = head{seq: h.seq, epoch: h.epoch, counters: make(map[string]counter, len(h.counters)+1), ids: h.ids}
	maps.Copy(g.head.counters, h.counters)
}

// decideAll decides on each message in turn. It stops, not sure, at what a
// remembered head does not settle: a refusal, and two counsellors of one batch.
func (g *talk) decideAll(ctx context.Context, tx *store.Tx, c Conversation, now time.Time) (sure bool, err error) {
	for _, j := range g.jobs {
		if !g.fresh && g.staff != "" && j.seat.Who == Counsellor && j.seat.Actor.ID.String() != g.staff {
			return false, nil
		}
		if err := g.decide(ctx, tx, c, j, now); err != nil {
			return false, err
		}
		if j.err != nil && !g.fresh {
			return false, nil
		}
	}
	return true, nil
}

// readHeads reads the rows that there are, and what messages have counted there.
func readHeads(ctx context.Context, tx *store.Tx, groups []*talk) (map[ID]Conversation, map[ID]head, error) {
	rows, heads := map[ID]Conversation{}, map[ID]head{}
	if len(groups) == 0 {
		return rows, heads, nil
	}
	in, ids := groupsIn(groups)
	list, err := manyConversations(ctx, tx, `id IN (`+in+`)`, ids...)
	for _, c := range list {
		rows[c.ID] = c
		heads[c.ID] = head{seq: c.Seq, epoch: c.Epoch, counters: map[string]counter{}, ids: map[uint64]struct{}{}}
	}
	if err != nil {
		return nil, nil, err
	}
	return rows, heads, readCounters(ctx, tx, heads, in, ids)
}

// groupsIn is the list of groups for a statement. The last one is repeated up to a
// power of two, so that there are few texts and each stays prepared.
func groupsIn(groups []*talk) (in string, ids []any) {
	n := 1 << bits.Len(uint(len(groups)-1))
	for i := range n {
		ids = append(ids, groups[min(i, len(groups)-1)].id)
	}
	return list(1, n), ids
}

// refuseAll refuses a group whose row is not there.
func (g *talk) refuseAll() {
	for _, j := range g.jobs {
		j.err, j.again = fault.New(fault.NotFound, "not_found"), false
	}
}

// decide accepts, repeats or refuses one message.
func (g *talk) decide(ctx context.Context, tx *store.Tx, c Conversation, j *job, now time.Time) error {
	j.err, j.again = nil, false
	sender := j.seat.Sender()
	last := g.head.counters[sender]
	_, seen := g.head.ids[hashID(j.msg.ID)]
	if j.msg.N <= last.n || seen {
		m, found, err := g.known(ctx, tx, j.msg.ID)
		if err != nil {
			return err
		}
		if found {
			j.result, j.again = m, true
			if !m.is(j.msg, sender) {
				j.again, j.err = false, firstOf(j.unless, fault.New(fault.Conflict, "duplicate_id"))
			}
			return nil
		}
	}
	if j.err = j.unless; j.err != nil {
		return nil
	}
	if g.fresh {
		if j.err = mayWrite(c, j.seat); j.err != nil {
			return nil
		}
	}
	if j.err = g.inOrder(j.msg, last); j.err != nil {
		return nil
	}
	g.accept(j, sender, now)
	return nil
}

// known finds a message by id, in this batch or stored.
func (g *talk) known(ctx context.Context, tx *store.Tx, id string) (Stored, bool, error) {
	for _, j := range g.rows {
		if j.msg.ID == id {
			return j.result, true, nil
		}
	}
	return messageByID(ctx, tx, g.id, id)
}

// is reports whether a stored message is the same as one handed in again.
func (m Stored) is(s Sealed, sender string) bool {
	return m.Sender == sender && m.Epoch == s.Epoch && m.N == s.N && m.After == s.After && slices.Equal(m.Body, s.Body)
}

// mayWrite checks the seat against the row.
func mayWrite(c Conversation, seat Seat) error {
	switch {
	case c.State == Purged:
		return fault.New(fault.Gone, "deleted")
	case c.State == Closed:
		return fault.New(fault.Conflict, "conversation_closed")
	case seat.Who == Seeker:
		return nil
	case c.State != Active || c.Counsellor != seat.Actor.ID:
		return fault.New(fault.Forbidden, "forbidden")
	}
	return nil
}

func hashID(id string) uint64 { return maphash.String(hashSeed, id) }

// inOrder refuses what every receiver would have to refuse.
func (g *talk) inOrder(m Sealed, last counter) error {
	switch {
	case m.Epoch != g.head.epoch:
		return fault.New(fault.Conflict, "epoch_stale")
	case m.N != last.n+1:
		return fault.New(fault.Conflict, "out_of_order")
	case int64(m.After) > g.head.seq || m.After < last.after:
		return fault.New(fault.Conflict, "bad_after")
	}
	return nil
}

func (g *talk) accept(j *job, sender string, now time.Time) {
	g.head.seq++
	g.head.counters[sender] = counter{n: j.msg.N, after: j.msg.After}
	g.head.ids[hashID(j.msg.ID)] = struct{}{}
	if j.seat.Who == Counsellor {
		g.staff = j.seat.Actor.ID.String()
	}
	j.result = Stored{Message: seal.Message{Seq: uint32(g.head.seq), ID: j.msg.ID, Sender: sender, Epoch: j.msg.Epoch,
		N: j.msg.N, After: j.msg.After, Body: j.msg.Body}, At: Moment(now)}
	g.rows = append(g.rows, j)
}

func (a *appender) remember(groups []*talk) {
	if len(a.heads)+len(groups) > headsMax {
		clear(a.heads)
	}
	for _, g := range groups {
		if len(g.rows) > 0 {
			a.heads[g.id] = g.head
		} else if g.fresh {
			delete(a.heads, g.id)
		}
	}
}

// tell answers the senders and brings the messages to everybody, in order.
func (a *appender) tell(g *talk) {
	for _, j := range g.jobs {
		switch {
		case j.err != nil:
			j.done(Stored{}, j.err)
		case j.again:
			j.done(j.result, nil)
			if j.origin != nil {
				j.origin.confirm(g.id, j.result)
			}
		default:
			j.done(j.result, nil)
			a.s.hub.deliver(g.id, j.result, j.origin)
		}
	}
	if g.eased {
		a.s.hint(topicConversation+g.name, payloadState)
	}
	if g.listed {
		a.s.hint(topicQueue, "")
	}
	a.s.metrics.messages.Add(float64(len(g.rows)))
}
