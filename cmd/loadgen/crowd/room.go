package crowd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"lotse/chat/client"
	"lotse/cmd/loadgen/history"
	"lotse/internal/seal"
)

// room is one conversation as one person holds it.
type room struct {
	id    string
	talk  *client.Talk // nil until it is opened
	state client.Frame // of the newest revision
	early []client.Frame

	posting  bool   // a message is on its way
	acked    uint32 // seq of the own message acknowledged last
	lastText string // what was read last
	lastFrom string
	idle     int // acts since something happened
}

// posted is the frame type with which a person hears of the fate of a message.
const posted = "·posted"

// byeText is what a seeker says last.
const byeText = "bye"

// settled reports whether everything known of is read and nothing is on its way.
func (r *room) settled() bool {
	return r.talk != nil && !r.posting && r.talk.Transcript.Seq() >= r.acked && int64(r.talk.Transcript.Seq()) >= r.state.Seq
}

// newer keeps a state and reports whether it is newer than what was known.
func (r *room) newer(f client.Frame) bool {
	if f.Rev < r.state.Rev {
		return false
	}
	r.state, r.idle = f, 0
	return true
}

// active reports whether the conversation is in the hands of a key.
func (r *room) active(key string) bool {
	return r.state.State == "active" && r.state.Counsellor != nil && r.state.Counsellor.KID == key
}

// hear reads a message, or keeps it until the room is open.
func (p *person) hear(r *room, f client.Frame) {
	if r.talk == nil {
		r.early = append(r.early, f)
		return
	}
	m := f.Message()
	if m.Sender == "" {
		m.Sender = r.talk.Sender
	}
	if m.Seq <= r.talk.Transcript.Seq() {
		return // read by another way already
	}
	p.read(r, m)
}

func (p *person) read(r *room, m seal.Message) {
	items := r.talk.Add(m)
	text, good := "", len(items) == 1 && items[0].Kind == seal.ItemMessage
	if good {
		var plain struct{ Text string }
		good = json.Unmarshal(items[0].Plain, &plain) == nil && strings.HasPrefix(plain.Text, fmt.Sprintf("%d ", m.N))
		text = plain.Text
	}
	r.lastText, r.lastFrom, r.idle = text, m.Sender, 0
	p.note(history.Event{Kind: history.Read, C: r.id, Seq: int64(m.Seq), ID: m.ID, Good: good, Holder: p.key})
}

// open lets a room be read, and reads what came before.
func (p *person) open(r *room, talk *client.Talk) {
	r.talk = talk
	early := r.early
	r.early = nil
	for _, f := range early {
		p.hear(r, f)
	}
}

// say sends a message and lets the inbox know what became of it.
func (p *person) say(ctx context.Context, r *room, text string) {
	m, err := r.talk.Seal(fmt.Sprintf("%d %s", r.talk.Transcript.Next(r.talk.Sender), text))
	if err != nil {
		p.odd(r.id, err.Error())
		return
	}
	p.note(history.Event{Kind: history.Sent, C: r.id, ID: m.ID})
	r.posting = true
	frame := client.Send(r.id, m)
	go func() {
		f := p.post(ctx, frame)
		f.T, f.C, f.ID = posted, r.id, m.ID
		p.inbox.put(f)
	}()
	if p.often(10) { // a double tap
		p.line.Tell(ctx, frame)
	}
}

// post hands a message in until the answer is final.
func (p *person) post(ctx context.Context, frame client.Frame) client.Frame {
	for {
		f, err := p.line.Post(ctx, frame)
		refused, was := errors.AsType[*client.Refused](err)
		switch {
		case was && refused.Passing():
			p.rest(ctx, p.town.Pace)
		case was:
			return refused.Frame
		default:
			return f // an ack, the message itself, or nothing because ctx ended
		}
	}
}

// fate takes in what became of a message. Only these refusals are fair to
// somebody who follows the rules: the conversation ended or went to another.
func (p *person) fate(r *room, f client.Frame) {
	r.posting = false
	switch f.Code {
	case "":
		r.acked = max(r.acked, uint32(f.Seq))
		return
	case "conversation_closed", "forbidden", "not_found", "not_now":
	default:
		p.odd(r.id, fmt.Sprintf("%s to message %s", f.Code, f.ID))
	}
	p.note(history.Event{Kind: history.Refused, C: r.id, ID: f.ID})
}

func (p *person) odd(c, text string) {
	p.note(history.Event{Kind: history.Odd, C: c, Text: text})
}

// keepLine runs the line and writes down an end that nobody asked for. Staff may
// try again with a fresh ticket: one issued by a node whose clock is off may be too
// old for another.
func (p *person) keepLine(ctx context.Context, c func() string) {
	for {
		err := p.line.Run(ctx)
		switch {
		case err == nil:
			return
		case client.CloseCode(err) == 4009:
			p.note(history.Event{Kind: history.Seated, C: c()})
			return
		case p.key == "" || !signedOut(err):
			p.odd(c(), fmt.Sprintf("the line ended: %v", err))
			return
		}
		p.rest(ctx, 4*p.town.Pace)
	}
}

func signedOut(err error) bool {
	r, refused := errors.AsType[*client.Refused](err)
	return client.CloseCode(err) == 4001 || refused && r.Frame.Code == "signed_out"
}
