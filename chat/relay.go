package chat

import (
	"encoding/json"
	"time"
)

// relayed is what passes between nodes beside hints: frames that are not stored,
// and the news that a newer connection took a seeker's seat.
type relayed struct {
	Node  string          `json:"node"`
	Kind  string          `json:"kind"`
	From  string          `json:"from,omitempty"` // connection
	To    Who             `json:"to,omitempty"`
	Frame json.RawMessage `json:"frame,omitempty"`
}

const (
	relaySeat  = "seat"
	relayFrame = "frame"
)

// relay passes something on to the connections of a conversation, here and on
// other nodes.
func (h *hub) relay(id ID, r relayed) {
	r.Node = h.s.node
	h.takeRelay(id, r)
	h.s.publish(topicConversation+id.String(), encodeFrame(r))
}

func (h *hub) takeRelay(id ID, r relayed) {
	for _, c := range h.room(id) {
		switch {
		case r.Kind == relaySeat:
			if c.who() == Seeker && c.id < r.From {
				c.shut(h.replacedBy(r))
			}
		case r.Kind == relayFrame && r.To == c.who() && (r.To == Seeker || c.holds(id)):
			c.push(r.Frame)
		}
	}
}

// replacedBy is the code for a connection whose seat another has taken. One node
// knows the order of its own connections.
func (h *hub) replacedBy(r relayed) int {
	if r.Node == h.s.node {
		return closeReplaced
	}
	return replacedBy(r.From, time.Now())
}

// pass sends a frame to the other side of a conversation.
func (h *hub) pass(id ID, to Who, frame any) {
	h.relay(id, relayed{Kind: relayFrame, To: to, Frame: encodeFrame(frame)})
}
