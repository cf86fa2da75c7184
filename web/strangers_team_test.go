package web

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"lotse/internal/staff"
)

// byTeam is, for each route of supervisors that takes the team from its query or its
// form, what else a call needs to get past the form checks. A route that is missing
// fails the test.
var byTeam = map[string]string{
	"GET /team/dienstplan/schicht":           "",
	"POST /team/dienstplan/schicht":          "date=2030-01-07&start=08:00&end=12:00&channel=chat&min=1&opt=1",
	"GET /team/dienstplan/veroeffentlichen":  "",
	"POST /team/dienstplan/veroeffentlichen": "digest=x",
	"POST /team/dienstplan/verwerfen":        "",
	"GET /team/dienstplan/verlauf":           "",
	"GET /team/dienstplan/vorlagen":          "",
	"POST /team/dienstplan/vorlagen":         "do=save&name=Neu",
	"GET /team/dienstplan/vertretung":        "",
	"GET /api/v1/staff/roster/changes":       "",
	"POST /team/dienstplan/vertretung":       "remove=%person%&from=2030-01-07&to=2030-01-07&start=08:00&end=12:00&class=sick",
}

// TestRostersOfAnotherTeamAreRefused is the same within one provider: Lea
// supervises Sucht and asks for everything of Jugend, by id and by team.
func TestRostersOfAnotherTeamAreRefused(t *testing.T) {
	h := newRosterHouse(t)
	own, foreign := h.objects("anna", "max", h.sucht), h.objects("dora", "max", h.jugend)
	before := h.everything()
	tried := h.asLea(foreign, func(pattern string, w *httptest.ResponseRecorder) {
		if w.Code != http.StatusNotFound && w.Code != http.StatusForbidden {
			t.Errorf("%s of another team: status %d", pattern, w.Code)
		}
	})
	if after := h.everything(); after != before {
		t.Errorf("something has changed:\n%s", after)
	}
	if want := len(byTeam) + 9; tried != want {
		t.Errorf("%d routes tried, want %d", tried, want)
	}
	h.asLea(own, func(pattern string, w *httptest.ResponseRecorder) {
		if w.Code == http.StatusNotFound || w.Code == http.StatusForbidden {
			t.Errorf("%s of the own team: status %d %s", pattern, w.Code, w.Body)
		}
		// the call may have used them up
		maps.Copy(own, h.objects("anna", "max", h.sucht))
	})
}

// asLea calls every route that belongs to one team's plan and hands the answers on.
func (h *rosterHouse) asLea(objects map[string]string, look func(string, *httptest.ResponseRecorder)) (tried int) {
	h.t.Helper()
	for _, route := range h.server.routeList {
		body, known := byTeam[route.Pattern]
		row, named := byID[route.Pattern]
		switch {
		case named && slices.Contains([]string{"shift", "override", "absence"}, row.object) || named && route.Who == Supervisor:
			body = row.body
		case known:
		case route.Who == Supervisor && route.Pattern != "GET /api/v1/staff/people": // lists the own ones
			h.t.Errorf("%q is missing in the table", route.Pattern)
			continue
		default:
			continue
		}
		tried++
		look(route.Pattern, h.callAsLea(route.Pattern, body, objects, objects[row.object]))
	}
	return tried
}

func (h *rosterHouse) callAsLea(pattern, body string, objects map[string]string, id string) *httptest.ResponseRecorder {
	h.t.Helper()
	method, path, _ := strings.Cut(pattern, " ")
	body = strings.NewReplacer("%anna%", objects["account"], "%person%", objects["account"], "%team%", objects["team"]).Replace(body)
	form := !strings.HasPrefix(body, "{")
	if form && !strings.Contains(body, "team=") {
		body = strings.TrimPrefix(body+"&team="+objects["team"], "&")
	}
	path = strings.Replace(path, "{id}", id, 1)
	if method == http.MethodGet {
		path, body = path+"?"+body, ""
	}
	ctx, stop := context.WithTimeout(h.t.Context(), time.Second) // a stream has no end of its own
	defer stop()
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", "application/json")
	if form {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return do(h.server, as(h.server, staff.Role("lea"), r))
}
