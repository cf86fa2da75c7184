package chat

import (
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"

	"lotse/chat/client"
	"lotse/internal/bus"
	"lotse/internal/bus/bustest"
	"lotse/internal/seal"
	"lotse/internal/staff"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// letter is a message of the right form; what it says is nobody's business here.
func letter(n, after uint32) Sealed {
	return Sealed{ID: NewID().String(), N: n, After: after, Body: make(seal.Bytes, 256+28)}
}

// post appends a message and waits for it.
func (r *rig) post(seat Seat, m Sealed) (Stored, error) {
	r.t.Helper()
	type answer struct {
		m   Stored
		err error
	}
	c := make(chan answer, 1)
	if err := r.submit(&job{seat: seat, msg: m, done: func(m Stored, err error) { c <- answer{m, err} }}); err != nil {
		return Stored{}, err
	}
	a := <-c
	return a.m, a.err
}

func (r *rig) mustPost(seat Seat, m Sealed) Stored {
	r.t.Helper()
	got, err := r.post(seat, m)
	if err != nil {
		r.t.Fatal(err)
	}
	return got
}

// twoSeats is an active chat and both seats in it.
func (r *rig) twoSeats() (team staff.Team, p *person, seeker, counsellor Seat) {
	r.t.Helper()
	team, p = r.desk("Mira", nil)
	id := r.plantActive(team, p)
	return team, p, Seat{Conversation: id, Who: Seeker}, Seat{Conversation: id, Who: Counsellor, Actor: p.actor}
}

func TestMessagesAreNumberedWithoutGap(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, bustest.Serve(t, bus.NewMemory())).run()
		_, _, seeker, counsellor := r.twoSeats()
		first := letter(1, 0)
		if got := r.mustPost(seeker, first); got.Seq != 1 || got.Sender != "seeker" {
			t.Errorf("first %+v", got)
		}
		if got := r.mustPost(counsellor, letter(1, 1)); got.Seq != 2 || got.Sender != counsellor.Actor.KID {
			t.Errorf("second %+v", got)
		}
		third := letter(2, 2)
		r.mustPost(seeker, third)

		again, err := r.post(seeker, first)
		if err != nil || again.Seq != 1 {
			t.Errorf("the same again: %+v %v", again, err)
		}
		for name, c := range map[string]struct {
			seat   Seat
			msg    Sealed
			change func(*Sealed)
			code   string
		}{
			"the same id, another body":   {seeker, first, func(m *Sealed) { m.Body = make(seal.Bytes, 512+28) }, "duplicate_id"},
			"the same id, the next place": {seeker, third, func(m *Sealed) { m.N, m.After = 3, 3 }, "duplicate_id"},
			"the id of the other side":    {counsellor, first, func(m *Sealed) { m.N, m.After = 2, 3 }, "duplicate_id"},
			"a number left out":           {seeker, letter(4, 3), nil, "out_of_order"},
			"a number used":               {seeker, letter(2, 3), nil, "out_of_order"},
			"seen what is not there":      {seeker, letter(3, 4), nil, "bad_after"},
			"seen less than before":       {seeker, letter(3, 1), nil, "bad_after"},
			"an unknown epoch":            {seeker, letter(3, 3), func(m *Sealed) { m.Epoch = 1 }, "epoch_stale"},
			"a telling length":            {seeker, letter(3, 3), func(m *Sealed) { m.Body = make(seal.Bytes, 300) }, "bad_length"},
			"no number":                   {seeker, letter(0, 3), nil, "invalid_input"},
			"an id that is none":          {seeker, letter(3, 3), func(m *Sealed) { m.ID = "1" }, "invalid_input"},
		} {
			if c.change != nil {
				c.change(&c.msg)
			}
			_, err := r.post(c.seat, c.msg)
			t.Run(name, func(t *testing.T) { wantCode(t, err, c.code) })
		}
		if got := r.mustPost(seeker, letter(3, 3)); got.Seq != 4 {
			t.Errorf("after all that: %+v", got)
		}
		page, err := r.Messages(t.Context(), seeker, 1, 2)
		if err != nil || len(page.Messages) != 2 || !page.More || page.Messages[0].Seq != 2 {
			t.Errorf("page %+v %v", page, err)
		}
	})
}

func TestOnlyWhoSitsThereMayWrite(t *testing.T) {
	r := memoryRig(t).run()
	team, p, seeker, counsellor := r.twoSeats()
	ada := r.join("Ada", team)
	_, err := r.post(Seat{Conversation: seeker.Conversation, Who: Counsellor, Actor: ada.actor}, letter(1, 0))
	wantCode(t, err, "forbidden")
	_, err = r.post(Seat{Conversation: NewID(), Who: Seeker}, letter(1, 0))
	wantCode(t, err, "not_found")
	r.mustPost(counsellor, letter(1, 0)) // the head is remembered from here on
	if err := r.act(t.Context(), p.actor, seeker.Conversation, ActHandBack); err != nil {
		t.Fatal(err)
	}
	_, err = r.post(counsellor, letter(2, 1))
	wantCode(t, err, "forbidden")
	r.mustPost(seeker, letter(1, 1))
	if err := r.seekerAct(t.Context(), seeker.Conversation, ActQuit); err != nil {
		t.Fatal(err)
	}
	_, err = r.post(seeker, letter(2, 2))
	wantCode(t, err, "conversation_closed")
	if _, err := r.Delete(t.Context(), seeker); err != nil {
		t.Fatal(err)
	}
	_, err = r.post(seeker, letter(2, 2))
	wantCode(t, err, "deleted")
}

// TestAppendsOfTwoNodesShareOneOrder lets both sides of many conversations write
// through two nodes at once: each remembers heads the other moves on.
func TestAppendsOfTwoNodesShareOneOrder(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		b := bustest.Serve(t, bus.NewMemory())
		r := newRig(t, db, b).run()
		other := &rig{Service: r.node(b), t: t, w: r.w, clock: r.clock, db: db}
		other.run()
		team := r.w.addTeam(t, nil)
		people, _ := r.crew(team, 1, 1000)
		p := people[0]
		var wg sync.WaitGroup
		for range 10 {
			id := r.plantActive(team, p)
			for i, node := range []*rig{r, other} {
				seat := Seat{Conversation: id, Who: Seeker}
				if i == 1 {
					seat = Seat{Conversation: id, Who: Counsellor, Actor: p.actor}
				}
				wg.Go(func() {
					for n := range uint32(20) {
						if _, err := node.post(seat, letter(n+1, 0)); err != nil {
							t.Errorf("%s %d: %v", seat.Who, n+1, err)
						}
					}
				})
			}
		}
		wg.Wait()
		var bad int
		err := db.QueryRow(t.Context(), `SELECT count(*) FROM conversation c WHERE 40 <> (SELECT count(*) FROM message m WHERE m.conversation = c.id)
			OR 40 <> (SELECT max(m.seq) FROM message m WHERE m.conversation = c.id)`).Scan(&bad)
		if err != nil || bad != 0 {
			t.Errorf("%d conversations with gaps: %v", bad, err)
		}
	})
}

// TestDoubledMessagesOfOneBatch sends each message twice at once, as a page does
// that resumes while its first attempt is still under way.
func TestDoubledMessagesOfOneBatch(t *testing.T) {
	r := memoryRig(t)
	_, _, seeker, _ := r.twoSeats()
	a := r.appenders[0]
	one, two := letter(1, 0), letter(2, 0)
	evil := two
	evil.Body = make(seal.Bytes, 512+28)
	var results []string
	note := func(name string) func(Stored, error) {
		return func(m Stored, err error) { results = append(results, fmt.Sprint(name, " ", m.Seq, " ", codeOr(err))) }
	}
	a.commit(t.Context(), []*job{
		{seat: seeker, msg: one, done: note("one")}, {seat: seeker, msg: one, done: note("one")},
		{seat: seeker, msg: two, done: note("two")}, {seat: seeker, msg: evil, done: note("evil")}, {seat: seeker, msg: two, done: note("two")},
	})
	want := "[one 1 ok one 1 ok two 2 ok evil 0 duplicate_id two 2 ok]"
	if got := fmt.Sprint(results); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	reused := letter(3, 2)
	reused.ID = one.ID
	results = nil
	a.commit(t.Context(), []*job{{seat: seeker, msg: reused, done: note("reused")}, {seat: seeker, msg: letter(3, 2), done: note("three")}})
	if got := fmt.Sprint(results); got != "[reused 0 duplicate_id three 3 ok]" {
		t.Errorf("%s", got)
	}
}

func codeOr(err error) string {
	if err == nil {
		return "ok"
	}
	return errorOf(err, "", "", "").Code
}

// BenchmarkAppend measures what one durable message costs the server when many
// conversations write at once.
func BenchmarkAppend(b *testing.B) {
	r := memoryRig(b)
	team, p := r.desk("Mira", nil)
	p.skill.Limit = 1 << 20
	r.boards.spoil()
	var jobs []*job
	for range 100 {
		jobs = append(jobs, &job{seat: Seat{Conversation: r.plantActive(team, p), Who: Seeker}, done: func(Stored, error) {}})
	}
	n := uint32(0)
	for b.Loop() {
		n++
		for _, j := range jobs {
			j.msg = letter(n, 0)
			j.err = nil
		}
		r.appenders[0].commit(b.Context(), jobs)
		for _, j := range jobs {
			if j.err != nil {
				b.Fatal(j.err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/100, "µs/message")
}

// A counsellor whose message became durable just before the conversation left
// their hands, and who has not heard so, still gets the ack; anything new is
// refused, and nothing of somebody else's is confirmed.
func TestAckIsStillOwedToWhoHasLeft(t *testing.T) {
	r := memoryRig(t).run()
	team, p := r.desk("Mira", nil)
	other := r.join("Jona", team)
	id := r.plantActive(team, p)
	l := r.work(p, r.http)
	m := letter(1, 0)
	sent := client.Send(id.String(), seal.Message{ID: m.ID, N: m.N, Body: m.Body})
	l.send(sent)
	first := l.frame("ack")
	l.send(client.Frame{T: "close", C: id.String()})
	l.wantState(Closed)
	l.send(sent)
	if again := l.frame("ack"); again.Seq != first.Seq || again.ID != m.ID {
		t.Errorf("acks %+v and %+v", first, again)
	}
	next := letter(2, 0)
	l.send(client.Send(id.String(), seal.Message{ID: next.ID, N: next.N, Body: next.Body}))
	l.refused("not_found")
	foreign := r.work(other, r.http)
	foreign.send(sent)
	foreign.refused("not_found")
}

// What a message costs must not grow with how many conversations are open.
func TestHeadsAreFoundByID(t *testing.T) {
	db := testenv.Migrated(t, testenv.SQLite(t))
	err := db.Transact(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(t.Context(), "EXPLAIN QUERY PLAN "+insertOf(1, store.SQLite), make([]any, 1+insertArgs)...)
		steps, err := store.Collect(rows, err, func(r *sql.Rows) (step string, err error) {
			var id, parent, unused int
			err = r.Scan(&id, &parent, &unused, &step)
			return step, err
		})
		plan := strings.Join(steps, "\n")
		if strings.Contains(plan, "conversation_state") || !strings.Contains(plan, "SEARCH c EXISTS USING INDEX sqlite_autoindex_conversation_1") {
			t.Errorf("the plan is\n%s", plan)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A batch may hold messages of the counsellor who had a conversation and of the one
// who has it now. What is remembered does not tell them apart; the row does.
func TestBatchOfTwoCounsellors(t *testing.T) {
	r := memoryRig(t)
	team, before := r.desk("Mira", nil)
	now := r.join("Jona", team)
	id := r.plantActive(team, before)
	seat := func(p *person) Seat { return Seat{Conversation: id, Who: Counsellor, Actor: p.actor} }
	a := r.appenders[0]
	a.commit(t.Context(), []*job{{seat: seat(before), msg: letter(1, 0), done: func(_ Stored, err error) { wantCode(t, err, "") }}})
	if _, err := r.db.Exec(t.Context(), `UPDATE conversation SET counsellor = $2, rev = rev + 1 WHERE id = $1`, id, now.actor.ID); err != nil {
		t.Fatal(err)
	}
	var codes []string
	note := func(_ Stored, err error) { codes = append(codes, codeOr(err)) }
	a.commit(t.Context(), []*job{{seat: seat(before), msg: letter(2, 0), done: note}, {seat: seat(now), msg: letter(1, 1), done: note}})
	if got := fmt.Sprint(codes); got != "[forbidden ok]" {
		t.Errorf("%s", got)
	}
}

// What another node has appended moves the remembered head on; a head that has
// missed something is forgotten.
func TestHeadsFollowWhatOtherNodesAppend(t *testing.T) {
	r := memoryRig(t)
	_, _, seeker, _ := r.twoSeats()
	id, a := seeker.Conversation, r.appenders[0]
	a.commit(t.Context(), []*job{{seat: seeker, msg: letter(1, 0), done: func(_ Stored, err error) { wantCode(t, err, "") }}})
	frame := func(seq uint32, epoch uint32) []byte {
		return messageFrame{T: "message", C: id, Seq: seq, ID: NewID().String(), Sender: "kid", Epoch: epoch, N: seq, After: seq - 1, Body: seal.Bytes("x")}.encode()
	}
	for _, h := range []heard{{id, 1, frame(1, 0)}, {NewID(), 2, frame(2, 0)}, {id, 2, frame(2, 0)}, {id, 2, frame(2, 0)}} {
		a.learn(h)
	}
	h := a.heads[id]
	if h.seq != 2 || h.counters["kid"] != (counter{n: 2, after: 1}) || h.counters["seeker"].n != 1 || len(h.ids) != 2 || len(a.heads) != 1 {
		t.Errorf("%+v", h)
	}
	for name, missed := range map[string]heard{"a gap": {id, 4, frame(4, 0)}, "no frame": {id, 3, nil}, "another epoch": {id, 3, frame(3, 1)}} {
		a.heads[id] = h
		a.learn(missed)
		if _, known := a.heads[id]; known {
			t.Errorf("%s: the head is believed still", name)
		}
	}
}

// TestWhoIsNotMetDoesNotWaitForWhoIs lets another node write to one of two
// conversations of a batch, unheard: the other one is durable at once, and of the
// first no message stands behind one that was not written.
func TestWhoIsNotMetDoesNotWaitForWhoIs(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, bustest.Serve(t, bus.NewMemory()))
		team := r.w.addTeam(t, nil)
		people, _ := r.crew(team, 1, 1000)
		var met, free Seat
		for _, seat := range []*Seat{&met, &free} {
			*seat = Seat{Conversation: r.plantActive(team, people[0]), Who: Seeker}
		}
		a := r.appenders[0]
		var results []string
		send := func(name string, seat Seat, m Sealed) *job {
			return &job{seat: seat, msg: m, done: func(m Stored, err error) { results = append(results, fmt.Sprint(name, " ", m.Seq, " ", codeOr(err))) }}
		}
		a.commit(t.Context(), []*job{send("met", met, letter(1, 0)), send("free", free, letter(1, 0))})
		unheard := r.node(bustest.Serve(t, bus.NewMemory())).appenders[0]
		staffed := Seat{Conversation: met.Conversation, Who: Counsellor, Actor: people[0].actor}
		unheard.commit(t.Context(), []*job{send("staff", staffed, letter(1, 0))})
		results = nil
		second, third := letter(2, 0), letter(3, 0)
		a.commit(t.Context(), []*job{send("met", met, second), send("met", met, third), send("free", free, letter(2, 0)), send("free", free, letter(3, 0))})
		if got := fmt.Sprint(results); got != "[free 2 ok free 3 ok met 3 ok met 4 ok]" {
			t.Error(got)
		}
		page, err := loadMessages(t.Context(), db, met.Conversation, 0, 10)
		if err != nil || len(page) != 4 || page[2].ID != second.ID || page[3].ID != third.ID {
			t.Errorf("%d messages, not in the order of the answers: %v", len(page), err)
		}
	})
}
