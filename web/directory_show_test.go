package web

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"lotse/directory"
	"lotse/directory/check"
)

// logTo writes everything that is logged.
func logTo(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// lineOpen answers that somebody of a centre is there.
type lineOpen map[string]directory.Chat

func (l lineOpen) Chats(context.Context, []string) (map[string]directory.Chat, error) { return l, nil }

var demoDebt = directory.CentreID("demo", "koeln-schulden")

func TestCentrePageTellsEverything(t *testing.T) {
	s := testServer(t)
	body := get(s, "/de/stellen/"+demoDebt).Body.String()
	for _, want := range []string{
		"Lotse-Demo Schuldnerberatung Köln", `href="tel:02214710101"`, "mailto:schulden.koeln@demo.example", "Beispielgasse 1", "50667 Köln",
		`href="geo:50.93870,6.95470"`, "Haltestelle Beispielplatz", "Stufenloser Zugang", "Arabisch", "ab 18 Jahren", "kostet nichts",
		"Kontoauszüge", "Danach machen wir", "innerhalb von zwei Wochen", "Zuletzt bestätigt am 14.9.2026", "Quelle der Angaben: demo", "CC0-1.0",
		"karte.svg", "qr.svg", "kontakt.vcf", "heute", "seite=stellen%2f" + demoDebt,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if n := strings.Count(body, `<th scope="row">`); n != 7 {
		t.Errorf("the week has %d days", n)
	}
}

// edited changes the entry of the demo's debt counselling.
func edited(t *testing.T, o Options, change func(*directory.Entry)) {
	t.Helper()
	err := o.Directory.Edit(t.Context(), "p", demoDebt, func(e *directory.Entry) error {
		change(e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A button to the chat is there while somebody answers, and else a way to leave a
// message.
func TestChatButtonOnlyWhileSomebodyAnswers(t *testing.T) {
	o := testOptions(t)
	s := serverOf(t, o)
	const chatNow, message = "Jetzt chatten", "Mit jemandem schreiben"
	own := `href="/de/chat?centre=` + demoDebt
	if body := get(s, "/de/stellen/"+demoDebt).Body.String(); strings.Contains(body, own) || strings.Contains(body, chatNow) || !strings.Contains(body, message) {
		t.Error("a button for a chat that is not there")
	}
	for state, open := range map[string]bool{"free": true, "queue": true, "full": false, "closed": false} {
		o.Directory.Live = lineOpen{demoDebt: {State: state, FromMin: 3, ToMin: 5}}
		body := get(s, "/de/stellen/"+demoDebt).Body.String()
		if strings.Contains(body, chatNow) != open || strings.Contains(body, message) == open || !strings.Contains(body, own) {
			t.Errorf("%s: the chat is offered %v", state, strings.Contains(body, chatNow))
		}
		list := get(s, "/de/stellen?q=schulden+50667").Body.String()
		if strings.Contains(list, own) != open {
			t.Errorf("%s: the list offers the chat %v", state, !open)
		}
	}
	o.Directory.Live = lineOpen{demoDebt: {State: "queue", FromMin: 3, ToMin: 5}}
	list := get(s, "/de/stellen?q=schulden+50667").Body.String()
	if !strings.Contains(list, own+`&amp;topic=schulden">Chat offen, etwa 3 bis 5 Minuten</a>`) {
		t.Error("the list does not tell of the chat")
	}
}

// A button to the booking is there when the centre has one that works: one miss is
// not enough to take it away, three on three days are.
func TestBookingButtonOnlyWhileItWorks(t *testing.T) {
	o := testOptions(t)
	o.Checks = check.New(check.Options{DB: o.Directory.DB, Log: o.Log})
	s := serverOf(t, o)
	const link = "https://termin.example/buchen"
	shows := func() bool { return strings.Contains(get(s, "/de/stellen/"+demoDebt).Body.String(), `href="`+link) }
	if body := get(s, "/de/stellen/"+demoDebt).Body.String(); strings.Contains(body, "Termin buchen") {
		t.Error("a button for a booking that is not there")
	}
	edited(t, o, func(e *directory.Entry) { e.Venue.Booking = link })
	if !shows() {
		t.Error("no button for the booking")
	}
	for strikes, want := range map[int]bool{0: true, 1: true, 2: true, 3: false, 9: false} {
		_, err := o.Directory.DB.Exec(t.Context(), `INSERT INTO directory_link (link, strikes, struck, reason, tried_at) VALUES ($1, $2, '', 'missing', $3)
			ON CONFLICT (link) DO UPDATE SET strikes = $2`, link, strikes, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if shows() != want {
			t.Errorf("after %d strikes the button is there: %v", strikes, !want)
		}
	}
	edited(t, o, func(e *directory.Entry) { e.Venue.Booking = "http://termin.example/offen" })
	if strings.Contains(get(s, "/de/stellen/"+demoDebt).Body.String(), "Termin buchen") {
		t.Error("a booking that everybody on the way can read")
	}
}

// A button to call is there when there is a number that can be dialled: the first
// such one, and no fax.
func TestCallButtonOnlyWithANumber(t *testing.T) {
	o := testOptions(t)
	s := serverOf(t, o)
	for _, c := range []struct {
		phones []directory.Phone
		want   string
	}{
		{nil, ""},
		{[]directory.Phone{{Number: "0221 1234", Type: "fax"}}, ""},
		{[]directory.Phone{{Number: "auf Anfrage 123"}}, ""},
		{[]directory.Phone{{Number: "auf Anfrage 123"}, {Number: "0221 5678"}}, "02215678"},
	} {
		edited(t, o, func(e *directory.Entry) { e.Venue.Phones, e.Offer.Phones, e.Provider.Phones = c.phones, nil, nil })
		found := regexp.MustCompile(`href="tel:(\d+)"><span class="kern-label">Anrufen`).FindStringSubmatch(get(s, "/de/stellen/"+demoDebt).Body.String())
		if got := strings.Join(found, " "); (c.want == "") != (found == nil) || !strings.HasSuffix(got, c.want) && c.want != "" && found[1] != c.want {
			t.Errorf("%+v: the button calls %v", c.phones, found)
		}
	}
}

// What the centre says of its next appointment stands wherever it is found, with the
// day on which it was said; what is over stands nowhere.
func TestStatedAppointmentIsShown(t *testing.T) {
	o := testOptions(t)
	s := serverOf(t, o)
	now := time.Now().In(s.zone)
	day, today := now.AddDate(0, 0, 3), now.Format(time.DateOnly)
	state := func(slot *directory.Slot) {
		edited(t, o, func(e *directory.Entry) { e.Venue.Slot = slot })
	}
	asked := func() *slotJSON {
		var a centresJSON
		api(t, s, "/api/v1/centres?q=schulden&postcode=50667&limit=1", http.StatusOK, &a)
		if a.Results[0].ID != demoDebt {
			t.Fatal(a.Results[0].ID)
		}
		return a.Results[0].NextSlot
	}
	pages := []string{"/de/stellen/" + demoDebt, "/de/stellen?q=schulden+50667"}
	for _, slot := range []directory.Slot{
		{Day: day.Format(time.DateOnly), Time: "14:00", Stated: today}, {Day: day.Format(time.DateOnly), WalkIn: true, Stated: today},
	} {
		state(&slot)
		want := "Nächster freier Termin: "
		if slot.WalkIn {
			want = "Ohne Termin: "
		}
		for _, page := range pages {
			body := get(s, page).Body.String()
			if !strings.Contains(body, want) || !strings.Contains(body, day.Format("2.1.")) || !strings.Contains(body, "(laut Stelle, Stand "+now.Format("2.1.2006")+")") {
				t.Errorf("%s does not tell of %+v", page, slot)
			}
		}
		if told := asked(); told == nil || told.Date != slot.Day || told.Stated != today || told.WalkIn != slot.WalkIn || (told.Time == nil) != (slot.Time == "") {
			t.Errorf("%+v for %+v", told, slot)
		}
	}
	for name, slot := range map[string]*directory.Slot{
		"none": nil, "over": {Day: now.AddDate(0, 0, -1).Format(time.DateOnly), Stated: now.AddDate(0, 0, -2).Format(time.DateOnly)},
		"said long ago": {Day: day.Format(time.DateOnly), Stated: now.AddDate(0, 0, -8).Format(time.DateOnly)},
	} {
		state(slot)
		for _, page := range pages {
			if strings.Contains(get(s, page).Body.String(), "laut Stelle") {
				t.Errorf("%s: %s tells of an appointment", name, page)
			}
		}
		if told := asked(); told != nil {
			t.Errorf("%s: %+v", name, told)
		}
	}
}

func TestOldEntriesSaySo(t *testing.T) {
	body := get(testServer(t), "/en/stellen/"+directory.CentreID("demo", "berlin-schulden")).Body.String()
	if !strings.Contains(body, "more than a year ago") {
		t.Error("an entry of last year looks fresh")
	}
}

func TestLinkedDataIsJSON(t *testing.T) {
	root, err := html.Parse(get(testServer(t), "/de/stellen/"+demoDebt).Body)
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if attr(n, "type") != "application/ld+json" {
			continue
		}
		var data map[string]any
		if err := json.Unmarshal([]byte(text(n)), &data); err != nil {
			t.Fatal(err)
		}
		address := data["address"].(map[string]any)
		if data["@context"] != "https://schema.org" || address["postalCode"] != "50667" || data["telephone"] != "02214710101" {
			t.Errorf("linked data %v", data)
		}
		return
	}
	t.Error("no linked data")
}

func TestPicturesAreSVG(t *testing.T) {
	s := testServer(t)
	for _, name := range []string{"karte.svg", "qr.svg"} {
		w := get(s, "/de/stellen/"+demoDebt+"/"+name)
		if w.Header().Get("Content-Type") != "image/svg+xml" || w.Body.Len() > 30_000 {
			t.Errorf("%s: %s, %d bytes", name, w.Header().Get("Content-Type"), w.Body.Len())
		}
		if bad := regexp.MustCompile(`style=|<style|<script|href=`).FindString(w.Body.String()); bad != "" {
			t.Errorf("%s holds %s", name, bad)
		}
		for d := xml.NewDecoder(w.Body); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
	if body := get(s, "/de/stellen/"+demoDebt+"/karte.svg").Body.String(); !strings.Contains(body, "<circle") || strings.Count(body, "<path") < 4 {
		t.Error("the map lacks the mark, the Land or the Kreis")
	}
}

func TestVCardFollowsTheRules(t *testing.T) {
	w := get(testServer(t), "/de/stellen/"+demoDebt+"/kontakt.vcf")
	if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/vcard") {
		t.Error(w.Header().Get("Content-Type"))
	}
	body := w.Body.String()
	for _, want := range []string{"BEGIN:VCARD\r\nVERSION:4.0\r\n", "tel:+492214710101", "ADR;TYPE=work:;;Beispielgasse 1;Köln;Nordrhein-Westfalen;50667;", "END:VCARD\r\n"} {
		if !strings.Contains(strings.ReplaceAll(body, "\r\n ", ""), want) {
			t.Errorf("the card lacks %q:\n%s", want, body)
		}
	}
	for line := range strings.SplitSeq(body, "\r\n") {
		if len(line) > 75 {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
	if got := escapeCard("a,b;c\\d\ne"); got != `a\,b\;c\\d\ne` {
		t.Error(got)
	}
	if got := strings.ReplaceAll(folded("FN:"+strings.Repeat("ß", 90)), "\r\n ", ""); got != "FN:"+strings.Repeat("ß", 90)+"\r\n" {
		t.Error("folding breaks a character")
	}
}

// secrets are all that leads to the door of the protected place in the test.
var secrets = []string{"Geheimweg", "50739", "50.97", "6.92", "verborgen.example", "Linie 13", "Hinterhof"}

func TestProtectedPlaceStaysSecret(t *testing.T) {
	o := testOptions(t)
	var log strings.Builder
	o.Directory = centres(t, directory.Options{DB: o.Directory.DB, Bus: o.Directory.Bus, Log: logTo(&log), Taxonomy: topics(t), Places: places(t)})
	imported(t, o.Directory, strings.NewReader("source,source_id,name,street,plz,city,lat,lon,coord_precision,phone,email,url,topics,location_type,transport,opening_hint\n"+
		"x,1,Frauenhaus Muster,Geheimweg 7,50739,Köln,50.9712,6.9234,address,0221 4710 199,haus@verborgen.example,https://verborgen.example,gewalt-opferhilfe,protected,Linie 13,Durch den Hinterhof\n"))
	o.Log = logTo(&log)
	s := serverOf(t, o)
	id := directory.CentreID("x", "1")
	for _, path := range []string{
		"/de/stellen/" + id, "/ar/stellen/" + id, "/de/stellen/" + id + "/karte.svg", "/de/stellen/" + id + "/kontakt.vcf", "/de/stellen/" + id + "/qr.svg",
		"/de/stellen?q=frauenhaus", "/de/stellen?topic=gewalt-opferhilfe&postcode=50667", "/de/stellen?q=muster",
		"/api/v1/centres?q=frauenhaus", "/api/v1/centres?topic=gewalt-opferhilfe&postcode=50667", "/api/v1/suggest?q=frauenhaus", "/api/v1/suggest?q=geheim",
	} {
		w := get(s, path)
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", path, w.Code)
		}
		for _, secret := range secrets {
			if strings.Contains(w.Body.String(), secret) {
				t.Errorf("%s tells %q", path, secret)
			}
		}
	}
	for _, secret := range secrets {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log tells %q", secret)
		}
	}
	page := get(s, "/de/stellen/"+id).Body.String()
	if !strings.Contains(page, `href="tel:02214710199"`) || !strings.Contains(page, "Köln") {
		t.Error("the page lacks the Kreis or the telephone")
	}
	if strings.Contains(get(s, "/de/stellen/"+id+"/karte.svg").Body.String(), "<circle") {
		t.Error("the map marks a protected place")
	}
}

func TestMergedCentreLeadsOn(t *testing.T) {
	o := testOptions(t)
	s := serverOf(t, o)
	gone := directory.CentreID("demo", "koeln-sozial")
	if _, err := o.Directory.Merge(t.Context(), "p", demoDebt, gone); err != nil {
		t.Fatal(err)
	}
	if err := o.Directory.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, rest := range []string{"", "/karte.svg", "/kontakt.vcf", "/qr.svg"} {
		w := get(s, "/en/stellen/"+gone+rest)
		if w.Code != http.StatusFound || w.Header().Get("Location") != "/en/stellen/"+demoDebt+rest {
			t.Errorf("%s: %d to %s", rest, w.Code, w.Header().Get("Location"))
		}
	}
}

func TestUnknownCentreIsNotFound(t *testing.T) {
	s := testServer(t)
	for _, rest := range []string{"", "/karte.svg", "/kontakt.vcf", "/qr.svg"} {
		if w := get(s, "/de/stellen/nirgends"+rest); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", rest, w.Code)
		}
	}
}

func TestReportAboutAnEntryNamesIt(t *testing.T) {
	body := get(testServer(t), "/de/feedback?seite=stellen%2f"+demoDebt).Body.String()
	if !strings.Contains(body, "Stimmt etwas an den Angaben nicht?") || !strings.Contains(body, `value="stellen/`+demoDebt+`"`) {
		t.Error("the report does not know which entry it is about")
	}
}

// One network may look at so many centres at once; others, and what is typed, are not
// held up by it.
func TestLooksAtCentresAreLimitedPerNetwork(t *testing.T) {
	s := testServer(t)
	began := time.Now()
	s.limits = newLimiter(func() time.Time { return began }) // nothing fills again
	ask := func(path, from string) int {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.RemoteAddr = from + ":1"
		return do(s, r).Code
	}
	looks := []string{"/api/v1/centres", "/de/stellen", "/de/stellen/x", "/de/stellen/x/karte.svg", "/de/stellen/x/qr.svg", "/de/stellen/x/kontakt.vcf"}
	const here, elsewhere = "203.0.113.7", "198.51.100.7"
	for range lookBurst {
		if got := ask("/de/stellen/x", here); got != http.StatusNotFound {
			t.Fatalf("a look that is allowed: %d", got)
		}
	}
	for _, path := range looks {
		if got := ask(path, here); got != http.StatusTooManyRequests {
			t.Errorf("%s: %d after %d looks", path, got, lookBurst)
		}
		if got := ask(path, elsewhere); got == http.StatusTooManyRequests {
			t.Errorf("%s from another network: %d", path, got)
		}
	}
	const typed = "/api/v1/suggest?q=schul"
	for n := range lookBurst {
		if got := ask(typed, here); got != http.StatusOK {
			t.Fatalf("%s: %d at the %dth time", typed, got, n)
		}
	}
	if got := ask(typed, here); got != http.StatusTooManyRequests {
		t.Errorf("%s: %d after %d times", typed, got, lookBurst)
	}
	if got := ask(typed, elsewhere); got != http.StatusOK {
		t.Errorf("%s from another network: %d", typed, got)
	}
}

// A person sees whether the centre is there for where they live; of a protected place
// nobody does.
func TestCatchmentIsShown(t *testing.T) {
	o := testOptions(t)
	s := serverOf(t, o)
	var many []directory.Area
	for _, postcode := range o.Directory.Places.Postcodes()[:mostRanges+1] {
		many = append(many, directory.Postcodes(postcode, postcode))
	}
	for want, areas := range map[string][]directory.Area{
		"<bdi>50667–50670</bdi>": {directory.Postcodes("50667", "50670")}, "<bdi>ganz Deutschland</bdi>": {{Kind: directory.AreaNationwide}},
		"<bdi>Sachsen</bdi>": {{Kind: directory.AreaState, Low: "Sachsen", High: "Sachsen"}}, "<bdi>9 Postleitzahlen</bdi>": many,
	} {
		edited(t, o, func(e *directory.Entry) { e.Venue.Areas = areas })
		if !strings.Contains(get(s, "/de/stellen/"+demoDebt).Body.String(), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	edited(t, o, func(e *directory.Entry) { e.Venue.Areas = nil })
	if strings.Contains(get(s, "/de/stellen/"+demoDebt).Body.String(), "Zuständig für") {
		t.Error("a catchment that nobody stated")
	}
	edited(t, o, func(e *directory.Entry) {
		e.Venue.Areas = []directory.Area{directory.Postcodes("50739", "50739")}
		e.Protect()
	})
	if strings.Contains(get(s, "/de/stellen/"+demoDebt).Body.String(), "50739") {
		t.Error("the catchment leads to a protected place")
	}
}
