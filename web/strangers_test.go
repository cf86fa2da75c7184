package web

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lotse/internal/roster"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// byID is, for each route of the staff with an id in its address, what the id
// names and a body that passes the form checks. A route that is missing fails
// the test. "" = another test asks: see elsewhere.
var byID = map[string]struct{ object, body string }{
	"GET /team/dienstplan/schicht/{id}":               {"shift", ""},
	"POST /team/dienstplan/schicht/{id}/einteilen":    {"shift", "person=%anna%"},
	"POST /team/dienstplan/schicht/{id}/austragen":    {"shift", "person=%anna%"},
	"POST /team/dienstplan/schicht/{id}/verschieben":  {"shift", "date=2030-01-01&revision=1"},
	"POST /team/dienstplan/schicht/{id}/loeschen":     {"shift", "revision=1"},
	"POST /team/dienstplan/schicht/{id}/verwerfen":    {"shift", "revision=1"},
	"POST /team/dienstplan/vertretung/{id}/aufheben":  {"override", "team=%team%"},
	"POST /team/dienstplan/abwesenheit/{id}/aufheben": {"absence", "team=%team%"},
	"GET /team/eintraege/{id}":                        {"centre", ""},
	"POST /team/eintraege/{id}":                       {"centre", "do=look"},
	"POST /team/eintraege/{id}/fragen":                {"centre", ""},
	"POST /team/eintraege/{id}/bestaetigen":           {"centre", ""},
	"GET /team/eintraege/{id}/pruefung":               {"centre", ""},
	"POST /team/eintraege/{id}/pruefung":              {"centre", "do=drop"},
	"GET /team/eintraege/{id}/verlauf":                {"centre", ""},
	"POST /team/eintraege/{id}/verlauf":               {"centre", "change=%change%"},
	"POST /team/dubletten/{id}/trennen":               {"merge", ""},
	"PUT /api/v1/staff/people/{id}/skills":            {"account", `{"topics":[],"languages":["de"],"limit":2,"trainee":false}`},
	"PUT /api/v1/staff/accounts/{id}":                 {"account", `{"name":"Neu","language":"de"}`},
	"PUT /api/v1/staff/accounts/{id}/grants":          {"account", `{"grants":[]}`},
	"PUT /api/v1/staff/accounts/{id}/skills":          {"account", `{"topics":[],"languages":["de"],"limit":2,"trainee":false}`},
	"POST /api/v1/staff/accounts/{id}/invite":         {"account", `{}`},
	"POST /api/v1/staff/accounts/{id}/reset":          {"account", `{}`},
	"POST /api/v1/staff/accounts/{id}/disable":        {"account", `{}`},
	"POST /api/v1/staff/accounts/{id}/enable":         {"account", `{}`},
	"PUT /api/v1/staff/teams/{id}": {"team", `{"name":"Neu","topics":[],"languages":["de"],"reach":"pool","policy":"team","queue_max":5,
		"last_chat_before_s":600,"formal":true}`},
	"PUT /api/v1/staff/teams/{id}/centres": {"team", `{"centres":[]}`},
	"GET /api/v1/staff/teams/{id}/chain":   {"team", ""},
	"POST /api/v1/staff/teams/{id}/chain":  {"team", `{"v":1}`},
	"GET /api/v1/staff/teams/{id}/pending": {"team", ""},
}

// askedElsewhere are the routes with an id whose objects belong to one person, and
// the tests that ask for somebody else's.
var askedElsewhere = map[string]string{
	"DELETE /api/v1/staff/sessions/{id}":            "internal/staff TestSessionsListAndRevoke",
	"PUT /api/v1/staff/passkeys/{id}/wrap":          "internal/staff TestPasskeyLife",
	"DELETE /api/v1/staff/passkeys/{id}":            "internal/staff TestPasskeyLife",
	"GET /api/v1/staff/conversations/{id}":          "chat TestStaffSeesCiphertextOnlyWhereItMatters",
	"GET /api/v1/staff/conversations/{id}/messages": "chat TestStaffSeesCiphertextOnlyWhereItMatters",
	"POST /api/v1/staff/conversations/{id}/epochs":  "chat TestWhoMayAddAnEpoch",
	"POST /team/rueckmeldungen/{id}/erledigt":       "of the site, not of a provider: TestAdminReadsAndSettlesReports",
}

// TestNothingOfAnotherProviderCanBeTouched calls every route that names an
// object, as somebody with every role in one provider, for an object of another
// provider: it is as if it did not exist, and no row changes. The same call for
// an object of their own gets further, so it is the owner that counts.
func TestNothingOfAnotherProviderCanBeTouched(t *testing.T) {
	h := newRosterHouse(t)
	h.account("paul", h.actors["olga"].Provider, []staff.TeamID{h.fremd}, staff.Grant{Role: staff.Counsellor, Team: h.fremd})
	own, foreign := h.objects("anna", "max", h.sucht), h.objects("paul", "olga", h.fremd)
	before := h.everything()
	var patterns []string
	for _, route := range h.server.routeList {
		if !strings.Contains(route.Pattern, "{id}") || route.Who == Anyone || askedElsewhere[route.Pattern] != "" {
			continue
		}
		row, known := byID[route.Pattern]
		if !known {
			t.Errorf("%q is missing in the table", route.Pattern)
			continue
		}
		patterns = append(patterns, route.Pattern)
		if w := h.call(route.Pattern, row.body, foreign[row.object]); w.Code != http.StatusNotFound && w.Code != http.StatusForbidden {
			t.Errorf("%s of another provider: status %d", route.Pattern, w.Code)
		}
	}
	if after := h.everything(); after != before {
		t.Errorf("something has changed:\n%s", after)
	}
	if len(patterns) != len(byID) {
		t.Errorf("%d routes in the table, %d tried", len(byID), len(patterns))
	}
	for _, pattern := range patterns {
		row := byID[pattern]
		w := h.call(pattern, row.body, own[row.object])
		if (w.Code == http.StatusNotFound || w.Code == http.StatusForbidden) && !strings.Contains(w.Body.String(), "chain_signer") {
			t.Errorf("%s of the own provider: status %d %s", pattern, w.Code, w.Body)
		}
		own = h.objects("anna", "max", h.sucht) // the call may have used it up
	}
}

// objects makes one of everything for a person and a team, by a supervisor.
func (h *rosterHouse) objects(person, supervisor string, team staff.TeamID) map[string]string {
	h.t.Helper()
	ctx, boss, id := h.t.Context(), h.actors[supervisor], h.actors[person].ID
	h.made++
	from := h.week.Monday().Add(7 * h.made)
	start, end := h.roster.Span(roster.Clock{Date: from, Start: 600, End: 660})
	shift, err := h.roster.Save(ctx, boss, roster.Shift{Team: team, Channels: []roster.Channel{roster.Chat}, Min: 1, Opt: 1, Start: start, End: end})
	h.must(err)
	override, err := h.roster.AddOverride(ctx, boss, roster.Override{Team: team, Remove: id, Start: start, End: end, Class: roster.Sick})
	h.must(err)
	absence, err := h.roster.AddAbsence(ctx, boss, roster.Absence{Person: id, Start: end.Add(time.Hour), End: end.Add(2 * time.Hour), Class: roster.Sick})
	h.must(err)
	centre, merge := h.upkeepObjects(boss)
	return map[string]string{
		"centre": centre, "merge": merge, "account": id.String(), "team": team.String(), "shift": shift.ID.String(), "override": override.ID.String(), "absence": absence.ID.String(),
	}
}

// call sends a request as somebody with every role in the house.
func (h *rosterHouse) call(pattern, body, id string) *httptest.ResponseRecorder {
	h.t.Helper()
	return h.callAs(string(everyRole), pattern, body, id)
}

// callAs sends a request as somebody of the house.
func (h *rosterHouse) callAs(caller, pattern, body, id string) *httptest.ResponseRecorder {
	h.t.Helper()
	method, path, _ := strings.Cut(pattern, " ")
	body = strings.NewReplacer("%anna%", h.actors["anna"].ID.String(), "%team%", h.sucht.String(), "%change%", h.lastChange(id)).Replace(body)
	r := httptest.NewRequest(method, strings.Replace(path, "{id}", id, 1), strings.NewReader(body))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	switch {
	case strings.HasPrefix(path, "/team"):
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	case body != "":
		r.Header.Set("Content-Type", "application/json")
	}
	return do(h.server, as(h.server, staff.Role(caller), r))
}

// everything is the text of all rows.
func (h *rosterHouse) everything() string {
	h.t.Helper()
	rows, err := h.db.Query(h.t.Context(), "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
	tables, err := store.Collect(rows, err, store.Value[string])
	h.must(err)
	var all strings.Builder
	for _, table := range tables {
		rows, err := h.db.Query(h.t.Context(), "SELECT * FROM "+table)
		h.must(err)
		columns, err := rows.Columns()
		h.must(err)
		lines, err := store.Collect(rows, nil, func(r *sql.Rows) (string, error) {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			err := r.Scan(into...)
			return fmt.Sprint(values...), err
		})
		h.must(err)
		all.WriteString(table + ":\n" + strings.Join(lines, "\n") + "\n")
	}
	return all.String()
}
