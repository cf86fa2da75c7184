package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"

	"lotse/directory"
	"lotse/directory/upkeep"
	"lotse/internal/mail"
	"lotse/internal/staff"
)

// postbox takes every letter.
type postbox struct {
	mu      sync.Mutex
	letters []mail.Letter
}

func (p *postbox) Send(_ context.Context, l mail.Letter) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.letters = append(p.letters, l)
	return nil
}

var linkPattern = regexp.MustCompile(`/de/angaben/([A-Za-z0-9_-]{43})\s`)

// linkToken returns the token of the last mail, or what is none.
func linkToken(s *Server) string {
	box := s.upkeep.Mailer.(*postbox)
	if len(box.letters) == 0 {
		return "x"
	}
	return linkPattern.FindStringSubmatch(box.letters[len(box.letters)-1].Text)[1]
}

// withLink gives r the cookie of who edits by the link of the last mail.
func withLink(s *Server, r *http.Request) *http.Request {
	session, err := s.upkeep.Begin(context.Background(), linkToken(s))
	if err == nil {
		r.AddCookie(&http.Cookie{Name: s.linkedCookie(), Value: session})
	}
	return r
}

// The centres of the house: two that its provider keeps, one of the other provider,
// and a protected one of its own.
const houseCentres = `source,source_id,name,operator,street,plz,city,state,phone,email,topics,location_type,opening_hours
haus,1,Suchthilfe Eins,Träger,Hauptstraße 12,50667,Köln,Nordrhein-Westfalen,0221 123456,eins@example.org,sucht,,Mo-Fr 09:00-12:00
haus,2,Suchthilfe Eins,Träger,Hauptstr. 12,50667,Köln,Nordrhein-Westfalen,0221 123456,zwei@example.org,sucht,,Mo-Th 09:00-12:00
haus,3,Fremde Stelle,Fremder,Ringstraße 1,04109,Leipzig,Sachsen,0341 1234,fremd@example.org,schulden,,
haus,4,Fremde Stelle,Fremder,Ringstr. 1,04109,Leipzig,Sachsen,0341 1234,fremder@example.org,schulden,,
haus,5,Frauenhaus,Träger,,50667,Köln,Nordrhein-Westfalen,0221 999999,haus@example.org,gewalt-opferhilfe,protected,
`

// houseCentre is the id of the centre with that number in houseCentres.
func houseCentre(n string) string { return directory.CentreID("haus", n) }

// keep assigns the house's centres.
func (h *rosterHouse) keep() {
	h.t.Helper()
	ctx := h.t.Context()
	report, err := h.options.Directory.Import(ctx, strings.NewReader(houseCentres), directory.ImportOptions{})
	h.must(err)
	if report.Rejected > 0 {
		h.t.Fatalf("%+v", report.Findings)
	}
	h.must(h.options.Upkeep.Assign(ctx, staff.Operator(), h.actors["max"].Provider, []string{houseCentre("1"), houseCentre("2"), houseCentre("5")}))
	h.must(h.options.Upkeep.Assign(ctx, staff.Operator(), h.actors["olga"].Provider, []string{houseCentre("3"), houseCentre("4")}))
}

// upkeepObjects returns a centre that a supervisor keeps, with a draft in review and
// a change that can be taken back, and a merge.
func (h *rosterHouse) upkeepObjects(boss staff.Actor) (centre, merge string) {
	h.t.Helper()
	centre, other := houseCentre("1"), houseCentre("2")
	if boss.Provider == h.actors["olga"].Provider {
		centre, other = houseCentre("3"), houseCentre("4")
	}
	h.prepare(boss, centre)
	return centre, h.mergedOnce(boss, centre, other)
}

// mergedOnce is the merge of a pair, made if it is not there.
func (h *rosterHouse) mergedOnce(boss staff.Actor, kept, merged string) string {
	h.t.Helper()
	for {
		_, done, err := h.options.Upkeep.Twins(h.t.Context(), boss)
		h.must(err)
		if len(done) > 0 {
			return done[0].ID
		}
		h.must(h.options.Upkeep.Merge(h.t.Context(), boss, kept, merged, nil))
	}
}

// prepare publishes a change of an entry and leaves another one in review.
func (h *rosterHouse) prepare(boss staff.Actor, centre string) {
	h.t.Helper()
	ctx, keeping := h.t.Context(), h.options.Upkeep
	desk, err := keeping.Desk(ctx, boss, centre)
	h.must(err)
	sheet := desk.Sheet
	sheet.Waiting += "x"
	h.must(keeping.Publish(ctx, boss, centre, desk.Version, sheet))
	desk, err = keeping.Desk(ctx, boss, centre)
	h.must(err)
	sheet = desk.Sheet
	sheet.Alert, sheet.Hours = "Heute nur am Telefon", "Mo-Fr 10:00-11:00"
	h.must(keeping.Save(ctx, boss, centre, desk.Version, sheet, true))
}

// lastChange is the newest change of a centre, or nothing.
func (h *rosterHouse) lastChange(centre string) string {
	h.t.Helper()
	steps, err := h.options.Directory.History(h.t.Context(), centre)
	if err != nil || len(steps) == 0 {
		return ""
	}
	return steps[0].ID
}

// editing makes the centre that the tests of all pages look at one that has
// everything: a draft, a history, a mail with a link. The pair of twins stays open.
func (h *rosterHouse) editing() {
	h.t.Helper()
	ctx, keeping := h.t.Context(), h.options.Upkeep
	boss := h.actors["max"]
	shown := aCentre(&Server{directory: h.options.Directory})
	h.must(h.options.Directory.Edit(ctx, "x", shown, func(e *directory.Entry) error { e.Venue.Email = "stelle@example.org"; return nil }))
	h.must(keeping.Assign(ctx, staff.Operator(), boss.Provider, []string{shown}))
	h.must(keeping.Ask(ctx, h.admin(), shown))
	h.must(keeping.DeliverAll(ctx))
	h.prepare(boss, shown)
}

// admin is an admin of the house's provider.
func (h *rosterHouse) admin() staff.Actor {
	a := h.actors["max"]
	a.Grants = append(a.Grants, staff.Grant{Role: staff.Admin, Provider: a.Provider})
	return a
}

// form sends a form without a session of the staff.
func (h *rosterHouse) form(path, body string, cookies ...*http.Cookie) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return do(h.server, r)
}

var _ upkeep.Mailer = (*postbox)(nil)
