package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"lotse/directory"
	"lotse/directory/upkeep"
	"lotse/internal/fault"
)

var versionPattern = regexp.MustCompile(`name="version" value="([0-9a-f]{16})"`)

// linked asks the first centre of the house by mail and returns the link's path.
func (h *rosterHouse) linked(centre string) string {
	h.t.Helper()
	h.must(h.options.Upkeep.Ask(h.t.Context(), h.admin(), centre))
	h.must(h.options.Upkeep.DeliverAll(h.t.Context()))
	return "/de/angaben/" + linkToken(h.server)
}

// version is the version that a form carries.
func (h *rosterHouse) version(w *httptest.ResponseRecorder) string {
	h.t.Helper()
	found := versionPattern.FindStringSubmatch(w.Body.String())
	if found == nil {
		h.t.Fatalf("no version in the form: %d", w.Code)
	}
	return found[1]
}

func (h *rosterHouse) assured(centre string) string {
	h.t.Helper()
	c, err := h.options.Directory.Centre(centre)
	h.must(err)
	return c.Assured
}

func TestLinkConfirmsByPostOnly(t *testing.T) {
	h := newRosterHouse(t)
	path := h.linked(houseCentre("1"))
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		for _, rest := range []string{"", "/abbestellen"} {
			w := do(h.server, httptest.NewRequest(method, path+rest, nil))
			if w.Code != http.StatusOK || len(w.Header().Values("Set-Cookie")) > 0 {
				t.Errorf("%s %s: %d", method, rest, w.Code)
			}
			if w.Header().Get("Referrer-Policy") != "no-referrer" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%v", w.Header())
			}
		}
	}
	w := get(h.server, path)
	h.page(w, http.StatusOK, "Suchthilfe Eins", "Ja, alles stimmt", "Hauptstraße 12", `content="noindex"`)
	if h.assured(houseCentre("1")) != "" || h.options.Upkeep.Mailer == nil {
		t.Error("a GET has confirmed")
	}
	crossed := httptest.NewRequest(http.MethodPost, path, strings.NewReader("do=confirm"))
	crossed.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	crossed.Header.Set("Sec-Fetch-Site", "cross-site")
	h.refused(do(h.server, crossed), fault.Forbidden)
	h.led(h.form(path, "do=confirm"), path)
	if h.assured(houseCentre("1")) == "" {
		t.Error("not confirmed")
	}
	h.page(get(h.server, path), http.StatusOK, "Danke! Bestätigt am")
	if w := h.form(path, "do=nonsense"); w.Code != http.StatusBadRequest {
		t.Errorf("status %d", w.Code)
	}
	h.refused(h.form("/de/angaben/"+strings.Repeat("A", 43), "do=confirm"), fault.NotFound)
	oneClick := httptest.NewRequest(http.MethodPost, path+"/abbestellen", strings.NewReader("List-Unsubscribe=One-Click"))
	oneClick.Header.Set("Content-Type", "multipart/form-data; boundary=x") // as mail programs may
	h.led(do(h.server, oneClick), path+"?abbestellt")
	h.page(get(h.server, path+"?abbestellt"), http.StatusOK, "keine Mails mehr")
}

func TestLinkLeadsToTheEditor(t *testing.T) {
	h := newRosterHouse(t)
	path, id := h.linked(houseCentre("1")), houseCentre("1")
	h.refused(get(h.server, "/de/angaben"), fault.Unauthenticated)
	w := h.form(path, "do=edit")
	h.led(w, "/de/angaben")
	cookies := w.Result().Cookies()
	if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode || strings.Contains(path, cookies[0].Value) {
		t.Fatalf("%v", cookies)
	}
	r := httptest.NewRequest(http.MethodGet, "/de/angaben", nil)
	r.AddCookie(cookies[0])
	w = do(h.server, r)
	body := h.page(w, http.StatusOK, "Es fehlen:", "Barrierefreiheit", `<option value="" selected>geöffnet</option>`, `value="Mo-Fr 09:00-12:00"`, "09:00-12:00", `content="noindex"`)
	if strings.Contains(body, "Veröffentlichen") || strings.Contains(body, "/team/") {
		t.Error("who came by a link is offered what staff may")
	}
	form := url.Values{"version": {h.version(w)}, "name": {"Suchthilfe Eins"}, "topics": {"sucht"}, "phones": {"0221 123456; Anmeldung"},
		"email": {"eins@example.org"}, "street": {"Hauptstraße 12"}, "postcode": {"50667"}, "city": {"Köln"}, "hours": {"montags"}, "do": {"submit"}}
	body = h.page(h.form("/de/angaben", form.Encode(), cookies[0]), http.StatusUnprocessableEntity, "Diese Zeiten können wir nicht lesen", `href="#hours"`, `value="montags"`)
	if !strings.Contains(body, "0221 123456; Anmeldung") {
		t.Error("what was typed is lost")
	}
	form.Set("hours", "Mo 10:00-11:00")
	form.Set("do", "look")
	h.page(h.form("/de/angaben", form.Encode(), cookies[0]), http.StatusOK, "10:00–11:00")
	form.Set("do", "publish")
	h.refused(h.form("/de/angaben", form.Encode(), cookies[0]), fault.Forbidden)
	form.Set("do", "submit")
	h.led(h.form("/de/angaben", form.Encode(), cookies[0]), "/de/angaben?meldung=submitted")
	if c, err := h.options.Directory.Centre(id); err != nil || c.OpeningHours != "Mo-Fr 09:00-12:00" {
		t.Errorf("%+v, %v", c, err)
	}
	h.page(h.form("/de/angaben", form.Encode(), cookies[0]), http.StatusConflict, "Jemand hat den Eintrag inzwischen geändert")
	h.page(h.get("lea", "/team/eintraege?lang=de"), http.StatusOK, "Zur Prüfung", "Beratungsstelle (über den Link)")
	review := h.get("lea", "/team/eintraege/"+id+"/pruefung?lang=de")
	h.page(review, http.StatusOK, "Mo 10:00-11:00", "Mo-Fr 09:00-12:00", "Öffnungszeiten", "0221 123456 · Anmeldung")
	h.page(h.post("lea", "/team/eintraege/"+id+"/pruefung?lang=de", "do", "back", "version", h.version(review)), http.StatusUnprocessableEntity, "höchstens 1000 Zeichen")
	h.led(h.post("lea", "/team/eintraege/"+id+"/pruefung?lang=de", "do", "approve", "version", h.version(review)), "/team/eintraege?lang=de&meldung=approve")
	if c, err := h.options.Directory.Centre(id); err != nil || c.OpeningHours != "Mo 10:00-11:00" || c.Phones[0].Note != "Anmeldung" {
		t.Errorf("%+v, %v", c, err)
	}
	h.page(h.get("lea", "/team/eintraege/"+id+"/verlauf?lang=de"), http.StatusOK, "Zurücknehmen", "Beratungsstelle (über den Link)")
	h.led(h.post("lea", "/team/eintraege/"+id+"/verlauf?lang=de", "change", h.lastChange(id)), "/team/eintraege/"+id+"/verlauf?lang=de&meldung=undone")
}

func TestCounsellorsKeepNoEntries(t *testing.T) {
	h := newRosterHouse(t)
	for _, path := range []string{"/team/eintraege", "/team/dubletten"} {
		h.refused(h.get("anna", path), fault.Forbidden)
	}
	for _, rest := range []string{"", "/pruefung", "/verlauf"} {
		h.refused(h.get("anna", "/team/eintraege/"+houseCentre("1")+rest), fault.NotFound)
	}
	h.refused(h.post("max", "/team/eintraege/"+houseCentre("1")+"/fragen"), fault.Forbidden) // a supervisor, no admin
	h.refused(h.post("max", "/team/eintraege", "four_eyes", "on"), fault.Forbidden)
	for _, do := range []string{"merge", "distinct"} {
		h.refused(h.post("max", "/team/dubletten", "do", do, "keep", "a", "a", houseCentre("3"), "b", houseCentre("4")), fault.NotFound)
		h.refused(h.post("max", "/team/dubletten", "do", do, "keep", "a", "a", houseCentre("1"), "b", houseCentre("4")), fault.NotFound)
	}
}

func TestEditorOfAProtectedPlaceHasNoAddress(t *testing.T) {
	h := newRosterHouse(t)
	id := houseCentre("5")
	w := h.get("max", "/team/eintraege/"+id+"?lang=de")
	body := h.page(w, http.StatusOK, "Schutzort")
	for _, field := range []string{"street", "postcode", "city", "transport"} {
		if strings.Contains(body, `name="`+field+`"`) {
			t.Errorf("the form has %s", field)
		}
	}
	h.led(h.post("max", "/team/eintraege/"+id+"?lang=de", "do", "publish", "version", h.version(w), "name", "Frauenhaus", "topics", "gewalt-opferhilfe",
		"phones", "0221 999999", "email", "haus@example.org", "street", "Geheimweg 5", "waiting", "keine"), "/team/eintraege/"+id)
	e, err := h.options.Directory.Entry(t.Context(), id)
	if err != nil || e.Location.Street != "" || e.Offer.Waiting != "keine" || strings.Contains(h.everything(), "Geheimweg") {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestTwinsPage(t *testing.T) {
	h := newRosterHouse(t)
	w := h.get("max", "/team/dubletten?lang=de")
	h.page(w, http.StatusOK, "Suchthilfe Eins", "Ähnlichkeit", "Telefon", "Mo-Th 09:00-12:00")
	a, b := min(houseCentre("1"), houseCentre("2")), max(houseCentre("1"), houseCentre("2"))
	keep, other := "a", "b"
	if a != houseCentre("1") {
		keep, other = "b", "a"
	}
	h.led(h.post("max", "/team/dubletten?lang=de", "do", "merge", "a", a, "b", b, "keep", keep, "f-hours", other, "f-email", keep), "/team/dubletten")
	c, err := h.options.Directory.Centre(houseCentre("2"))
	if err != nil || c.ID != houseCentre("1") || c.OpeningHours != "Mo-Th 09:00-12:00" || c.Email != "eins@example.org" {
		t.Errorf("%+v, %v", c, err)
	}
	merge := h.mergedOnce(h.actors["max"], "", "")
	h.page(h.get("max", "/team/dubletten?lang=de"), http.StatusOK, "Rückgängig machen")
	h.led(h.post("max", "/team/dubletten/"+merge+"/trennen?lang=de"), "/team/dubletten")
	h.led(h.post("max", "/team/dubletten?lang=de", "do", "distinct", "a", a, "b", b), "/team/dubletten")
	h.page(h.get("max", "/team/dubletten?lang=de"), http.StatusOK, "Keine doppelten Einträge gefunden.")
}

// An expired entry is shown with a warning, in the place it had.
func TestExpiredEntryIsMarked(t *testing.T) {
	h := newRosterHouse(t)
	id := houseCentre("1")
	h.must(h.options.Directory.Edit(t.Context(), "x", id, func(e *directory.Entry) error {
		e.Venue.State, e.Venue.Assured = directory.Expired, "2024-03-01"
		return nil
	}))
	h.page(get(h.server, "/de/stellen/"+id), http.StatusOK, "Zuletzt bestätigt am 1.3.2024. Bitte vorher anrufen.")
	h.page(get(h.server, "/de/stellen?topic=sucht&postcode=50667"), http.StatusOK, "Suchthilfe Eins", "Bitte vorher anrufen")
}

func TestAdminAsksAndSetsTheRule(t *testing.T) {
	h := newRosterHouse(t)
	ask := "/team/eintraege/" + houseCentre("1") + "/fragen?lang=de"
	call := func(path, body string) *httptest.ResponseRecorder {
		r := as(h.server, everyRole, httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return do(h.server, r)
	}
	h.led(call(ask, ""), "/team/eintraege/")
	if w := call(ask, ""); w.Code != http.StatusTooManyRequests || !strings.Contains(w.Body.String(), "heute schon gefragt") {
		t.Errorf("status %d", w.Code)
	}
	h.led(call("/team/eintraege?lang=de", "four_eyes=on"), "/team/eintraege")
	form := h.page(h.get("max", "/team/eintraege/"+houseCentre("1")+"?lang=de"), http.StatusOK, "Zur Prüfung geben")
	if strings.Contains(form, `value="publish"`) {
		t.Error("one may publish where two have to")
	}
	on, err := h.options.Upkeep.FourEyes(t.Context(), h.actors["max"].Provider)
	if err != nil || !on {
		t.Errorf("%v, %v", on, err)
	}
}

// Every fact of the form has an input, except the days that follow from the others.
func TestFormHasEveryField(t *testing.T) {
	inputs := []string{"slot_stated", "places_at"}
	for _, part := range entryParts {
		for _, input := range part.fields {
			inputs = append(inputs, input.name)
		}
	}
	for _, field := range upkeep.Fields {
		if !slices.Contains(inputs, field) {
			t.Errorf("the form lacks %s", field)
		}
	}
	if len(inputs) != len(upkeep.Fields)+1 { // "again" is no fact
		t.Errorf("%d inputs, %d facts", len(inputs), len(upkeep.Fields))
	}
}

// A catchment is told back as a number of postcodes; what cannot be is named, and
// nothing of the form is kept.
func TestCatchmentInTheEditor(t *testing.T) {
	h := newRosterHouse(t)
	id := houseCentre("1")
	path := "/team/eintraege/" + id + "?lang=de"
	send := func(do, areas string, more ...string) *httptest.ResponseRecorder {
		fields := append([]string{"do", do, "version", h.version(h.get("max", path)), "name", "Suchthilfe Eins", "topics", "sucht", "areas", areas}, more...)
		return h.post("max", path, fields...)
	}
	for _, c := range []struct{ areas, want string }{
		{"50667-50670\n50668", "Das sind 3 Postleitzahlen."}, {"50667, 50668", "Das sind 2 Postleitzahlen."}, {"50667", "Das ist eine Postleitzahl."},
		{"nationwide\n50667", "Das ist ganz Deutschland."},
	} {
		h.page(send("look", c.areas), http.StatusOK, c.want)
	}
	for _, c := range []struct{ areas, want string }{
		{"50667\n51149-50441", "Bei „51149-50441“ stehen die Enden verkehrt herum"}, {"00000", "„00000“ kennen wir nicht"},
		{"ags:99999", "„ags:99999“ kennen wir nicht"}, {"Köln", "„Köln“ können wir nicht lesen"},
	} {
		h.page(send("publish", c.areas), http.StatusUnprocessableEntity, c.want, `href="#areas"`, strings.Split(c.areas, "\n")[0])
	}
	if c, err := h.options.Directory.Centre(id); err != nil || len(c.Areas) > 0 {
		t.Errorf("%v, %v", c.Areas, err)
	}
	h.led(send("publish", "50667 – 50670"), "/team/eintraege/"+id)
	h.page(h.get("max", "/team/eintraege/"+id+"/verlauf?lang=de"), http.StatusOK, "Einzugsgebiet", "50667-50670")
	h.page(h.get("max", path), http.StatusOK, "50667-50670</textarea>", "Das sind 3 Postleitzahlen.")
}

// Beside each fact stands who is behind it, and that an import does not undo a person.
func TestEditorTellsWhereFactsAreFrom(t *testing.T) {
	h := newRosterHouse(t)
	id := houseCentre("1")
	h.must(h.options.Directory.Edit(t.Context(), "p", id, func(e *directory.Entry) error {
		e.Offer.Fees = "10 Euro"
		return nil
	}))
	body := h.page(h.get("max", "/team/eintraege/"+id+"?lang=de"), http.StatusOK, "Von einer Person eingetragen", "Eingelesen aus „csv“")
	fees := body[strings.Index(body, `id="fees"`):]
	if from := strings.Index(fees, "Von einer Person"); from < 0 || from > 200 {
		t.Error("the fees are not from the person who entered them")
	}
}

// What is stated by the day carries the day; the rest of the form does not renew it.
func TestAppointmentInTheEditor(t *testing.T) {
	h := newRosterHouse(t)
	id := houseCentre("1")
	path := "/team/eintraege/" + id + "?lang=de"
	now := time.Now().In(h.server.zone)
	day, today, before := now.AddDate(0, 0, 5).Format(time.DateOnly), now.Format(time.DateOnly), now.AddDate(0, 0, -3).Format(time.DateOnly)
	send := func(more ...string) *httptest.ResponseRecorder {
		return h.post("max", path, append([]string{"do", "publish", "version", h.version(h.get("max", path)), "name", "Suchthilfe Eins", "topics", "sucht"}, more...)...)
	}
	h.page(send("slot_day", now.AddDate(0, 0, -1).Format(time.DateOnly)), http.StatusUnprocessableEntity, "Dieser Termin ist schon vorbei")
	h.page(send("slot_time", "14:00"), http.StatusUnprocessableEntity, "Bitte einen Tag angeben")
	h.page(send("places_free", "viele"), http.StatusUnprocessableEntity, "nicht mehr freie Plätze")
	stated := func() (string, string) {
		c, err := h.options.Directory.Centre(id)
		h.must(err)
		return c.Slot.Stated, c.Capacity.Updated
	}
	fields := []string{"slot_day", day, "slot_time", "14:00", "places_free", "0", "places_all", "4"}
	h.led(send(fields...), "/team/eintraege/"+id)
	if slot, places := stated(); slot != today || places != today {
		t.Errorf("stated %s and %s", slot, places)
	}
	h.page(h.get("max", path), http.StatusOK, "gelten weiter", "Wird bis zum "+now.AddDate(0, 0, 5).Format("2.1.2006"), `type="date"`)
	h.must(h.options.Directory.Edit(t.Context(), "p", id, func(e *directory.Entry) error {
		e.Venue.Slot = &directory.Slot{Day: day, Time: "14:00", Stated: before}
		e.Venue.Capacity = &directory.Capacity{Maximum: 4, Updated: before}
		return nil
	}))
	h.led(send(append(fields, "waiting", "kurz")...), "/team/eintraege/"+id)
	if slot, places := stated(); slot != before || places != before {
		t.Errorf("saving something else made it %s and %s", slot, places)
	}
	h.led(send(append(fields, "again", "on")...), "/team/eintraege/"+id)
	if slot, places := stated(); slot != today || places != today {
		t.Errorf("said once more, it is of %s and %s", slot, places)
	}
	h.led(send(), "/team/eintraege/"+id)
	if c, err := h.options.Directory.Centre(id); err != nil || c.Slot != nil || c.Capacity != nil {
		t.Errorf("%+v, %+v, %v", c.Slot, c.Capacity, err)
	}
}

// Who came by a link protects a place at once; the address is on no page any more.
func TestLinkProtectsAtOnce(t *testing.T) {
	h := newRosterHouse(t)
	id := houseCentre("1")
	w := h.form(h.linked(id), "do=edit")
	cookie := w.Result().Cookies()[0]
	r := httptest.NewRequest(http.MethodGet, "/de/angaben", nil)
	r.AddCookie(cookie)
	w = do(h.server, r)
	form := url.Values{"version": {h.version(w)}, "name": {"Suchthilfe Eins"}, "topics": {"sucht"}, "phones": {"0221 123456"}, "email": {"eins@example.org"},
		"street": {"Hauptstraße 12"}, "postcode": {"50667"}, "city": {"Köln"}, "description": {"Hauptstraße 12, im Hof"}, "type": {"protected"}, "do": {"save"}}
	h.led(h.form("/de/angaben", form.Encode(), cookie), "/de/angaben?meldung=saved")
	for _, path := range []string{"/de/stellen/" + id, "/de/stellen?q=suchthilfe", "/api/v1/centres?q=suchthilfe", "/hsds/services", "/de/stellen/" + id + "/kontakt.vcf"} {
		if strings.Contains(strings.ReplaceAll(get(h.server, path).Body.String(), "Hauptstr. 12", ""), "Hauptstraße 12") {
			t.Errorf("%s tells the address", path)
		}
	}
	h.page(h.get("max", "/team/eintraege/"+id+"/pruefung?lang=de"), http.StatusOK, "…, im Hof")
}
