package staff

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lotse/internal/fault"
	"lotse/internal/seal"
)

// crew is a supervisor who signs and a counsellor who reads.
func crew(h *house) (lead, kim *person) {
	return h.hire("lead@example.org", Grant{Role: Supervisor, Team: h.team.ID}, counsellor(h.team.ID)), h.hire("kim@example.org", counsellor(h.team.ID))
}

func genesis(t *testing.T, team TeamID, by *person, members ...seal.Member) seal.SignedState {
	t.Helper()
	return sign(t, by, seal.NewState(team.String(), nil, members))
}

func sign(t *testing.T, by *person, st seal.State) seal.SignedState {
	t.Helper()
	signed, err := by.keys.Sign(st)
	must(t, err)
	return signed
}

func reader(p *person) seal.Member { return p.keys.Member("Kim", true, false) }

func leader(p *person) seal.Member { return p.keys.Member("Lead", true, true) }

func TestChainGrows(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		lead, kim := crew(h)
		hints, err := h.bus.Subscribe(t.Context(), "team/"+h.team.ID.String())
		must(t, err)
		defer hints.Close()
		pending, leaving, err := h.Pending(t.Context(), h.actor(lead), h.team.ID)
		must(t, err)
		if len(pending) != 2 || len(leaving) != 0 {
			t.Fatalf("before the genesis %d pending, %d leaving", len(pending), len(leaving))
		}
		first := genesis(t, h.team.ID, lead, leader(lead))
		_, err = h.AppendState(t.Context(), h.actor(lead), h.team.ID, first)
		must(t, err)
		<-hints.C()
		second := sign(t, lead, seal.NewState(h.team.ID.String(), &first.State, []seal.Member{leader(lead), reader(kim)}))
		head, err := h.AppendState(t.Context(), h.actor(lead), h.team.ID, second)
		must(t, err)
		chain, readers, err := h.Readers(t.Context(), h.team.ID)
		must(t, err)
		if diff := cmp.Diff([]seal.SignedState{first, second}, chain); diff != "" || len(readers) != 2 {
			t.Errorf("%d readers; %s", len(readers), diff)
		}
		heads, err := h.Heads(t.Context())
		must(t, err)
		if heads[h.team.ID] != head || head.N != 1 || head.Hash != second.Hash() {
			t.Errorf("heads: %v", heads)
		}
		if pending, _, err = h.Pending(t.Context(), h.actor(lead), h.team.ID); err != nil || len(pending) != 0 {
			t.Errorf("%d pending, %v", len(pending), err)
		}
	})
}

func TestChainRefusals(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		lead, kim := crew(h)
		stranger := h.hire("stranger@example.org", Grant{Role: Supervisor, Team: h.newTeam(h.provider, "Anderes").ID})
		first := genesis(t, h.team.ID, lead, leader(lead))
		_, err := h.AppendState(t.Context(), h.actor(lead), h.team.ID, first)
		must(t, err)
		next := seal.NewState(h.team.ID.String(), &first.State, []seal.Member{leader(lead), reader(kim)})
		flipped := sign(t, lead, next)
		flipped.Sig = slices.Clone(flipped.Sig)
		flipped.Sig[5] ^= 1
		ghost := newPerson(t, "ghost@example.org")
		supervisorReads := h.hire("s@example.org", Grant{Role: Supervisor, Team: h.team.ID})
		for name, c := range map[string]struct {
			by   *person
			st   seal.SignedState
			code string
		}{
			"again":               {lead, first, "chain_conflict"},
			"flipped signature":   {lead, flipped, "chain_invalid"},
			"other team":          {lead, sign(t, lead, seal.NewState(NewTeamID().String(), &first.State, next.Members)), "chain_invalid"},
			"gap":                 {lead, sign(t, lead, skip(next)), "chain_invalid"},
			"wrong predecessor":   {lead, sign(t, lead, rebase(next)), "chain_invalid"},
			"no signer left":      {lead, sign(t, lead, seal.NewState(h.team.ID.String(), &first.State, []seal.Member{reader(kim)})), "chain_invalid"},
			"signed by another":   {lead, sign(t, kim, next), "chain_signer"},
			"not a supervisor":    {kim, sign(t, kim, next), "forbidden"},
			"other supervisor":    {stranger, sign(t, stranger, next), "forbidden"},
			"keys of nobody":      {lead, sign(t, lead, seal.NewState(h.team.ID.String(), &first.State, []seal.Member{leader(lead), reader(ghost)})), "chain_member"},
			"not in the team":     {lead, sign(t, lead, seal.NewState(h.team.ID.String(), &first.State, []seal.Member{leader(lead), reader(stranger)})), "chain_member"},
			"supervisor to read":  {lead, sign(t, lead, seal.NewState(h.team.ID.String(), &first.State, []seal.Member{leader(lead), reader(supervisorReads)})), "chain_member"},
			"other signature key": {lead, sign(t, lead, seal.NewState(h.team.ID.String(), &first.State, []seal.Member{leader(lead), mixed(kim, ghost)})), "chain_member"},
		} {
			_, err := h.AppendState(t.Context(), h.actor(c.by), h.team.ID, c.st)
			if fault.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %s", name, err, c.code)
			}
		}
		h.clock.move(StepUpFor)
		_, err = h.AppendState(t.Context(), h.actor(lead), h.team.ID, sign(t, lead, next))
		wantCode(t, err, "step_up_required")
		if n := count(t, h.db, "team_state"); n != 1 {
			t.Errorf("%d states after refusals, want 1", n)
		}
	})
}

func skip(s seal.State) seal.State {
	s.N++
	return s
}

func rebase(s seal.State) seal.State {
	s.Prev[0] ^= 1
	return s
}

// mixed is a member with one person's KEM key and another's signature key.
func mixed(a, b *person) seal.Member {
	m := reader(a)
	m.SigPub = b.keys.SigPub()
	return m
}

func TestChainIsOptimistic(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		lead, kim := crew(h)
		first := genesis(t, h.team.ID, lead, leader(lead))
		_, err := h.AppendState(t.Context(), h.actor(lead), h.team.ID, first)
		must(t, err)
		actor := h.actor(lead)
		var wg sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			members := []seal.Member{leader(lead), reader(kim)}
			members[1].NotAfter = int64(2_000_000_000 + i) // six different states
			st := sign(t, lead, seal.NewState(h.team.ID.String(), &first.State, members))
			wg.Go(func() { _, errs[i] = h.AppendState(t.Context(), actor, h.team.ID, st) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if fault.CodeOf(err) != "chain_conflict" {
				t.Errorf("loser got %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d states were appended at the same place", won)
		}
	})
}

// An admin who belongs to no team may begin its chain and admit others, without reading.
func TestAdminSignsWithoutReading(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.hire("admin@example.org", Grant{Role: Admin})
		_, kim := crew(h)
		_, err := h.AppendState(t.Context(), h.actor(admin), h.team.ID, genesis(t, h.team.ID, admin, admin.keys.Member("Admin", true, true)))
		wantCode(t, err, "chain_member")
		first := genesis(t, h.team.ID, admin, admin.keys.Member("Admin", false, true), reader(kim))
		_, err = h.AppendState(t.Context(), h.actor(admin), h.team.ID, first)
		must(t, err)
		_, readers, err := h.Readers(t.Context(), h.team.ID)
		must(t, err)
		if len(readers) != 1 || readers[0].KID != kim.keys.KID() {
			t.Errorf("%d readers", len(readers))
		}
		more := sign(t, admin, seal.NewState(h.team.ID.String(), &first.State, []seal.Member{admin.keys.Member("Admin", true, true), reader(kim)}))
		_, err = h.AppendState(t.Context(), h.actor(admin), h.team.ID, more)
		wantCode(t, err, "chain_member") // gaining the right to read is checked like coming in
	})
}

func TestLeaversAreNotDeliveredTo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		lead, kim := crew(h)
		ann := h.hire("ann@example.org", counsellor(h.team.ID))
		eve := h.hire("eve@example.org", counsellor(h.team.ID))
		temp := reader(eve)
		temp.NotAfter = h.clock.now().Add(time.Hour).Unix()
		_, err := h.AppendState(t.Context(), h.actor(lead), h.team.ID, genesis(t, h.team.ID, lead, leader(lead), reader(kim), reader(ann), temp))
		must(t, err)
		must(t, h.Disable(t.Context(), Operator(), kim.id))
		must(t, h.SetGrants(t.Context(), Operator(), ann.id, []Grant{{Role: Auditor}}))
		eve.newKeys(t)
		must(t, h.ReplaceKeys(t.Context(), h.actor(eve), eve.file, eve.recovery))
		h.clock.move(time.Minute)
		_, leaving, err := h.Pending(t.Context(), h.actor(lead), h.team.ID)
		must(t, err)
		reasons := map[seal.KID]string{}
		for _, l := range leaving {
			reasons[l.KID] = l.Reason
		}
		want := map[seal.KID]string{kim.keys.KID(): "disabled", ann.keys.KID(): "no_grant", temp.KID: "new_keys"}
		if diff := cmp.Diff(want, reasons); diff != "" {
			t.Error(diff)
		}
		_, readers, err := h.Readers(t.Context(), h.team.ID)
		must(t, err)
		if len(readers) != 1 || readers[0].KID != lead.keys.KID() {
			t.Errorf("delivered to %d members", len(readers))
		}
	})
}

func TestReadersOfATeamWithoutChain(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		chain, readers, err := h.Readers(t.Context(), h.team.ID)
		if err != nil || len(chain) != 0 || len(readers) != 0 {
			t.Errorf("%d states, %d readers, %v", len(chain), len(readers), err)
		}
		_, _, err = h.Readers(t.Context(), NewTeamID())
		wantCode(t, err, "team_unknown")
	})
}

func TestKeysOfAnotherAreRefused(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b := crew(h)
		wantCode(t, h.ReplaceKeys(t.Context(), h.actor(a), b.file, a.recovery), "invalid_input")
		f, err := h.Keys(t.Context(), h.actor(a))
		must(t, err)
		if diff := cmp.Diff(a.file, f); diff != "" {
			t.Error(diff)
		}
		kids, err := h.KIDs(t.Context())
		must(t, err)
		if kids[a.id] != a.keys.KID().String() || len(kids) != 2 {
			t.Errorf("key ids: %v", kids)
		}
	})
}

func TestRecoveryCodeIsReplaced(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		wrap := seal.KeyWrap{Kind: seal.WrapRecovery, CT: random(60)}
		wantCode(t, h.SetRecovery(t.Context(), h.actor(p), random(32), seal.KeyWrap{Kind: seal.WrapPassword, CT: random(60)}), "invalid_input")
		fresh := Secret(random(32))
		must(t, h.SetRecovery(t.Context(), h.actor(p), fresh, wrap))
		_, err := h.LoginRecovery(t.Context(), home, p.email, p.recovery)
		wantCode(t, err, "login_failed")
		in, err := h.LoginRecovery(t.Context(), home, p.email, fresh)
		must(t, err)
		profile, err := h.Profile(t.Context(), in.Actor)
		must(t, err)
		if ct, _ := wrapOf(*profile.Keys, seal.WrapRecovery); !slices.Equal(ct, wrap.CT) || !profile.Limited || profile.StepUpUntil != nil || profile.KDF == nil {
			t.Errorf("profile after recovery: %+v", profile.Session)
		}
	})
}
