package crowd

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"time"

	"lotse/chat/client"
	"lotse/cmd/loadgen/history"
	"lotse/internal/seal"
)

// Habit is how a seeker behaves.
type Habit struct {
	Topic, Language string
	Messages        int           // said at most
	Flaky           bool          // the line breaks now and then
	Slow            time.Duration // pause before each frame is looked at
}

// Seeker is somebody who looks for help once.
type Seeker struct {
	*person
	habit Habit
	api   client.API
	room  room
	said  int
	bye   bool
	tried int64 // revision of the transfer that was answered
	over  bool
}

// NewSeeker makes a seeker; number tells seekers of a town apart.
func NewSeeker(town *Town, number int, seed uint64, h Habit) *Seeker {
	s := &Seeker{person: newPerson(town, fmt.Sprintf("seeker %d", number), number, "", seed), habit: h}
	s.slow = h.Slow
	return s
}

// Run opens a conversation, leads it to its end and returns. It returns early
// when ctx ends.
func (s *Seeker) Run(ctx context.Context) {
	if !s.come(ctx) {
		return
	}
	ctx, leave := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.keepLine(ctx, func() string { return s.room.id })
	}()
	for !s.over && ctx.Err() == nil {
		if f, some := s.inbox.next(ctx, s.town.Pace/2+time.Duration(s.roll(int(s.town.Pace)+1))); some {
			s.take(f)
		} else if ctx.Err() == nil {
			s.act(ctx)
		}
	}
	leave()
	<-done
}

// come opens a conversation; false when that was not possible to the end.
func (s *Seeker) come(ctx context.Context) bool {
	s.api = client.API{HTTP: s.http}
	for ctx.Err() == nil && !s.town.closing() {
		err := s.knock(ctx)
		if err == nil {
			return true
		}
		p, clear := errors.AsType[*client.Problem](err)
		switch {
		case !clear:
			s.town.Trouble(s.name, err)
		case p.Code == "closed", p.Code == "queue_full", p.Code == "recipients_changed", p.Code == "too_many":
		default:
			s.odd("", fmt.Sprintf("opening: %v", err))
		}
		s.rest(ctx, 4*s.town.Pace)
	}
	return false
}

// knock makes one room and opens a conversation with it, as often as it takes to
// get a clear answer.
func (s *Seeker) knock(ctx context.Context) error {
	ask := url.Values{"topic": {s.habit.Topic}, "language": {s.habit.Language}, "kind": {"live"}}
	var to client.Recipients
	err := s.again(ctx, func() (err error) {
		s.api.Base = s.node()
		to, err = s.api.Recipients(ctx, ask)
		return err
	})
	if err != nil {
		return err
	}
	talk, epoch, err := client.NewTalk(to.Team.ID, to.Chain, to.Readers, time.Now())
	if err != nil {
		return err
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	opening := client.Opening{Topic: s.habit.Topic, Language: s.habit.Language, Kind: "live", OnGone: "keep", Epoch: epoch,
		Token: base64.RawURLEncoding.EncodeToString(secret)}
	var opened client.Opened
	err = s.again(ctx, func() (err error) {
		s.api.Base = s.node()
		opened, err = s.api.Open(ctx, opening)
		return err
	})
	if err != nil {
		return err
	}
	s.api.Token = opened.Token
	s.room = room{id: opened.ID, talk: talk, state: client.Frame{State: opened.State}}
	s.line.Hello = func(context.Context) (client.Frame, error) { return client.Frame{Token: opened.Token}, nil }
	s.note(history.Event{Kind: history.Opened, C: opened.ID})
	return nil
}

func (s *Seeker) take(f client.Frame) {
	switch f.T {
	case "welcome":
		for _, state := range f.Conversations {
			s.room.newer(state)
		}
	case "state":
		s.room.newer(f)
	case "message":
		s.hear(&s.room, f)
	case posted:
		s.fate(&s.room, f)
	}
}

// act does one thing when nothing has come for a moment.
func (s *Seeker) act(ctx context.Context) {
	r := &s.room
	r.idle++
	if s.habit.Flaky && s.often(4) {
		s.line.Cut()
		return
	}
	if r.state.Transfer != nil && s.tried != r.state.Rev {
		s.tried = r.state.Rev
		step := "consent"
		if s.often(25) {
			step = "refuse"
		}
		s.line.Tell(ctx, client.Frame{T: "transfer", C: r.id, Step: step})
		return
	}
	if !r.settled() {
		return
	}
	switch r.state.State {
	case "closed", "purged", "deferred":
		s.over = true
	case "active":
		s.talkOn(ctx)
	default:
		s.waitOn(ctx)
	}
}

func (s *Seeker) talkOn(ctx context.Context) {
	r := &s.room
	mine := r.lastFrom == seal.Seeker
	switch {
	case s.bye && r.idle > 40: // nobody answers a goodbye
		s.line.Tell(ctx, client.Frame{T: "close", C: r.id})
		r.idle = 0
	case s.bye || mine && !s.often(20) && !s.town.closing():
	case s.said >= s.habit.Messages || s.town.closing():
		s.bye = true
		s.say(ctx, r, byeText)
	default:
		s.said++
		s.say(ctx, r, "Ich weiß nicht weiter.")
	}
}

func (s *Seeker) waitOn(ctx context.Context) {
	r := &s.room
	switch {
	case s.said == 0: // nobody is offered a chat without a word
		s.said++
		s.say(ctx, r, "Hallo?")
	case s.town.closing() && r.idle > 10 || s.often(1) && s.often(20):
		as := "message"
		if s.often(30) {
			as = "leave"
		}
		s.line.Tell(ctx, client.Frame{T: "release", C: r.id, As: as})
		r.idle = 0
	case s.said < 2 && s.often(20) && !s.bye:
		s.said++
		s.say(ctx, r, "Hallo?")
	}
}

// Testify writes down what is stored in the end.
func (s *Seeker) Testify(ctx context.Context) {
	if s.room.id == "" {
		return
	}
	var own client.Own
	err := s.again(ctx, func() (err error) {
		s.api.Base = s.node()
		own, err = s.api.Conversation(ctx)
		return err
	})
	if err != nil {
		s.odd(s.room.id, fmt.Sprintf("in the end: %v", err))
		return
	}
	for after, more := int64(0), true; more; {
		var page client.Page
		err := s.again(ctx, func() (err error) {
			page, err = s.api.Messages(ctx, after, 100)
			return err
		})
		if err != nil {
			s.odd(s.room.id, fmt.Sprintf("stored messages: %v", err))
			return
		}
		for _, m := range page.Messages {
			s.note(history.Event{Kind: history.Stored, C: s.room.id, Seq: int64(m.Seq), ID: m.ID, Sender: m.Sender})
			if s.room.state.State == "deferred" && m.Seq > s.room.talk.Transcript.Seq() {
				s.read(&s.room, m.Message) // who left a message comes back and reads the answer
			}
			after = int64(m.Seq)
		}
		more = page.More
	}
	end := history.Event{Kind: history.Ended, C: s.room.id, Seq: own.Conversation.Seq, State: own.Conversation.State}
	if own.Conversation.Counsellor != nil {
		end.Holder = own.Conversation.Counsellor.KID
	}
	s.note(end)
}

// Over reports whether the conversation has come to its end, or none was opened.
func (s *Seeker) Over() bool { return s.over || s.room.id == "" }
