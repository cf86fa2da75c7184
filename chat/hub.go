package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"lotse/internal/bus"
	"lotse/internal/fault"
	"lotse/internal/staff"
)

// hub knows the sockets of this node: which conversation and which desk each of
// them looks at. Its locks are held for map work only.
type hub struct {
	s        *Service
	attached chan struct{} // closed once sub is set
	sub      bus.Subscription

	ids connIDs

	mu       sync.Mutex
	conns    map[*conn]struct{}
	desks    map[staff.ID]*conn
	topics   map[string]int // what this node is subscribed to, with how many users
	draining bool
	leaving  chan struct{} // closed when draining begins
	emptied  chan struct{} // set while a drain waits; closed when conns is empty

	shards [shardCount]shard

	doubt atomic.Int64 // unix milliseconds until which presence may lack who is there

	teams map[staff.TeamID]bool // whose hints are listened to; only fan touches it

	gap chan struct{} // holds something when a gap has to be made good

	changeMu sync.Mutex
	change   chan struct{} // closed when the queue or the roster changed
	dirty    chan struct{} // tells fan that something changed
}

const shardCount = 32

// shard holds the rooms of some conversations.
type shard struct {
	mu    sync.Mutex
	rooms map[ID][]*conn
}

func newHub(s *Service) *hub {
	h := &hub{s: s, attached: make(chan struct{}), conns: map[*conn]struct{}{}, desks: map[staff.ID]*conn{}, topics: map[string]int{},
		teams: map[staff.TeamID]bool{}, gap: make(chan struct{}, 1), leaving: make(chan struct{}), change: make(chan struct{}), dirty: make(chan struct{}, 1)}
	for i := range h.shards {
		h.shards[i].rooms = map[ID][]*conn{}
	}
	return h
}

// attach gives the hub its subscription; sockets wait for it.
func (h *hub) attach(sub bus.Subscription) {
	h.sub = sub
	close(h.attached)
}

func (h *hub) shard(id ID) *shard { return &h.shards[id.UUID[15]%shardCount] }

// join lets a connection take part in a conversation. When it returns, every
// later hint about it reaches the connection or is answered for by a check. On an
// error it takes no part.
func (h *hub) join(ctx context.Context, id ID, c *conn) error {
	sh := h.shard(id)
	sh.mu.Lock()
	if !slices.Contains(sh.rooms[id], c) {
		sh.rooms[id] = append(sh.rooms[id], c)
	}
	sh.mu.Unlock()
	if h.s.alone {
		return nil
	}
	err := h.subscribe(ctx, topicConversation+id.String())
	if err != nil {
		h.leaveRoom(id, c)
	}
	return err
}

// part ends that.
func (h *hub) part(id ID, c *conn) {
	h.leaveRoom(id, c)
	if !h.s.alone {
		h.unsubscribe(topicConversation + id.String())
	}
}

func (h *hub) leaveRoom(id ID, c *conn) {
	sh := h.shard(id)
	sh.mu.Lock()
	room := slices.DeleteFunc(sh.rooms[id], func(o *conn) bool { return o == c })
	if len(room) == 0 {
		delete(sh.rooms, id)
	} else {
		sh.rooms[id] = room
	}
	sh.mu.Unlock()
}

// room lists the connections of a conversation.
func (h *hub) room(id ID) []*conn {
	sh := h.shard(id)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return slices.Clone(sh.rooms[id])
}

// holds reports whether the seeker of a conversation is connected here.
func (h *hub) holds(id ID) bool {
	return slices.ContainsFunc(h.room(id), func(c *conn) bool { return c.who() == Seeker })
}

func (h *hub) subscribe(ctx context.Context, topic string) error {
	select {
	case <-h.attached:
	case <-ctx.Done():
		return fault.Wrap(fault.Unavailable, "unavailable", ctx.Err())
	}
	h.mu.Lock()
	h.topics[topic]++
	h.mu.Unlock()
	if err := h.sub.Add(ctx, topic); err != nil {
		h.unsubscribe(topic)
		return fault.Wrap(fault.Unavailable, "unavailable", err)
	}
	return nil
}

func (h *hub) unsubscribe(topic string) {
	h.mu.Lock()
	h.topics[topic]--
	last := h.topics[topic] <= 0
	if last {
		delete(h.topics, topic)
	}
	h.mu.Unlock()
	if !last {
		return
	}
	if err := h.sub.Remove(context.Background(), topic); err != nil && !errors.Is(err, bus.ErrClosed) {
		h.s.log.Warn("leave topic", slog.Any("err", err))
	}
	h.mu.Lock()
	again := h.topics[topic] > 0
	h.mu.Unlock()
	if again { // somebody came between the count and the removal
		if err := h.sub.Add(context.Background(), topic); err != nil && !errors.Is(err, bus.ErrClosed) {
			h.s.log.Warn("join topic", slog.Any("err", err))
		}
	}
}

// deskTopics are the hints about a desk and who sits there.
func deskTopics(id staff.ID) []string {
	return []string{topicDesk + id.String(), topicSession + id.String()}
}

// enterDesk puts a connection at a desk. Of two at one desk the newer stays. On an
// error it sits nowhere.
func (h *hub) enterDesk(ctx context.Context, c *conn) error {
	id := c.actor.ID
	h.mu.Lock()
	old := h.desks[id]
	h.desks[id] = c
	h.mu.Unlock()
	if old != nil && old != c {
		old.shut(closeReplaced)
	}
	for i, topic := range deskTopics(id) {
		if err := h.subscribe(ctx, topic); err != nil {
			h.vacate(c, deskTopics(id)[:i])
			return err
		}
	}
	if !c.hold() {
		h.leaveDesk(c)
		return fault.New(fault.Unavailable, "unavailable")
	}
	return nil
}

func (h *hub) leaveDesk(c *conn) (mine bool) { return h.vacate(c, deskTopics(c.actor.ID)) }

// vacate takes a connection off its desk and no longer needs the topics.
func (h *hub) vacate(c *conn, topics []string) (mine bool) {
	id := c.actor.ID
	h.mu.Lock()
	mine = h.desks[id] == c
	if mine {
		delete(h.desks, id)
	}
	h.mu.Unlock()
	for _, topic := range topics {
		h.unsubscribe(topic)
	}
	return mine
}

func (h *hub) desk(id staff.ID) *conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.desks[id]
}

// all lists every connection of this node.
func (h *hub) all() []*conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]*conn, 0, len(h.conns))
	for c := range h.conns {
		list = append(list, c)
	}
	return list
}

// listen takes hints from the bus until ctx ends. It never waits for anything
// else: what a hint brings must not wait behind a look at the database.
func (h *hub) listen(ctx context.Context, sub bus.Subscription) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case m, ok := <-sub.C():
			switch {
			case !ok:
				return nil
			case m.Gap:
				h.doubtPresence()
				h.owe()
			default:
				h.take(m)
			}
		}
	}
}

func (h *hub) spoilDesks(change func(*dirt)) {
	for _, c := range h.allDesks() {
		c.spoil(change)
	}
}

// allDesks is every desk of this node.
func (h *hub) allDesks() map[staff.ID]*conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.desks)
}

// take acts on one hint, from this node or from the bus. It never waits.
func (h *hub) take(m bus.Message) {
	kind, rest, _ := strings.Cut(m.Topic, "/")
	switch kind + "/" {
	case topicConversation:
		h.takeConversation(rest, m.Payload)
	case topicDesk:
		h.takeDesk(rest, m.Payload)
	case topicSession:
		if id, err := staff.ParseID(rest); err == nil {
			if c := h.desk(id); c != nil {
				c.spoil(func(d *dirt) { d.session = true })
			}
		}
	case topicTeam:
		if id, err := staff.ParseTeamID(rest); err == nil {
			h.s.readers.forget(id)
		}
		h.stir()
	case topicQueue + "/":
		h.s.boards.spoilQueues()
		h.wake()
	default: // roster, directory
		if string(m.Payload) == payloadTeam { // who may work in all teams may work in it
			h.spoilDesks(func(d *dirt) { d.session = true })
		}
		h.stir()
	}
}

// RosterChanged says that Duties answers differently from now on. A hint on the bus
// alone may come before it does.
func (s *Service) RosterChanged() { s.hub.stir() }

// stir says that the board is out of date: whoever waits for it looks again.
func (h *hub) stir() {
	h.s.boards.spoil()
	h.wake()
}

func (h *hub) wake() {
	h.s.dispatch.nudge()
	select {
	case h.dirty <- struct{}{}:
	default:
	}
}

// changed returns a channel that is closed at the next change of the board.
func (h *hub) changed() <-chan struct{} {
	h.changeMu.Lock()
	defer h.changeMu.Unlock()
	return h.change
}

func (h *hub) announceChange() {
	h.changeMu.Lock()
	defer h.changeMu.Unlock()
	close(h.change)
	h.change = make(chan struct{})
}

func (h *hub) takeConversation(rest string, payload []byte) {
	id, err := ParseID(rest)
	if err != nil {
		return
	}
	switch {
	case string(payload) == payloadState:
		for _, c := range h.room(id) {
			c.spoilState(id)
		}
	case len(payload) > 0 && payload[0] == '{':
		var r relayed
		if json.Unmarshal(payload, &r) == nil && r.Node != h.s.node {
			h.takeRelay(id, r)
		}
	default:
		h.takeMessage(id, payload)
	}
}

// takeMessage hears of a message that another node has made durable: its seq and,
// unless it is long, its frame behind a space.
func (h *hub) takeMessage(id ID, payload []byte) {
	head, frame, whole := bytes.Cut(payload, []byte(" "))
	seq, err := strconv.ParseInt(string(head), 10, 64)
	if err != nil {
		return
	}
	if !whole {
		frame = nil
	}
	h.s.hear(heard{id, seq, frame})
	for _, c := range h.room(id) {
		if whole {
			c.arrive(id, seq, frame)
		} else {
			c.advance(id, seq)
		}
	}
}

// publishMessage tells the other nodes of a message.
func (h *hub) publishMessage(id ID, seq int64, frame []byte) {
	if h.s.alone {
		return
	}
	payload := strconv.AppendInt(make([]byte, 0, 12+len(frame)), seq, 10)
	if len(frame) <= carriedMax {
		payload = append(append(payload, ' '), frame...)
	}
	h.s.publish(topicConversation+id.String(), payload)
}

// carriedMax is the longest frame that travels with its hint; longer ones are read
// from the database.
const carriedMax = 4 << 10

// takeDesk re-reads a desk, or closes it if a newer connection has taken it over
// on another node.
func (h *hub) takeDesk(rest string, payload []byte) {
	id, err := staff.ParseID(rest)
	if err != nil {
		return
	}
	c := h.desk(id)
	if c == nil {
		return
	}
	if other, found := strings.CutPrefix(string(payload), payloadSeat); found {
		if other > c.id {
			c.shut(replacedBy(other, time.Now()))
		}
		return
	}
	c.spoil(func(d *dirt) { d.desk = true })
}

// payloadSeat introduces the id of the connection that took a desk over.
const payloadSeat = "seat:"

// deliver brings a message that this node has just made durable to its
// connections and to the other nodes; origin gets an ack instead.
func (h *hub) deliver(id ID, m Stored, origin *conn) {
	if origin != nil {
		origin.confirm(id, m)
	}
	frame := m.frame(id)
	for _, c := range h.room(id) {
		if c != origin {
			c.arrive(id, int64(m.Seq), frame)
		}
	}
	h.publishMessage(id, int64(m.Seq), frame)
}
