package chat

import (
	"errors"
	"testing"
	"time"

	"lotse/internal/bus"
	"lotse/internal/bus/bustest"
	"lotse/internal/seal"
	"lotse/internal/staff"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// closeAll ends conversations of one counsellor.
func (r *rig) closeAll(p *person, ids ...ID) {
	r.t.Helper()
	for _, id := range ids {
		wantCode(r.t, r.act(r.t.Context(), p.actor, id, ActClose), "")
	}
}

// wantKept checks how long after its end a conversation is destroyed.
func (r *rig) wantKept(id ID, want time.Duration) {
	r.t.Helper()
	if c := r.want(id, Closed); !c.PurgeAt.Equal(c.ClosedAt.Add(want)) {
		r.t.Errorf("kept for %v, want %v", c.PurgeAt.Sub(c.ClosedAt), want)
	}
}

// TestLessIsKeptAtOnceAndMoreOnlyFromNowOn changes the mind of one of two providers.
func TestLessIsKeptAtOnceAndMoreOnlyFromNowOn(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, bustest.Serve(t, bus.NewMemory()))
		team, mira := r.desk("Mira", nil)
		otherTeam, otto := r.desk("Otto", nil)
		old, mine, other := r.plantActive(team, mira), r.plantActive(team, mira), r.plantActive(otherTeam, otto)
		r.closeAll(mira, old)
		r.closeAll(otto, other)
		r.clock.advance(3 * time.Hour)
		r.closeAll(mira, mine)
		r.tidy()
		r.wantKept(mine, 24*time.Hour)

		r.w.setKeep(team, staff.Retention{Live: 2 * time.Hour, Message: 90 * 24 * time.Hour})
		r.tidy()
		r.want(old, Purged) // its end was three hours ago
		r.wantKept(mine, 2*time.Hour)
		r.wantKept(other, 24*time.Hour)

		r.w.setKeep(team, staff.Retention{Live: 12 * time.Hour, Message: 90 * 24 * time.Hour})
		later := r.plantActive(team, mira)
		r.closeAll(mira, later)
		r.tidy()
		r.wantKept(mine, 2*time.Hour) // as was promised
		r.wantKept(later, 12*time.Hour)
	})
}

// TestShorteningReachesEverything has more closed conversations than one batch.
func TestShorteningReachesEverything(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, bustest.Serve(t, bus.NewMemory()))
		team, mira := r.desk("Mira", nil)
		ids := make([]ID, 3)
		for i := range ids {
			ids[i] = r.plantActive(team, mira)
			r.closeAll(mira, ids[i])
		}
		r.w.setKeep(team, staff.Retention{Live: time.Hour, Message: time.Hour})
		for after := (ID{}); ; {
			seen, done, err := r.shortenBatch(t.Context(), team.Provider, after, 2)
			if err != nil {
				t.Fatal(err)
			}
			if len(seen) != len(done) {
				t.Errorf("%d of %d shortened", len(done), len(seen))
			}
			if len(seen) < 2 {
				break
			}
			after = seen[1].ID
		}
		for _, id := range ids {
			r.wantKept(id, time.Hour)
		}
	})
}

// TestBothSidesAreToldHowLongItStays is about the state before and after the end.
func TestBothSidesAreToldHowLongItStays(t *testing.T) {
	r := memoryRig(t)
	team, mira := r.desk("Mira", nil)
	r.w.setKeep(team, staff.Retention{Live: time.Hour, Message: 30 * 24 * time.Hour})
	id := r.plantActive(team, mira)
	for _, who := range []Who{Seeker, Counsellor} {
		if v, err := r.view(t.Context(), r.state(id), who); err != nil || v.KeepS != 3600 {
			t.Errorf("%s is told %d s: %v", who, v.KeepS, err)
		}
	}
	r.closeAll(mira, id)
	if v, err := r.view(t.Context(), r.state(id), Seeker); err != nil || v.KeepS != 0 || v.PurgeAt == nil {
		t.Errorf("after the end %d s, %v: %v", v.KeepS, v.PurgeAt, err)
	}
	found, err := r.Recipients(t.Context(), debts, Message)
	if err != nil || found.KeepS != (KeepS{Live: 3600, Message: 30 * 24 * 3600}) {
		t.Errorf("before a message %d s: %v", found.KeepS, err)
	}
}

// sealWraps gives a planted conversation wraps as an opened one has them.
func (r *rig) sealWraps(id ID) {
	r.t.Helper()
	day := seal.DayOf(r.clock.now().Add(sealFor))
	box, err := r.keys.Seal(day, []byte(`[]`))
	if err == nil {
		_, err = r.db.Exec(r.t.Context(), `UPDATE conversation_epoch SET day = $2, wraps = $3 WHERE conversation = $1`, id, day, box)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// wrapsNow is what a backup of now holds.
func (r *rig) wrapsNow(id ID) (d dueWraps) {
	r.t.Helper()
	err := r.db.QueryRow(r.t.Context(), `SELECT day, wraps FROM conversation_epoch WHERE conversation = $1`, id).Scan(&d.day, &d.wraps)
	if err != nil {
		r.t.Fatal(err)
	}
	return d
}

// TestLongRetentionKeepsThePromiseOfBackups keeps a thread for a month. Every day it
// can be opened, and no copy of a day can be opened three days later, neither
// during the month nor after it.
func TestLongRetentionKeepsThePromiseOfBackups(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, bustest.Serve(t, bus.NewMemory()))
		team, mira := r.desk("Mira", nil)
		r.w.setKeep(team, staff.Retention{Live: time.Hour, Message: 30 * 24 * time.Hour})
		id := r.plant(team, []string{mira.actor.KID}, func(c *Conversation) { c.Kind = Message })
		r.say(id)
		if _, err := r.accept(t.Context(), mira.actor, id); err != nil {
			t.Fatal(err)
		}
		r.closeAll(mira, id)
		r.sealWraps(id)
		var copies []dueWraps
		for day := range 34 {
			switch {
			case day < 30:
				copies = append(copies, r.wrapsNow(id))
				if _, err := loadEpochs(t.Context(), db, r.keys, id); err != nil {
					t.Fatalf("day %d: %v", day, err)
				}
			case r.state(id).State != Purged:
				t.Fatal("kept longer than 30 days")
			}
			if day >= 3 && day-3 < len(copies) {
				if _, err := r.keys.Open(copies[day-3].day, copies[day-3].wraps); !errors.Is(err, seal.ErrDayGone) {
					t.Errorf("day %d: the copy of day %d: %v", day, day-3, err)
				}
			}
			r.clock.advance(24 * time.Hour)
			r.tidy()
		}
	})
}
