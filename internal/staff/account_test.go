package staff

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lotse/internal/fault"
)

// cast is one person of every kind, in two providers.
type cast struct {
	*house
	otherProvider         ProviderID
	otherTeam, secondTeam Team
	people                map[string]*person
}

func newCast(t *testing.T, h *house) *cast {
	t.Helper()
	c := &cast{house: h, people: map[string]*person{}}
	c.otherProvider, c.otherTeam = h.newProvider("Haus Süd")
	c.secondTeam = h.newTeam(h.provider, "Zweites Team")
	for name, grants := range map[string][]Grant{
		"counsellor":        {counsellor(h.team.ID)},
		"supervisor":        {{Role: Supervisor, Team: h.team.ID}},
		"second supervisor": {{Role: Supervisor, Team: c.secondTeam.ID}},
		"head":              {{Role: Supervisor}},
		"admin":             {{Role: Admin}},
		"auditor":           {{Role: Auditor}},
		"nobody":            nil,
	} {
		email := letters(name) + "@example.org"
		if grants == nil { // an account loses its roles; none begins without
			p := h.hire(email, Grant{Role: Auditor})
			must(t, h.SetGrants(t.Context(), Operator(), p.id, nil))
			var err error
			p.in, err = h.Login(t.Context(), home, p.login(""))
			must(t, err)
			c.people[name] = p
			continue
		}
		c.people[name] = h.hire(email, grants...)
	}
	c.people["other admin"] = h.hireAt(c.otherProvider, "oa@example.org", Grant{Role: Admin}, Grant{Role: Supervisor}, Grant{Role: Auditor}, Grant{Role: Counsellor})
	return c
}

// letters keeps what may stand in an address.
func letters(s string) string { return strings.ReplaceAll(s, " ", "") }

func (c *cast) as(name string) Actor {
	c.t.Helper()
	if name == "operator" {
		return Operator()
	}
	return c.actor(c.people[name])
}

// Who may do what, as a table: each method is tried by everybody. A code that is not listed means that it must succeed.
func TestRoleMatrix(t *testing.T) {
	everybody := []string{"counsellor", "supervisor", "second supervisor", "head", "admin", "auditor", "nobody", "other admin", "operator"}
	methods := []struct {
		name    string
		allowed []string
		call    func(ctx context.Context, c *cast, a Actor, target ID) error
	}{
		{"CreateProvider", []string{"operator"}, func(ctx context.Context, c *cast, a Actor, _ ID) error {
			_, err := c.CreateProvider(ctx, a, "P "+NewID().String())
			return err
		}},
		{"CreateAccount", []string{"admin", "operator"}, func(ctx context.Context, c *cast, a Actor, _ ID) error {
			_, _, err := c.CreateAccount(ctx, a, NewAccount{Provider: c.provider, Email: NewID().String() + "@example.org", Name: "N", Grants: []Grant{{Role: Counsellor}}})
			return err
		}},
		{"Accounts", []string{"admin", "operator"}, func(ctx context.Context, c *cast, a Actor, _ ID) error {
			_, err := c.Accounts(ctx, a, c.provider)
			return err
		}},
		{"AccountByEmail", []string{"admin", "operator"}, func(ctx context.Context, c *cast, a Actor, _ ID) error {
			_, err := c.AccountByEmail(ctx, a, "counsellor@example.org")
			return err
		}},
		{"UpdateAccount", []string{"admin", "operator"}, func(ctx context.Context, c *cast, a Actor, target ID) error {
			return c.UpdateAccount(ctx, a, target, "New Name", "de")
		}},
		{"SetGrants", []string{"admin", "operator"}, func(ctx context.Context, c *cast, a Actor, target ID) error {
			return c.SetGrants(ctx, a, target, []Grant{counsellor(c.team.ID)})
		}},
		{"Disable", []string{"admin", "operator"}, func(ctx context.Context, c *cast, a Actor, target ID) error { return c.Disable(ctx, a, target) }},
		{"Enable", []string{"admin", "operator"}, func(ctx context.Context, c *cast, a Actor, target ID) error { return c.Enable(ctx, a, target) }},
		{"Reset", []string{"admin", "operator"}, func(ctx context.Context, c *cast, a Actor, target ID) error {
			_, err := c.Reset(ctx, a, target)
			return err
		}},
		{"Reinvite", []string{"admin", "operator"}, func(ctx context.Context, c *cast, a Actor, target ID) error {
			_, err := c.Reinvite(ctx, a, target) // after the reset above, nobody has accepted
			return err
		}},
		{"SetSkills", []string{"admin", "operator", "supervisor", "head"}, func(ctx context.Context, c *cast, a Actor, target ID) error {
			return c.SetSkills(ctx, a, target, DefaultSkills())
		}},
		{"People", []string{"supervisor", "second supervisor", "head", "other admin"}, func(ctx context.Context, c *cast, a Actor, _ ID) error {
			_, err := c.People(ctx, a)
			return err
		}},
		{"CreateTeam", []string{"admin", "operator"}, func(ctx context.Context, c *cast, a Actor, _ ID) error {
			team := c.team
			team.Name = "T " + NewID().String()
			_, err := c.CreateTeam(ctx, a, team)
			return err
		}},
		{"UpdateTeam", []string{"admin", "operator"}, func(ctx context.Context, c *cast, a Actor, _ ID) error {
			_, err := c.UpdateTeam(ctx, a, c.team)
			return err
		}},
		{"AttachCentres", []string{"admin", "operator"}, func(ctx context.Context, c *cast, a Actor, _ ID) error {
			_, err := c.AttachCentres(ctx, a, c.team.ID, []string{"centre-1"})
			return err
		}},
		{"OwnChain", []string{"counsellor", "supervisor", "second supervisor", "head", "admin", "auditor", "nobody"}, func(ctx context.Context, c *cast, a Actor, _ ID) error {
			_, err := c.OwnChain(ctx, a, c.team.ID)
			return err
		}},
		{"Pending", []string{"supervisor", "head", "admin"}, func(ctx context.Context, c *cast, a Actor, _ ID) error {
			_, _, err := c.Pending(ctx, a, c.team.ID)
			return err
		}},
		{"Entries", []string{"auditor", "other admin", "operator"}, func(ctx context.Context, c *cast, a Actor, _ ID) error {
			_, err := c.Audit().Entries(ctx, a, AuditQuery{})
			return err
		}},
		{"VerifyAudit", []string{"auditor", "other admin", "operator"}, func(ctx context.Context, c *cast, a Actor, _ ID) error {
			_, err := c.VerifyAudit(ctx, a)
			return err
		}},
	}
	each(t, func(t *testing.T, h *house) {
		c := newCast(t, h)
		target := h.hire("target@example.org", counsellor(h.team.ID)).id
		for _, m := range methods {
			for _, who := range everybody {
				err := m.call(t.Context(), c, c.as(who), target)
				may := false
				for _, name := range m.allowed {
					may = may || name == who
				}
				kind := fault.KindOf(err)
				if may && err != nil || !may && kind != fault.Forbidden && kind != fault.NotFound {
					t.Errorf("%s by %s: %v", m.name, who, err)
				}
			}
		}
		_, err := c.Audit().Verify(t.Context())
		must(t, err)
	})
}

func TestMay(t *testing.T) {
	p, q := NewProviderID(), NewProviderID()
	one, two, foreign := NewTeamID(), NewTeamID(), NewTeamID()
	a := Actor{Provider: p, Teams: []TeamID{one, two}, Grants: []Grant{{Counsellor, p, one}, {Supervisor, p, TeamID{}}}}
	for _, c := range []struct {
		role Role
		team TeamID
		want bool
	}{
		{Counsellor, one, true}, {Counsellor, two, false}, {Counsellor, foreign, false}, {Counsellor, TeamID{}, false},
		{Supervisor, one, true}, {Supervisor, two, true}, {Supervisor, foreign, false}, {Supervisor, TeamID{}, true},
		{Admin, one, false}, {Admin, TeamID{}, false}, {"", one, false},
	} {
		if got := a.May(c.role, c.team); got != c.want {
			t.Errorf("May(%s, %v) = %t", c.role, c.team, got)
		}
	}
	if !a.MayIn(Supervisor, p) || a.MayIn(Supervisor, q) || a.MayAny(Admin) || !a.MayAny(Counsellor) {
		t.Error("MayIn or MayAny is wrong")
	}
	if diff := cmp.Diff([]TeamID{one}, a.TeamsAs(Counsellor)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]TeamID{one, two}, a.TeamsAs(Supervisor)); diff != "" {
		t.Error(diff)
	}
	if op := Operator(); !op.May(Admin, one) || op.May(Counsellor, one) || op.MayAny(Supervisor) || op.MayIn(Counsellor, p) {
		t.Error("the operator holds the wrong roles")
	}
}

func TestGrantsStayWithinTheProvider(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		other, foreign := h.newProvider("Haus Süd")
		p := h.hire("p@example.org", counsellor(h.team.ID))
		for name, grants := range map[string][]Grant{
			"foreign team":     {counsellor(foreign.ID)},
			"foreign provider": {{Role: Admin, Provider: other}},
			"unknown team":     {counsellor(NewTeamID())},
			"unknown role":     {{Role: "root"}},
			"admin of a team":  {{Role: Admin, Team: h.team.ID}},
		} {
			if code := fault.CodeOf(h.SetGrants(t.Context(), Operator(), p.id, grants)); code != "invalid_input" {
				t.Errorf("%s: %q", name, code)
			}
		}
		if diff := cmp.Diff([]Grant{{Counsellor, h.provider, h.team.ID}}, h.actor(p).Grants); diff != "" {
			t.Errorf("a refused change left traces: %s", diff)
		}
		must(t, h.SetGrants(t.Context(), Operator(), p.id, []Grant{{Role: Supervisor}, {Role: Supervisor}, counsellor(h.team.ID)}))
		if n := len(h.actor(p).Grants); n != 2 {
			t.Errorf("%d grants, want 2", n)
		}
	})
}

func TestLosingARoleEndsSessions(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		more := []Grant{counsellor(h.team.ID), {Role: Supervisor, Team: h.team.ID}}
		must(t, h.SetGrants(t.Context(), Operator(), p.id, more))
		if a := h.actor(p); !a.May(Supervisor, h.team.ID) {
			t.Error("the new role does not count")
		}
		must(t, h.SetGrants(t.Context(), Operator(), p.id, more[1:]))
		_, err := h.Actor(t.Context(), p.in.Token.Reveal())
		wantCode(t, err, "signed_out")
	})
}

func TestAProviderKeepsAnAdmin(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.hire("a@example.org", Grant{Role: Admin})
		wantCode(t, h.SetGrants(t.Context(), h.actor(a), a.id, []Grant{{Role: Auditor}}), "last_admin")
		wantCode(t, h.Disable(t.Context(), h.actor(a), a.id), "own_account")
		b := h.hire("b@example.org", Grant{Role: Admin})
		must(t, h.Disable(t.Context(), h.actor(b), a.id))
		wantCode(t, h.SetGrants(t.Context(), h.actor(b), b.id, nil), "last_admin")
		must(t, h.SetGrants(t.Context(), Operator(), b.id, nil))
	})
}

func TestCreateAccountRefusals(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.hire("taken@example.org", counsellor(h.team.ID))
		good := NewAccount{Provider: h.provider, Email: "new@example.org", Name: "Neu", Grants: []Grant{counsellor(h.team.ID)}}
		for code, spoil := range map[string]func(*NewAccount){
			"email_taken":    func(n *NewAccount) { n.Email = "TAKEN@Example.org" },
			"invalid_input":  func(n *NewAccount) { n.Email = "no address" },
			"invalid_input ": func(n *NewAccount) { n.Name = "two\nlines" },
			"invalid_input-": func(n *NewAccount) { n.Grants = nil },
			"invalid_input.": func(n *NewAccount) { n.Skills.Limit = 99 },
			"invalid_input,": func(n *NewAccount) { n.Language = "DE" },
		} {
			n := good
			spoil(&n)
			_, _, err := h.CreateAccount(t.Context(), Operator(), n)
			wantCode(t, err, trimMark(code))
		}
		if n := count(t, h.db, "account"); n != 1 {
			t.Errorf("%d accounts after refusals, want 1", n)
		}
		a, _, err := h.CreateAccount(t.Context(), Operator(), good)
		must(t, err)
		list, err := h.Accounts(t.Context(), Operator(), h.provider)
		must(t, err)
		if diff := cmp.Diff(a, list[1]); diff != "" {
			t.Errorf("listed otherwise than created: %s", diff)
		}
	})
}

func trimMark(code string) string {
	for code[len(code)-1] < 'a' {
		code = code[:len(code)-1]
	}
	return code
}

func TestReset(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		old := p.keys.KID()
		_, err := h.Reinvite(t.Context(), Operator(), p.id)
		wantCode(t, err, "already_active")
		invite, err := h.Reset(t.Context(), Operator(), p.id)
		must(t, err)
		_, err = h.Actor(t.Context(), p.in.Token.Reveal())
		wantCode(t, err, "signed_out")
		_, err = h.Login(t.Context(), home, p.login(""))
		wantCode(t, err, "login_failed")
		_, err = h.LoginRecovery(t.Context(), home, p.email, p.recovery)
		wantCode(t, err, "login_failed")
		if kids, err := h.KIDs(t.Context()); err != nil || len(kids) != 0 {
			t.Errorf("old keys are still served: %v, %v", kids, err)
		}
		p.newKeys(t)
		in, err := h.Accept(t.Context(), home, p.acceptance(invite.Token))
		must(t, err)
		if in.Actor.KID == old.String() || in.Actor.KID != p.keys.KID().String() {
			t.Error("the keys were not replaced")
		}
	})
}

func TestSkillsAndPeople(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		c := newCast(t, h)
		target := c.people["counsellor"].id
		want := Skills{Topics: []string{"addiction", "debt"}, Languages: []string{"ar", "de"}, Limit: 4, Trainee: true}
		must(t, h.SetSkills(t.Context(), c.as("supervisor"), target, Skills{Topics: []string{"debt", "addiction", "debt"}, Languages: []string{"de", "ar"}, Limit: 4, Trainee: true}))
		all, err := h.Skills(t.Context())
		must(t, err)
		if diff := cmp.Diff(want, all[target]); diff != "" || all[target].Places() != 1 {
			t.Errorf("skills: %s", diff)
		}
		for _, bad := range []Skills{{Limit: 0}, {Limit: 9}, {Limit: 2, Topics: []string{"free text"}}, {Limit: 2, Languages: []string{"DE"}}} {
			wantCode(t, h.SetSkills(t.Context(), c.as("supervisor"), target, bad), "invalid_input")
		}
		people, err := h.People(t.Context(), c.as("second supervisor"))
		must(t, err)
		names := map[ID]bool{}
		for _, p := range people {
			names[p.ID] = true
		}
		// the head supervises every team, so belongs to the second one too
		if len(names) != 2 || !names[c.people["second supervisor"].id] || !names[c.people["head"].id] {
			t.Errorf("the second team's supervisor sees %d people", len(names))
		}
		must(t, h.Disable(t.Context(), Operator(), target))
		if all, err = h.Skills(t.Context()); err != nil || len(all) == 0 {
			t.Fatal(err)
		}
		if _, there := all[target]; there {
			t.Error("a disabled person has skills")
		}
	})
}

func TestTeams(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		hints, err := h.bus.Subscribe(t.Context(), "team/"+h.team.ID.String())
		must(t, err)
		defer hints.Close()
		changed := h.team
		changed.Name, changed.Topics, changed.Formal, changed.Policy = "Sucht", []string{"b", "a", "a"}, true, PolicyDuty
		_, err = h.UpdateTeam(t.Context(), Operator(), changed)
		must(t, err)
		<-hints.C()
		_, err = h.AttachCentres(t.Context(), Operator(), h.team.ID, []string{"c2", "c1"})
		must(t, err)
		changed.Topics, changed.Centres = []string{"a", "b"}, []string{"c1", "c2"}
		got, err := h.Team(t.Context(), h.team.ID)
		must(t, err)
		if diff := cmp.Diff(changed, got); diff != "" {
			t.Error(diff)
		}
		_, err = h.CreateTeam(t.Context(), Operator(), changed)
		wantCode(t, err, "team_exists")
		for field, spoil := range map[string]func(*Team){
			"name": func(t *Team) { t.Name = "" }, "reach": func(t *Team) { t.Reach = "far" }, "policy": func(t *Team) { t.Policy = "all" },
			"queue_max": func(t *Team) { t.QueueMax = 0 }, "last_chat_before_s": func(t *Team) { t.LastChatBefore = -1 },
			"topics": func(t *Team) { t.Topics = []string{"ä"} }, "languages": func(t *Team) { t.Languages = []string{"Deutsch"} },
			"centres": func(t *Team) { t.Centres = make([]string, tagsMax+1) },
		} {
			bad := changed
			spoil(&bad)
			_, err := h.UpdateTeam(t.Context(), Operator(), bad)
			wantCode(t, err, "invalid_input")
			if _, named := asFault(err).Fields[field]; !named {
				t.Errorf("%s is not named: %v", field, err)
			}
		}
		_, err = h.UpdateTeam(t.Context(), Operator(), Team{ID: NewTeamID()})
		wantCode(t, err, "team_unknown")
	})
}
