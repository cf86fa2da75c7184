package main

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"lotse/configs"
	"lotse/directory"
	"lotse/internal/roster"
	"lotse/internal/roster/civil"
	"lotse/internal/seal"
	"lotse/internal/staff"
)

func TestDemoServes(t *testing.T) {
	environ := []string{"LOTSE_DATA=" + t.TempDir()}
	first := start(t, environ, "demo")
	table, _ := first.log.read()
	for _, want := range []string{first.url + "/de/", first.url + "/team", "password", "anna@demo.example", "leitung@demo.example", "on duty: schulden"} {
		if !strings.Contains(table, want) {
			t.Errorf("the table lacks %s:\n%s", want, table)
		}
	}
	if status, _ := get(t, first.url+"/de/", nil); status != http.StatusOK {
		t.Errorf("start page: %d", status)
	}
	if code := first.end(); code != 0 {
		t.Fatalf("code %d", code)
	}
	password := regexp.MustCompile(`password of all.*`).FindString(table)
	second := start(t, environ, "demo")
	again, _ := second.log.read()
	if !strings.Contains(again, password) {
		t.Error("the second start has another password")
	}
}

func TestDemoIsNotForThePublic(t *testing.T) {
	got := lotse(t, []string{
		"LOTSE_DATA=" + t.TempDir(), "LOTSE_PUBLIC_URL=https://b.example", "LOTSE_TRUSTED_PROXIES=10.0.0.1/32",
		"LOTSE_OPERATOR_NAME=x", "LOTSE_OPERATOR_ADDRESS=y", "LOTSE_OPERATOR_EMAIL=z@x.example",
	}, "demo")
	if got.code != 1 || !strings.Contains(got.err, "not for the public") {
		t.Errorf("%+v", got)
	}
}

// counts is how much of everything there is.
func counts(t *testing.T, p *parts) map[string]int {
	t.Helper()
	all := map[string]int{}
	for _, table := range []string{"provider", "team", "account", "team_state", "shift", "directory_centre"} {
		var n int
		if err := p.db.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		all[table] = n
	}
	return all
}

func TestDemo(t *testing.T) {
	environs(t, func(t *testing.T, environ []string) {
		p := openParts(t, environ)
		d, err := setUpDemo(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		for _, check := range []struct {
			name string
			run  func(*testing.T, *demo)
		}{
			{"duty", demoIsOnDuty}, {"keys", demoKeysWork}, {"slots", demoStatesSlots}, {"again", demoIsSetUpOnce}, {"extend", demoExtends},
		} {
			t.Run(check.name, func(t *testing.T) { check.run(t, d) })
		}
	})
}

func demoIsSetUpOnce(t *testing.T, d *demo) {
	before := counts(t, d.parts)
	for table, n := range before {
		if n == 0 {
			t.Errorf("no %s", table)
		}
	}
	if _, err := setUpDemo(t.Context(), d.parts); err != nil {
		t.Fatal(err)
	}
	for table, n := range counts(t, d.parts) {
		if n != before[table] {
			t.Errorf("%s: %d, then %d", table, before[table], n)
		}
	}
}

// The search of the demo finds stated appointments; one that somebody takes away does
// not come back.
func demoStatesSlots(t *testing.T, d *demo) {
	id, now := directory.CentreID("demo", "koeln-schulden"), d.db.Now().In(d.cfg.Location())
	slot := func() *directory.Slot {
		c, err := d.directory.Centre(id)
		if err != nil {
			t.Fatal(err)
		}
		return c.NextSlot(now)
	}
	if slot() == nil {
		t.Fatal("nobody states an appointment")
	}
	change := func(to *directory.Slot) {
		err := d.directory.Edit(t.Context(), "demo", id, func(e *directory.Entry) error { e.Venue.Slot = to; return nil })
		if err != nil {
			t.Fatal(err)
		}
		if err := d.stateSlots(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	change(&directory.Slot{Day: "2020-01-01", Stated: "2020-01-01"})
	if slot() == nil {
		t.Error("no new appointment after the old one")
	}
	change(nil)
	if slot() != nil {
		t.Error("an appointment that was taken away is back")
	}
}

// At every minute of the days around now two teams answer chats, and the third
// keeps office hours.
func demoIsOnDuty(t *testing.T, d *demo) {
	open := map[staff.TeamID]int{}
	minutes := 0
	now := d.db.Now().Truncate(time.Minute)
	duties, err := d.roster.Duties(t.Context(), now.Add(-24*time.Hour), now.Add(7*24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for at := now.Add(-24 * time.Hour); at.Before(now.Add(7 * 24 * time.Hour)); at = at.Add(time.Minute) {
		minutes++
		for key, team := range d.teams {
			chats := func(duty roster.Duty) bool {
				return duty.Team == team && !at.Before(duty.Start) && at.Before(duty.End) && slices.Contains(duty.Channels, roster.Chat)
			}
			if slices.ContainsFunc(duties, chats) {
				open[team]++
			} else if key != "sucht" {
				t.Fatalf("nobody of %s is on duty at %v", key, at)
			}
		}
	}
	if n := open[d.teams["sucht"]]; n < 20*60 || n > minutes/2 {
		t.Errorf("sucht is open for %d of %d minutes", n, minutes)
	}
}

// The keys work as those of a browser do: the chain of each team verifies, and
// its readers are the counsellors.
func demoKeysWork(t *testing.T, d *demo) {
	for _, team := range d.data.Teams {
		states, readers, err := d.staff.Readers(t.Context(), d.teams[team.Key])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := seal.Verify(d.teams[team.Key].String(), states, seal.Hash{}); err != nil {
			t.Errorf("chain of %s: %v", team.Key, err)
		}
		want := 0
		for _, person := range d.data.People {
			if slices.Contains(person.Teams, team.Key) {
				want++
			}
		}
		if len(readers) != want {
			t.Errorf("%s has %d readers, want %d", team.Key, len(readers), want)
		}
	}
}

// A week that somebody has planned is left alone; an empty one is filled.
func demoExtends(t *testing.T, d *demo) {
	team, week := d.teams["sozial"], civil.WeekOf(d.roster.Today())
	entries := func() []roster.Entry {
		plan, err := d.roster.Week(t.Context(), d.supervisor, team, week)
		if err != nil {
			t.Fatal(err)
		}
		return plan.Entries
	}
	all := entries()
	if err := d.roster.Remove(t.Context(), d.supervisor, all[0].ID, all[0].Revision); err != nil {
		t.Fatal(err)
	}
	if err := d.publish(t.Context(), team, week); err != nil {
		t.Fatal(err)
	}
	if err := d.extend(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(entries()); n != len(all)-1 {
		t.Errorf("%d shifts, want %d", n, len(all)-1)
	}
	week = week.Add(5)
	if err := d.fill(t.Context(), "sozial", team, week); err != nil {
		t.Fatal(err)
	}
	if n := len(entries()); n != len(all) {
		t.Errorf("a week by the template has %d shifts, want %d", n, len(all))
	}
}

func TestDemoDataIsPlainlyInvented(t *testing.T) {
	data, err := configs.ReadDemo()
	if err != nil {
		t.Fatal(err)
	}
	phone := regexp.MustCompile(`,(0[0-9 ]{6,}),`)
	invented := regexp.MustCompile(`^(030 23125 |0221 4710 |040 66969 |089 99998 )\d{3}$`)
	for line := range strings.Lines(string(configs.DemoCentres)) {
		if strings.HasPrefix(line, "source,") {
			continue
		}
		found := phone.FindStringSubmatch(line)
		if !strings.Contains(line, "Lotse-Demo") || !strings.Contains(line, "@demo.example") || found == nil || !invented.MatchString(found[1]) {
			t.Errorf("could be real: %s", line)
		}
	}
	for _, team := range data.Teams {
		if !strings.HasPrefix(team.Name, "Lotse-Demo ") {
			t.Errorf("could be real: %s", team.Name)
		}
	}
}
