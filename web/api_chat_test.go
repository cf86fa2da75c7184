package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"lotse/chat"
	"lotse/chat/client"
	"lotse/internal/bus"
	"lotse/internal/bus/bustest"
	"lotse/internal/fault"
	"lotse/internal/roster"
	"lotse/internal/seal"
	"lotse/internal/staff"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// line is a team of one counsellor as the chat sees it, with real keys.
type chatLine struct {
	mu     sync.Mutex
	team   staff.Team
	actor  staff.Actor
	keys   *seal.StaffKeys
	chain  []seal.SignedState
	onDuty bool
}

func (l *chatLine) Teams(context.Context) ([]staff.Team, error) { return []staff.Team{l.team}, nil }
func (l *chatLine) Skills(context.Context) (map[staff.ID]staff.Skills, error) {
	return map[staff.ID]staff.Skills{l.actor.ID: {Limit: 2}}, nil
}
func (l *chatLine) Retentions(context.Context, store.Queryer) (map[staff.ProviderID]staff.Retention, error) {
	return map[staff.ProviderID]staff.Retention{l.team.Provider: staff.DefaultRetention()}, nil
}
func (l *chatLine) KIDs(context.Context) (map[staff.ID]string, error) {
	return map[staff.ID]string{l.actor.ID: l.actor.KID}, nil
}
func (l *chatLine) Chain(context.Context, staff.TeamID) ([]seal.SignedState, error) {
	return l.chain, nil
}
func (l *chatLine) RedeemTicket(_ context.Context, ticket string) (staff.Actor, error) {
	if ticket != "ticket" {
		return staff.Actor{}, fault.New(fault.Unauthenticated, "signed_out")
	}
	return l.actor, nil
}
func (l *chatLine) Alive(context.Context, staff.SessionID) (staff.Actor, error) { return l.actor, nil }
func (l *chatLine) Covering(context.Context, string, string) ([]string, error) {
	return []string{"c1"}, nil
}
func (l *chatLine) Append(context.Context, *store.Tx, staff.Entry) error { return nil }

// Duties puts the counsellor on duty all day, or not.
func (l *chatLine) Duties(_ context.Context, from, _ time.Time) ([]roster.Duty, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.onDuty {
		return nil, nil
	}
	return []roster.Duty{{Person: l.actor.ID, Team: l.team.ID, Start: from.Add(-time.Hour), End: from.Add(12 * time.Hour), Channels: roster.Channels()}}, nil
}

func (l *chatLine) NextOpening(_ context.Context, _ roster.Filter, after time.Time) (time.Time, bool, error) {
	return after.Add(time.Hour), true, nil
}

// Actor makes the counsellor the only one who is signed in.
func (l *chatLine) Actor(_ context.Context, token string) (staff.Actor, error) {
	if token != "counsellor" {
		return staff.Actor{}, fault.New(fault.Unauthenticated, "unauthenticated")
	}
	return l.actor, nil
}

func newChatLine(t *testing.T) *chatLine {
	t.Helper()
	keys, _, err := seal.NewStaffKeys(seal.KEK{Kind: seal.WrapRecovery, Key: seal.NewCode().RecoveryKEK()})
	if err != nil {
		t.Fatal(err)
	}
	l := &chatLine{keys: keys, onDuty: true}
	l.team = staff.Team{ID: staff.NewTeamID(), Provider: staff.NewProviderID(), Name: "Schulden", Reach: staff.Nationwide,
		Policy: staff.PolicyTeam, QueueMax: 5}
	l.actor = staff.Actor{ID: staff.NewID(), Provider: l.team.Provider, Name: "Mira", KID: keys.KID().String(), Teams: []staff.TeamID{l.team.ID},
		Grants: []staff.Grant{{Role: staff.Counsellor, Provider: l.team.Provider}}}
	signed, err := keys.Sign(seal.NewState(l.team.ID.String(), nil, []seal.Member{keys.Member("Mira", true, true)}))
	if err != nil {
		t.Fatal(err)
	}
	l.chain = []seal.SignedState{signed}
	return l
}

// chatSite is a web server with a running chat behind it.
type chatSite struct {
	*httptest.Server
	server *Server
	line   *chatLine
	bus    bus.Bus
	api    client.API
}

func newChatSite(t *testing.T) *chatSite {
	t.Helper()
	o := testOptions(t)
	l := newChatLine(t)
	b := bustest.Serve(t, bus.NewMemory())
	keys, err := seal.OpenKeyDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o.Chat, err = chat.New(chat.Options{DB: testenv.Migrated(t, testenv.SQLite(t)), Bus: b, Log: o.Log, Duties: l, Catchment: l, Staff: l,
		Audit: l, Keys: keys, Tuning: chat.Tuning{BoardFloor: time.Nanosecond, Coalesce: time.Millisecond, Heartbeat: 50 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	o.Seats, o.Sessions = o.Chat, l
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- o.Chat.Run(ctx) }()
	s := serverOf(t, o)
	site := &chatSite{Server: httptest.NewServer(s), server: s, line: l, bus: b}
	site.api = client.API{Base: site.URL, HTTP: site.Client()}
	t.Cleanup(func() {
		short, stop := context.WithCancel(context.Background())
		stop()
		_ = o.Chat.Drain(short) // cuts what is open
		site.Close()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("chat: %v", err)
		}
	})
	return site
}

// here makes the counsellor present and ready, by the socket.
func (s *chatSite) here(t *testing.T) *client.Conn {
	t.Helper()
	conn, err := client.Dial(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http")+"/ws", client.Options{Origin: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Cut() })
	if _, err := conn.Greet(t.Context(), client.Frame{Ticket: "ticket"}); err != nil {
		t.Fatal(err)
	}
	if err := conn.Send(t.Context(), client.Frame{T: "status", State: "ready"}); err != nil {
		t.Fatal(err)
	}
	for {
		f, err := conn.Recv(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if f.T == "status" && f.State == "ready" {
			return conn
		}
	}
}

// begin prepares to open a conversation.
func (s *chatSite) begin(t *testing.T, kind string) (*client.Talk, client.Opening) {
	t.Helper()
	found, err := s.api.Recipients(t.Context(), url.Values{"topic": {"schulden"}, "language": {"de"}, "kind": {kind}})
	if err != nil {
		t.Fatal(err)
	}
	talk, epoch, err := client.NewTalk(found.Team.ID, found.Chain, found.Readers, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return talk, client.Opening{Topic: "schulden", Language: "de", Kind: kind, OnGone: "keep", Epoch: epoch}
}

// wantProblem fails unless err is a problem with status and code.
func wantProblem(t *testing.T, err error, status int, code string) *client.Problem {
	t.Helper()
	p, ok := err.(*client.Problem)
	if !ok || p.Status != status || p.Code != code {
		t.Errorf("%v, want %d %s", err, status, code)
		return &client.Problem{}
	}
	return p
}

func TestChatOverHTTPFromOpeningToReceipt(t *testing.T) {
	s := newChatSite(t)
	ctx := t.Context()
	talk, o := s.begin(t, "message")
	opened, err := s.api.Open(ctx, o)
	if err != nil || opened.State != "deferred" {
		t.Fatalf("open: %+v %v", opened, err)
	}
	o.Token = opened.Token
	if again, err := s.api.Open(ctx, o); err != nil || again.ID != opened.ID {
		t.Errorf("the same again: %+v %v", again, err)
	}
	me := s.api
	me.Token = opened.Token
	m, err := talk.Seal("Guten Tag")
	if err != nil {
		t.Fatal(err)
	}
	ack, err := me.Leave(ctx, m)
	if err != nil || ack.Seq != 1 {
		t.Fatalf("leave: %+v %v", ack, err)
	}
	page, err := me.Messages(ctx, 0, 10)
	if err != nil || len(page.Messages) != 1 || page.More {
		t.Fatalf("messages: %+v %v", page, err)
	}
	if items := talk.Add(page.Messages[0].Message); len(items) != 1 || string(items[0].Plain) != `{"text":"Guten Tag"}` {
		t.Errorf("items %+v", items)
	}
	code := seal.NewCode()
	if err := me.SetReturn(ctx, code.ReturnAuth()); err != nil {
		t.Fatal(err)
	}
	back, err := s.api.Return(ctx, code.ReturnAuth())
	if err != nil || back.ID != opened.ID {
		t.Fatalf("return: %+v %v", back, err)
	}
	_, err = me.Conversation(ctx)
	wantProblem(t, err, http.StatusUnauthorized, "unauthenticated")
	me.Token = back.Token
	own, err := me.Conversation(ctx)
	if err != nil || own.Conversation.C != opened.ID || len(own.Epochs) != 1 || len(own.Chains) != 1 || !own.HasReturn {
		t.Errorf("own: %+v %v", own, err)
	}
	if wanted, err := me.Recipients(ctx, url.Values{"team": {s.line.team.ID.String()}}); err != nil || len(wanted.Readers) != 1 {
		t.Errorf("wanted: %+v %v", wanted, err)
	}
	_, err = me.Recipients(ctx, url.Values{"team": {"another"}})
	wantProblem(t, err, http.StatusConflict, "recipients_changed")
	receipt, err := me.Delete(ctx)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.RFC3339, receipt.At)
	if err != nil {
		t.Fatal(err)
	}
	id, err := chat.ParseID(opened.ID)
	if err != nil {
		t.Fatal(err)
	}
	if want := chat.ReceiptDigest(id, own.Room, []seal.Bytes{own.Epochs[0].Commit}, 1, at); receipt.Digest != want {
		t.Errorf("receipt %s, want %s", receipt.Digest, want)
	}
	_, err = me.Conversation(ctx)
	wantProblem(t, err, http.StatusGone, "deleted")
}

func TestChatAPIRefusesWithACode(t *testing.T) {
	s := newChatSite(t)
	_, o := s.begin(t, "message")
	good, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	bearer := "Bearer " + strings.Repeat("A", 43)
	for _, c := range []struct {
		name, method, path, kind, auth, body string
		status                               int
		code                                 string
	}{
		{"no body", "POST", "conversations", "application/json", "", "", 400, "malformed"},
		{"not JSON", "POST", "conversations", "application/json", "", "hello", 400, "malformed"},
		{"an unknown field", "POST", "conversations", "application/json", "", `{"topic":"x","more":1}`, 400, "malformed"},
		{"two bodies", "POST", "conversations", "application/json", "", string(good) + "{}", 400, "malformed"},
		{"a form", "POST", "conversations", "application/x-www-form-urlencoded", "", "topic=x", 415, "unsupported_media"},
		{"another charset", "POST", "conversations", "application/json; charset=latin1", "", string(good), 415, "unsupported_media"},
		{"nothing in it", "POST", "conversations", "application/json", "", `{}`, 422, "invalid_input"},
		{"far too large", "POST", "conversations", "application/json", "", `{"topic":"` + strings.Repeat("x", maxBody) + `"}`, 413, "too_large"},
		{"bad base64", "POST", "return", "application/json", "", `{"auth":"!"}`, 400, "malformed"},
		{"an unknown code", "POST", "return", "application/json", "", `{"auth":"AAAA"}`, 401, "return_unknown"},
		{"no token", "GET", "conversation", "", "", "", 401, "unauthenticated"},
		{"a token that is none", "GET", "conversation", "", "Bearer x", "", 401, "unauthenticated"},
		{"a token nobody has", "GET", "conversation", "", bearer, "", 401, "unauthenticated"},
		{"another scheme", "GET", "conversation", "", "Basic " + strings.Repeat("A", 43), "", 401, "unauthenticated"},
		{"a token in the address", "GET", "conversation?token=" + strings.Repeat("A", 43), "", "", "", 401, "unauthenticated"},
		{"wrong token for recipients", "GET", "recipients?team=x", "", bearer, "", 401, "unauthenticated"},
		{"unknown kind", "GET", "recipients?kind=video", "", "", "", 422, "invalid_input"},
		{"bad postcode", "GET", "availability?postcode=1234", "", "", "", 422, "invalid_input"},
		{"bad topic", "GET", "availability?topic=%00", "", "", "", 422, "invalid_input"},
		{"a topic that nobody knows", "GET", "availability?topic=nix", "", "", "", 422, "invalid_input"},
		{"to listen for such a topic", "GET", "availability/stream?topic=nix", "", "", "", 422, "invalid_input"},
		{"recipients for such a topic", "GET", "recipients?topic=nix&kind=message", "", "", "", 422, "invalid_input"},
		{"to open for such a topic", "POST", "conversations", "application/json", "", `{"topic":"nix","language":"de"}`, 422, "invalid_input"},
		{"bad language in the stream", "GET", "availability/stream?language=%3Cde%3E", "", "", "", 422, "invalid_input"},
		{"nobody there", "GET", "recipients?kind=live", "", "", "", 409, "closed"},
		{"wrong method", "PUT", "conversation", "application/json", "", "{}", 405, "method_not_allowed"},
		{"desk without a session", "GET", "staff/desk", "", "", "", 401, "unauthenticated"},
		{"desk with a seeker's token", "GET", "staff/desk", "", bearer, "", 401, "unauthenticated"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, s.URL+"/api/v1/"+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		if c.kind != "" {
			req.Header.Set("Content-Type", c.kind)
		}
		if c.auth != "" {
			req.Header.Set("Authorization", c.auth)
		}
		res, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var p client.Problem
		err = json.NewDecoder(res.Body).Decode(&p)
		res.Body.Close()
		if err != nil || res.StatusCode != c.status || p.Code != c.code || res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %q (%s) %v, want %d %s", c.name, res.StatusCode, p.Code, res.Header.Get("Content-Type"), err, c.status, c.code)
		}
	}
}

func TestClosedLineSaysWhenItOpens(t *testing.T) {
	s := newChatSite(t)
	_, err := s.api.Recipients(t.Context(), url.Values{"kind": {"live"}})
	p := wantProblem(t, err, http.StatusConflict, "closed")
	var a client.Availability
	if err := json.Unmarshal(p.DetailData, &a); err != nil || a.State != "closed" || a.OpensAt == nil {
		t.Errorf("detail %s: %v", p.DetailData, err)
	}
	_, o := s.begin(t, "message")
	o.Kind = "live"
	_, err = s.api.Open(t.Context(), o)
	wantProblem(t, err, http.StatusConflict, "closed")
}

func TestAvailabilityHasExactlyItsFields(t *testing.T) {
	s := newChatSite(t)
	res, err := s.Client().Get(s.URL + "/api/v1/availability?topic=schulden&language=de&postcode=01067")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(body.String(), `{"state":"closed","position":0,"wait_s":{"low":0,"high":0},"opens_at":"20`) {
		t.Errorf("%s", body.String())
	}
	s.here(t)
	a, err := s.api.Availability(t.Context(), url.Values{"language": {"de"}})
	if err != nil || a.State != "free" || a.OpensAt != nil {
		t.Errorf("%+v %v", a, err)
	}
}

func TestAvailabilityStreamTellsChangesAndStaysAlive(t *testing.T) {
	s := newChatSite(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/api/v1/availability/stream?language=de", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if kind := res.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Errorf("content type %q", kind)
	}
	lines := bufio.NewScanner(res.Body)
	next := func(prefix string) string {
		t.Helper()
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), prefix) {
				return lines.Text()
			}
		}
		t.Fatalf("the stream ended before %q: %v", prefix, lines.Err())
		return ""
	}
	next("event: availability")
	if data := next("data: "); !strings.Contains(data, `"state":"closed"`) {
		t.Errorf("first %s", data)
	}
	next(":") // a comment keeps it alive
	s.here(t)
	for !strings.Contains(next("data: "), `"state":"free"`) {
	}
}

func TestOpeningIsLimitedPerNetwork(t *testing.T) {
	s := newChatSite(t)
	_, o := s.begin(t, "message")
	var err error
	for range openBurst + 1 {
		if _, err = s.api.Open(t.Context(), o); err == nil {
			o.Token, o.Epoch.Room[0] = "", o.Epoch.Room[0]+1 // another room each time
		}
	}
	if p := wantProblem(t, err, http.StatusTooManyRequests, "too_many"); p.RetryS < 1 {
		t.Errorf("retry after %d s", p.RetryS)
	}
}

// say opens the seeker's socket and sends the first words.
func (s *chatSite) say(t *testing.T, opened client.Opened, talk *client.Talk) {
	t.Helper()
	m, err := talk.Seal("Hallo")
	if err != nil {
		t.Fatal(err)
	}
	chair, err := client.Dial(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http")+"/ws", client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = chair.Cut() })
	if _, err = chair.Greet(t.Context(), client.Frame{Token: opened.Token}); err == nil {
		err = chair.Send(t.Context(), client.Send(opened.ID, m))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestCounsellorUsesTheStaffAPI(t *testing.T) {
	s := newChatSite(t)
	desk := s.here(t)
	talk, o := s.begin(t, "live")
	opened, err := s.api.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	staffGet := func(path string, v any) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/api/v1/staff/"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.AddCookie(&http.Cookie{Name: s.server.cookieName(), Value: "counsellor"})
		res, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode == http.StatusOK {
			if err := json.NewDecoder(res.Body).Decode(v); err != nil {
				t.Fatal(err)
			}
		}
		return res.StatusCode
	}
	s.say(t, opened, talk)
	for {
		f, err := desk.Recv(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if f.T == "offer" {
			break
		}
	}
	if err := desk.Send(t.Context(), client.Frame{T: "accept", C: opened.ID}); err != nil {
		t.Fatal(err)
	}
	for {
		f, err := desk.Recv(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if f.T == "state" && f.State == "active" {
			break
		}
	}
	var view struct {
		Conversations []client.Frame `json:"conversations"`
	}
	if status := staffGet("desk", &view); status != http.StatusOK || len(view.Conversations) != 1 {
		t.Errorf("desk: %d %+v", status, view)
	}
	var own client.Own
	if status := staffGet("conversations/"+opened.ID, &own); status != http.StatusOK {
		t.Fatalf("conversation: %d", status)
	}
	mine, err := client.OpenTalk(s.line.keys.KEM(), own.Epochs)
	if err != nil || mine.Room.ID != talk.Room.ID {
		t.Errorf("room: %v", err)
	}
	var page client.Page
	if status := staffGet("conversations/"+opened.ID+"/messages?after=0&limit=5", &page); status != http.StatusOK {
		t.Errorf("messages: %d", status)
	}
	for path, want := range map[string]int{
		"conversations/" + chat.NewID().String(): 404, "conversations/x": 422,
		"conversations/" + opened.ID + "/messages?limit=0": 422, "conversations/" + opened.ID + "/messages?after=x": 422,
	} {
		if status := staffGet(path, nil); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
}
