package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"lotse/internal/roster"
	"lotse/internal/staff"
)

// bodyRow is a request with ids in its body. In it %home%, %shift of home% and %anna%
// are always the caller's own; the others are what belongs to whoever is tried.
type bodyRow struct {
	pattern, id, body string
	wide              bool // what it names belongs to the provider, not to a team
	quiet             bool // what is not there needs no removing, so the answer is as if it had been
}

const (
	aPeriod = "&from=%day%&to=%day%&class=sick"
	aShift  = "&date=%day%&start=10:00&end=11:00&min=1&opt=1&channel=chat"
)

// byBody are the requests of the staff that name objects in their body. A route that
// changes something and is neither here nor in byID, askedElsewhere or ownOnly fails
// the test.
var byBody = []bodyRow{
	{pattern: "POST /team/dienstplan/schicht", body: "team=%team%&revision=0&id=%new%" + aShift},
	{pattern: "POST /team/dienstplan/schicht", body: "team=%home%&revision=%revision%&id=%shift%" + aShift},
	{pattern: "POST /team/dienstplan/schicht/{id}/einteilen", id: "%shift of home%", body: "person=%person%"},
	{pattern: "POST /team/dienstplan/veroeffentlichen", body: "team=%team%&umfang=alles&digest=x"},
	{pattern: "POST /team/dienstplan/verwerfen", body: "team=%team%&umfang=alles&digest=x"},
	{pattern: "POST /team/dienstplan/vorlagen", body: "team=%team%&woche=%next%&was=kopieren&von=%week%"},
	{pattern: "POST /team/dienstplan/vorlagen", body: "team=%team%&woche=%week%&was=merken&name=neu"},
	{pattern: "POST /team/dienstplan/vorlagen", body: "team=%home%&woche=%next%&was=einsetzen&vorlage=%template%"},
	{pattern: "POST /team/dienstplan/vorlagen", body: "team=%home%&was=entfernen&vorlage=%template%", quiet: true},
	{pattern: "POST /team/dienstplan/vertretung", body: "team=%team%&remove=%person%" + aPeriod},
	{pattern: "POST /team/dienstplan/vertretung", body: "team=%home%&remove=%person%" + aPeriod},
	{pattern: "POST /team/dienstplan/vertretung", body: "team=%home%&add=%person%" + aPeriod + "&channel=chat"},
	{pattern: "POST /team/dienstplan/abwesenheit", body: "team=%team%&person=%person%" + aPeriod},
	{pattern: "POST /team/dienstplan/abwesenheit", body: "team=%home%&person=%person%" + aPeriod},
	{pattern: "POST /team/dubletten", body: "do=distinct&a=%centre%&b=%second%", wide: true},
	{pattern: "POST /team/dubletten", body: "do=merge&keep=a&a=%centre%&b=%second%", wide: true},
	{pattern: "POST /api/v1/staff/accounts", body: `{"email":"neu@example.org","name":"Neu","language":"de","grants":[{"role":"counsellor","team":"%team%"}]}`, wide: true},
	{pattern: "PUT /api/v1/staff/accounts/{id}/grants", id: "%anna%", body: `{"grants":[{"role":"counsellor","team":"%team%"}]}`, wide: true},
}

// ownOnly are the routes that change something and can name nothing of others: what
// they change is the caller's own account or provider.
var ownOnly = []string{
	"POST /team/eintraege", "POST /api/v1/staff/teams", "PUT /api/v1/staff/provider/keep", "POST /api/v1/staff/logout", "POST /api/v1/staff/step-up",
	"POST /api/v1/staff/step-up/passkey/begin", "POST /api/v1/staff/step-up/passkey/finish", "DELETE /api/v1/staff/sessions",
	"PUT /api/v1/staff/password", "PUT /api/v1/staff/recovery", "PUT /api/v1/staff/language", "POST /api/v1/staff/totp",
	"POST /api/v1/staff/totp/confirm", "DELETE /api/v1/staff/totp", "POST /api/v1/staff/passkeys/begin",
	"POST /api/v1/staff/passkeys/finish", "PUT /api/v1/staff/keys", "POST /api/v1/staff/ticket",
}

func TestEveryRouteThatChangesSomethingIsTriedByStrangers(t *testing.T) {
	for _, route := range testServer(t).routeList {
		_, named := byID[route.Pattern]
		inBody := slices.ContainsFunc(byBody, func(r bodyRow) bool { return r.pattern == route.Pattern })
		if route.Who == Anyone || route.Who == Seeker || strings.HasPrefix(route.Pattern, "GET ") {
			continue
		}
		if !named && !inBody && askedElsewhere[route.Pattern] == "" && !slices.Contains(ownOnly, route.Pattern) {
			t.Errorf("%q is in no table", route.Pattern)
		}
	}
}

// TestNothingOfOthersCanBeNamed sends ids of another provider, and ids of another team
// of the own one as somebody who has to do with one team only: no row changes. The
// same with own ids gets further.
func TestNothingOfOthersCanBeNamed(t *testing.T) {
	for _, c := range []struct {
		name, caller, boss, person string
		team                       func(*rosterHouse) staff.TeamID
		centres                    [2]string
		wide                       bool
	}{
		{"another provider", string(everyRole), "olga", "paul", func(h *rosterHouse) staff.TeamID { return h.fremd }, [2]string{"3", "4"}, true},
		{"another team", "lea", "max", "dora", func(h *rosterHouse) staff.TeamID { return h.jugend }, [2]string{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newRosterHouse(t)
			h.account("paul", h.actors["olga"].Provider, []staff.TeamID{h.fremd}, staff.Grant{Role: staff.Counsellor, Team: h.fremd})
			theirs, own := h.named(c.boss, c.person, c.team(h), c.centres), h.named("max", "anna", h.sucht, [2]string{"1", "2"})
			before := h.everything()
			for _, row := range byBody {
				if row.wide && !c.wide {
					continue
				}
				w := h.send(c.caller, row, theirs, own)
				if !row.quiet && !slices.Contains([]int{http.StatusNotFound, http.StatusForbidden, http.StatusUnprocessableEntity}, w) {
					t.Errorf("%s %s: status %d", row.pattern, row.body, w)
				}
			}
			if after := h.everything(); after != before {
				t.Errorf("something has changed:\n%s", firstDifference(before, after))
			}
			for _, row := range byBody {
				if row.wide && !c.wide {
					continue
				}
				own := h.named("max", "anna", h.sucht, [2]string{"1", "2"})
				w := h.send(c.caller, row, own, own)
				if w >= 400 && w != http.StatusConflict {
					t.Errorf("%s %s with own ids: status %d", row.pattern, row.body, w)
				}
			}
		})
	}
}

// named makes what a team has and returns how bodies name it.
func (h *rosterHouse) named(boss, person string, team staff.TeamID, centres [2]string) map[string]string {
	h.t.Helper()
	h.made++
	week := h.week.Add(h.made)
	start, end := h.roster.Span(roster.Clock{Date: week.Monday(), Start: 600, End: 660})
	shift, err := h.roster.Save(h.t.Context(), h.actors[boss], roster.Shift{Team: team, Channels: []roster.Channel{roster.Chat}, Min: 1, Opt: 1, Start: start, End: end})
	h.must(err)
	template, err := h.roster.SaveTemplate(h.t.Context(), h.actors[boss], team, week, shift.ID.String()[24:])
	h.must(err)
	return map[string]string{
		"%team%": team.String(), "%person%": h.actors[person].ID.String(), "%shift%": shift.ID.String(), "%revision%": "1",
		"%new%": roster.NewShiftID().String(), "%week%": week.String(), "%template%": template.ID.String(),
		"%day%": week.Monday().Add(2).String(), "%next%": week.Add(20).String(),
		"%centre%": houseCentre(centres[0]), "%second%": houseCentre(centres[1]),
	}
}

// send is a request of a row in which the names of others stand.
func (h *rosterHouse) send(caller string, row bodyRow, names, own map[string]string) int {
	h.t.Helper()
	pairs := []string{"%home%", h.sucht.String(), "%shift of home%", own["%shift%"], "%anna%", h.actors["anna"].ID.String()}
	for name, value := range names {
		pairs = append(pairs, name, value)
	}
	fill := strings.NewReplacer(pairs...)
	return h.callAs(caller, row.pattern, fill.Replace(row.body), fill.Replace(row.id)).Code
}

// firstDifference is the first line that two texts do not share.
func firstDifference(before, after string) string {
	old, now := strings.Split(before, "\n"), strings.Split(after, "\n")
	for i, line := range now {
		if i >= len(old) || old[i] != line {
			return line
		}
	}
	return "less than before"
}

// TestNothingOfAnotherTeamCanBeTouched is TestNothingOfAnotherProviderCanBeTouched for
// somebody who supervises one team, and what belongs to another team of the same
// provider. The signed list of a team may be read by all colleagues: who writes to it
// is shown it too.
func TestNothingOfAnotherTeamCanBeTouched(t *testing.T) {
	h := newRosterHouse(t)
	theirs := h.objects("dora", "max", h.jugend)
	before := h.everything()
	for pattern, row := range byID {
		if slices.Contains([]string{"centre", "merge"}, row.object) || pattern == "GET /api/v1/staff/teams/{id}/chain" {
			continue
		}
		if w := h.callAs("lea", pattern, row.body, theirs[row.object]); w.Code != http.StatusNotFound && w.Code != http.StatusForbidden {
			t.Errorf("%s of another team: status %d", pattern, w.Code)
		}
	}
	if after := h.everything(); after != before {
		t.Errorf("something has changed:\n%s", firstDifference(before, after))
	}
}
