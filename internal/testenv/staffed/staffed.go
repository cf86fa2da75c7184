// Package staffed fills an empty database with counsellors who are on duty:
// what the load generator and the history checker need before the first seeker
// can come. It goes through the services that people use, so everything it
// writes is what the server itself would have written; the keys are made here as
// a browser makes them. Only tests and load generators import it.
package staffed

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"lotse/internal/bus"
	"lotse/internal/roster"
	"lotse/internal/seal"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// Plan is how many people work where.
type Plan struct {
	Teams    int
	People   int  // counsellors of each team
	Places   int  // conversations that each may hold at once, 1 to 8
	QueueMax int  // of each team
	Apart    bool // each team has a language of its own instead of Language
}

// Topic and Language are what every team offers, unless teams are apart.
const (
	Topic    = "schulden"
	Language = "de"
)

// dutyBack and dutyLength span the one shift that everybody is on.
const (
	dutyBack   = 2 * time.Hour
	dutyLength = 24 * time.Hour
)

// Person is a counsellor who is signed in.
type Person struct {
	ID   string
	Name string
	Team string // id
	// Language is what seekers ask for to reach the person's team.
	Language string
	Session  string // value of the session cookie; ends after half an hour without use
	Keys     *seal.StaffKeys
}

// Cookie is the name of the session cookie of a server without TLS.
const Cookie = "lotse"

// crew is the work in progress.
type crew struct {
	staff      *staff.Service
	roster     *roster.Service
	provider   staff.ProviderID
	supervisor staff.Actor
	token      string // of the supervisor's session
	keys       *seal.StaffKeys
}

// Fill migrates the database at url, sets everything up and returns the
// counsellors. secret is the server's.
func Fill(ctx context.Context, url string, secret []byte, plan Plan) ([]Person, error) {
	db, err := store.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		return nil, err
	}
	c, err := newCrew(db, secret)
	if err != nil {
		return nil, err
	}
	if err := c.begin(ctx); err != nil {
		return nil, fmt.Errorf("supervisor: %w", err)
	}
	var all []Person
	for n := range plan.Teams {
		people, err := c.team(ctx, n, plan)
		if err != nil {
			return nil, fmt.Errorf("team %d: %w", n, err)
		}
		all = append(all, people...)
	}
	return all, nil
}

func newCrew(db *store.DB, secret []byte) (*crew, error) {
	log := slog.New(slog.DiscardHandler)
	memory := bus.NewMemory()
	s, err := staff.New(staff.Options{DB: db, Bus: memory, Log: log, Secret: secret})
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return nil, err
	}
	return &crew{staff: s, roster: roster.New(roster.Options{DB: db, Bus: memory, Audit: s.Audit(), Log: log, Zone: zone})}, nil
}

func (c *crew) begin(ctx context.Context) error {
	p, err := c.staff.CreateProvider(ctx, staff.Operator(), "Beratung unter Last")
	if err != nil {
		return err
	}
	c.provider = p.ID
	in, keys, err := c.person(ctx, "leitung@load.example", "Leitung", staff.Grant{Role: staff.Supervisor, Provider: p.ID}, 1)
	c.token, c.keys = in.Token.Reveal(), keys
	return err
}

// person makes an account and accepts its invitation. Nobody signs in with the
// password, so it is chance.
func (c *crew) person(ctx context.Context, email, name string, g staff.Grant, places int) (in staff.SignIn, keys *seal.StaffKeys, err error) {
	skills := staff.DefaultSkills()
	skills.Limit = places
	_, invite, err := c.staff.CreateAccount(ctx, staff.Operator(), staff.NewAccount{
		Provider: c.provider, Email: email, Name: name, Language: Language, Grants: []staff.Grant{g}, Skills: skills,
	})
	if err != nil {
		return in, nil, err
	}
	recovery := seal.NewCode()
	keys, file, err := seal.NewStaffKeys(
		seal.KEK{Kind: "password", Key: random(32)}, seal.KEK{Kind: "recovery", Key: recovery.RecoveryKEK()})
	if err != nil {
		return in, nil, err
	}
	in, err = c.staff.Accept(ctx, staff.Client{Prefix: netip.MustParsePrefix("127.0.0.1/32")}, staff.Acceptance{
		Token: invite.Token.Reveal(), Language: Language, Recovery: recovery.RecoveryAuth(), Keys: file,
		Password: staff.Password{Salt: seal.NewSalt(), Iterations: seal.Iterations, Auth: random(32)},
	})
	return in, keys, err
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// team makes one team, its people, its key chain and its shift.
func (c *crew) team(ctx context.Context, n int, plan Plan) ([]Person, error) {
	language := Language
	if plan.Apart {
		language = fmt.Sprintf("%s-x%04d", Language, n)
	}
	t, err := c.staff.CreateTeam(ctx, staff.Operator(), staff.Team{
		Provider: c.provider, Name: fmt.Sprintf("Team %03d", n), Topics: []string{Topic}, Languages: []string{language},
		Reach: staff.Nationwide, Policy: staff.PolicyTeam, QueueMax: plan.QueueMax, Formal: true,
	})
	if err != nil {
		return nil, err
	}
	if c.supervisor, err = c.staff.Actor(ctx, c.token); err != nil { // anew: rights on this team
		return nil, err
	}
	var people []Person
	var members []seal.Member
	for i := range plan.People {
		name := fmt.Sprintf("Person %03d-%02d", n, i)
		in, keys, err := c.person(ctx, fmt.Sprintf("p%d-%d@load.example", n, i), name,
			staff.Grant{Role: staff.Counsellor, Provider: c.provider, Team: t.ID}, plan.Places)
		if err != nil {
			return nil, err
		}
		people = append(people, Person{ID: in.Actor.ID.String(), Name: name, Team: t.ID.String(), Language: language, Session: in.Token.Reveal(), Keys: keys})
		members = append(members, keys.Member(name, true, false))
	}
	if err := c.chain(ctx, t.ID, members); err != nil {
		return nil, err
	}
	return people, c.shift(ctx, t.ID, people)
}

// chain begins the team's key chain with everybody in it.
func (c *crew) chain(ctx context.Context, team staff.TeamID, members []seal.Member) error {
	members = append(members, c.keys.Member("Leitung", false, true))
	signed, err := c.keys.Sign(seal.NewState(team.String(), nil, members))
	if err != nil {
		return err
	}
	_, err = c.staff.AppendState(ctx, c.supervisor, team, signed)
	return err
}

// shift puts everybody on duty from two hours ago for a day.
func (c *crew) shift(ctx context.Context, team staff.TeamID, people []Person) error {
	start := time.Now().Add(-dutyBack)
	shift := roster.Shift{ID: roster.NewShiftID(), Team: team, Start: start, End: start.Add(dutyLength), Min: 1, Opt: 1,
		Channels: []roster.Channel{roster.Chat, roster.Message}}
	if _, err := c.roster.Save(ctx, c.supervisor, shift); err != nil {
		return err
	}
	for _, p := range people {
		id, err := staff.ParseID(p.ID)
		if err != nil {
			return err
		}
		if _, err := c.roster.Assign(ctx, c.supervisor, shift.ID, id); err != nil {
			return err
		}
	}
	scope := roster.Scope{From: start.Add(-dutyLength), To: start.Add(2 * dutyLength)}
	diff, err := c.roster.Diff(ctx, c.supervisor, team, scope)
	if err != nil {
		return err
	}
	_, err = c.roster.Publish(ctx, c.supervisor, team, scope, diff.Digest)
	return err
}

// Store adds conversations that are over, with two messages each, until there are
// so many. They stay for a day before the server purges them.
func Store(ctx context.Context, url string, total int) error {
	db, err := store.Open(ctx, url)
	if err != nil {
		return err
	}
	defer db.Close()
	var there int
	if err := db.QueryRow(ctx, `SELECT count(*) FROM conversation`).Scan(&there); err != nil {
		return err
	}
	for ; there < total; there += storeStep {
		if err := storeSome(ctx, db, there); err != nil {
			return err
		}
	}
	return nil
}

// storeStep is how many conversations are stored in one transaction.
const storeStep = 5000

func storeSome(ctx context.Context, db *store.DB, from int) error {
	return db.Transact(ctx, func(tx *store.Tx) error {
		const numbers = `WITH RECURSIVE n (i) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $2) `
		last, bytes := from+storeStep-1, "BLOB"
		if db.Engine() == store.Postgres {
			bytes = "BYTEA"
		}
		_, err := tx.Exec(ctx, `INSERT INTO conversation (id, token_hash, kind, state, rev, provider, team, topic, language, on_gone, urgent, epoch, seq,
			delivered, seen, head, created_at, since, queued_at, last_at, last_by_seeker, closed_at, closed_by, purge_at) `+numbers+
			`SELECT 'stored-' || i, CAST('stored-' || i AS `+bytes+`), 'live', 'closed', 4, 'stored', 'stored', 'schulden', 'de', 'keep', $3, 0, 2,
			2, 2, $3, $4, $4, $4, $4, $3, $4, 'seeker', $5 FROM n`, from, last, false, tx.Now, tx.Now.Add(24*time.Hour))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO message (conversation, seq, id, sender, epoch, n, after_seq, body, at) `+numbers+
			`SELECT 'stored-' || i, s.seq, 'm' || s.seq, 'seeker', 0, s.seq, 0, $3, $4 FROM n, (SELECT 1 AS seq UNION ALL SELECT 2) AS s`,
			from, last, random(284), tx.Now)
		return err
	})
}
