package roster

import (
	"context"
	"errors"
	"testing"
	"time"

	"lotse/internal/bus"
	"lotse/internal/fault"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// house is a provider with two teams: Addiction (Anna, Ben, Cem) and Youth
// (Cem, Dora). Lea supervises Addiction, Max supervises both.
type house struct {
	t     *testing.T
	db    *store.DB
	bus   bus.Bus
	staff *staff.Service
	*Service

	provider             staff.ProviderID
	addiction, youth     staff.TeamID
	anna, ben, cem, dora staff.Actor
	lea, max             staff.Actor
	stranger             staff.Actor  // supervises a team of another provider
	strangerTeam         staff.TeamID // that team
	week                 civil.Week   // a week to plan: the one after the next
}

func newHouse(t *testing.T, db *store.DB) *house {
	t.Helper()
	b := bus.NewMemory()
	t.Cleanup(func() { b.Close() })
	people, err := staff.New(staff.Options{DB: db, Bus: b, Log: testenv.Log(t), Secret: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: db, bus: b, staff: people}
	h.Service = New(Options{DB: db, Bus: b, Audit: people.Audit(), Log: testenv.Log(t), Zone: berlin})
	h.week = civil.WeekOf(h.Today()).Add(2)
	h.people()
	return h
}

func (h *house) people() {
	h.provider = h.newProvider("Caritasverband Musterstadt")
	h.addiction, h.youth = h.newTeam(h.provider, "Sucht"), h.newTeam(h.provider, "Jugend")
	other := h.newProvider("Diakonie Beispielhausen")
	h.strangerTeam = h.newTeam(other, "Schulden")
	counsel := func(teams ...staff.TeamID) (grants []staff.Grant) {
		for _, team := range teams {
			grants = append(grants, staff.Grant{Role: staff.Counsellor, Team: team})
		}
		return grants
	}
	h.anna = h.account(h.provider, "Anna", counsel(h.addiction)...)
	h.ben = h.account(h.provider, "Ben", counsel(h.addiction)...)
	h.cem = h.account(h.provider, "Cem", counsel(h.addiction, h.youth)...)
	h.dora = h.account(h.provider, "Dora", counsel(h.youth)...)
	h.lea = h.account(h.provider, "Lea", staff.Grant{Role: staff.Supervisor, Team: h.addiction})
	h.max = h.account(h.provider, "Max", staff.Grant{Role: staff.Supervisor})
	h.stranger = h.account(other, "Olga", staff.Grant{Role: staff.Supervisor}, staff.Grant{Role: staff.Counsellor})
}

func (h *house) newProvider(name string) staff.ProviderID {
	h.t.Helper()
	p, err := h.staff.CreateProvider(h.t.Context(), staff.Operator(), name)
	h.must(err)
	return p.ID
}

func (h *house) newTeam(provider staff.ProviderID, name string) staff.TeamID {
	h.t.Helper()
	team, err := h.staff.CreateTeam(h.t.Context(), staff.Operator(), staff.Team{
		Provider: provider, Name: name, Topics: []string{"sucht", "jugend"}, Languages: []string{"de", "en"},
		Reach: staff.Nationwide, Policy: staff.PolicyTeam, QueueMax: 5,
	})
	h.must(err)
	return team.ID
}

// account makes an account and the actor it signs in as.
func (h *house) account(provider staff.ProviderID, name string, grants ...staff.Grant) staff.Actor {
	h.t.Helper()
	for i := range grants {
		grants[i].Provider = provider
	}
	a, _, err := h.staff.CreateAccount(h.t.Context(), staff.Operator(), staff.NewAccount{
		Provider: provider, Email: name + "@example.org", Name: name, Language: "de", Grants: grants, Skills: staff.DefaultSkills(),
	})
	h.must(err)
	teams := []staff.TeamID{h.addiction, h.youth}
	if provider != h.provider {
		teams = []staff.TeamID{h.strangerTeam}
	}
	return staff.Actor{ID: a.ID, Provider: provider, Name: name, Grants: grants, Teams: teams}
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) wantFault(err error, kind fault.Kind, code string) {
	h.t.Helper()
	if fault.KindOf(err) != kind || fault.CodeOf(err) != code {
		h.t.Errorf("error is %v, want %s (%s)", err, kind, code)
	}
}

func (h *house) ctx() context.Context { return h.t.Context() }

// shift is a shift of a team on a weekday of the week to plan, in whole hours.
func (h *house) shift(team staff.TeamID, weekday, from, to int) Shift {
	s := Shift{Team: team, Channels: []Channel{Chat}, Min: 1, Opt: 1}
	s.Start, s.End = h.Span(Clock{h.week.Monday().Add(weekday), from * 60, to * 60})
	return s
}

// plan saves a shift with people on it as a draft.
func (h *house) plan(s Shift, people ...staff.Actor) Entry {
	h.t.Helper()
	e, err := h.Save(h.ctx(), h.max, s)
	h.must(err)
	for _, p := range people {
		e, err = h.Assign(h.ctx(), h.max, e.ID, p.ID)
		h.must(err)
	}
	return e
}

// publish puts all drafts of a team in force.
func (h *house) publish(team staff.TeamID) {
	h.t.Helper()
	d, err := h.Diff(h.ctx(), h.max, team, Scope{})
	h.must(err)
	_, err = h.Publish(h.ctx(), h.max, team, Scope{}, d.Digest)
	h.must(err)
}

// dutiesOf lists a person's duties in the week to plan, in force.
func (h *house) dutiesOf(person staff.Actor) []Duty {
	h.t.Helper()
	from, to := h.week.Span(h.Zone())
	own, err := h.Own(h.ctx(), person, from, to)
	h.must(err)
	return own.Duties
}

func (h *house) readWeek(actor staff.Actor, team staff.TeamID) WeekPlan {
	h.t.Helper()
	p, err := h.Week(h.ctx(), actor, team, h.week)
	h.must(err)
	return p
}

// each runs a test in a house on both engines.
func each(t *testing.T, test func(h *house)) {
	testenv.Each(t, func(t *testing.T, db *store.DB) { test(newHouse(t, db)) })
}

// wantField checks that the error is Invalid with a code for one field.
func (h *house) wantField(why string, err error, field, code string) {
	h.t.Helper()
	h.wantFault(err, fault.Invalid, "invalid_input")
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Fields[field] != code {
		h.t.Errorf("%s: %v, want %s=%s", why, err, field, code)
	}
}
