package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"lotse/internal/roster"
)

func TestPublishPage(t *testing.T) {
	h := newRosterHouse(t)
	stays := h.plan(0, 8, 12, "anna")
	goes := h.plan(1, 8, 12, "ben")
	h.publish(h.sucht)
	_, err := h.roster.Assign(t.Context(), h.actors["lea"], stays.ID, h.actors["cem"].ID)
	h.must(err)
	_, err = h.roster.Unassign(t.Context(), h.actors["lea"], stays.ID, h.actors["anna"].ID)
	h.must(err)
	h.must(h.roster.Remove(t.Context(), h.actors["lea"], goes.ID, goes.Revision))
	h.plan(2, 8, 12)
	later, err := h.roster.Copy(t.Context(), h.actors["lea"], stays.ID, h.week.Add(3).Monday(), false)
	h.must(err)

	path := rosterPath + "/veroeffentlichen"
	body := h.page(h.get("lea", path+h.query()), http.StatusOK, "1 neue Schicht, 1 geänderte Schicht, 1 entfallende Schicht.", "Bisher:", "Neu:",
		"Kommt dazu: Cem", "Fällt weg: Anna", "Anna, Ben, Cem", "Danach bleibt offen", "0 von mindestens 1 besetzt", "Eine Änderung in anderen Wochen", "3 Änderungen veröffentlichen")
	fields := []string{"team", h.sucht.String(), "woche", h.week.String(), "digest", digestIn(t, body)}
	h.plan(4, 8, 12) // somebody goes on planning
	body = h.page(h.post("lea", path+"?lang=de", fields...), http.StatusConflict, "Der Plan hat sich inzwischen geändert.", "2 neue Schichten", "4 Änderungen veröffentlichen")
	if got := h.read(goes.ID); got.Before == nil {
		t.Error("published what was not shown")
	}
	h.led(h.post("lea", path+"?lang=de", with(fields, "digest", digestIn(t, body))...), rosterPath+"?")
	if p := h.readWeek(); p.Unsaved != 1 || len(p.Entries) != 3 {
		t.Errorf("%d left to publish, %d shifts", p.Unsaved, len(p.Entries))
	}

	all := append(fields, "umfang", "alles")
	body = h.page(h.get("lea", path+h.query()+"&umfang=alles"), http.StatusOK, "alle Wochen", `name="umfang" value="alles"`)
	h.led(h.post("lea", rosterPath+"/verwerfen?lang=de", with(all, "digest", digestIn(t, body))...), rosterPath+"?")
	if w := h.get("lea", rosterPath+"/schicht/"+later.ID.String()); w.Code != http.StatusNotFound {
		t.Errorf("a discarded draft is still there: %d", w.Code)
	}
	h.page(h.get("lea", path+h.query()), http.StatusOK, "Es gibt nichts zu veröffentlichen.")
	h.page(h.post("lea", path+"?lang=de", fields...), http.StatusConflict, "Es gibt nichts zu veröffentlichen.")
}

func TestHistoryPage(t *testing.T) {
	h := newRosterHouse(t)
	h.page(h.get("lea", rosterPath+"/verlauf"+h.query()), http.StatusOK, "Noch nichts veröffentlicht.")
	for day := range 21 {
		h.plan(day%7, day, day+1, "anna")
		h.publish(h.sucht)
	}
	body := h.page(h.get("lea", rosterPath+"/verlauf"+h.query()), http.StatusOK, "Max", "Anna", "Ältere anzeigen")
	i := strings.Index(body, "vor=")
	from := strings.LastIndex(body[:i], `href="`) + len(`href="`)
	link := strings.ReplaceAll(body[from:i+strings.Index(body[i:], `"`)], "&amp;", "&")
	older := h.page(h.get("lea", link), http.StatusOK, "1 neue Schicht")
	if strings.Contains(older, "Ältere anzeigen") {
		t.Error("the last page says that there is more")
	}
}

func TestTemplatesPage(t *testing.T) {
	h := newRosterHouse(t)
	path := rosterPath + "/vorlagen"
	base := []string{"team", h.sucht.String(), "woche", h.week.String()}
	h.page(h.get("lea", path+h.query()), http.StatusOK, "Noch keine Vorlagen.", "Andere Woche kopieren")
	h.page(h.post("lea", path+"?lang=de", append(base, "was", "merken", "name", "Standard")...), http.StatusUnprocessableEntity, "keine Schichten", `value="Standard"`)
	h.plan(0, 8, 12, "anna")
	h.plan(6, 22, 30, "ben")
	h.page(h.post("lea", path+"?lang=de", append(base, "was", "merken", "name", " ")...), http.StatusUnprocessableEntity, `id="name-error"`)
	w := h.post("lea", path+"?lang=de", append(base, "was", "merken", "name", "Standard")...)
	h.led(w, path)
	body := h.page(h.get("lea", w.Header().Get("Location")), http.StatusOK, "Vorlage gespeichert.", "Standard", "2 Schichten", "So 22:00–06:00")
	_, rest, _ := strings.Cut(body, `name="vorlage" value="`)
	id, _, _ := strings.Cut(rest, `"`)

	next := with(base, "woche", h.week.Add(1).String())
	w = h.post("lea", path+"?lang=de", append(next, "was", "einsetzen", "vorlage", id)...)
	h.led(w, rosterPath+"?")
	h.page(h.get("lea", w.Header().Get("Location")), http.StatusOK, "2 Schichten als Entwurf eingefügt.", "Anna")
	after := with(base, "woche", h.week.Add(2).String())
	w = h.post("lea", path+"?lang=de", append(after, "was", "kopieren", "von", h.week.String())...)
	h.led(w, rosterPath+"?")
	if body := h.page(h.get("lea", w.Header().Get("Location")), http.StatusOK, "2 Schichten als Entwurf eingefügt."); strings.Contains(body, ">Anna<") {
		t.Error("the people were copied without being asked for")
	}
	h.page(h.post("lea", path+"?lang=de", append(after, "was", "kopieren", "von", "2026-W99")...), http.StatusUnprocessableEntity, "Diese Woche gibt es nicht.")
	h.led(h.post("lea", path+"?lang=de", append(base, "was", "entfernen", "vorlage", id)...), path)
	h.page(h.get("lea", path+h.query()), http.StatusOK, "Noch keine Vorlagen.")
}

func TestOverridePage(t *testing.T) {
	h := newRosterHouse(t)
	e := h.plan(0, 8, 12, "anna")
	h.publish(h.sucht)
	path := rosterPath + "/vertretung"
	date := h.week.Monday().String()
	body := h.page(h.get("lea", rosterPath+"/schicht/"+e.ID.String()+"?lang=de"), http.StatusOK, "Vertretung sofort eintragen")
	i := strings.Index(body, path+"?")
	link := strings.ReplaceAll(body[i:i+strings.Index(body[i:], `"`)], "&amp;", "&")
	h.page(h.get("lea", link), http.StatusOK, `value="`+date+`"`, `value="08:00"`, `value="12:00"`, `value="`+h.actors["anna"].ID.String()+`" selected`)

	good := []string{"team", h.sucht.String(), "woche", h.week.String(), "remove", h.actors["anna"].ID.String(), "add", h.actors["ben"].ID.String(),
		"from", date, "start", "08:00", "to", date, "end", "12:00", "channel", "", "class", "sick"}
	for _, tt := range []struct {
		field, value, text string
	}{
		{"add", h.actors["anna"].ID.String(), "Niemand kann sich selbst vertreten."},
		{"add", h.actors["dora"].ID.String(), "Das gehört nicht zu diesem Team."},
		{"add", "x", "Diese Auswahl gibt es nicht."},
		{"class", "hat Grippe", "Diese Auswahl gibt es nicht."},
		{"class", "holiday", "Diese Auswahl gibt es nicht."},
		{"channel", "fax", "Diese Auswahl gibt es nicht."},
		{"to", "2020-01-01", "Das Ende muss nach dem Beginn liegen."},
		{"end", "07:00", "Das Ende muss nach dem Beginn liegen."},
		{"from", "", "Bitte füllen Sie dieses Feld aus."},
		{"start", "früh", "Bitte geben Sie eine Uhrzeit an"},
	} {
		h.page(h.post("lea", path+"?lang=de", with(good, tt.field, tt.value)...), http.StatusUnprocessableEntity, tt.text, h.actors["anna"].ID.String()+`" selected`)
	}
	h.page(h.post("lea", path+"?lang=de", with(with(good, "add"), "remove")...), http.StatusUnprocessableEntity, "wer ausfällt oder einspringt")

	w := h.post("lea", path+"?lang=de", good...)
	h.led(w, path)
	body = h.page(h.get("lea", w.Header().Get("Location")), http.StatusOK, "Sie gilt sofort.", "Ben für Anna", "08:00–12:00", "Krank")
	duties, err := h.roster.OnDuty(t.Context(), e.Start)
	if h.must(err); len(duties) != 1 || duties[0].Person != h.actors["ben"].ID {
		t.Errorf("on duty: %+v", duties)
	}
	i = strings.Index(body, path+"/")
	undo := body[i : i+strings.Index(body[i:], `"`)]
	h.led(h.post("lea", undo, "team", h.sucht.String()), path)
	h.page(h.get("lea", path+h.query()), http.StatusOK, "Keine Vertretung eingetragen.")
}

func TestAbsencePage(t *testing.T) {
	h := newRosterHouse(t)
	e := h.plan(0, 8, 12, "anna")
	h.publish(h.sucht)
	date := h.week.Monday().String()
	good := []string{"from", date, "to", h.week.Monday().Add(2).String(), "start", "", "end", "", "class", "sick"}
	for _, tt := range []struct {
		field, value, text string
	}{
		{"class", "Rückenschmerzen", "Diese Auswahl gibt es nicht."},
		{"class", "", "Diese Auswahl gibt es nicht."},
		{"from", "", "Bitte füllen Sie dieses Feld aus."},
		{"to", "2020-01-01", "Das Ende muss nach dem Beginn liegen."},
		{"to", "2062-01-01", "Das ist zu lang."},
		{"start", "99", "Bitte geben Sie eine Uhrzeit an"},
	} {
		h.page(h.post("anna", absencePath+"?lang=de", with(good, tt.field, tt.value)...), http.StatusUnprocessableEntity, tt.text)
	}
	h.page(h.post("anna", absencePath+"?lang=de", "from", "2020-01-01", "to", "2020-01-02", "class", "sick"), http.StatusUnprocessableEntity, "Das ist schon vorbei.")

	w := h.post("anna", absencePath+"?lang=de", good...)
	h.led(w, absencePath)
	body := h.page(h.get("anna", w.Header().Get("Location")), http.StatusOK, "Sie gilt sofort.", "Krank", "Betrifft eine Schicht:", "Sucht")
	if duties, err := h.roster.OnDuty(t.Context(), e.Start.Add(time.Hour)); err != nil || len(duties) != 0 {
		t.Errorf("on duty all the same: %v %v", duties, err)
	}
	if strings.Contains(body, `name="person"`) {
		t.Error("a counsellor may choose whose absence it is")
	}
	h.page(h.get("lea", absencePath+h.query()), http.StatusOK, "<bdi>Anna</bdi>", "Krank", "Betrifft eine Schicht:", "Ich selbst")
	h.page(h.get("anna", rosterPath+"?lang=de"), http.StatusOK, "Meine Abwesenheiten", "Krank")
	i := strings.Index(body, absencePath+"/")
	undo := body[i : i+strings.Index(body[i:], `"`)]
	if w := h.post("ben", undo); w.Code != http.StatusForbidden {
		t.Errorf("Ben takes Anna's absence back: %d", w.Code)
	}
	h.led(h.post("anna", undo), absencePath)
	for _, person := range []string{h.actors["ben"].ID.String(), "x"} {
		if w := h.post("anna", absencePath, append(good, "person", person)...); w.Code != http.StatusForbidden {
			t.Errorf("Anna enters the absence of %s: %d", person, w.Code)
		}
	}
	h.led(h.post("lea", absencePath, append(good, "team", h.sucht.String(), "person", h.actors["ben"].ID.String())...), absencePath)
	own, err := h.roster.Own(t.Context(), h.actors["ben"], h.roster.Now(), h.roster.Now().AddDate(0, 1, 0))
	if h.must(err); len(own.Absences) != 1 || own.Absences[0].Class != roster.Sick {
		t.Errorf("Ben's absences: %+v", own.Absences)
	}
}
