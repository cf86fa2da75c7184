package chat

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

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

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Now().UTC().Truncate(time.Millisecond)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// person is a counsellor with keys.
type person struct {
	actor staff.Actor
	keys  *seal.StaffKeys
	skill staff.Skills
}

// world is everything the chat sees of the others, as hand-written fakes: staff,
// duties, catchment, audit. One lock guards it all.
type world struct {
	mu       sync.Mutex
	teams    []staff.Team
	people   []*person
	members  map[staff.TeamID][]*person
	chains   map[staff.TeamID][]seal.SignedState
	duties   []roster.Duty
	opening  time.Time
	covering map[string][]string
	tickets  map[string]staff.Actor
	ended    map[staff.SessionID]bool
	entries  []staff.Entry
	busyNow  map[staff.ID]bool
	fails    error                                // of Duties
	keep     map[staff.ProviderID]staff.Retention // those that have set one
}

func newWorld() *world {
	return &world{members: map[staff.TeamID][]*person{}, chains: map[staff.TeamID][]seal.SignedState{}, covering: map[string][]string{},
		tickets: map[string]staff.Actor{}, ended: map[staff.SessionID]bool{}, busyNow: map[staff.ID]bool{},
		keep: map[staff.ProviderID]staff.Retention{}}
}

func (w *world) Teams(context.Context) ([]staff.Team, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.teams), nil
}

func (w *world) Skills(context.Context) (map[staff.ID]staff.Skills, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := map[staff.ID]staff.Skills{}
	for _, p := range w.people {
		m[p.actor.ID] = p.skill
	}
	return m, nil
}

func (w *world) KIDs(context.Context) (map[staff.ID]string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := map[staff.ID]string{}
	for _, p := range w.people {
		m[p.actor.ID] = p.actor.KID
	}
	return m, nil
}

// Retentions knows the provider of every team.
func (w *world) Retentions(context.Context, store.Queryer) (map[staff.ProviderID]staff.Retention, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := map[staff.ProviderID]staff.Retention{}
	for _, t := range w.teams {
		all[t.Provider] = staff.DefaultRetention()
	}
	maps.Copy(all, w.keep)
	return all, nil
}

// setKeep is what an admin of the team's provider sets.
func (w *world) setKeep(t staff.Team, r staff.Retention) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keep[t.Provider] = r
}

func (w *world) Chain(_ context.Context, team staff.TeamID) ([]seal.SignedState, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.chains[team]), nil
}

func (w *world) RedeemTicket(_ context.Context, ticket string) (staff.Actor, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	actor, ok := w.tickets[ticket]
	delete(w.tickets, ticket)
	if !ok {
		return actor, fault.New(fault.Unauthenticated, "signed_out")
	}
	return actor, nil
}

func (w *world) Alive(_ context.Context, id staff.SessionID) (staff.Actor, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.people {
		if p.actor.Session == id && !w.ended[id] {
			return p.actor, nil
		}
	}
	return staff.Actor{}, fault.New(fault.Unauthenticated, "signed_out")
}

func (w *world) Duties(_ context.Context, from, to time.Time) ([]roster.Duty, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []roster.Duty
	for _, d := range w.duties {
		if d.Start.Before(to) && d.End.After(from) {
			list = append(list, d)
		}
	}
	slices.SortStableFunc(list, func(a, b roster.Duty) int { return a.Start.Compare(b.Start) })
	return list, w.fails
}

func (w *world) NextOpening(context.Context, roster.Filter, time.Time) (time.Time, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.opening, !w.opening.IsZero(), nil
}

func (w *world) Covering(_ context.Context, _, postcode string) ([]string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.covering[postcode], nil
}

func (w *world) Append(_ context.Context, _ *store.Tx, e staff.Entry) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.entries = append(w.entries, e)
	return nil
}

func (w *world) Busy(context.Context, time.Time, time.Duration) (map[staff.ID]bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	busy := map[staff.ID]bool{}
	maps.Copy(busy, w.busyNow)
	return busy, nil
}

// addTeam makes a team that takes everybody who asks.
func (w *world) addTeam(t testing.TB, change func(*staff.Team)) staff.Team {
	t.Helper()
	team := staff.Team{ID: staff.NewTeamID(), Provider: staff.NewProviderID(), Name: "Team", Reach: staff.Nationwide,
		Policy: staff.PolicyTeam, QueueMax: 10, LastChatBefore: 15 * time.Minute, Formal: true}
	if change != nil {
		change(&team)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.teams = append(w.teams, team)
	return team
}

// hire makes a counsellor of some teams; the chain of each goes on.
func (w *world) hire(t testing.TB, name string, teams ...staff.Team) *person {
	t.Helper()
	keys, _, err := seal.NewStaffKeys(seal.KEK{Kind: seal.WrapRecovery, Key: seal.NewCode().RecoveryKEK()})
	if err != nil {
		t.Fatal(err)
	}
	p := &person{keys: keys, skill: staff.Skills{Limit: 2}}
	p.actor = staff.Actor{ID: staff.NewID(), Name: name, KID: keys.KID().String(), Session: staff.SessionID{UUID: staff.NewID().UUID}}
	for _, team := range teams {
		p.actor.Provider = team.Provider
		p.actor.Teams = append(p.actor.Teams, team.ID)
		p.actor.Grants = append(p.actor.Grants, staff.Grant{Role: staff.Counsellor, Provider: team.Provider, Team: team.ID})
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.people = append(w.people, p)
	for _, team := range teams {
		w.members[team.ID] = append(w.members[team.ID], p)
		w.signLocked(t, team.ID, p)
	}
	return p
}

// signLocked appends a state with the present members, signed by the first.
func (w *world) signLocked(t testing.TB, team staff.TeamID, named ...*person) {
	t.Helper()
	var members []seal.Member
	for i, p := range w.members[team] {
		members = append(members, p.keys.Member(p.actor.Name, true, i == 0))
	}
	var prev *seal.State
	if chain := w.chains[team]; len(chain) > 0 {
		prev = &chain[len(chain)-1].State
	}
	signed, err := w.members[team][0].keys.Sign(seal.NewState(team.String(), prev, members))
	if err != nil {
		t.Fatal(err)
	}
	w.chains[team] = append(w.chains[team], signed)
}

// fire takes somebody out of a team's chain.
func (w *world) fire(t testing.TB, p *person, team staff.TeamID) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.members[team] = slices.DeleteFunc(w.members[team], func(o *person) bool { return o == p })
	w.signLocked(t, team)
}

// onDuty puts somebody on duty around an instant.
func (w *world) onDuty(p *person, team staff.TeamID, start, end time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.duties = append(w.duties, roster.Duty{Person: p.actor.ID, Team: team, Start: start, End: end, Channels: roster.Channels()})
}

// ticket is a fresh ticket.
func (w *world) ticket(p *person) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := fmt.Sprintf("ticket-%d-%s", len(w.tickets), NewID())
	w.tickets[t] = p.actor
	return t
}

// memoryKeys are day keys in a temporary directory.
func memoryKeys(t testing.TB) seal.DayKeys {
	t.Helper()
	keys, err := seal.OpenKeyDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// rig is one node of the chat with a world around it.
type rig struct {
	*Service
	t     testing.TB
	w     *world
	clock *clock
	db    *store.DB
	keys  seal.DayKeys
	http  *httptest.Server
}

// newRig makes a node that does not run: tests call its loops themselves.
func newRig(t testing.TB, db *store.DB, b bus.Bus, change ...func(*Options)) *rig {
	t.Helper()
	r := &rig{t: t, w: newWorld(), clock: newClock(), db: db, keys: memoryKeys(t)}
	r.Service = r.node(b, change...)
	return r
}

// node makes one more node of the same world.
func (r *rig) node(b bus.Bus, change ...func(*Options)) *Service {
	r.t.Helper()
	o := Options{DB: r.db, Bus: b, Log: testenv.Log(r.t), Duties: r.w, Catchment: r.w, Staff: r.w, Audit: r.w, Calendar: r.w, Keys: r.keys,
		Now: r.clock.now, Tuning: Tuning{BoardFloor: -1, Coalesce: time.Millisecond}}
	for _, c := range change {
		c(&o)
	}
	s, err := New(o)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// memoryRig is a node on SQLite and the bus in process.
func memoryRig(t testing.TB, change ...func(*Options)) *rig {
	t.Helper()
	return newRig(t, testenv.Migrated(t, testenv.SQLite(t)), bustest.Serve(t, bus.NewMemory()), change...)
}

// serve runs a node and gives it a web address until the test ends.
func serve(t testing.TB, s *Service) *httptest.Server {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	web := httptest.NewServer(http.HandlerFunc(s.ServeSocket))
	var once sync.Once
	t.Cleanup(func() {
		once.Do(func() {
			short, stop := context.WithCancel(context.Background())
			stop()
			_ = s.Drain(short) // cuts what is open
			web.Close()
			cancel()
			if err := <-done; err != nil {
				t.Errorf("run: %v", err)
			}
		})
	})
	return web
}

// run serves the rig's own node.
func (r *rig) run() *rig {
	r.t.Helper()
	r.http = serve(r.t, r.Service)
	return r
}

// ready makes a person present without a socket.
func (r *rig) ready(p *person) {
	r.t.Helper()
	value, err := json.Marshal(presence{State: deskReady, Conn: "test"})
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.bus.Touch(r.t.Context(), setDesk, p.actor.ID.String(), value, time.Hour); err != nil {
		r.t.Fatal(err)
	}
	r.boards.spoil()
}

// shift puts a person on duty from an hour ago for eight hours.
func (r *rig) shift(p *person, team staff.Team) {
	r.w.onDuty(p, team.ID, r.clock.now().Add(-time.Hour), r.clock.now().Add(8*time.Hour))
	r.boards.spoil()
	if err := r.bus.Publish(r.t.Context(), topicRoster, nil); err != nil { // as the roster does, for other nodes
		r.t.Fatal(err)
	}
}

// desk is a person on shift and ready in a new team.
func (r *rig) desk(name string, change func(*staff.Team)) (staff.Team, *person) {
	r.t.Helper()
	team := r.w.addTeam(r.t, change)
	return team, r.join(name, team)
}

// join is a further person on shift and ready.
func (r *rig) join(name string, team staff.Team) *person {
	r.t.Helper()
	p := r.w.hire(r.t, name, team)
	r.readers.forget(team.ID)
	r.shift(p, team)
	r.ready(p)
	return p
}

// seeker is somebody who asks for help, with the keys of their room.
type seeker struct {
	r     *rig
	talk  *client.Talk
	token string
	id    ID
	epoch seal.Epoch
}

// request prepares to open a conversation without doing so.
func (r *rig) request(ask Ask, kind Kind) (*seeker, OpenRequest) {
	r.t.Helper()
	r.boards.spoil() // a hint may still be on its way
	found, err := r.Recipients(r.t.Context(), ask, kind)
	if err != nil {
		r.t.Fatal(err)
	}
	talk, epoch, err := client.NewTalk(found.Team.ID.String(), found.Chain, kidsOf(r.t, found.Readers), r.clock.now())
	if err != nil {
		r.t.Fatal(err)
	}
	s := &seeker{r: r, talk: talk, token: string(newToken()), epoch: epoch}
	return s, OpenRequest{Ask: ask, Kind: kind, OnGone: Keep, Token: s.token, Epoch: epoch}
}

func kidsOf(t testing.TB, texts []string) []seal.KID {
	t.Helper()
	kids := make([]seal.KID, len(texts))
	for i, k := range texts {
		kid, err := seal.ParseKID(k)
		if err != nil {
			t.Fatal(err)
		}
		kids[i] = kid
	}
	return kids
}

// heard waits until this node knows that somebody is ready, who may be on another
// node.
func (r *rig) heard() {
	r.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		r.boards.spoil()
		if a, err := r.Availability(r.t.Context(), debts); err == nil && a.State != LineClosed {
			return
		}
	}
	r.t.Fatal("nobody is ready")
}

// open opens a conversation.
func (r *rig) open(ask Ask, kind Kind, change ...func(*OpenRequest)) *seeker {
	r.t.Helper()
	s, req := r.request(ask, kind)
	for _, c := range change {
		c(&req)
	}
	opened, err := r.Open(r.t.Context(), req)
	if err != nil {
		r.t.Fatal(err)
	}
	s.id = opened.ID
	r.boards.spoil()
	return s
}

// state reads the row of a conversation.
func (r *rig) state(id ID) Conversation {
	r.t.Helper()
	c, err := loadConversation(r.t.Context(), r.db, id)
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// round runs the dispatcher once.
func (r *rig) round() {
	r.t.Helper()
	r.boards.spoil()
	if err := r.dispatch.round(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

// want fails unless a conversation is in a state.
func (r *rig) want(id ID, state State) Conversation {
	r.t.Helper()
	c := r.state(id)
	if c.State != state {
		r.t.Fatalf("state %q, want %q", c.State, state)
	}
	return c
}

// wantCode fails unless err is a fault with the code.
func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	if got := fault.CodeOf(err); got != code || (err == nil) != (code == "") {
		t.Errorf("error %v, want code %q", err, code)
	}
}
