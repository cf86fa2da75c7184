package staff

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"lotse/internal/store"
)

func (h *house) event(action string) error {
	return h.db.Transact(h.ctx(), func(tx *store.Tx) error {
		return h.Audit().Append(h.ctx(), tx, Entry{Actor: "system", Provider: h.provider, Action: action, Object: "o", Meta: map[string]string{"b": "2", "a": "1"}})
	})
}

func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	_, err := h.db.Exec(h.ctx(), query, args...)
	must(h.t, err)
}

// tampering changes the log in a transaction that is rolled back.
type tampering struct {
	*house
	tx *store.Tx
}

func (h tampering) exec(query string, args ...any) {
	h.t.Helper()
	_, err := h.tx.Exec(h.ctx(), query, args...)
	must(h.t, err)
}

func (h *house) wantBad(want int64) {
	h.t.Helper()
	got, err := h.Audit().Verify(h.ctx())
	must(h.t, err)
	if got != want {
		h.t.Errorf("first bad row %d, want %d", got, want)
	}
}

// Each way to tamper with the log is found, at the right row. The log of a house begins with its provider and team: rows
// 1 and 2; the events below are rows 3 to 10.
func TestAuditFindsTampering(t *testing.T) {
	cases := map[string]struct {
		tamper func(h tampering)
		want   int64
	}{
		"nothing":       {func(tampering) {}, 0},
		"edit action":   {func(h tampering) { h.exec(`UPDATE audit SET action = 'x' WHERE n = 5`) }, 5},
		"edit actor":    {func(h tampering) { h.exec(`UPDATE audit SET actor = 'x' WHERE n = 5`) }, 5},
		"edit object":   {func(h tampering) { h.exec(`UPDATE audit SET object = '' WHERE n = 5`) }, 5},
		"edit meta":     {func(h tampering) { h.exec("UPDATE audit SET meta = 'a=1\nb=3' WHERE n = 5") }, 5},
		"doubled meta":  {func(h tampering) { h.exec("UPDATE audit SET meta = 'a=1\na=1\nb=2' WHERE n = 5") }, 5},
		"edit provider": {func(h tampering) { h.exec(`UPDATE audit SET provider = '' WHERE n = 5`) }, 5},
		"edit time":     {func(h tampering) { h.exec(`UPDATE audit SET at = $1 WHERE n = 5`, time.Unix(0, 0)) }, 5},
		"edit hash":     {func(h tampering) { h.exec(`UPDATE audit SET hash = $1 WHERE n = 5`, random(32)) }, 5},
		"moved text":    {func(h tampering) { h.exec(`UPDATE audit SET actor = 'systeme', action = 'vent5' WHERE n = 5`) }, 5},
		"delete":        {func(h tampering) { h.exec(`DELETE FROM audit WHERE n = 5`) }, 5},
		"delete first":  {func(h tampering) { h.exec(`DELETE FROM audit WHERE n = 1`) }, 1},
		"reorder": {func(h tampering) {
			h.exec(`UPDATE audit SET n = 100 WHERE n = 5`)
			h.exec(`UPDATE audit SET n = 5 WHERE n = 6`)
			h.exec(`UPDATE audit SET n = 6 WHERE n = 100`)
		}, 5},
		"truncate":     {func(h tampering) { h.exec(`DELETE FROM audit WHERE n > 7`) }, 8},
		"truncate all": {func(h tampering) { h.exec(`DELETE FROM audit`) }, 1},
		"add a forged row": {func(h tampering) {
			h.exec(`INSERT INTO audit SELECT 11, at, provider, actor, action, object, meta, hash FROM audit WHERE n = 10`)
		}, 11},
		"truncate and fit the head": {func(h tampering) {
			h.exec(`DELETE FROM audit WHERE n > 7`)
			h.exec(`UPDATE audit_head SET n = 7, hash = (SELECT hash FROM audit WHERE n = 7)`)
		}, 8},
		"empty both": {func(h tampering) {
			h.exec(`DELETE FROM audit`)
			h.exec(`UPDATE audit_head SET n = 0, hash = $1, mac = $1`, []byte{})
		}, 1},
		"delete the head": {func(h tampering) { h.exec(`DELETE FROM audit_head`) }, 1},
		"move the base": {func(h tampering) {
			h.exec(`DELETE FROM audit WHERE n < 5`)
			h.exec(`UPDATE audit_head SET base_n = 4, base_hash = $1`, random(32))
		}, 1},
	}
	each(t, func(t *testing.T, h *house) {
		for i := 3; i <= 10; i++ {
			must(t, h.event(fmt.Sprintf("event%d", i)))
		}
		undo := errors.New("undo")
		for name, c := range cases {
			err := h.db.Transact(t.Context(), func(tx *store.Tx) error {
				c.tamper(tampering{h, tx})
				if got, err := h.Audit().verify(t.Context(), tx); err != nil || got != c.want {
					t.Errorf("%s: first bad row %d, want %d, %v", name, got, c.want, err)
				}
				return undo
			})
			if !errors.Is(err, undo) {
				t.Fatal(err)
			}
		}
		h.wantBad(0)
	})
}

// Another key than the one that wrote the log finds nothing genuine.
func TestAuditNeedsItsKey(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		forger := &Audit{db: h.db, key: random(32), now: h.clock.now}
		bad, err := forger.Verify(t.Context())
		if must(t, err); bad != 1 {
			t.Errorf("first bad row %d, want 1", bad)
		}
	})
}

func TestAuditAppendsTogether(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for j := range 5 {
					if err := h.event(fmt.Sprintf("e%d.%d", i, j)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		h.wantBad(0)
		if n := count(t, h.db, "audit"); n != 42 {
			t.Errorf("%d rows, want 42", n)
		}
	})
}

func TestAuditIsPartOfTheTransaction(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		stop := errors.New("stop")
		err := h.db.Transact(t.Context(), func(tx *store.Tx) error {
			if err := h.Audit().Append(t.Context(), tx, Entry{Actor: "system", Action: "lost"}); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		h.wantBad(0)
		if n := count(t, h.db, "audit"); n != 2 {
			t.Errorf("%d rows, want 2", n)
		}
	})
}

func TestAuditTakesIdentifiersOnly(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, e := range []Entry{
			{}, {Actor: "a"}, {Action: "a"}, {Actor: "a b", Action: "x"}, {Actor: "a", Action: "x", Object: "kim@example.org"},
			{Actor: "a", Action: "x", Meta: map[string]string{"text": "Ich brauche Hilfe"}}, {Actor: "a", Action: "x", Meta: map[string]string{"k=": "v"}},
			{Actor: "a", Action: "x", Meta: map[string]string{"k": ""}}, {Actor: "a", Action: "x", Meta: map[string]string{"k": "ü"}},
		} {
			err := h.db.Transact(t.Context(), func(tx *store.Tx) error { return h.Audit().Append(t.Context(), tx, e) })
			if !errors.Is(err, errNotIdentifier) {
				t.Errorf("%+v: %v", e, err)
			}
		}
		h.wantBad(0)
	})
}

func TestCheckpoints(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		start, err := h.Audit().Checkpoint(t.Context())
		must(t, err)
		copies, err := readRows(t.Context(), h.db, `SELECT n, at, provider, actor, action, object, meta, hash FROM audit ORDER BY n`)
		must(t, err)
		head, err := readHead(t.Context(), h.db)
		must(t, err)
		must(t, h.event("later"))
		later, err := h.Audit().Checkpoint(t.Context())
		must(t, err)
		// Somebody puts back an old copy of the log with its genuine end: only the checkpoint tells.
		h.exec(`DELETE FROM audit WHERE n > $1`, len(copies))
		h.exec(`UPDATE audit_head SET n = $1, hash = $2, mac = $3`, head.n, head.hash, head.mac)
		h.wantBad(0)
		for checkpoint, want := range map[string]bool{start: true, later: false, "0:": true} {
			ok, err := h.Audit().Includes(t.Context(), checkpoint)
			if must(t, err); ok != want {
				t.Errorf("includes %q: %t", checkpoint, ok)
			}
		}
		for _, bad := range []string{"", "x", "1", "1:zz", "-1:00", "2:abcd"} {
			_, err := h.Audit().Includes(t.Context(), bad)
			wantCode(t, err, "invalid_checkpoint")
		}
	})
}

func TestPrune(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		must(t, h.Audit().Prune(t.Context(), h.clock.now().Add(-time.Hour)))
		if n := count(t, h.db, "audit"); n != 2 {
			t.Fatalf("young rows were pruned: %d left", n)
		}
		before, err := h.Audit().Checkpoint(t.Context())
		must(t, err)
		h.clock.move(24 * time.Hour)
		must(t, h.event("late"))
		must(t, h.event("later"))
		must(t, h.Audit().Prune(t.Context(), h.clock.now()))
		if n := count(t, h.db, "audit"); n != 2 {
			t.Errorf("%d rows left, want 2", n)
		}
		h.wantBad(0)
		if ok, err := h.Audit().Includes(t.Context(), before); err != nil || !ok {
			t.Errorf("the checkpoint at the cut is lost: %t, %v", ok, err)
		}
		h.exec(`DELETE FROM audit WHERE n = 3`)
		h.wantBad(3)
		must(t, h.Audit().Prune(t.Context(), h.clock.now().Add(time.Hour))) // everything
		must(t, h.event("after"))
		h.wantBad(0)
	})
}

func TestPruneRefusesAForgedEnd(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.exec(`UPDATE audit_head SET mac = $1`, random(32))
		if err := h.Audit().Prune(t.Context(), h.clock.now().Add(time.Hour)); err == nil {
			t.Error("pruned a log whose end is forged")
		}
	})
}

func TestAuditPagesAndProviders(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		auditor := h.hire("a@example.org", Grant{Role: Auditor})
		other, _ := h.newProvider("Haus Süd")
		stranger := h.hireAt(other, "s@example.org", Grant{Role: Auditor})
		for i := range 7 {
			must(t, h.event(fmt.Sprintf("event%d", i)))
		}
		read := func(p *person, q AuditQuery) []AuditEntry {
			t.Helper()
			entries, err := h.Audit().Entries(t.Context(), h.actor(p), q)
			must(t, err)
			return entries
		}
		page := read(auditor, AuditQuery{Limit: 4})
		if len(page) != 4 || page[0].Action != "event6" || page[0].Meta["a"] != "1" || page[3].Action != "event3" {
			t.Errorf("first page: %+v", page)
		}
		if page = read(auditor, AuditQuery{Limit: 3, Before: page[3].No}); page[0].Action != "event2" || len(page) != 3 {
			t.Errorf("second page: %+v", page)
		}
		if page = read(auditor, AuditQuery{Action: "event1"}); len(page) != 1 {
			t.Errorf("by action: %d", len(page))
		}
		if page = read(auditor, AuditQuery{Object: h.team.ID.String()}); len(page) != 1 || page[0].Action != "team.created" || page[0].ObjectName != h.team.Name {
			t.Errorf("by object: %+v", page)
		}
		if page = read(auditor, AuditQuery{Object: auditor.id.String()}); len(page) == 0 || page[0].ObjectName != h.actor(auditor).Name {
			t.Errorf("the name of a person: %+v", page)
		}
		for _, e := range read(stranger, AuditQuery{Limit: 200}) {
			if e.Object == h.team.ID.String() || e.Actor == auditor.id.String() {
				t.Errorf("another provider's entry is shown: %+v", e)
			}
		}
		_, err := h.Audit().Entries(t.Context(), h.actor(auditor), AuditQuery{Limit: 201})
		wantCode(t, err, "invalid_input")
	})
}
