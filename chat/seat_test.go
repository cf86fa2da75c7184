package chat

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"

	"lotse/chat/client"
	"lotse/internal/bus"
	"lotse/internal/seal"
	"lotse/internal/store"
)

// ahead is the id of a connection that a node gave out whose clock is an hour
// ahead.
func ahead(t *testing.T) string {
	t.Helper()
	id := uuid.Must(uuid.NewV7())
	ms := uint64(time.Now().Add(time.Hour).UnixMilli())
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	return id.String()
}

// Somebody comes back on a node whose clock is behind that of the node before.
// Late news of the connection before must not close the one that has just come.
func TestLateNewsDoesNotUnseatWhoCameBack(t *testing.T) {
	r := memoryRig(t).run()
	_, p := r.desk("Mira", nil)
	s := r.open(debts, Live)
	before := ahead(t)
	err := r.db.Transact(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE conversation SET seat = $2 WHERE id = $1`, s.id, before)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	chair := s.sit(r.http)
	r.hub.takeRelay(s.id, relayed{Node: "other", Kind: relaySeat, From: before})
	chair.send(client.Send(s.id.String(), seal.Message{ID: NewID().String(), N: 1, Body: make(seal.Bytes, 284)}))
	chair.frame("ack")
	newer := s.sit(r.http, 1)
	if code := chair.closed(); code != closeReplaced {
		t.Errorf("the older tab was closed with %d", code)
	}
	r.hub.takeRelay(s.id, relayed{Node: "other", Kind: relaySeat, From: beyond(beyond(r.hub.ids.next()))})
	if code := newer.closed(); code != closeResync {
		t.Errorf("an id from the future closes with %d, and that for good", code)
	}

	value, err := json.Marshal(presence{State: deskReady, Conn: before})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.bus.Touch(t.Context(), setDesk, p.actor.ID.String(), value, time.Minute); err != nil {
		t.Fatal(err)
	}
	r.boards.spoil()
	if _, err := r.boards.fresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	desk := r.work(p, r.http)
	r.hub.take(bus.Message{Topic: topicDesk + p.actor.ID.String(), Payload: []byte(payloadSeat + before)})
	desk.send(client.Frame{T: "status", State: deskPause})
	desk.await("paused", func(f client.Frame) bool { return f.T == "status" && f.State == deskPause })
}

// What was queued about a desk is told as it is then: neither an older status nor
// an earlier departure lands on what the counsellor has said since.
func TestLateWordOfADeskChangesNothing(t *testing.T) {
	r := memoryRig(t).run()
	_, p := r.desk("Mira", nil)
	known := func() (at presence) {
		all, err := r.bus.Present(t.Context(), setDesk)
		if err != nil {
			t.Fatal(err)
		}
		_ = json.Unmarshal(all[p.actor.ID.String()], &at)
		return at
	}
	r.work(p, r.http)
	at := r.hub.desk(p.actor.ID)
	gone := &conn{s: r.Service, id: "gone", actor: at.actor, side: Counsellor, status: Status{State: deskPause}}
	if err := r.tellDesk(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	if got := known(); got.State != deskReady || got.Conn != at.id {
		t.Errorf("an earlier connection has made it %+v", got)
	}
	at.setStatus(Status{State: deskPause})
	if err := r.tellDesk(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	if got := known(); got.State != deskPause {
		t.Errorf("the bus was told %+v, not what holds", got)
	}
	r.hub.leaveDesk(at)
	if err := r.tellDesk(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	if got := known(); got.State != deskAway || got.Was != deskPause {
		t.Errorf("after the last connection the bus knows %+v", got)
	}
}
