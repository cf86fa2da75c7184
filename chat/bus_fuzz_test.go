package chat

import (
	"testing"

	"lotse/internal/bus"
)

// Whatever another node, or who speaks to Redis in its place, puts on the bus:
// nothing panics, and a topic with a foreign id concerns nobody. The connection is one
// that hears everything and sends nothing on.
func FuzzBus(f *testing.F) {
	r := memoryRig(f)
	team := r.w.addTeam(f, nil)
	p := r.w.hire(f, "Mira", team)
	id := NewID()
	for _, seed := range []string{
		`7 {"id":"a","sender":"seeker","epoch":0,"n":1}`, "7", "-1 ", "99999999999999999999 {}", "state", "seat:x", "*",
		`{"node":"n","kind":"seat","from":"z"}`, `{"node":"n","kind":"frame","to":"seeker","frame":{"t":"typing"}}`, `{"frame":7}`, "{", "",
	} {
		for _, topic := range []string{topicConversation + id.String(), topicDesk + p.actor.ID.String(), topicTeam + team.ID.String(), topicSession + p.actor.ID.String(), topicQueue} {
			f.Add(topic, []byte(seed))
		}
	}
	f.Add("conversation/x", []byte("1 {}"))
	f.Fuzz(func(t *testing.T, topic string, payload []byte) {
		c := &conn{s: r.Service, id: r.hub.ids.next(), side: Seeker, conversation: id, closing: true, gone: true}
		r.hub.shard(id).rooms[id] = []*conn{c}
		r.hub.take(bus.Message{Topic: topic, Payload: payload})
		r.appenderOf(id).listen()
		if len(c.out) > 0 {
			t.Errorf("%d frames to a connection that is gone", len(c.out))
		}
	})
}
