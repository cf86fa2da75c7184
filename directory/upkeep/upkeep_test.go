package upkeep

import (
	"context"
	"errors"
	"log/slog"

	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lotse/directory"
	"lotse/internal/bus"
	"lotse/internal/fault"
	"lotse/internal/mail"
	"lotse/internal/staff"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// world is a provider with an admin and a supervisor who keep three entries, and
// another provider.
type world struct {
	t                           *testing.T
	db                          *store.DB
	s                           *Service
	dir                         *directory.Service
	people                      *staff.Service
	admin, lead, stranger       staff.Actor
	centre, twin, refuge, alien string
}

const rows = `source,source_id,name,operator,street,plz,city,state,phone,email,topics,catchment_plz,location_type,opening_hours
a,1,Schuldnerberatung Mitte,Träger e.V.,Hauptstraße 12,50667,Köln,Nordrhein-Westfalen,0221 123456,rat@example.org,schulden,50667,,Mo-Fr 09:00-12:00
b,9,Schuldnerberatung Mitte,Träger e. V.,Hauptstr. 12,50667,Köln,Nordrhein-Westfalen,+49 221 123456,zwei@example.org,sucht;schulden,50668,,
c,3,Frauenhaus,Träger e.V.,,50667,Köln,Nordrhein-Westfalen,0221 999,haus@example.org,schulden,,protected,
d,4,Anderswo,Andere,Ringstraße 1,04109,Leipzig,Sachsen,0341 1,andere@example.org,schulden,,,
`

const taxonomy = `
[[topic]]
id = "schulden"
[topic.labels]
de = "Schulden"
[[topic]]
id = "sucht"
[topic.labels]
de = "Sucht"
`

const places = "plz,place,state,lat,lon\n50667,Köln,Nordrhein-Westfalen,50.9387,6.9547\n04109,Leipzig,Sachsen,51.3411,12.3681\n50668,Köln,Nordrhein-Westfalen,50.9495,6.9626\n"

func newWorld(t *testing.T, db *store.DB, mailer Mailer) *world {
	t.Helper()
	topics, err := directory.ParseTaxonomy(strings.NewReader(taxonomy))
	if err != nil {
		t.Fatal(err)
	}
	table, err := directory.ReadPlaces(strings.NewReader(places))
	if err != nil {
		t.Fatal(err)
	}
	hints, log := bus.NewMemory(), slog.New(slog.DiscardHandler)
	t.Cleanup(func() { hints.Close() })
	w := &world{t: t, db: db, dir: directory.New(directory.Options{DB: db, Bus: hints, Log: log, Taxonomy: topics, Places: table}),
		centre: directory.CentreID("a", "1"), twin: directory.CentreID("b", "9"), refuge: directory.CentreID("c", "3"), alien: directory.CentreID("d", "4")}
	if w.people, err = staff.New(staff.Options{DB: db, Bus: hints, Log: log, Secret: make([]byte, 32)}); err != nil {
		t.Fatal(err)
	}
	report, err := w.dir.Import(t.Context(), strings.NewReader(rows), directory.ImportOptions{})
	if err != nil || report.Rejected > 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	w.s = w.node(mailer)
	own, other := w.provider("Träger"), w.provider("Andere")
	w.admin, w.lead = person(own, staff.Admin), person(own, staff.Supervisor)
	w.stranger = person(other, staff.Admin)
	w.must(w.s.Assign(t.Context(), staff.Operator(), own, []string{w.centre, w.twin, w.refuge}))
	w.must(w.s.Assign(t.Context(), staff.Operator(), other, []string{w.alien}))
	return w
}

// node is a further server on the same database.
func (w *world) node(mailer Mailer) *Service {
	return New(Options{DB: w.db, Log: slog.New(slog.DiscardHandler), Directory: w.dir, Audit: w.people.Audit(), Mailer: mailer,
		Origin: "https://beratung.example", From: "Beratung Musterland", Zone: time.UTC, Rules: Rules{Every: 180 * 24 * time.Hour, Expire: 60 * 24 * time.Hour}})
}

func (w *world) provider(name string) staff.ProviderID {
	p, err := w.people.CreateProvider(w.t.Context(), staff.Operator(), name)
	w.must(err)
	return p.ID
}

func person(provider staff.ProviderID, role staff.Role) staff.Actor {
	return staff.Actor{ID: staff.NewID(), Provider: provider, Grants: []staff.Grant{{Role: role, Provider: provider}}}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// says checks kind and code of a fault.
func (w *world) says(err error, kind fault.Kind, code string) {
	w.t.Helper()
	if fault.KindOf(err) != kind || fault.CodeOf(err) != code {
		w.t.Errorf("%v, want %s (%s)", err, kind, code)
	}
}

func (w *world) count(query string, args ...any) (n int) {
	w.t.Helper()
	w.must(w.db.QueryRow(w.t.Context(), query, args...).Scan(&n))
	return n
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	_, err := w.db.Exec(w.t.Context(), query, args...)
	w.must(err)
}

// postbox is a mail server in memory that answers as told.
type postbox struct {
	mu      sync.Mutex
	letters []mail.Letter
	answer  error
}

func (p *postbox) Send(_ context.Context, l mail.Letter) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.letters = append(p.letters, l)
	return p.answer
}

var linkPattern = regexp.MustCompile(`https://beratung\.example/de/angaben/([A-Za-z0-9_-]{43})\s`)

// token asks a centre and returns the token of the mail.
func (w *world) token(p *postbox, id string) string {
	w.t.Helper()
	w.must(w.s.Ask(w.t.Context(), w.admin, id))
	w.must(w.s.DeliverAll(w.t.Context()))
	found := linkPattern.FindStringSubmatch(p.letters[len(p.letters)-1].Text)
	if found == nil {
		w.t.Fatal("no link in the mail")
	}
	return found[1]
}

func TestAskingAndConfirming(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		box := &postbox{}
		w := newWorld(t, db, box)
		ctx := t.Context()
		n, err := w.s.AskDue(ctx)
		if err != nil || n != 4 {
			t.Fatalf("%d asked, %v", n, err)
		}
		if again, err := w.s.AskDue(ctx); again != 0 || err != nil {
			t.Errorf("asked again: %d, %v", again, err)
		}
		w.says(w.s.Ask(ctx, w.admin, w.centre), fault.TooMany, "asked_lately")
		w.must(w.s.DeliverAll(ctx))
		if len(box.letters) != 4 {
			t.Fatalf("%d letters", len(box.letters))
		}
		i := slices.IndexFunc(box.letters, func(l mail.Letter) bool { return l.To == "rat@example.org" })
		token := linkPattern.FindStringSubmatch(box.letters[i].Text)[1]
		if w.count(`SELECT COUNT(*) FROM upkeep_link WHERE CAST(hash AS TEXT) LIKE '%'||$1||'%'`, token) > 0 {
			t.Error("the token is in the database")
		}
		l, err := w.s.Open(ctx, token)
		if err != nil || l.CentreID != w.centre || !l.Confirmed.IsZero() {
			t.Fatalf("%+v, %v", l, err)
		}
		if c, _ := w.dir.Centre(w.centre); c.Assured != "" {
			t.Error("looking has confirmed")
		}
		w.must(w.s.Confirm(ctx, token))
		w.must(w.s.Confirm(ctx, token))
		c, err := w.dir.Centre(w.centre)
		if err != nil || c.Assured != time.Now().UTC().Format(time.DateOnly) {
			t.Errorf("%+v, %v", c, err)
		}
		if w.count(`SELECT COUNT(*) FROM upkeep_centre WHERE asked_at IS NULL`) != 1 {
			t.Error("the answer is still missing")
		}
		if w.count(`SELECT COUNT(*) FROM audit WHERE action = 'centre.confirmed' AND actor = 'centre' AND object = $1`, w.centre) != 2 {
			t.Error("not in the audit log")
		}
	})
}

func TestLinksEnd(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		box := &postbox{}
		w := newWorld(t, db, box)
		ctx := t.Context()
		old := w.token(box, w.centre)
		for _, wrong := range []string{"", "x", strings.Repeat("A", 43)} {
			_, err := w.s.Open(ctx, wrong)
			w.says(err, fault.NotFound, "link_unknown")
		}
		w.exec(`UPDATE upkeep_centre SET mailed_at = NULL`)
		token := w.token(box, w.centre)
		_, err := w.s.Open(ctx, old)
		w.says(err, fault.NotFound, "link_unknown")
		session, err := w.s.Begin(ctx, token)
		w.must(err)
		if id, err := w.s.Visitor(ctx, session); err != nil || id != w.centre {
			t.Errorf("%s, %v", id, err)
		}
		for _, wrong := range []string{token, "", strings.Repeat("A", 43)} {
			_, err := w.s.Visitor(ctx, wrong)
			w.says(err, fault.Unauthenticated, "link_session")
		}
		w.exec(`UPDATE upkeep_link SET session_until = $1`, time.Now().Add(-time.Second))
		_, err = w.s.Visitor(ctx, session)
		w.says(err, fault.Unauthenticated, "link_session")
		w.must(w.dir.Edit(ctx, "x", w.centre, func(e *directory.Entry) error { e.Venue.Email = "neu@example.org"; return nil }))
		w.says(w.s.Confirm(ctx, token), fault.Gone, "link_expired")
		w.must(w.dir.Edit(ctx, "x", w.centre, func(e *directory.Entry) error { e.Venue.Email = "rat@example.org"; return nil }))
		w.must(w.s.Stop(ctx, token))
		w.exec(`UPDATE upkeep_centre SET mailed_at = NULL`)
		w.says(w.s.Ask(ctx, w.admin, w.centre), fault.Conflict, "mail_muted")
		w.exec(`UPDATE upkeep_link SET expires_at = $1`, time.Now().Add(-time.Second))
		w.says(w.s.Stop(ctx, token), fault.Gone, "link_expired")
		w.says(w.s.Ask(ctx, w.lead, w.twin), fault.NotFound, "centre_unknown")
		w.says(w.s.Ask(ctx, w.stranger, w.twin), fault.NotFound, "centre_unknown")
		w.says(w.node(nil).Ask(ctx, w.admin, w.twin), fault.Conflict, "mail_off")
	})
}

func TestQueue(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		box := &postbox{answer: fault.New(fault.Unavailable, "smtp_451")}
		w := newWorld(t, db, box)
		ctx := t.Context()
		w.must(w.s.Ask(ctx, w.admin, w.centre))
		for try := 1; try <= maxTries; try++ {
			w.must(w.s.DeliverAll(ctx))
			if len(box.letters) != try {
				t.Fatalf("%d letters after try %d", len(box.letters), try)
			}
			w.exec(`UPDATE upkeep_mail SET next_at = $1`, time.Now().Add(-time.Second))
		}
		w.must(w.s.DeliverAll(ctx))
		if m := w.mail(w.centre); m.State != "failed" || m.Code != "smtp_451" || len(box.letters) != maxTries {
			t.Errorf("%+v after %d letters", m, len(box.letters))
		}
		if w.count(`SELECT COUNT(*) FROM upkeep_link`) != 0 || w.count(`SELECT COUNT(*) FROM upkeep_centre WHERE asked_at IS NOT NULL`) != 0 {
			t.Error("a mail that nobody got leaves something behind")
		}
		for _, c := range []struct {
			answer      error
			state, code string
		}{{fault.New(fault.Invalid, "smtp_550"), "failed", "smtp_550"}, {errors.New("broken"), "unclear", "broken_off"}, {nil, "sent", ""}} {
			w.exec(`UPDATE upkeep_centre SET mailed_at = NULL`)
			box.answer = c.answer
			w.must(w.s.Ask(ctx, w.admin, w.centre))
			w.must(w.s.DeliverAll(ctx))
			w.must(w.s.DeliverAll(ctx))
			if m := w.mail(w.centre); m.State != c.state || m.Code != c.code || m.Tries != 1 {
				t.Errorf("%v: %+v", c.answer, m)
			}
		}
		w.must(w.s.round(ctx))
		if n := w.s.Counts(); n["failed"] != 2 || n["unclear"] != 1 || n["sent"] < 1 {
			t.Errorf("%v", n)
		}
	})
}

func (w *world) mail(id string) Mail {
	w.t.Helper()
	m, err := lastMail(w.t.Context(), w.db, id)
	w.must(err)
	return m
}

// A mail whose node died is given up, and not sent by another one.
func TestNodeDiesWhileSending(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		box := &postbox{}
		w := newWorld(t, db, box)
		w.must(w.s.Ask(t.Context(), w.admin, w.centre))
		if m, _, err := w.s.claim(t.Context()); err != nil || m.Tries != 1 {
			t.Fatalf("%+v, %v", m, err)
		}
		w.must(w.node(box).DeliverAll(t.Context()))
		w.exec(`UPDATE upkeep_mail SET lease_until = $1`, time.Now().Add(-time.Second))
		w.must(w.node(box).round(t.Context()))
		if m := w.mail(w.centre); len(box.letters) > 3 || m.State != "unclear" || m.Code != "node_lost" {
			t.Errorf("%+v", m)
		}
		for _, l := range box.letters {
			if l.To == "rat@example.org" {
				t.Error("sent by another node")
			}
		}
	})
}

// Nodes that send at the same time send each mail once.
func TestManyNodesSendOnce(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		box := &postbox{}
		w := newWorld(t, db, box)
		var group sync.WaitGroup
		for range 6 {
			node := w.node(box)
			group.Go(func() {
				if _, err := node.AskDue(t.Context()); err != nil {
					t.Error(err)
				}
				if err := node.DeliverAll(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		w.must(w.s.DeliverAll(t.Context()))
		got := map[string]int{}
		for _, l := range box.letters {
			got[l.To]++
		}
		if len(got) != 4 || len(box.letters) != 4 {
			t.Errorf("%v", got)
		}
	})
}

func TestExpiryAndWhatEndsIt(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		box := &postbox{}
		w := newWorld(t, db, box)
		ctx := t.Context()
		token := w.token(box, w.centre)
		w.must(w.s.expire(ctx))
		if c, _ := w.dir.Centre(w.centre); c.Expired {
			t.Error("expired at once")
		}
		w.exec(`UPDATE upkeep_centre SET asked_at = $1 WHERE centre_id = $2`, time.Now().AddDate(0, 0, -61), w.centre)
		w.must(w.s.expire(ctx))
		w.must(w.s.expire(ctx))
		c, err := w.dir.Centre(w.centre)
		if err != nil || !c.Expired || !c.Active {
			t.Errorf("%+v, %v", c, err)
		}
		if w.count(`SELECT COUNT(*) FROM audit WHERE action = 'centre.expired'`) != 1 {
			t.Error("not once in the audit log")
		}
		w.must(w.s.Confirm(ctx, token))
		if c, _ := w.dir.Centre(w.centre); c.Expired {
			t.Error("expired after a confirmation")
		}
		w.must(w.s.ConfirmByStaff(ctx, w.lead, w.twin))
		w.says(w.s.ConfirmByStaff(ctx, w.stranger, w.twin), fault.NotFound, "centre_unknown")
	})
}

// The whole way through a real mail server.
func TestLettersArrive(t *testing.T) {
	server := testenv.NewSMTPServer(t, false)
	sender, err := mail.New(mail.Options{Address: server.Address, TLS: mail.Plain, From: "stellen@beratung.example"})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, testenv.Migrated(t, testenv.SQLite(t)), sender)
	ctx := t.Context()
	w.must(w.dir.Edit(ctx, "x", w.centre, func(e *directory.Entry) error { e.Offer.Name = "Böser\r\nBcc: alle@example.org\u2028Name"; return nil }))
	w.must(w.dir.Edit(ctx, "x", w.twin, func(e *directory.Entry) error { e.Venue.Email = "later@example.org"; return nil }))
	w.must(w.dir.Edit(ctx, "x", w.refuge, func(e *directory.Entry) error { e.Venue.Email = "gone@example.org"; return nil }))
	if _, err := w.s.AskDue(ctx); err != nil {
		t.Fatal(err)
	}
	w.must(w.s.DeliverAll(ctx))
	if m := w.mail(w.twin); m.State != "queued" || m.Code != "smtp_451" {
		t.Errorf("%+v", m)
	}
	if m := w.mail(w.refuge); m.State != "failed" || m.Code != "smtp_550" {
		t.Errorf("%+v", m)
	}
	if m := w.mail(w.centre); m.State != "sent" {
		t.Errorf("%+v", m)
	}
	letters, who := server.Letters(t), server.Recipients(t)
	if len(letters) != 2 || slices.Contains(who, "alle@example.org") || strings.Contains(strings.Join(letters, "\n"), "\nBcc:") {
		t.Errorf("%d letters to %v", len(letters), who)
	}
}
