package chat

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"lotse/chat/client"
	"lotse/internal/seal"
	"lotse/internal/staff"
)

// intruders are the seats that have no business with the conversation of the
// matrix: each row is who, each column a frame of every type about it.
var intruders = []string{"nobody", "another seeker", "a colleague of the team", "a counsellor of another team", "a counsellor of another provider"}

// trespass is how each frame type is tried on somebody else's conversation, and
// what each intruder is told. A type that is missing here fails the test.
var trespass = map[string]struct {
	frame func(c string, mira *person) client.Frame
	told  map[string]string // by intruder; "" = by whatever is in told["*"]
}{
	"hello": {func(string, *person) client.Frame {
		return client.Frame{T: "hello", V: client.Version, Token: string(newToken())}
	},
		map[string]string{"nobody": "unauthenticated", "*": "not_now"}},
	"send": {func(c string, _ *person) client.Frame {
		return client.Send(c, seal.Message{ID: NewID().String(), N: 1, Body: make(seal.Bytes, 284)})
	}, map[string]string{"nobody": "hello_first", "*": "not_found"}},
	"typing": {func(c string, _ *person) client.Frame { on := true; return client.Frame{T: "typing", C: c, On: &on} },
		map[string]string{"nobody": "hello_first", "*": "not_found"}},
	"read": {func(c string, _ *person) client.Frame { return client.Frame{T: "read", C: c, Seq: 1} },
		map[string]string{"nobody": "hello_first", "*": "not_found"}},
	"accept": {func(c string, _ *person) client.Frame { return client.Frame{T: "accept", C: c} },
		map[string]string{"nobody": "hello_first", "another seeker": "forbidden", "*": "not_found"}},
	"decline": {func(c string, _ *person) client.Frame { return client.Frame{T: "decline", C: c} },
		map[string]string{"nobody": "hello_first", "another seeker": "forbidden", "*": "not_found"}},
	"release": {func(c string, _ *person) client.Frame { return client.Frame{T: "release", C: c} },
		map[string]string{"nobody": "hello_first", "*": "not_found"}},
	"transfer": {func(c string, mira *person) client.Frame {
		return client.Frame{T: "transfer", C: c, Step: "cancel"}
	}, map[string]string{"nobody": "hello_first", "*": "not_found"}},
	"close": {func(c string, _ *person) client.Frame { return client.Frame{T: "close", C: c} },
		map[string]string{"nobody": "hello_first", "*": "not_found"}},
	"status": {func(c string, _ *person) client.Frame { return client.Frame{T: "status", C: c, OnGone: "discard"} },
		map[string]string{"nobody": "hello_first", "another seeker": "not_found", "*": "invalid_input"}},
	"signal": {func(c string, _ *person) client.Frame { return client.Frame{T: "signal", C: c, Body: seal.Bytes("x")} },
		map[string]string{"nobody": "hello_first", "*": "not_found"}},
}

// toColleague is what a colleague of the team who has no key for the conversation is
// told in each state, where it is not what everybody is told.
var toColleague = map[State]map[string]string{
	Waiting:  {"accept": "no_key", "decline": "not_now", "release": "not_now", "transfer": "forbidden", "close": "forbidden"},
	Offered:  {"accept": "taken", "decline": "taken", "release": "not_now", "transfer": "not_now", "close": "forbidden"},
	Active:   {"accept": "taken", "decline": "not_now", "release": "taken", "transfer": "taken", "close": "taken"},
	Deferred: {"accept": "no_key", "decline": "not_now", "release": "not_now", "transfer": "not_now", "close": "forbidden"},
	Closed: {"accept": "conversation_closed", "decline": "conversation_closed", "release": "conversation_closed",
		"transfer": "conversation_closed", "close": "conversation_closed"},
	Purged: {"accept": "deleted", "decline": "deleted", "release": "deleted", "transfer": "deleted", "close": "deleted"},
}

// TestNobodyElseGetsAnywhere sends every type of frame from every wrong seat about a
// conversation in every state and checks that it is refused and nothing has changed.
func TestNobodyElseGetsAnywhere(t *testing.T) {
	for name := range handlers() {
		if _, ok := trespass[name]; !ok {
			t.Errorf("frame type %q is missing in the matrix", name)
		}
	}
	if got, want := len(frameTypes), len(handlers()); got != want {
		t.Errorf("%d rate buckets for %d frame types", got, want)
	}
	for _, state := range States() {
		t.Run(string(state), func(t *testing.T) { trespassIn(t, state) })
	}
}

func trespassIn(t *testing.T, state State) {
	r := memoryRig(t).run()
	team, mira := r.desk("Mira", nil)
	ada := r.w.hire(t, "Ada", team)
	r.readers.forget(team.ID)
	r.shift(ada, team)
	beside := r.w.addTeam(t, func(x *staff.Team) { x.Provider = team.Provider })
	ben := r.join("Ben", beside)
	_, eva := r.desk("Eva", nil)
	stranger := r.open(debts, Message)
	id := r.plantIn(state, team, mira)
	before, err := json.Marshal(r.state(id))
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range intruders {
		for _, name := range slices.Sorted(maps.Keys(handlers())) {
			t.Run(who+"/"+name, func(t *testing.T) {
				l := dial(t, r.http, false)
				switch who {
				case "another seeker":
					l = stranger.sit(r.http)
				case "a colleague of the team":
					l = r.work(ada, r.http)
				case "a counsellor of another team":
					l = r.work(ben, r.http)
				case "a counsellor of another provider":
					l = r.work(eva, r.http)
				}
				l.t = t
				row := trespass[name]
				l.send(row.frame(id.String(), mira))
				want, ok := row.told[who]
				if !ok {
					want = row.told["*"]
				}
				if code, ok := toColleague[state][name]; ok && who == "a colleague of the team" {
					want = code
				}
				f := l.await("error", func(f client.Frame) bool { return f.T == "error" })
				if string(f.Code) != want {
					t.Errorf("told %q, want %q", f.Code, want)
				}
			})
		}
	}
	if after, err := json.Marshal(r.state(id)); err != nil || string(after) != string(before) {
		t.Errorf("something has changed:\n%s\n%s", before, after)
	}
}

// plantIn makes a conversation that stays in a state: its seeker is noted as gone, or
// the dispatcher would notice that nobody sits there.
func (r *rig) plantIn(state State, team staff.Team, p *person) ID {
	r.t.Helper()
	gone := func(c *Conversation) { c.GoneAt = c.CreatedAt }
	kids := []string{p.actor.KID}
	var id ID
	switch state {
	case Waiting:
		id = r.plant(team, []string{"nobody's"}, gone)
	case Offered:
		id = r.plant(team, kids, gone)
		r.say(id)
		r.round()
	case Deferred:
		id = r.plant(team, kids, gone, func(c *Conversation) { c.Kind = Message })
		r.say(id)
	default:
		id = r.plant(team, kids, gone)
		if _, err := r.accept(r.t.Context(), p.actor, id); err != nil {
			r.t.Fatal(err)
		}
	}
	if state == Closed {
		wantCode(r.t, r.act(r.t.Context(), p.actor, id, ActClose), "")
	}
	if state == Purged {
		if _, err := r.Delete(r.t.Context(), Seat{Conversation: id, Who: Seeker}); err != nil {
			r.t.Fatal(err)
		}
	}
	r.want(id, state)
	return id
}

// TestSeekersAndCounsellorsDoNotSwapFrames sends what belongs to the other side
// about the own conversation.
func TestSeekersAndCounsellorsDoNotSwapFrames(t *testing.T) {
	r := memoryRig(t).run()
	desk, s, chair := r.accepted()
	desk.wantState(Active)
	chair.wantState(Active)
	c := s.id.String()
	for _, x := range []struct {
		l     *line
		frame string
		code  string
	}{
		{chair, `{"t":"accept","c":%q}`, "forbidden"},
		{chair, `{"t":"decline","c":%q}`, "forbidden"},
		{chair, `{"t":"transfer","c":%q,"step":"ask"}`, "invalid_input"},
		{chair, `{"t":"transfer","c":%q,"step":"consent"}`, "no_transfer"},
		{chair, `{"t":"release","c":%q,"as":"queue"}`, "not_now"},
		{chair, `{"t":"release","c":%q,"as":"up"}`, "invalid_input"},
		{chair, `{"t":"status","c":%q,"state":"ready"}`, "invalid_input"},
		{chair, `{"t":"status","c":%q,"on_gone":"burn"}`, "invalid_input"},
		{desk, `{"t":"transfer","c":%q,"step":"consent"}`, "invalid_input"},
		{desk, `{"t":"release","c":%q,"as":"message"}`, "invalid_input"},
		{desk, `{"t":"status","c":%q,"on_gone":"keep"}`, "invalid_input"},
		{desk, `{"t":"decline","c":%q}`, "not_now"},
		{desk, `{"t":"accept","c":%q}`, "taken"},
	} {
		x.l.raw(fmt.Sprintf(x.frame, c))
		x.l.refused(x.code)
	}
	desk.raw(`{"t":"status","state":"ready","limit":9}`)
	desk.refused("invalid_input")
	desk.raw(`{"t":"accept"}`)
	desk.refused("nothing_waiting")
}

// TestBadFramesAreAnsweredWithACode sends what no page would send.
func TestBadFramesAreAnsweredWithACode(t *testing.T) {
	r := memoryRig(t).run()
	r.desk("Mira", nil)
	s := r.open(debts, Live)
	l := s.sit(r.http)
	c := s.id.String()
	for _, x := range []struct{ frame, code string }{
		{`hello`, "malformed"}, {`[]`, "malformed"}, {`null`, "malformed"}, {`{"t":7}`, "malformed"}, {`{"t":""}`, "malformed"},
		{`{"x":1}`, "malformed"}, {`{"t":"send"`, "malformed"}, {`{"t":"typing","c":"` + c + `","on":true} {}`, "malformed"},
		{`{"t":"typing","c":"` + c + `","on":true,"more":1}`, "malformed"}, {`{"t":"typing","c":"` + c + `","on":"yes"}`, "malformed"},
		{`{"t":"typing","c":"` + strings.ToUpper(c) + `","on":true}`, "malformed"}, {`{"t":"typing","c":"x","on":true}`, "malformed"},
		{`{"t":"sing"}`, "unknown_type"}, {`{"t":"welcome"}`, "unknown_type"}, {`{"on":true,"t":"shout"}`, "unknown_type"},
		{`{"t":"read","c":"` + c + `","seq":-1}`, "invalid_input"}, {`{"t":"read","c":"` + c + `","seq":1e99}`, "malformed"},
		{`{"t":"send","c":"` + c + `","id":"` + NewID().String() + `","epoch":0,"n":1,"after":0,"body":"!"}`, "malformed"},
		{`{"t":"send","c":"` + c + `","id":"` + NewID().String() + `","epoch":0,"n":1,"after":0,"body":"AAAA"}`, "bad_length"},
		{`{"t":"send","c":"` + c + `","id":"x","epoch":0,"n":1,"after":0,"body":"AAAA"}`, "invalid_input"},
		{`{"t":"typing","c":"` + c + `","on":true}`, "not_now"}, // nobody is there yet
		{`{"t":"signal","c":"` + c + `","body":""}`, "bad_length"},
		{"\x00\xff", "malformed"}, {strings.Repeat(`{"t":`, 5000), "malformed"},
		{`{"t":"typing","c":"` + c + `","on":true` + strings.Repeat(" ", maxFrame) + `}`, "too_large"},
	} {
		l.raw(x.frame)
		if f := l.refused(x.code); x.code == "unknown_type" && f.Re != "" {
			t.Errorf("an unknown type is repeated: %q", f.Re)
		}
	}
	if err := l.conn.SendBinary(t.Context(), []byte(`{"t":"close","c":"`+c+`"}`)); err != nil {
		t.Fatal(err)
	}
	l.refused("malformed")
	l.raw(` {} `)
	l.raw(`{"on":false,"c":"` + c + `","t":"typing"}`) // the order of fields is free
	l.refused("not_now")
	if c := r.state(s.id); c.State != Waiting && c.State != Offered {
		t.Errorf("all that came to %q", c.State)
	}
}

func TestTooManyFramesAreSlowedAndThenEnded(t *testing.T) {
	r := memoryRig(t).run()
	r.desk("Mira", nil)
	s := r.open(debts, Message)
	l := s.sit(r.http)
	for range 15 {
		l.raw(`{"t":"sing"}`)
		l.refused("unknown_type")
	}
	for range 300 {
		if l.conn.SendRaw(t.Context(), []byte(`{"t":"sing"}`)) != nil {
			break
		}
	}
	if f := l.refused("too_many"); f.RetryS < 1 {
		t.Errorf("retry %+v", f)
	}
	if f := l.frame("bye"); f.Code != "4029" || !f.Reconnect {
		t.Errorf("bye %+v", f)
	}
	if code := l.closed(); code != closeRate {
		t.Errorf("closed with %d", code)
	}
}

func TestHelloIsCheckedAndHasToComeFirst(t *testing.T) {
	r := memoryRig(t, func(o *Options) { o.Tuning.HelloWithin, o.Tuning.Heartbeat = 1<<40, 1<<40 }).run()
	_, p := r.desk("Mira", nil)
	s := r.open(debts, Live)
	gone := r.open(debts, Live)
	if _, err := r.Delete(t.Context(), Seat{Conversation: gone.id, Who: Seeker}); err != nil {
		t.Fatal(err)
	}
	supervisor := r.w.hire(t, "Lea")
	for _, x := range []struct {
		hello client.Frame
		code  string
		close int
	}{
		{client.Frame{T: "hello", V: client.Version, Token: "nonsense"}, "unauthenticated", closeAuth},
		{client.Frame{T: "hello", V: client.Version, Token: string(newToken())}, "unauthenticated", closeAuth},
		{client.Frame{T: "hello", V: client.Version, Token: gone.token}, "deleted", closeAuth},
		{client.Frame{T: "hello", V: "lotse.chat.v9", Token: s.token}, "invalid_input", closeAuth},
		{client.Frame{T: "hello", V: client.Version}, "invalid_input", closeAuth},
		{client.Frame{T: "hello", V: client.Version, Token: s.token, Ticket: r.w.ticket(p)}, "invalid_input", closeAuth},
		{client.Frame{T: "hello", V: client.Version, Ticket: "used"}, "signed_out", closeAuth},
		{client.Frame{T: "hello", V: client.Version, Ticket: r.w.ticket(supervisor)}, "forbidden", closeForbidden},
		{client.Frame{T: "accept"}, "hello_first", closeAuth},
	} {
		l := dial(t, r.http, false)
		data, err := json.Marshal(x.hello)
		if err != nil {
			t.Fatal(err)
		}
		l.raw(string(data))
		l.refused(x.code)
		if code := l.closed(); code != x.close {
			t.Errorf("%+v: closed with %d, want %d", x.hello, code, x.close)
		}
	}
}

func TestSilentSocketsAreClosed(t *testing.T) {
	r := memoryRig(t, func(o *Options) { o.Tuning.HelloWithin, o.Tuning.Heartbeat = 50e6, 60e6 }).run()
	r.desk("Mira", nil)
	mute := dial(t, r.http, false)
	if code := mute.closed(); code != closeResync {
		t.Errorf("a socket without hello was closed with %d", code)
	}
	s := r.open(debts, Live)
	dead := dial(t, r.http, true) // answers no heartbeat
	dead.send(client.Frame{T: "hello", V: client.Version, Token: s.token})
	dead.frame("welcome")
	dead.closed()
	live := s.sit(r.http)
	for range 5 { // several heartbeats
		live.raw(`{"t":"sing"}`)
		live.refused("unknown_type")
	}
}

func TestEndedSessionsLoseTheirSocket(t *testing.T) {
	r := memoryRig(t).run()
	team := r.w.addTeam(t, nil)
	p := r.w.hire(t, "Mira", team)
	r.shift(p, team)
	desk := r.work(p, r.http)
	topic := topicSession + p.actor.ID.String()
	if err := r.bus.Publish(t.Context(), topic, []byte("another")); err != nil { // another session of hers
		t.Fatal(err)
	}
	desk.raw(`{"t":"accept"}`)
	desk.refused("nothing_waiting")
	r.w.mu.Lock()
	r.w.ended[p.actor.Session] = true
	r.w.mu.Unlock()
	if err := r.bus.Publish(t.Context(), topic, []byte(p.actor.Session.String())); err != nil {
		t.Fatal(err)
	}
	if code := desk.closed(); code != closeAuth {
		t.Errorf("closed with %d", code)
	}
}

// TestNewRightsReachAnOpenConsole gives a role for one more team, and makes a team
// for which a role that covers all teams holds too.
func TestNewRightsReachAnOpenConsole(t *testing.T) {
	for name, grant := range map[string]struct {
		provider bool
		topic    func(*person) string
		payload  string
	}{
		"a role for a team":        {false, func(p *person) string { return topicSession + p.actor.ID.String() }, "*"},
		"a team under a wide role": {true, func(*person) string { return topicRoster }, payloadTeam},
	} {
		t.Run(name, func(t *testing.T) {
			r := memoryRig(t).run()
			team := r.w.addTeam(t, nil)
			p := r.w.hire(t, "Mira", team)
			if grant.provider {
				p.actor.Grants = []staff.Grant{{Role: staff.Counsellor, Provider: team.Provider}}
			}
			desk := r.work(p, r.http)
			evening := r.w.addTeam(t, func(x *staff.Team) { x.Provider = team.Provider; x.Topics = []string{"sucht"} })
			r.w.mu.Lock()
			p.actor.Teams = append(slices.Clone(p.actor.Teams), evening.ID)
			if !grant.provider {
				p.actor.Grants = append(slices.Clone(p.actor.Grants), staff.Grant{Role: staff.Counsellor, Provider: team.Provider, Team: evening.ID})
			}
			r.w.members[evening.ID] = []*person{p}
			r.w.signLocked(t, evening.ID)
			r.w.mu.Unlock()
			if err := r.bus.Publish(t.Context(), grant.topic(p), []byte(grant.payload)); err != nil {
				t.Fatal(err)
			}
			if code := desk.closed(); code != closeResync {
				t.Fatalf("closed with %d", code)
			}
			r.shift(p, evening)
			again := r.work(p, r.http)
			s := r.open(Ask{Topic: "sucht", Language: "de"}, Live)
			r.say(s.id)
			again.frame("offer")
			again.send(client.Frame{T: "accept", C: s.id.String()})
			again.wantState(Active)
			if err := r.bus.Publish(t.Context(), grant.topic(p), []byte(grant.payload)); err != nil { // nothing new
				t.Fatal(err)
			}
			again.raw(`{"t":"accept"}`)
			again.refused("nothing_waiting")
		})
	}
}

func TestForeignPagesCannotOpenASocket(t *testing.T) {
	r := memoryRig(t).run()
	for origin, ok := range map[string]bool{"": true, r.http.URL: true, "https://evil.example": false, "null": false} {
		conn, err := client.Dial(t.Context(), wsURL(r.http), client.Options{Origin: origin})
		if (err == nil) != ok {
			t.Errorf("origin %q: %v", origin, err)
		}
		if err == nil {
			_ = conn.Cut()
		}
	}
}
