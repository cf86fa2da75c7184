package crowd

import (
	"encoding/json"

	"lotse/chat/client"
	"lotse/cmd/loadgen/history"
)

// trace writes down what passes over the wire, before any library could hide a
// repetition or put things in order.
func (p *person) trace(out bool, data []byte) {
	if string(data) == "{}" {
		return
	}
	var f client.Frame
	if json.Unmarshal(data, &f) != nil {
		return
	}
	p.traceMu.Lock()
	defer p.traceMu.Unlock()
	switch {
	case out && f.T == "hello":
		p.conns.Add(1)
		p.holding, p.named = map[string]bool{}, f.Last
		for c, seq := range f.Last {
			p.note(history.Event{Kind: history.Resumed, C: c, Seq: seq})
		}
	case out:
	case f.T == "welcome":
		for _, s := range f.Conversations {
			p.noteState(s)
			delete(p.named, s.C)
		}
		for c := range p.named { // not in these hands now; should it come back, then from its beginning
			p.note(history.Event{Kind: history.Anew, C: c})
		}
	case f.T == "state":
		p.noteState(f)
	case f.T == "ack":
		p.note(history.Event{Kind: history.Acked, C: f.C, ID: f.ID, Seq: f.Seq})
	case f.T == "error":
		p.suspect(f.C, string(f.Code) == "internal", "internal to "+f.Re)
	case f.T == "message":
		p.note(history.Event{Kind: history.Got, C: f.C, ID: f.ID, Seq: f.Seq, Sender: f.Sender})
	}
}

func (p *person) note(e history.Event) {
	e.Who, e.Conn = p.name, int(p.conns.Load())
	p.town.Log.Add(e)
}

// noteState writes a state down. Seekers are told "waiting" of what is offered, so
// staff is taken to have seen the same. When a conversation leaves a counsellor or
// comes, the connection's part in it ends or begins anew; what welcome lists goes on
// from where hello said.
func (p *person) noteState(f client.Frame) {
	e := history.Event{Kind: history.Shown, C: f.C, Rev: f.Rev, State: f.State, Asked: f.Transfer != nil}
	if f.State == "offered" {
		e.State = "waiting"
	}
	if f.Counsellor != nil && f.State == "active" {
		e.Holder = f.Counsellor.KID
	}
	p.note(e)
	if p.key == "" {
		return
	}
	if e.Holder == p.key {
		p.note(history.Event{Kind: history.Held, C: f.C, Holder: p.key})
	}
	mine := f.State == "offered" || e.Holder == p.key
	if p.holding[f.C] != mine && f.T == "state" {
		p.note(history.Event{Kind: history.Anew, C: f.C})
	}
	p.holding[f.C] = mine
}
