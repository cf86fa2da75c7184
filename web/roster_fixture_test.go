package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"lotse/directory"
	"lotse/internal/bus"
	"lotse/internal/fault"
	"lotse/internal/roster"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// rosterHouse is a provider with the teams Sucht (Anna, Ben, Cem) and Jugend
// (Cem, Dora); lea supervises Sucht, max both, olga a team of another provider.
// It is also the server's Sessions: the token is a name.
type rosterHouse struct {
	t       *testing.T
	server  *Server
	staff   *staff.Service
	roster  *roster.Service
	actors  map[string]staff.Actor
	sucht   staff.TeamID
	jugend  staff.TeamID
	fremd   staff.TeamID
	week    civil.Week // the week after the next
	byRole  byRole
	bus     *bus.Memory
	db      *store.DB
	made    int // how often objects was called
	options Options
}

// Actor finds who the token names; the tokens of byRole serve too, and the one
// that holds every role is at home in this house.
func (h *rosterHouse) Actor(ctx context.Context, token string) (staff.Actor, error) {
	if a, ok := h.actors[token]; ok {
		return a, nil
	}
	if token == string(everyRole) {
		a := h.actors["max"]
		for _, role := range []staff.Role{staff.Counsellor, staff.Admin, staff.Auditor} {
			a.Grants = append(a.Grants, staff.Grant{Role: role, Provider: a.Provider})
		}
		a.StepUp = time.Now()
		return a, nil
	}
	return h.byRole.Actor(ctx, token)
}

// newRosterHouse makes a server whose staff live in the house.
func newRosterHouse(t *testing.T) *rosterHouse {
	t.Helper()
	h := &rosterHouse{t: t, actors: map[string]staff.Actor{}, bus: bus.NewMemory()}
	t.Cleanup(func() { h.bus.Close() })
	h.options = testOptions(t)
	db := testenv.Migrated(t, testenv.SQLite(t))
	h.db = db
	var err error
	h.staff, err = staff.New(staff.Options{DB: db, Bus: h.bus, Log: testenv.Log(t), Secret: make([]byte, 32)})
	h.must(err)
	h.roster = roster.New(roster.Options{DB: db, Bus: h.bus, Audit: h.staff.Audit(), Log: testenv.Log(t), Zone: berlin(t)})
	h.week = civil.WeekOf(h.roster.Today()).Add(2)
	h.settle()
	h.options.Staff, h.options.Roster, h.options.Sessions = h.staff, h.roster, h
	h.options.Directory = centres(t, directory.Options{DB: db, Bus: h.bus, Log: testenv.Log(t), Taxonomy: topics(t), Places: places(t)})
	h.options.Upkeep = keeping(db, h.options.Directory, h.staff)
	h.keep()
	h.server = serverOf(t, h.options)
	return h
}

func (h *rosterHouse) settle() {
	provider, other := h.provider("Caritasverband Musterstadt"), h.provider("Diakonie Beispielhausen")
	h.sucht, h.jugend, h.fremd = h.team(provider, "Sucht"), h.team(provider, "Jugend"), h.team(other, "Schulden")
	own := []staff.TeamID{h.sucht, h.jugend}
	counsel := func(teams ...staff.TeamID) (grants []staff.Grant) {
		for _, team := range teams {
			grants = append(grants, staff.Grant{Role: staff.Counsellor, Team: team})
		}
		return grants
	}
	h.account("anna", provider, own, counsel(h.sucht)...)
	h.account("ben", provider, own, counsel(h.sucht)...)
	h.account("cem", provider, own, counsel(h.sucht, h.jugend)...)
	h.account("dora", provider, own, counsel(h.jugend)...)
	h.account("lea", provider, own, staff.Grant{Role: staff.Supervisor, Team: h.sucht})
	h.account("max", provider, own, staff.Grant{Role: staff.Supervisor})
	h.account("olga", other, []staff.TeamID{h.fremd}, staff.Grant{Role: staff.Supervisor})
}

func (h *rosterHouse) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *rosterHouse) provider(name string) staff.ProviderID {
	p, err := h.staff.CreateProvider(h.t.Context(), staff.Operator(), name)
	h.must(err)
	return p.ID
}

func (h *rosterHouse) team(provider staff.ProviderID, name string) staff.TeamID {
	team, err := h.staff.CreateTeam(h.t.Context(), staff.Operator(), staff.Team{
		Provider: provider, Name: name, Topics: []string{"sucht", "schulden"}, Languages: []string{"de", "tr"},
		Reach: staff.Nationwide, Policy: staff.PolicyTeam, QueueMax: 5,
	})
	h.must(err)
	return team.ID
}

func (h *rosterHouse) account(name string, provider staff.ProviderID, teams []staff.TeamID, grants ...staff.Grant) {
	for i := range grants {
		grants[i].Provider = provider
	}
	title := strings.ToUpper(name[:1]) + name[1:]
	a, _, err := h.staff.CreateAccount(h.t.Context(), staff.Operator(), staff.NewAccount{
		Provider: provider, Email: name + "@example.org", Name: title, Language: "de", Grants: grants, Skills: staff.DefaultSkills(),
	})
	h.must(err)
	h.actors[name] = staff.Actor{ID: a.ID, Provider: provider, Name: title, Grants: grants, Teams: teams}
}

// plan saves a shift of Sucht in the week to plan, in whole hours.
func (h *rosterHouse) plan(weekday, from, to int, people ...string) roster.Entry {
	h.t.Helper()
	return h.planFor(h.sucht, weekday, from, to, people...)
}

func (h *rosterHouse) planFor(team staff.TeamID, weekday, from, to int, people ...string) roster.Entry {
	h.t.Helper()
	s := roster.Shift{Team: team, Channels: []roster.Channel{roster.Chat}, Min: 1, Opt: 2}
	s.Start, s.End = h.roster.Span(roster.Clock{Date: h.week.Monday().Add(weekday), Start: 60 * from, End: 60 * to})
	e, err := h.roster.Save(h.t.Context(), h.actors["max"], s)
	h.must(err)
	for _, name := range people {
		e, err = h.roster.Assign(h.t.Context(), h.actors["max"], e.ID, h.actors[name].ID)
		h.must(err)
	}
	return e
}

func (h *rosterHouse) publish(team staff.TeamID) {
	h.t.Helper()
	d, err := h.roster.Diff(h.t.Context(), h.actors["max"], team, roster.Scope{})
	h.must(err)
	_, err = h.roster.Publish(h.t.Context(), h.actors["max"], team, roster.Scope{}, d.Digest)
	h.must(err)
}

// read is the shift as it is now.
func (h *rosterHouse) read(id roster.ShiftID) roster.Entry {
	h.t.Helper()
	e, err := h.roster.Shift(h.t.Context(), h.actors["max"], id)
	h.must(err)
	return e
}

func (h *rosterHouse) readWeek() roster.WeekPlan {
	h.t.Helper()
	p, err := h.roster.Week(h.t.Context(), h.actors["max"], h.sucht, h.week)
	h.must(err)
	return p
}

// query is the address part that names team and week.
func (h *rosterHouse) query() string {
	return "?lang=de&team=" + h.sucht.String() + "&woche=" + h.week.String()
}

func (h *rosterHouse) get(name, path string) *httptest.ResponseRecorder {
	h.t.Helper()
	path, _, _ = strings.Cut(path, "#") // browsers keep the fragment to themselves
	return do(h.server, as(h.server, staff.Role(name), httptest.NewRequest(http.MethodGet, path, nil)))
}

// post sends a form as the browser of a person would; pairs are names and
// values.
func (h *rosterHouse) post(name, path string, pairs ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return do(h.server, as(h.server, staff.Role(name), r))
}

// page checks that the answer is a page with a status that keeps the rules of
// every page and holds all the texts.
func (h *rosterHouse) page(w *httptest.ResponseRecorder, status int, texts ...string) string {
	h.t.Helper()
	body := w.Body.String()
	if w.Code != status {
		h.t.Fatalf("status %d, want %d", w.Code, status)
	}
	for _, wrong := range pageFacts(strings.NewReader(body), German) {
		h.t.Error(wrong)
	}
	for _, text := range texts {
		if !strings.Contains(body, text) {
			h.t.Errorf("the page lacks %q", text)
		}
	}
	return body
}

// led checks that the answer leads to a path.
func (h *rosterHouse) led(w *httptest.ResponseRecorder, path string) {
	h.t.Helper()
	if at := w.Header().Get("Location"); w.Code != http.StatusSeeOther || !strings.HasPrefix(at, path) {
		h.t.Fatalf("status %d, leads to %q, want %q", w.Code, at, path)
	}
}

var _ Sessions = (*rosterHouse)(nil)

// refused checks status and code of a refusal.
func (h *rosterHouse) refused(w *httptest.ResponseRecorder, kind fault.Kind) {
	h.t.Helper()
	if want := statusByKind[kind]; w.Code != want {
		h.t.Errorf("status %d, want %d", w.Code, want)
	}
}

// furnished fills the present week with one of everything, for tests that look
// at all pages, and returns the options of the house's server.
func (h *rosterHouse) furnished() Options {
	h.t.Helper()
	ctx, max := h.t.Context(), h.actors["max"]
	h.week = civil.WeekOf(h.roster.Today())
	h.plan(6, 8, 12, "anna", "cem")
	moved := h.plan(6, 13, 17, "ben")
	gone := h.plan(6, 18, 21)
	h.publish(h.sucht)
	h.plan(6, 22, 30)
	h.planFor(h.jugend, 6, 8, 12, "cem", "dora")
	h.must(h.roster.Remove(ctx, max, gone.ID, gone.Revision))
	_, err := h.roster.Move(ctx, max, moved.ID, moved.Revision, h.week.Monday().Add(5))
	h.must(err)
	_, err = h.roster.SaveTemplate(ctx, max, h.sucht, h.week, "Standardwoche")
	h.must(err)
	from, to := h.roster.Span(roster.Clock{Date: h.week.Monday().Add(6), Start: 600, End: 1440})
	_, err = h.roster.AddAbsence(ctx, max, roster.Absence{Person: h.actors["anna"].ID, Start: from, End: to, Class: roster.Sick})
	h.must(err)
	_, err = h.roster.AddOverride(ctx, max, roster.Override{Team: h.sucht, Remove: h.actors["anna"].ID, Add: h.actors["ben"].ID, Start: from, End: to, Class: roster.Sick})
	h.must(err)
	h.editing()
	return h.options
}
