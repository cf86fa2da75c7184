package chat

import (
	"testing"

	"lotse/chat/client"
)

// TestOneChatFromBeginningToEnd walks the main way: waiting, offered, accepted,
// written, read, closed, deleted.
func TestOneChatFromBeginningToEnd(t *testing.T) {
	t.Run("one of several nodes", func(t *testing.T) { oneChat(t, memoryRig(t).run()) })
	t.Run("alone", func(t *testing.T) { oneChat(t, memoryRig(t, func(o *Options) { o.Alone = true }).run()) })
}

func oneChat(t *testing.T, r *rig) {
	team := r.w.addTeam(t, nil)
	p := r.w.hire(t, "Mira", team)
	r.shift(p, team)
	desk := r.work(p, r.http)

	s := r.open(Ask{Topic: "schulden", Language: "de"}, Live)
	chair := s.sit(r.http)
	m, err := s.talk.Seal("Hallo")
	if err != nil {
		t.Fatal(err)
	}
	chair.send(client.Send(s.id.String(), m))
	ack := chair.frame("ack")
	desk.frame("offer")
	desk.send(client.Frame{T: "accept", C: s.id.String()})
	if f := chair.wantState(Active); f.Counsellor == nil || f.Counsellor.Name != "Mira" || f.Counsellor.KID != p.actor.KID {
		t.Errorf("counsellor %+v", f.Counsellor)
	}
	got := desk.frame("message")
	if ack.Seq != 1 || got.Seq != 1 || got.ID != m.ID || got.Sender != "seeker" {
		t.Errorf("ack %+v, message %+v", ack, got)
	}
	mine, err := client.OpenTalk(p.keys.KEM(), r.epochs(s.id))
	if err != nil {
		t.Fatal(err)
	}
	items := mine.Add(got.Message())
	if len(items) != 1 || string(items[0].Plain) != `{"text":"Hallo"}` {
		t.Fatalf("items %+v", items)
	}
	s.talk.Add(got.Message())

	answer, err := mine.Seal("Guten Tag")
	if err != nil {
		t.Fatal(err)
	}
	desk.send(client.Send(s.id.String(), answer))
	desk.frame("ack")
	reply := chair.frame("message")
	if items := s.talk.Add(reply.Message()); len(items) != 1 || string(items[0].Plain) != `{"text":"Guten Tag"}` {
		t.Fatalf("items %+v", items)
	}
	chair.send(client.Frame{T: "read", C: s.id.String(), Seq: 2})
	if f := desk.frame("read"); f.Read != 2 || f.Delivered != 2 || f.Who != "seeker" {
		t.Errorf("read %+v", f)
	}
	desk.send(client.Frame{T: "close", C: s.id.String()})
	if f := chair.wantState(Closed); f.ClosedBy != "counsellor" || f.PurgeAt == nil {
		t.Errorf("closed %+v", f)
	}
}
