package main

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"lotse/configs"
	"lotse/directory"
	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/staff"
)

// demo is the invented provider while it is set up and run.
type demo struct {
	*parts
	data     configs.Demo
	password string
	secrets  func() (passwordSecrets, error) // of password, derived when first needed

	provider   staff.ProviderID
	teams      map[string]staff.TeamID
	people     map[string]staff.ID
	supervisor staff.Actor
	keys       *seal.StaffKeys // the supervisor's
}

// demoSupervisor is the key of the person who plans and admits.
const demoSupervisor = "leitung"

// setUpDemo makes what is not there yet, each step on its own, so that one that
// was interrupted goes on at the next start.
func setUpDemo(ctx context.Context, p *parts) (*demo, error) {
	data, err := configs.ReadDemo()
	if err != nil {
		return nil, err
	}
	d := &demo{
		parts: p, data: data,
		teams: map[string]staff.TeamID{}, people: map[string]staff.ID{},
	}
	for _, step := range []func(context.Context) error{
		d.choosePassword, d.ensureCentres, d.stateSlots, d.ensureProvider, d.ensureTeams, d.ensureKeeper, d.ensurePeople, d.ensureChains, d.extend,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// choosePassword derives four words from the server's secret: the same at each
// start, another one in each data directory.
func (d *demo) choosePassword(context.Context) error {
	secret, err := serverSecret(d.cfg)
	if err != nil {
		return err
	}
	const words = 4
	random, err := hkdf.Key(sha256.New, secret, nil, "lotse demo password", 2*words)
	if err != nil {
		return err
	}
	list := seal.Words()
	var chosen []string
	for i := range words {
		n := int(binary.BigEndian.Uint16(random[2*i:]))
		chosen = append(chosen, list[n%len(list)])
	}
	d.password = strings.Join(chosen, "-")
	d.secrets = sync.OnceValues(func() (s passwordSecrets, err error) {
		s.salt = seal.NewSalt()
		s.auth, s.kek, err = seal.DerivePassword(d.password, s.salt, seal.Iterations)
		return s, err
	})
	return nil
}

// passwordSecrets is what a browser makes of a password. The people of the demo
// share the password and therefore also the salt: deriving takes its time.
type passwordSecrets struct{ salt, auth, kek []byte }

func (d *demo) email(p configs.DemoPerson) string { return p.Key + "@demo.example" }

// ensureKeeper makes the demo's provider the keeper of the centres that its teams
// answer for.
func (d *demo) ensureKeeper(ctx context.Context) error {
	ids, err := centresOfTeams(ctx, d.parts, staff.Provider{ID: d.provider}, nil)
	if err != nil || len(ids) == 0 {
		return err
	}
	return d.upkeep.Assign(ctx, staff.Operator(), d.provider, ids)
}

func (d *demo) ensureCentres(ctx context.Context) error {
	report, err := d.directory.Import(ctx, bytes.NewReader(configs.DemoCentres), directory.ImportOptions{})
	if err != nil {
		return err
	}
	if report.Rejected > 0 {
		return fmt.Errorf("centres were rejected: %v", report.Codes)
	}
	return d.directory.Load(ctx)
}

func (d *demo) ensureProvider(ctx context.Context) error {
	all, err := d.staff.Providers(ctx)
	if err != nil {
		return err
	}
	for _, p := range all {
		if p.Name == d.data.Provider {
			d.provider = p.ID
			return nil
		}
	}
	made, err := d.staff.CreateProvider(ctx, staff.Operator(), d.data.Provider)
	d.provider = made.ID
	return err
}

func (d *demo) ensureTeams(ctx context.Context) error {
	all, err := d.staff.Teams(ctx)
	if err != nil {
		return err
	}
	there := map[string]staff.TeamID{}
	for _, t := range all {
		if t.Provider == d.provider {
			there[t.Name] = t.ID
		}
	}
	for _, t := range d.data.Teams {
		id, ok := there[t.Name]
		if !ok {
			made, err := d.staff.CreateTeam(ctx, staff.Operator(), d.team(t))
			if err != nil {
				return fmt.Errorf("team %s: %w", t.Key, err)
			}
			id = made.ID
		}
		d.teams[t.Key] = id
	}
	return nil
}

func (d *demo) team(t configs.DemoTeam) staff.Team {
	var centres []string
	for _, c := range t.Centres {
		centres = append(centres, directory.CentreID("demo", c))
	}
	return staff.Team{
		Provider: d.provider, Name: t.Name, Topics: t.Topics, Languages: t.Languages, Centres: centres,
		Reach: staff.Reach(t.Reach), Policy: staff.PolicyTeam, QueueMax: t.QueueMax,
		LastChatBefore: t.LastChatBefore, Formal: t.Formal,
	}
}

// ensurePeople makes the accounts and accepts their invitations. The keys are
// made here as a browser would make them.
func (d *demo) ensurePeople(ctx context.Context) error {
	all, err := d.staff.Accounts(ctx, staff.Operator(), d.provider)
	if err != nil {
		return err
	}
	there := map[string]staff.Account{}
	for _, a := range all {
		there[a.Email.Reveal()] = a
	}
	for _, p := range d.data.People {
		account, ok := there[d.email(p)]
		if err := d.ensurePerson(ctx, p, account, ok); err != nil {
			return fmt.Errorf("person %s: %w", p.Key, err)
		}
	}
	return nil
}

func (d *demo) ensurePerson(ctx context.Context, p configs.DemoPerson, account staff.Account, there bool) error {
	var invite staff.Invite
	var err error
	switch {
	case !there:
		account, invite, err = d.staff.CreateAccount(ctx, staff.Operator(), d.account(p))
	case account.State == staff.Invited:
		invite, err = d.staff.Reinvite(ctx, staff.Operator(), account.ID)
	case p.Key == demoSupervisor:
		d.people[p.Key] = account.ID
		return d.signIn(ctx, p)
	}
	d.people[p.Key] = account.ID
	if err != nil || invite.Token == "" {
		return err
	}
	return d.accept(ctx, p, invite)
}

func (d *demo) account(p configs.DemoPerson) staff.NewAccount {
	grants := []staff.Grant{{Role: staff.Role(p.Role), Provider: d.provider}}
	if len(p.Teams) > 0 {
		grants = nil
		for _, team := range p.Teams {
			grants = append(grants, staff.Grant{Role: staff.Role(p.Role), Provider: d.provider, Team: d.teams[team]})
		}
	}
	skills := staff.DefaultSkills()
	skills.Languages, skills.Trainee = p.Languages, p.Trainee
	if p.Limit > 0 {
		skills.Limit = p.Limit
	}
	return staff.NewAccount{
		Provider: d.provider, Email: d.email(p), Name: p.Name, Language: "de", Grants: grants, Skills: skills,
	}
}

// demoClient is this process as staff sees it.
func demoClient() staff.Client {
	return staff.Client{Prefix: netip.MustParsePrefix("127.0.0.1/32")}
}

func (d *demo) accept(ctx context.Context, p configs.DemoPerson, invite staff.Invite) error {
	secrets, err := d.secrets()
	if err != nil {
		return err
	}
	recovery := seal.NewCode()
	keys, file, err := seal.NewStaffKeys(
		seal.KEK{Kind: "password", Key: secrets.kek}, seal.KEK{Kind: "recovery", Key: recovery.RecoveryKEK()})
	if err != nil {
		return err
	}
	signIn, err := d.staff.Accept(ctx, demoClient(), staff.Acceptance{
		Token: invite.Token.Reveal(), Language: "de",
		Password: staff.Password{Salt: secrets.salt, Iterations: seal.Iterations, Auth: secrets.auth},
		Recovery: recovery.RecoveryAuth(), Keys: file,
	})
	if err == nil && p.Key == demoSupervisor {
		d.supervisor, d.keys = signIn.Actor, keys
	}
	return err
}

// signIn signs the supervisor in and unlocks the keys. When somebody has changed
// the password, the demo goes on without planning ahead.
func (d *demo) signIn(ctx context.Context, p configs.DemoPerson) error {
	kdf, err := d.staff.LoginStart(ctx, d.email(p))
	if err != nil {
		return err
	}
	auth, kek, err := seal.DerivePassword(d.password, kdf.Salt, kdf.Iterations)
	if err != nil {
		return err
	}
	signIn, err := d.staff.Login(ctx, demoClient(), staff.Login{Email: d.email(p), Auth: auth})
	if fault.KindOf(err) == fault.Unauthenticated {
		d.log.Warn("demo: the supervisor has another password by now; no shifts are added")
		return nil
	}
	if err != nil {
		return err
	}
	file, err := d.staff.Keys(ctx, signIn.Actor)
	if err != nil {
		return err
	}
	d.supervisor = signIn.Actor
	d.keys, err = seal.Unlock(file, seal.KEK{Kind: "password", Key: kek})
	return err
}

// ensureChains lets the supervisor begin the key chain of each team that has
// none, with all who work there.
func (d *demo) ensureChains(ctx context.Context) error {
	heads, err := d.staff.Heads(ctx)
	if err != nil {
		return err
	}
	for key, team := range d.teams {
		if _, begun := heads[team]; begun || d.keys == nil {
			continue
		}
		if err := d.beginChain(ctx, team); err != nil {
			return fmt.Errorf("key chain of %s: %w", key, err)
		}
	}
	return nil
}

func (d *demo) beginChain(ctx context.Context, team staff.TeamID) error {
	pending, _, err := d.staff.Pending(ctx, d.supervisor, team)
	if err != nil {
		return err
	}
	var members []seal.Member
	for _, p := range pending {
		members = append(members, seal.Member{
			KID: p.KID, KEMPub: p.KEMPub, SigPub: p.SigPub, Name: p.Name,
			Reads: slices.Contains(p.Roles, staff.Counsellor), Signs: slices.Contains(p.Roles, staff.Supervisor),
		})
	}
	signed, err := d.keys.Sign(seal.NewState(team.String(), nil, members))
	if err != nil {
		return err
	}
	_, err = d.staff.AppendState(ctx, d.supervisor, team, signed)
	return err
}
