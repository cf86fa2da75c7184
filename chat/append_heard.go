package chat

import "encoding/json"

// heardMax is how much an appender may have heard and not looked at. What does not
// fit costs a look at the database, no more.
const heardMax = 1024

// heard is a message that another node has made durable.
type heard struct {
	id    ID
	seq   int64
	frame []byte // of the message; nil when it was too long to travel with its hint
}

// hear tells the appender of a conversation what another node has appended to it,
// so that the head it remembers stays right. Otherwise two people who write on two
// nodes would make each node read the conversation anew for every message.
func (s *Service) hear(h heard) {
	select {
	case s.appenderOf(h.id).heard <- h:
	default:
	}
}

// listen takes in what was heard up to now.
func (a *appender) listen() {
	for {
		select {
		case h := <-a.heard:
			a.learn(h)
		default:
			return
		}
	}
}

// learn moves a remembered head on by the next message, and forgets a head that has
// missed some: it is read when it is needed.
func (a *appender) learn(n heard) {
	h, known := a.heads[n.id]
	if !known || n.seq <= h.seq {
		return
	}
	var m struct {
		ID     string `json:"id"`
		Sender string `json:"sender"`
		Epoch  uint32 `json:"epoch"`
		N      uint32 `json:"n"`
		After  uint32 `json:"after"`
	}
	if n.seq != h.seq+1 || json.Unmarshal(n.frame, &m) != nil || m.Epoch != h.epoch {
		delete(a.heads, n.id)
		return
	}
	h.seq = n.seq
	h.counters[m.Sender] = counter{n: m.N, after: m.After}
	h.ids[hashID(m.ID)] = struct{}{}
	a.heads[n.id] = h
}
