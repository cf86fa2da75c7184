package chat

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/staff"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

func TestTableOfEdgesIsWellFormed(t *testing.T) {
	leaves := map[State]bool{}
	for i, e := range Edges() {
		leaves[e.From] = true
		if e.From == Purged || e.To == None {
			t.Errorf("edge %d %s leads out of the end or into nothing", i, e.Act)
		}
		for _, earlier := range Edges()[:i] {
			same := earlier.Act == e.Act && earlier.From == e.From && earlier.Who == e.Who
			if same && len(earlier.Guards) == 0 {
				t.Errorf("edge %d %s from %q is never reached", i, e.Act, e.From)
			}
		}
		for _, g := range e.Guards {
			if g.Code == "" || g.Kind != fault.Conflict {
				t.Errorf("edge %d %s: a guard does not say why it fails", i, e.Act)
			}
		}
	}
	for _, s := range States() {
		if s != Purged && !leaves[s] {
			t.Errorf("nothing leads out of %q", s)
		}
	}
}

func TestSeekerCanDeleteFromEveryState(t *testing.T) {
	m := newMachine()
	for _, s := range States() {
		after, err := m.take(Conversation{State: s, Topic: "schulden"}, Step{Act: ActDelete, Who: Seeker, At: time.Now()})
		if s == Purged {
			wantCode(t, err, "deleted")
			continue
		}
		if err != nil || after.State != Purged || after.Topic != "" {
			t.Errorf("delete from %q: %v, %+v", s, err, after)
		}
	}
}

// model is the life of a conversation told a second time, by act instead of by
// table, for the random walks to be compared with.
type model struct {
	state           State
	live, head      bool
	holder          staff.ID
	asked           bool
	askedTeam       staff.TeamID
	team            staff.TeamID
	keep            bool
	gone            time.Duration // how long the seeker is away, 0 = here
	offerOver       bool
	quiet, warned   time.Duration
	seekerSpokeLast bool
	purgeDue        bool
	keptLonger      bool          // than the provider wants by now
	mute            time.Duration // how long a left message has been without a word
}

// try is what a walk attempts.
type try struct {
	act   Act
	who   Who
	actor staff.ID
	place bool
	key   bool
	open  bool
	to    staff.ID
	team  staff.TeamID
	named staff.ID // of an asked transfer
}

// may tells whether the model allows a try, and what follows.
func (m model) may(x try) (State, bool) {
	waits := m.state == Waiting || m.state == Offered
	open := waits || m.state == Active || m.state == Deferred
	mine := m.holder == x.actor
	switch x.act {
	case ActOffer:
		return Offered, m.state == Waiting && x.who == System && m.live && x.place && x.key
	case ActAccept:
		ok := m.state == Offered && mine || m.state == Waiting && x.place && x.key || m.state == Deferred && x.key
		return Active, ok && x.who == Counsellor
	case ActDecline:
		return Waiting, m.state == Offered && x.who == Counsellor && mine
	case ActExpire:
		return Waiting, m.state == Offered && x.who == System && m.offerOver
	case ActLost:
		return pick(m.live || m.state == Offered, Waiting, Deferred), x.who == System && (m.state == Offered || m.state == Active)
	case ActHandBack:
		return pick(m.live, Waiting, Deferred), m.state == Active && x.who == Counsellor && mine
	case ActStale:
		return Deferred, m.state == Active && x.who == System && !m.live && m.seekerSpokeLast && m.quiet >= 72*time.Hour
	case ActAsk:
		return m.state, m.state == Active && x.who == Counsellor && mine || m.state == Waiting && x.who == System && m.live
	case ActCancel:
		return m.state, m.asked && (m.state == Active && x.who == Counsellor && mine || m.state == Waiting && x.who == System)
	case ActRefuse:
		return m.state, m.asked && x.who == Seeker && (m.state == Active || m.state == Waiting)
	case ActConsent:
		if !m.asked || x.who != Seeker || m.state != Active && m.state != Waiting {
			return m.state, false
		}
		if m.state == Waiting {
			return Waiting, true
		}
		if m.askedTeam == m.team {
			return Active, x.place && x.key
		}
		return pick(m.live, Waiting, Deferred), true
	case ActQuit:
		return Closed, waits && x.who == Seeker
	case ActDefer:
		return Deferred, waits && x.who == Seeker
	case ActGone:
		return pick(m.keep, Deferred, Closed), waits && x.who == System && m.gone >= 90*time.Second
	case ActRequeue:
		return Waiting, m.state == Deferred && x.who == Seeker && x.open
	case ActClose:
		return Closed, open && x.who == Seeker || m.state == Active && x.who == Counsellor && mine
	case ActWarn:
		return Active, m.state == Active && x.who == System && m.live && m.warned == 0 && m.quiet >= 5*time.Hour+30*time.Minute
	case ActSilence:
		if m.live {
			return Closed, m.state == Active && x.who == System && m.warned != 0 && m.quiet >= 6*time.Hour
		}
		return Closed, (m.state == Active || m.state == Deferred) && x.who == System && (m.quiet >= 30*24*time.Hour || m.mute >= 10*time.Minute)
	case ActShorten:
		return Closed, m.state == Closed && x.who == System && m.keptLonger
	case ActPurge:
		return Purged, m.state == Closed && x.who == System && m.purgeDue
	case ActDelete:
		return Purged, m.state != Purged && x.who == Seeker
	}
	return m.state, false
}

func pick[T any](which bool, a, b T) T {
	if which {
		return a
	}
	return b
}

// see reads a conversation the way the model does.
func see(c Conversation, now time.Time) model {
	m := model{state: c.State, live: c.Kind != Message, head: c.Head, holder: c.Counsellor, asked: !c.Transfer.IsZero(), askedTeam: c.Transfer.Team,
		team: c.Team, keep: c.OnGone == Keep, offerOver: !c.OfferUntil.After(now), seekerSpokeLast: c.LastBySeeker, purgeDue: !c.PurgeAt.After(now)}
	if !c.GoneAt.IsZero() {
		m.gone = now.Sub(c.GoneAt)
	}
	if c.State == Deferred && c.Seq == 0 {
		m.mute = now.Sub(c.Since)
	}
	began := c.ActiveAt
	if !m.live && c.State == Deferred {
		began = c.Since
	}
	if !m.live && c.State == Active && c.Since.After(began) {
		began = c.Since
	}
	if c.LastAt.After(began) {
		began = c.LastAt
	}
	m.quiet = now.Sub(began)
	if !c.WarnAt.IsZero() {
		m.warned = 1
		if m.live && now.Before(c.WarnAt) {
			m.quiet = min(m.quiet, 6*time.Hour-1)
		}
	}
	return m
}

// acts is every act but the two that begin.
var acts = []Act{ActOffer, ActAccept, ActDecline, ActExpire, ActLost, ActHandBack, ActStale, ActAsk, ActCancel, ActRefuse, ActConsent,
	ActQuit, ActDefer, ActRequeue, ActGone, ActClose, ActWarn, ActSilence, ActShorten, ActPurge, ActDelete}

// walking is the provider of all walks.
var walking = staff.NewProviderID()

// walker is one conversation on its random way.
type walker struct {
	rnd   *rand.Rand
	now   time.Time
	c     Conversation
	staff []staff.ID
	teams []staff.TeamID
}

func (w *walker) try() try {
	x := try{act: acts[w.rnd.IntN(len(acts))], who: []Who{Seeker, Counsellor, System}[w.rnd.IntN(3)], actor: w.staff[w.rnd.IntN(len(w.staff))],
		place: w.rnd.IntN(4) > 0, key: w.rnd.IntN(4) > 0, open: w.rnd.IntN(2) > 0, team: w.teams[w.rnd.IntN(len(w.teams))]}
	if w.rnd.IntN(2) == 0 { // half of the tries are steps that this state knows
		var known []Edge
		for _, e := range Edges() {
			if e.From == w.c.State {
				known = append(known, e)
			}
		}
		if len(known) > 0 {
			e := known[w.rnd.IntN(len(known))]
			x.act, x.who = e.Act, e.Who
		}
	}
	if x.act == ActDelete && w.rnd.IntN(4) > 0 {
		x.act = ActAccept // or no walk would get far
	}
	if w.rnd.IntN(2) == 0 && !w.c.Counsellor.IsZero() {
		x.actor = w.c.Counsellor
	}
	x.to = w.staff[w.rnd.IntN(len(w.staff))]
	w.now = w.now.Add([]time.Duration{time.Second, time.Minute, 3 * time.Hour, 40 * time.Hour, 31 * 24 * time.Hour}[w.rnd.IntN(5)])
	return x
}

func (x try) step(w *walker) Step {
	st := Step{Act: x.act, Who: x.who, At: w.now, Provider: walking, Place: x.place, Key: x.key, TeamOpen: x.open, KID: "kid", To: x.to, Until: w.now.Add(30 * time.Second)}
	if x.who == Counsellor {
		st.Staff = x.actor
	}
	if x.act == ActAsk {
		st.Transfer = Transfer{Team: x.team, Person: x.named}
	}
	return st
}

// TestRandomWalksAgreeWithTheModel takes 10,000 random walks through the state
// machine, each taken edge being one compare-and-swap in the database, and compares
// every step with the model and every end with the row.
func TestRandomWalksAgreeWithTheModel(t *testing.T) {
	t.Parallel()
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		const walks, together, steps = 10_000 / thinned, 100, 12
		r := newRig(t, db, quietBus{})
		total := map[Act]int{}
		for batch := range walks / together {
			var list []*walker
			taken := map[Act]int{}
			err := db.Transact(t.Context(), func(tx *store.Tx) error {
				list = list[:0]
				clear(taken)
				for i := range together {
					w, err := newWalker(t, tx, uint64(batch*together+i))
					if err != nil {
						return err
					}
					list = append(list, w)
				}
				return walkAll(t, r, tx, list, steps, taken)
			})
			if err != nil {
				t.Fatal(err)
			}
			compareRows(t, db, list)
			for act, n := range taken {
				total[act] += n
			}
		}
		for _, act := range acts {
			if total[act] < 5 {
				t.Errorf("%s was taken %d times only: the walks do not cover it", act, total[act])
			}
		}
	})
}

func newWalker(t *testing.T, tx *store.Tx, seed uint64) (*walker, error) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	w := &walker{rnd: rnd, now: time.Date(2026, 3, 28, 20, 0, 0, 0, time.UTC), staff: []staff.ID{staff.NewID(), staff.NewID()},
		teams: []staff.TeamID{staff.NewTeamID(), staff.NewTeamID()}}
	var room seal.RoomID
	id := NewID()
	copy(room[:], id.UUID[:])
	c := Conversation{ID: id, Room: room, Kind: Live, Provider: walking, Team: w.teams[0], Topic: "x", Language: "de",
		OnGone: pick(rnd.IntN(2) > 0, Keep, Discard), CreatedAt: w.now, Since: w.now, QueuedAt: w.now, LastAt: w.now, LastBySeeker: rnd.IntN(2) > 0}
	if rnd.IntN(3) > 0 {
		c.GoneAt = w.now
	}
	act := ActOpen
	if rnd.IntN(3) == 0 {
		act, c.Kind = ActLeave, Message
	}
	after, err := newMachine().take(c, Step{Act: act, Who: Seeker, At: w.now, Rules: DefaultRules()})
	if err != nil {
		t.Fatal(err)
	}
	if !after.LastBySeeker { // the team has written
		after.Seq = 1
	}
	w.c = after
	if err := insertConversation(t.Context(), tx, after, newToken()); err != nil || after.LastBySeeker {
		return w, err
	}
	_, err = tx.Exec(t.Context(), `INSERT INTO message (conversation, seq, id, sender, epoch, n, after_seq, body, at) VALUES ($1, 1, 'm', 'kid', 0, 1, 0, $2, $3)`,
		id, []byte("body"), w.now)
	return w, err
}

func walkAll(t *testing.T, r *rig, tx *store.Tx, list []*walker, steps int, taken map[Act]int) error {
	for i := range steps {
		keep := time.Duration(24-8*(i%3)) * time.Hour // the provider changes its mind
		r.w.setKeep(staff.Team{Provider: walking}, staff.Retention{Live: keep, Message: 2 * keep})
		for _, w := range list {
			x := w.try()
			m := see(w.c, w.now)
			m.keptLonger = w.c.PurgeAt.Sub(w.c.ClosedAt) > pick(m.live, keep, 2*keep)
			want, ok := m.may(x)
			done, err := r.stepIn(t.Context(), tx, w.c, x.step(w))
			if err != nil && fault.KindOf(err) == "" {
				return err
			}
			if (err == nil) != ok {
				t.Fatalf("%s by %s from %+v: %v, the model says %v", x.act, x.who, w.c, err, ok)
			}
			if err != nil {
				continue
			}
			if done.after.State != want || done.after.Rev != w.c.Rev+1 {
				t.Fatalf("%s by %s from %q: %q rev %d, want %q", x.act, x.who, w.c.State, done.after.State, done.after.Rev, want)
			}
			taken[x.act]++
			w.c = done.after
		}
	}
	return nil
}

// compareRows checks that the rows are what the walks came to, with one event for
// each revision.
func compareRows(t *testing.T, db *store.DB, list []*walker) {
	t.Helper()
	args := make([]any, len(list))
	for i, w := range list {
		args[i] = w.c.ID
	}
	rows, err := manyConversations(t.Context(), db, `id IN (`+listOf(len(args))+`)`, args...)
	if err != nil || len(rows) != len(list) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, w := range list {
		i := slices.IndexFunc(rows, func(c Conversation) bool { return c.ID == w.c.ID })
		got, want := rows[i], w.c
		if want.State == Purged { // shred cleared these
			want.Room, want.Seq = got.Room, 0 // the messages go after it
		}
		if got != want {
			t.Fatalf("row\n%+v\nwalk\n%+v", got, want)
		}
	}
	var events, revs int64
	err = db.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM conversation_event), (SELECT sum(rev) - count(*) FROM conversation)`).Scan(&events, &revs)
	if err != nil || events != revs {
		t.Fatalf("%d events for %d steps: %v", events, revs, err)
	}
}

func listOf(n int) string { return list(1, n) }
