package chat

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"lotse/chat/client"
	"lotse/internal/bus"
	"lotse/internal/bus/bustest"
	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/staff"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// tidy runs retention once.
func (r *rig) tidy() {
	r.t.Helper()
	if err := r.sweep(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

func TestSilenceIsWarnedOfAndThenCloses(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, bustest.Serve(t, bus.NewMemory())).run()
		_, _, seeker, counsellor := r.twoSeats()
		id := seeker.Conversation
		r.clock.advance(3 * time.Hour)
		r.mustPost(seeker, letter(1, 0))
		r.clock.advance(5*time.Hour + 29*time.Minute)
		r.tidy()
		if c := r.want(id, Active); !c.WarnAt.IsZero() {
			t.Error("warned too early")
		}
		r.clock.advance(time.Minute)
		r.tidy()
		if c := r.want(id, Active); !c.WarnAt.Equal(r.clock.now().Add(30 * time.Minute)) {
			t.Errorf("warning %v", c.WarnAt)
		}
		r.mustPost(counsellor, letter(1, 1))
		if c := r.want(id, Active); !c.WarnAt.IsZero() {
			t.Error("a word does not take the warning back")
		}
		r.clock.advance(7 * time.Hour) // nobody looked meanwhile
		r.tidy()
		r.want(id, Active) // so there is a warning first, late as it is
		r.clock.advance(30 * time.Minute)
		r.tidy()
		c := r.want(id, Closed)
		if c.ClosedBy != System || !c.PurgeAt.Equal(c.ClosedAt.Add(24*time.Hour)) {
			t.Errorf("closed %+v", c)
		}
		r.clock.advance(24 * time.Hour)
		r.tidy()
		r.want(id, Purged)
	})
}

// TestWordsTakeTheWarningBack is about what both pages show: the warning, and that
// it is over.
func TestWordsTakeTheWarningBack(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, bustest.Serve(t, bus.NewMemory())).run()
		desk, s, chair := r.accepted()
		say := func(n uint32) {
			chair.send(client.Send(s.id.String(), seal.Message{ID: NewID().String(), N: n, After: n - 1, Body: make(seal.Bytes, 284)}))
			chair.frame("ack")
		}
		chair.wantState(Active)
		desk.await("seeker here", func(f client.Frame) bool { return f.State == string(Active) && f.SeekerHere != nil && *f.SeekerHere }) // no other news after this
		say(2)
		r.clock.advance(r.rules.Silence - r.rules.WarnBefore)
		r.tidy()
		warned := func(want bool) func(client.Frame) bool {
			return func(f client.Frame) bool { return f.T == "state" && (f.WarnAt != nil) == want }
		}
		chair.await("warning", warned(true))
		desk.await("warning", warned(true))
		say(3)
		chair.await("warning taken back", warned(false))
		desk.await("warning taken back", warned(false))
	})
}

// TestOnlyWhatSilenceMovesIsLookedAt has conversations of every age, most of which
// silence has to leave alone for now.
func TestOnlyWhatSilenceMovesIsLookedAt(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, bustest.Serve(t, bus.NewMemory())).run()
		team, mira := r.desk("Mira", func(x *staff.Team) { x.QueueMax = 100 })
		kids := []string{mira.actor.KID}
		message := func(c *Conversation) { c.Kind = Message }
		left := r.plant(team, kids, message) // lies in the list of the team
		answered, open := r.plant(team, kids, message), r.plant(team, kids, message)
		r.say(left)
		r.say(open)
		for _, id := range []ID{answered, open} {
			if _, err := r.accept(t.Context(), mira.actor, id); err != nil {
				t.Fatal(err)
			}
		}
		r.mustPost(Seat{Conversation: answered, Who: Counsellor, Actor: mira.actor}, letter(1, 0))
		wantOverdue := func(want ...ID) {
			t.Helper()
			list, err := r.overdue(t.Context(), r.clock.now())
			if err != nil {
				t.Fatal(err)
			}
			var got []ID
			for _, c := range list {
				got = append(got, c.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("overdue %v, want %v of live, left, answered, open = %v", got, want, []ID{left, answered, open})
			}
		}
		r.clock.advance(73 * time.Hour)
		wantOverdue(open)
		r.shift(mira, team)
		live, later := r.plantActive(team, mira), r.plant(team, kids)
		wantOverdue(open)
		r.tidy()
		r.want(open, Deferred)
		wantOverdue()
		r.clock.advance(5*time.Hour + 30*time.Minute)
		if _, err := r.accept(t.Context(), mira.actor, later); err != nil { // old, but taken just now
			t.Fatal(err)
		}
		wantOverdue(live)
		r.tidy()
		r.clock.advance(29 * time.Minute)
		wantOverdue() // warned
		r.clock.advance(time.Minute)
		wantOverdue(live)
		r.tidy()
		r.want(live, Closed)
		r.want(later, Active)
		r.clock.advance(30*24*time.Hour - 79*time.Hour)
		wantOverdue(later, left, answered) // the longest silent of a kind first; open waits anew since it was handed back
	})
}

func TestMessagesHaveMoreTime(t *testing.T) {
	r := memoryRig(t)
	team, mira := r.desk("Mira", nil)
	r.w.setKeep(team, staff.Retention{Live: time.Hour, Message: 48 * time.Hour})
	left := r.plant(team, []string{mira.actor.KID}, func(c *Conversation) { c.Kind = Message })
	taken := r.plant(team, []string{mira.actor.KID}, func(c *Conversation) { c.Kind = Message })
	r.say(left)
	r.say(taken)
	if _, err := r.accept(t.Context(), mira.actor, taken); err != nil {
		t.Fatal(err)
	}
	live := r.plantActive(team, mira)
	wantCode(t, r.act(t.Context(), mira.actor, live, ActClose), "")
	r.clock.advance(time.Hour)
	r.tidy()
	r.want(live, Purged) // the provider keeps chats for an hour
	r.clock.advance(71*time.Hour + 59*time.Minute)
	r.tidy()
	r.want(taken, Deferred) // nobody answered for three days: back to the team
	r.clock.advance(27 * 24 * time.Hour)
	r.tidy()
	if c := r.want(left, Closed); !c.PurgeAt.Equal(c.ClosedAt.Add(48 * time.Hour)) {
		t.Errorf("purge %v after the end", c.PurgeAt.Sub(c.ClosedAt))
	}
	r.clock.advance(48 * time.Hour)
	r.tidy()
	r.want(left, Purged)
}

// TestWithoutAWordNothingIsKept has a left message of which only the room came
// through, and a chat whose seeker is gone before the first word.
func TestWithoutAWordNothingIsKept(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, bustest.Serve(t, bus.NewMemory()))
		team, mira := r.desk("Mira", nil)
		left := r.plant(team, []string{mira.actor.KID}, func(c *Conversation) { c.Kind = Message })
		gone := r.plant(team, []string{mira.actor.KID}, func(c *Conversation) { c.GoneAt = c.CreatedAt })
		late := r.plant(team, []string{mira.actor.KID}, func(c *Conversation) { c.Kind = Message })
		listed := func(want ...ID) {
			t.Helper()
			r.boards.spoil()
			b, err := r.boards.fresh(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got []ID
			for _, item := range b.items(mira.actor) {
				got = append(got, item.C)
			}
			if !slices.Equal(got, want) {
				t.Errorf("the team sees %v, want %v", got, want)
			}
		}
		r.clock.advance(r.rules.Gone)
		r.round()
		r.want(gone, Deferred) // its words may be under way still
		listed()
		r.say(late)
		listed(late)
		r.clock.advance(emptyFor - r.rules.Gone)
		r.tidy()
		r.want(left, Purged)
		r.want(gone, Deferred)
		r.clock.advance(r.rules.Gone)
		r.tidy()
		r.want(gone, Purged)
		r.want(late, Deferred)
		listed(late)
	})
}

// TestDeletingDestroysKeysFirstAndGivesAReceipt also looks into the rows.
func TestDeletingDestroysKeysFirstAndGivesAReceipt(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, bustest.Serve(t, bus.NewMemory())).run()
		team, mira := r.desk("Mira", nil)
		s := r.open(debts, Live)
		seat := Seat{Conversation: s.id, Who: Seeker}
		r.mustPost(seat, letter(1, 0))
		r.join("Ada", team)
		second := s.next(r.clock.now(), true)
		if _, err := r.AddEpoch(t.Context(), seat, second); err != nil {
			t.Fatal(err)
		}
		if err := r.SetReturn(t.Context(), seat, seal.NewCode().ReturnAuth()); err != nil {
			t.Fatal(err)
		}
		_, err := r.Delete(t.Context(), Seat{Conversation: s.id, Who: Counsellor, Actor: mira.actor})
		wantCode(t, err, "forbidden")
		got, err := r.Delete(t.Context(), seat)
		if err != nil {
			t.Fatal(err)
		}
		want := ReceiptDigest(s.id, s.epoch.Room, []seal.Bytes{s.epoch.Commit, second.Commit}, 1, time.Time(got.At))
		if got.ID != s.id || got.Digest != want {
			t.Errorf("receipt %+v, want digest %s", got, want)
		}
		for _, table := range []string{"message", "conversation_epoch", "conversation_candidate"} {
			var n int
			if err := db.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&n); err != nil || n != 0 {
				t.Errorf("%d rows of %s are left: %v", n, table, err)
			}
		}
		c := r.state(s.id)
		if c.Topic != "" || c.Language != "" || c.Seq != 0 || c.Room != (seal.RoomID{}) {
			t.Errorf("the row still says %+v", c)
		}
		_, err = r.Seat(t.Context(), s.token)
		wantCode(t, err, "deleted")
		_, err = r.Delete(t.Context(), seat)
		wantCode(t, err, "deleted")
		_, req := r.request(debts, Live)
		req.Token = s.token
		_, err = r.Open(t.Context(), req)
		wantCode(t, err, "deleted")

		r.clock.advance(31 * 24 * time.Hour)
		r.tidy()
		var n int
		if err := db.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM conversation) + (SELECT count(*) FROM conversation_event)`).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d rows after a month: %v", n, err)
		}
	})
}

// TestOldBackupCannotBeReadAfterThePurge takes the sealed wraps out of the
// database as a backup does and tries them again when the day's key is gone.
func TestOldBackupCannotBeReadAfterThePurge(t *testing.T) {
	r := memoryRig(t)
	_, mira := r.desk("Mira", nil)
	s := r.open(debts, Live)
	seat := Seat{Conversation: s.id, Who: Seeker}
	if _, err := r.accept(t.Context(), mira.actor, s.id); err != nil {
		t.Fatal(err)
	}
	day, box := r.wrapsOf(s.id)
	if bytes.Contains(box, []byte(`"ct"`)) {
		t.Error("the wraps are stored in the clear")
	}
	if _, err := openWraps(r.keys, day, box); err != nil {
		t.Fatalf("right after: %v", err)
	}
	for range 5 { // the chat goes on for days: its wraps move from day to day
		r.clock.advance(24 * time.Hour)
		if _, err := r.db.Exec(t.Context(), `UPDATE conversation SET active_at = $1, created_at = $1`, r.clock.now()); err != nil {
			t.Fatal(err)
		}
		r.tidy()
	}
	r.want(s.id, Active)
	if _, err := openWraps(r.keys, day, box); !errors.Is(err, seal.ErrDayGone) {
		t.Errorf("the first backup after five days: %v", err)
	}
	if own, err := r.Own(t.Context(), seat); err != nil || len(own.Epochs) != 1 || own.Epochs[0].Check() != nil {
		t.Errorf("the living room cannot be read: %v", err)
	}
	day, box = r.wrapsOf(s.id)
	if _, err := r.Delete(t.Context(), seat); err != nil {
		t.Fatal(err)
	}
	if _, err := openWraps(r.keys, day, box); err != nil {
		t.Errorf("a backup of today still has its key today: %v", err)
	}
	for range 3 {
		r.clock.advance(24 * time.Hour)
		r.tidy()
	}
	if _, err := openWraps(r.keys, day, box); !errors.Is(err, seal.ErrDayGone) {
		t.Errorf("the last backup three days after the purge: %v", err)
	}
}

func TestRoomWithoutItsKeyIsGoneAndNotAnError(t *testing.T) {
	r := memoryRig(t)
	r.desk("Mira", nil)
	s := r.open(debts, Live)
	if err := r.keys.Destroy(seal.DayOf(r.clock.now().Add(90 * 24 * time.Hour))); err != nil {
		t.Fatal(err)
	}
	_, err := r.Own(t.Context(), Seat{Conversation: s.id, Who: Seeker})
	if !errors.Is(err, fault.Gone) {
		t.Errorf("own: %v", err)
	}
	r.clock.advance(48 * time.Hour)
	r.tidy() // must not be stopped by it
}

// TestOneLostRoomDoesNotKeepTheKeysOfOthers restores a room without its key beside
// living ones: for days its wraps wait under days for which others have made a key.
func TestOneLostRoomDoesNotKeepTheKeysOfOthers(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, bustest.Serve(t, bus.NewMemory()))
		r.desk("Mira", nil)
		lost, second := r.open(debts, Message), r.open(debts, Message)
		r.say(lost.id)
		r.say(second.id)
		if err := r.keys.Destroy(seal.DayOf(r.clock.now().Add(90 * 24 * time.Hour))); err != nil {
			t.Fatal(err)
		}
		living := r.open(debts, Message)
		day, box := r.wrapsOf(living.id)
		for range 4 {
			r.clock.advance(24 * time.Hour)
			r.tidy()
			living = r.open(debts, Message)
		}
		if _, err := openWraps(r.keys, day, box); !errors.Is(err, seal.ErrDayGone) {
			t.Errorf("a backup of four days ago: %v", err)
		}
		for _, s := range []*seeker{lost, second} {
			_, err := r.Own(t.Context(), Seat{Conversation: s.id, Who: Seeker})
			wantCode(t, err, "keys_gone")
		}
		if own, err := r.Own(t.Context(), Seat{Conversation: living.id, Who: Seeker}); err != nil || len(own.Epochs) != 1 {
			t.Errorf("a living room cannot be read: %v", err)
		}
	})
}

// wrapsOf takes the sealed wraps of a room out of the database, as a backup does.
func (r *rig) wrapsOf(id ID) (day seal.Day, box []byte) {
	r.t.Helper()
	err := r.db.QueryRow(r.t.Context(), `SELECT day, wraps FROM conversation_epoch WHERE conversation = $1`, id).Scan(&day, &box)
	if err != nil {
		r.t.Fatal(err)
	}
	return day, box
}

// TestLogsHoldNothingThatIdentifies runs through refusals and errors and looks at
// what was written down.
func TestLogsHoldNothingThatIdentifies(t *testing.T) {
	path := t.TempDir() + "/log"
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := memoryRig(t, func(o *Options) { o.Log = testLog(file) }).run()
	team := r.w.addTeam(t, nil)
	p := r.w.hire(t, "Mira Muster", team)
	r.shift(p, team)
	r.work(p, r.http)
	s := r.open(Ask{Topic: "schulden", Language: "de", Postcode: "01067"}, Live)
	chair := s.sit(r.http)
	body := "bm90LWEtYm9keQ"
	chair.raw(`{"t":"send","c":"` + s.id.String() + `","body":"` + body + `"}`)
	chair.refused("invalid_input")
	chair.raw(`{"t":"hello","token":"` + s.token + `"}`)
	chair.refused("not_now")
	r.w.fails = errors.New("roster away")
	r.boards.spoil()
	if _, err := r.Availability(t.Context(), debts); err == nil {
		t.Error("no error")
	}
	log, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{s.token, body, "Mira", "127.0.0.1", "01067", "schulden"} {
		if strings.Contains(string(log), secret) {
			t.Errorf("the log says %q", secret)
		}
	}
}
