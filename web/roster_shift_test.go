package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"lotse/internal/roster"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
)

// shiftFields is a form for a shift of Sucht on a day of the week to plan.
func (h *rosterHouse) shiftFields(id roster.ShiftID, revision string, weekday int, more ...string) []string {
	return append([]string{"team", h.sucht.String(), "woche", h.week.String(), "id", id.String(), "revision", revision,
		"date", h.week.Monday().Add(weekday).String(), "start", "08:00", "end", "12:00", "channel", "chat", "channel", "phone", "min", "1", "opt", "2"}, more...)
}

// with replaces the values of a name in a list of fields; without values the
// field is left out.
func with(fields []string, name string, values ...string) []string {
	var out []string
	for i := 0; i < len(fields); i += 2 {
		if fields[i] != name {
			out = append(out, fields[i], fields[i+1])
		}
	}
	for _, v := range values {
		out = append(out, name, v)
	}
	return out
}

// TestPlanningWithoutScript walks from an empty week to a published shift with
// ordinary forms alone.
func TestPlanningWithoutScript(t *testing.T) {
	h := newRosterHouse(t)
	date := h.week.Monday().Add(2)
	h.page(h.get("lea", rosterPath+"/schicht"+h.query()+"&tag="+date.String()), http.StatusOK, "Neue Schicht: Sucht", `value="`+date.String()+`"`, "Schicht anlegen")
	id := roster.NewShiftID()
	w := h.post("lea", rosterPath+"/schicht?lang=de", h.shiftFields(id, "0", 2, "note", "Bitte pünktlich", "language", "tr", "topic", "sucht")...)
	h.led(w, rosterPath+"/schicht/"+id.String())
	h.led(h.post("lea", rosterPath+"/schicht?lang=de", h.shiftFields(id, "0", 2, "note", "Bitte pünktlich", "language", "tr", "topic", "sucht")...), rosterPath+"/schicht/")
	e := h.read(id)
	if c := h.roster.Clock(e.Start, e.End); c != (roster.Clock{Date: date, Start: 480, End: 720}) || e.Note != "Bitte pünktlich" || !slices.Equal(e.Languages, []string{"tr"}) {
		t.Errorf("saved %+v %+v", c, e)
	}
	h.page(h.get("lea", w.Header().Get("Location")), http.StatusOK, "Schicht angelegt. Wer soll Dienst haben?", "Noch niemand eingeteilt.", "Anna einteilen", "Entwurf: neu", "Lea")

	shift := rosterPath + "/schicht/" + id.String()
	w = h.post("lea", shift+"/einteilen?lang=de", "person", h.actors["anna"].ID.String())
	h.led(w, shift)
	h.page(h.get("lea", w.Header().Get("Location")), http.StatusOK, "Eingeteilt.", "Anna austragen", "Ben einteilen")
	h.led(h.post("lea", shift+"/einteilen?lang=de", "person", h.actors["ben"].ID.String()), shift)
	h.led(h.post("lea", shift+"/austragen?lang=de", "person", h.actors["ben"].ID.String()), shift)
	if got := h.read(id).People; !slices.Equal(got, []staff.ID{h.actors["anna"].ID}) {
		t.Errorf("people are %v", got)
	}

	w = h.post("lea", rosterPath+"/schicht?lang=de", h.shiftFields(id, "1", 2, "note", "Bitte sehr pünktlich")...)
	h.led(w, rosterPath+"?")
	if at := w.Header().Get("Location"); !strings.HasSuffix(at, "#s-"+id.String()) {
		t.Errorf("leads to %s, not to the shift", at)
	}
	h.page(h.get("lea", w.Header().Get("Location")), http.StatusOK, "Entwurf gespeichert.", "Bitte sehr pünktlich", "Chat, Telefon")

	body := h.page(h.get("lea", rosterPath+"/veroeffentlichen"+h.query()), http.StatusOK, "1 neue Schicht", "Anna", "Eine Änderung veröffentlichen")
	w = h.post("lea", rosterPath+"/veroeffentlichen?lang=de", "team", h.sucht.String(), "woche", h.week.String(), "digest", digestIn(t, body))
	h.led(w, rosterPath+"?")
	h.page(h.get("lea", w.Header().Get("Location")), http.StatusOK, "Eine Änderung veröffentlicht.")
	if got := h.read(id); got.Change != "" || got.State != roster.Published {
		t.Errorf("after publishing: %+v", got)
	}
	h.page(h.get("lea", rosterPath+"/verlauf"+h.query()), http.StatusOK, "Lea", "1 neue Schicht")
}

// digestIn finds the digest that a publish page would send.
func digestIn(t *testing.T, body string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, `name="digest" value="`)
	digest, _, _ := strings.Cut(rest, `"`)
	if !ok || digest == "" {
		t.Fatal("the page has no digest")
	}
	return digest
}

func TestShiftFormMends(t *testing.T) {
	h := newRosterHouse(t)
	tests := []struct {
		why, field string
		values     []string
		text       string
	}{
		{"no date", "date", []string{""}, "Bitte füllen Sie dieses Feld aus."},
		{"field left out", "date", nil, "Bitte füllen Sie dieses Feld aus."},
		{"no date at all", "date", []string{"übermorgen"}, "Bitte geben Sie einen Tag an"},
		{"a day that is none", "date", []string{"30.2.2026"}, "Bitte geben Sie einen Tag an"},
		{"the wrong year", "date", []string{"2062-11-25"}, "Stimmt das Jahr?"},
		{"no time", "start", []string{"acht"}, "Bitte geben Sie eine Uhrzeit an"},
		{"a late hour", "end", []string{"25:00"}, "Bitte geben Sie eine Uhrzeit an"},
		{"a long minute", "end", []string{"12:60"}, "Bitte geben Sie eine Uhrzeit an"},
		{"past midnight's end", "end", []string{"24:01"}, "Bitte geben Sie eine Uhrzeit an"},
		{"no span", "end", []string{"08:00"}, "Das Ende muss nach dem Beginn liegen."},
		{"no channel", "channel", nil, "Bitte wählen Sie mindestens einen Kanal."},
		{"an unknown channel", "channel", []string{"fax"}, "Bitte wählen Sie mindestens einen Kanal."},
		{"no number", "min", []string{"zwei"}, "Bitte geben Sie eine Zahl an."},
		{"a broken number", "min", []string{"1.5"}, "Bitte geben Sie eine Zahl an."},
		{"below nothing", "min", []string{"-1"}, "Zahl von 0 bis 99"},
		{"a crowd", "min", []string{"100"}, "Zahl von 0 bis 99"},
		{"more needed than wished", "min", []string{"3"}, "Gewünscht darf nicht kleiner sein"},
		{"nobody", "opt", []string{"0"}, "Gewünscht darf nicht kleiner sein"},
		{"a foreign topic", "topic", []string{"migration"}, "Das gehört nicht zu diesem Team."},
		{"a foreign language", "language", []string{"de", "fr"}, "Das gehört nicht zu diesem Team."},
		{"a long note", "note", []string{strings.Repeat("ä", 201)}, "Bitte kürzen Sie den Text."},
		{"an id that is none", "id", []string{"x"}, "Diese Auswahl gibt es nicht."},
		{"an odd revision", "revision", []string{"-1"}, "Diese Auswahl gibt es nicht."},
	}
	existing := h.plan(1, 8, 12, "anna")
	for _, tt := range tests {
		fresh := h.shiftFields(roster.NewShiftID(), "0", 2, "note", "Nicht verlieren")
		fields := with(fresh, tt.field, tt.values...)
		w := h.post("lea", rosterPath+"/schicht?lang=de", fields...)
		if w.Code != http.StatusUnprocessableEntity && tt.field != "revision" {
			t.Errorf("%s: %d", tt.why, w.Code)
			continue
		}
		body := w.Body.String()
		if !strings.Contains(body, tt.text) || !strings.Contains(body, `id="errors"`) {
			t.Errorf("%s: the page lacks %q", tt.why, tt.text)
		}
		if tt.field != "note" && !strings.Contains(body, "Nicht verlieren") {
			t.Errorf("%s: what was typed is lost", tt.why)
		}
		if tt.field == "id" || tt.field == "revision" {
			continue
		}
		w = h.post("lea", rosterPath+"/schicht?lang=de", with(h.shiftFields(existing.ID, "1", 1), tt.field, tt.values...)...)
		h.page(w, http.StatusUnprocessableEntity, tt.text, "Wer hat Dienst?", "Anna")
	}
	if p := h.readWeek(); len(p.Entries) != 1 || h.read(existing.ID).Revision != 1 {
		t.Errorf("something was saved: %+v", p.Entries)
	}
}

func TestShiftFormUnderstands(t *testing.T) {
	h := newRosterHouse(t)
	date := h.week.Monday().Add(3)
	for _, tt := range []struct {
		date, start, end string
		want             roster.Clock
	}{
		{date.String(), "8", "12.30", roster.Clock{Date: date, Start: 480, End: 750}},
		{date.String(), " 08:05 ", "9:00", roster.Clock{Date: date, Start: 485, End: 540}},
		{date.String(), "22:00", "06:00", roster.Clock{Date: date, Start: 1320, End: 1800}},
		{date.String(), "18:00", "00:00", roster.Clock{Date: date, Start: 1080, End: 1440}},
		{date.String(), "18:00", "24:00", roster.Clock{Date: date, Start: 1080, End: 1440}},
		{civilGerman(date), "8:00", "9:00", roster.Clock{Date: date, Start: 480, End: 540}},
	} {
		id := roster.NewShiftID()
		fields := with(with(with(h.shiftFields(id, "0", 3), "date", tt.date), "start", tt.start), "end", tt.end)
		h.led(h.post("lea", rosterPath+"/schicht?lang=de", fields...), rosterPath+"/schicht/")
		if e := h.read(id); h.roster.Clock(e.Start, e.End) != tt.want {
			t.Errorf("%s %s–%s is %+v", tt.date, tt.start, tt.end, h.roster.Clock(e.Start, e.End))
		}
	}
}

func civilGerman(d civil.Date) string {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Format("2.1.2006")
}

func TestShiftInTheMissingHour(t *testing.T) {
	h := newRosterHouse(t)
	spring := h.roster.Today().Add(30)
	for from, to := h.roster.Span(roster.Clock{Date: spring, End: 1440}); to.Sub(from) != 23*time.Hour; from, to = h.roster.Span(roster.Clock{Date: spring, End: 1440}) {
		spring = spring.Add(1)
	}
	fields := with(with(with(h.shiftFields(roster.NewShiftID(), "0", 0), "date", spring.String()), "start", "2:00"), "end", "3:00")
	h.page(h.post("lea", rosterPath+"/schicht?lang=de", fields...), http.StatusUnprocessableEntity, "Sommerzeit")
}

// TestTwoEditorsAtOnce: the second sees both versions, has lost nothing, and
// decides.
func TestTwoEditorsAtOnce(t *testing.T) {
	h := newRosterHouse(t)
	e := h.plan(2, 8, 12, "anna")
	h.led(h.post("max", rosterPath+"/schicht?lang=de", h.shiftFields(e.ID, "1", 2, "note", "von Max")...), rosterPath)
	mine := with(h.shiftFields(e.ID, "1", 2, "note", "von Lea"), "end", "13:00")
	w := h.post("lea", rosterPath+"/schicht?lang=de", mine...)
	body := h.page(w, http.StatusConflict, "Jemand war schneller", "Max", "von Max", "von Lea", "08:00–13:00", "08:00–12:00", "Trotzdem meine Fassung speichern", `name="revision" value="2"`)
	if strings.Contains(body, "Entwurf gespeichert") || h.read(e.ID).Note != "von Max" {
		t.Error("saved all the same")
	}
	h.led(h.post("lea", rosterPath+"/schicht?lang=de", with(mine, "revision", "2")...), rosterPath)
	if got := h.read(e.ID); got.Note != "von Lea" || got.Revision != 3 {
		t.Errorf("after deciding: %+v", got)
	}
	h.page(h.post("max", rosterPath+"/schicht/"+e.ID.String()+"/loeschen?lang=de", "revision", "2"), http.StatusConflict, "Jemand hat diese Schicht inzwischen geändert.")
	h.page(h.post("max", rosterPath+"/schicht/"+e.ID.String()+"/verschieben?lang=de", "revision", "2", "target", h.week.Monday().String(), "what", "move"), http.StatusConflict, "Jemand hat")
}

func TestMoveCopyRemoveRevert(t *testing.T) {
	h := newRosterHouse(t)
	e := h.plan(2, 22, 30, "anna")
	h.publish(h.sucht)
	shift := rosterPath + "/schicht/" + e.ID.String()
	friday := h.week.Monday().Add(4)
	w := h.post("lea", shift+"/verschieben?lang=de", "revision", "1", "target", friday.String(), "what", "move")
	h.led(w, rosterPath+"?")
	h.page(h.get("lea", w.Header().Get("Location")), http.StatusOK, "Schicht verschoben.", "Entwurf: geändert")
	h.page(h.get("lea", shift+"?lang=de"), http.StatusOK, "Veröffentlicht ist:", "Vertretung sofort eintragen", "Schicht entfallen lassen")

	w = h.post("lea", shift+"/verschieben?lang=de", "revision", "2", "target", friday.Add(7).String(), "what", "copy", "people", "1")
	h.led(w, rosterPath+"?")
	if at := w.Header().Get("Location"); !strings.Contains(at, "woche="+h.week.Add(1).String()) {
		t.Errorf("copied to another week, but leads to %s", at)
	}
	for _, bad := range []string{"", "morgen", "2062-01-01"} {
		h.page(h.post("lea", shift+"/verschieben?lang=de", "revision", "2", "target", bad, "what", "move"), http.StatusUnprocessableEntity, `id="target-error"`)
	}
	h.led(h.post("lea", shift+"/loeschen?lang=de", "revision", "2"), rosterPath+"?")
	h.page(h.get("lea", shift+"?lang=de"), http.StatusOK, "entfällt", "Änderung zurücknehmen")
	h.page(h.post("lea", shift+"/einteilen?lang=de", "person", h.actors["ben"].ID.String()), http.StatusConflict, "soll entfallen")
	h.led(h.post("lea", shift+"/verwerfen?lang=de"), rosterPath+"?")
	if got := h.read(e.ID); got.Change != "" || !got.Start.Equal(e.Start) {
		t.Errorf("after reverting: %+v", got)
	}
	fresh := h.plan(3, 8, 12)
	h.led(h.post("lea", rosterPath+"/schicht/"+fresh.ID.String()+"/loeschen?lang=de", "revision", "1"), rosterPath+"?")
	if w := h.get("lea", rosterPath+"/schicht/"+fresh.ID.String()); w.Code != http.StatusNotFound {
		t.Errorf("a deleted draft is still there: %d", w.Code)
	}
}

func TestAssignRefuses(t *testing.T) {
	h := newRosterHouse(t)
	e := h.plan(2, 8, 12)
	shift := rosterPath + "/schicht/" + e.ID.String()
	for _, person := range []string{"", "x", h.actors["dora"].ID.String(), h.actors["olga"].ID.String(), staff.NewID().String()} {
		h.page(h.post("lea", shift+"/einteilen?lang=de", "person", person), http.StatusUnprocessableEntity, `href="#leute"`)
	}
	if got := h.read(e.ID); len(got.People) != 0 {
		t.Errorf("people are %v", got.People)
	}
}

func TestCandidatesOnThePage(t *testing.T) {
	h := newRosterHouse(t)
	h.planFor(h.jugend, 2, 10, 14, "cem")
	e := h.plan(2, 8, 12)
	_, err := h.roster.AddAbsence(t.Context(), h.actors["ben"], roster.Absence{Person: h.actors["ben"].ID, Start: e.Start, End: e.End, Class: roster.Sick})
	h.must(err)
	body := h.page(h.get("max", rosterPath+"/schicht/"+e.ID.String()+"?lang=de"), http.StatusOK,
		"Frei", "Nicht frei", "Hat Dienst: Jugend, 10:00–14:00", "Abwesend:", "Cem trotzdem einteilen", "Anna einteilen")
	if strings.Contains(body, "Krank") {
		t.Error("the reason of an absence is shown where it is not needed")
	}
}
