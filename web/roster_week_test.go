package web

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lotse/internal/fault"
	"lotse/internal/roster"
	"lotse/internal/staff"
)

func TestWeekPage(t *testing.T) {
	h := newRosterHouse(t)
	h.plan(0, 8, 12, "anna", "cem")
	night := h.plan(6, 22, 30, "ben")
	h.publish(h.sucht)
	h.planFor(h.jugend, 0, 10, 14, "cem")
	h.plan(2, 9, 13)
	body := h.page(h.get("max", rosterPath+h.query()), http.StatusOK,
		"Dienstplan <bdi>Sucht</bdi>", "<caption", `scope="col"`, `scope="row"`, "Vormittag", "Abend", "08:00–12:00", "22:00–06:00 (Folgetag)",
		"2 von 2", "1 von 2", "0 von 1", "niemand eingeteilt", "Entwurf: neu", "1 Lücke, 1 doppelte Einteilung.",
		"Cem hat zweimal Dienst: Sucht, 08:00–12:00 und Jugend", "0 von mindestens 1 besetzt", "Eine Änderung ist noch nicht veröffentlicht.",
		"1 Schicht unter Wunschbesetzung", "/team/dienstplan/schicht/"+night.ID.String())
	if strings.Contains(body, "Nachmittag") {
		t.Error("a column without shifts is shown")
	}
	h.page(h.get("max", rosterPath+h.query()+"&ansicht=personen"), http.StatusOK, "Anna", "4:00 Std.", "8:00 Std.", "Jugend")
}

func TestEmptyWeekSaysHowToFillIt(t *testing.T) {
	h := newRosterHouse(t)
	h.page(h.get("lea", rosterPath+h.query()), http.StatusOK, "Noch keine Schichten.", "Woche füllen", "Erste Schicht anlegen")
}

func TestWeekPageShowsWhoIsReallyThere(t *testing.T) {
	h := newRosterHouse(t)
	e := h.plan(0, 8, 12, "anna", "ben")
	h.publish(h.sucht)
	ctx, lea := t.Context(), h.actors["lea"]
	_, err := h.roster.AddAbsence(ctx, lea, roster.Absence{Person: h.actors["anna"].ID, Start: e.Start.Add(-time.Hour), End: e.End, Class: roster.Sick})
	h.must(err)
	_, err = h.roster.AddOverride(ctx, lea, roster.Override{Team: h.sucht, Remove: h.actors["ben"].ID, Add: h.actors["cem"].ID,
		Start: e.Start.Add(2 * time.Hour), End: e.End, Channel: roster.Chat, Class: roster.Swap})
	h.must(err)
	h.page(h.get("lea", rosterPath+h.query()), http.StatusOK,
		"(abwesend)", "Anna abwesend", "(08:00–10:00)", "(Vertretung, 10:00–12:00)", "1 von 2", "Anna ist eingeteilt, aber abwesend", "Cem für Ben")
}

func TestWeekPageByDate(t *testing.T) {
	h := newRosterHouse(t)
	for query, want := range map[string]string{
		"?lang=de&tag=2026-12-31": "KW 53", "?lang=de&woche=2026-W01": "29. Dezember 2025 – 4. Januar 2026", "?lang=de": "heute",
		"?lang=en&woche=2026-W10": "Week 10", "?lang=ar&woche=2026-W10": "الأسبوع 10", "?lang=de-simple&woche=2026-W10": "Woche 10",
	} {
		if w := h.get("lea", rosterPath+query); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d, lacks %q", query, w.Code, want)
		}
	}
	for _, query := range []string{"?woche=2026-W54", "?woche=heute", "?woche=2026-48", "?tag=2026-02-30", "?tag=%00", "?woche=2026-W48%0a"} {
		if w := h.get("lea", rosterPath+query); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", query, w.Code)
		}
	}
}

func TestWhoSeesWhatOfTheRoster(t *testing.T) {
	h := newRosterHouse(t)
	e := h.plan(0, 8, 12, "anna")
	h.publish(h.sucht)
	h.plan(1, 8, 12, "anna")
	body := h.page(h.get("anna", rosterPath+"?lang=de"), http.StatusOK, "Meine Dienste", "08:00–12:00", "Sucht", "Abwesenheit eintragen")
	if strings.Count(body, "08:00–12:00") != 1 || strings.Contains(body, e.ID.String()) || strings.Contains(body, "Zur Planung") {
		t.Error("a counsellor sees more than the own published duties")
	}
	if body := h.page(h.get("ben", rosterPath+"?lang=de"), http.StatusOK, "Keine Dienste."); strings.Contains(body, "08:00") {
		t.Error("Ben sees Anna's duties")
	}
	h.page(h.get("max", rosterPath+"/meine?lang=de"), http.StatusOK, "Meine Dienste", "Zur Planung")
}

// TestOthersPlansAreClosed asks for each page and act with a team or shift that
// is not one's own, as counsellor, as supervisor of another team and of another
// provider.
func TestOthersPlansAreClosed(t *testing.T) {
	h := newRosterHouse(t)
	e := h.planFor(h.jugend, 0, 8, 12, "dora")
	h.publish(h.jugend)
	jugend := "?team=" + h.jugend.String()
	o, err := h.roster.AddOverride(t.Context(), h.actors["max"], roster.Override{Team: h.jugend, Add: h.actors["cem"].ID, Start: e.Start, End: e.End, Class: roster.Swap})
	h.must(err)
	a, err := h.roster.AddAbsence(t.Context(), h.actors["dora"], roster.Absence{Person: h.actors["dora"].ID, Start: e.Start, End: e.End, Class: roster.Other})
	h.must(err)
	team := []string{"team", h.jugend.String(), "id", e.ID.String(), "revision", "1", "date", "2026-12-01", "start", "8:00", "end", "9:00", "min", "1", "opt", "1",
		"channel", "chat", "person", h.actors["dora"].ID.String(), "add", h.actors["dora"].ID.String(), "from", "2026-12-01", "to", "2026-12-02", "class", "other",
		"was", "merken", "name", "x", "digest", "x", "target", "2026-12-01", "what", "copy"}
	shift := rosterPath + "/schicht/" + e.ID.String()
	for _, name := range []string{"lea", "olga", "anna", "dora"} {
		for _, path := range []string{jugend, "/schicht" + jugend, "/veroeffentlichen" + jugend, "/verlauf" + jugend, "/vorlagen" + jugend, "/vertretung" + jugend} {
			if w := h.get(name, rosterPath+path); w.Code != http.StatusForbidden && !(path == jugend && (name == "anna" || name == "dora")) {
				t.Errorf("%s GET %s: %d", name, path, w.Code)
			}
		}
		if w := h.get(name, shift); w.Code != http.StatusForbidden {
			t.Errorf("%s sees the shift: %d", name, w.Code)
		}
		if w := h.get(name, rosterChanges+jugend); w.Code != http.StatusForbidden || !strings.Contains(w.Header().Get("Content-Type"), "problem+json") {
			t.Errorf("%s follows changes: %d", name, w.Code)
		}
		for _, act := range []string{"/einteilen", "/austragen", "/verschieben", "/loeschen", "/verwerfen"} {
			if w := h.post(name, shift+act, team...); w.Code != http.StatusForbidden {
				t.Errorf("%s %s: %d", name, act, w.Code)
			}
		}
		for _, path := range []string{"/schicht", "/veroeffentlichen", "/verwerfen", "/vorlagen", "/vertretung", "/vertretung/" + o.ID.String() + "/aufheben"} {
			if w := h.post(name, rosterPath+path, team...); w.Code != http.StatusForbidden {
				t.Errorf("%s POST %s: %d", name, path, w.Code)
			}
		}
		if name != "dora" {
			for _, path := range []string{absencePath, absencePath + "/" + a.ID.String() + "/aufheben"} {
				if w := h.post(name, path, append(team, "team", "")[2:]...); w.Code != http.StatusForbidden {
					t.Errorf("%s POST %s: %d", name, path, w.Code)
				}
			}
		}
	}
	if got := h.read(e.ID); got.Change != "" || len(got.People) != 1 {
		t.Errorf("the shift was changed: %+v", got)
	}
}

func TestRosterNeedsSignIn(t *testing.T) {
	h := newRosterHouse(t)
	h.led(h.get("nobody", rosterPath+"/vorlagen"), signInPath)
	h.refused(h.post("nobody", rosterPath+"/schicht"), fault.Unauthenticated)
	h.refused(h.get("nobody", rosterChanges), fault.Unauthenticated)
}

// TestRosterForms: what no browser sends is refused before anything happens.
func TestRosterForms(t *testing.T) {
	h := newRosterHouse(t)
	e := h.plan(0, 8, 12)
	paths := []string{"/schicht", "/veroeffentlichen", "/verwerfen", "/vorlagen", "/vertretung", "/abwesenheit", "/vertretung/x/aufheben", "/abwesenheit/x/aufheben",
		"/schicht/" + e.ID.String() + "/einteilen", "/schicht/" + e.ID.String() + "/loeschen"}
	for _, path := range paths {
		send := func(kind, origin, body string) int {
			r := httptest.NewRequest(http.MethodPost, rosterPath+path, strings.NewReader(body))
			r.Header.Set("Content-Type", kind)
			r.Header.Set("Sec-Fetch-Site", origin)
			return do(h.server, as(h.server, "max", r)).Code
		}
		const form = "application/x-www-form-urlencoded"
		for why, tt := range map[string]struct {
			got, want int
		}{
			"json":         {send("application/json", "same-origin", "{}"), http.StatusUnsupportedMediaType},
			"multipart":    {send("multipart/form-data; boundary=x", "same-origin", "--x--"), http.StatusUnsupportedMediaType},
			"no type":      {send("", "same-origin", "team=1"), http.StatusUnsupportedMediaType},
			"another site": {send(form, "cross-site", "team=1"), http.StatusForbidden},
			"broken":       {send(form, "same-origin", "team=%zz"), http.StatusBadRequest},
			"huge":         {send(form, "same-origin", "note="+strings.Repeat("x", maxRosterForm)), http.StatusRequestEntityTooLarge},
		} {
			if tt.got != tt.want {
				t.Errorf("%s to %s: %d, want %d", why, path, tt.got, tt.want)
			}
		}
	}
	for _, path := range []string{"/schicht/x", "/schicht/" + strings.ToUpper(e.ID.String()), "/schicht/" + staff.NewID().String()} {
		h.refused(h.get("max", rosterPath+path), fault.NotFound)
	}
	for _, path := range []string{"/vertretung/x/aufheben", "/abwesenheit/x/aufheben", "/schicht/x/einteilen"} {
		h.refused(h.post("max", rosterPath+path), fault.NotFound)
	}
	if w := h.get("max", rosterPath+"/verlauf?vor=gestern"); w.Code != http.StatusBadRequest {
		t.Errorf("an odd time: %d", w.Code)
	}
	if w := h.post("max", rosterPath+"/vorlagen", "was", "unfug", "team", h.sucht.String()); w.Code != http.StatusBadRequest {
		t.Errorf("an odd act: %d", w.Code)
	}
	h.refused(h.post("max", rosterPath+"/vorlagen", "was", "einsetzen", "vorlage", "x", "team", h.sucht.String()), fault.NotFound)
	h.refused(h.post("max", rosterPath+"/vorlagen", "was", "einsetzen", "vorlage", staff.NewID().String(), "team", h.sucht.String()), fault.NotFound)
	h.refused(h.get("max", rosterPath+"?team=x"), fault.Forbidden)
	if w := h.post("max", rosterPath+"/vorlagen", "was", "merken", "name", "Woche"); w.Code != http.StatusBadRequest {
		t.Errorf("no team where there are two: %d", w.Code)
	}
}

// TestWeekIsFollowed: the stream tells the version, and again after a change by
// somebody else.
func TestWeekIsFollowed(t *testing.T) {
	h := newRosterHouse(t)
	run, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.roster.Run(run) }()
	site := httptest.NewServer(h.server)
	defer func() {
		site.CloseClientConnections()
		site.Close()
		stop()
		h.must(<-done)
	}()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, site.URL+rosterChanges+h.query(), nil)
	h.must(err)
	answer, err := http.DefaultClient.Do(as(h.server, "lea", r))
	h.must(err)
	defer answer.Body.Close()
	if kind := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || kind != "text/event-stream" {
		t.Fatalf("%d %s", answer.StatusCode, kind)
	}
	events := make(chan string)
	go func() {
		lines := bufio.NewScanner(answer.Body)
		for lines.Scan() {
			if version, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				events <- version
			}
		}
		close(events)
	}()
	if first := <-events; first != h.readWeek().Version {
		t.Errorf("the first version is %s", first)
	}
	h.plan(0, 8, 12)
	for version := range events {
		if version == h.readWeek().Version {
			return
		}
		h.plan(1, 8, 12) // Run may have begun to listen after the first change
	}
	t.Error("the stream ended")
}
