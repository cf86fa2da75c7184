package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lotse/finder"
)

// shippedRules are the rules of the product.
func shippedRules(t testing.TB) *finder.Rules {
	t.Helper()
	rules, err := finder.Load(os.DirFS("../configs/finder"))
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// walker fills in the finder's pages as a browser without script does.
type walker struct {
	t    *testing.T
	s    *Server
	lang Lang
	body string
	code int
}

func walkFinder(t *testing.T, s *Server, lang Lang) *walker {
	w := &walker{t: t, s: s, lang: lang}
	w.press("next")
	return w
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)"`)

// press sends the form of the page with the button do and what was typed.
func (w *walker) press(do string, typed ...string) {
	w.t.Helper()
	form := url.Values{"do": {do}}
	if w.body == "" {
		form.Set("step", "intro")
	}
	for _, m := range hiddenField.FindAllStringSubmatch(w.body, -1) {
		form.Set(m[1], m[2])
	}
	for i := 0; i+1 < len(typed); i += 2 {
		form.Add(typed[i], typed[i+1])
	}
	w.send(form)
}

func (w *walker) send(form url.Values) {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/"+string(w.lang)+"/leistungen", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := do(w.s, r)
	w.body, w.code = answer.Body.String(), answer.Code
	if answer.Header().Get("Cache-Control") != "no-store" || answer.Header().Get("Set-Cookie") != "" || answer.Code >= 500 {
		w.t.Errorf("%d, %v", answer.Code, answer.Header())
	}
	for _, wrong := range pageFacts(strings.NewReader(w.body), w.lang) {
		w.t.Errorf("%v: %s", form.Get("step"), wrong)
	}
}

// at is the step the page asks for.
func (w *walker) at() string {
	for _, m := range hiddenField.FindAllStringSubmatch(w.body, -1) {
		if m[1] == "step" {
			return m[2]
		}
	}
	return ""
}

func (w *walker) expect(parts ...string) {
	w.t.Helper()
	for _, part := range parts {
		if !strings.Contains(w.body, part) {
			w.t.Errorf("the page at %q lacks %q", w.at(), part)
		}
	}
}

func TestFinderAsksAndAnswersWithoutScript(t *testing.T) {
	s := testServer(t)
	for _, lang := range langs() {
		w := walkFinder(t, s, lang)
		w.press("more", "year.0", "1990")
		w.press("next", "year.0", "1990", "month.0", "4", "relation.1", "child_mine", "year.1", "2019")
		for range len(s.finder.Questions()) {
			if w.at() == "check" {
				break
			}
			w.press("unknown")
		}
		if w.at() != "check" {
			t.Fatalf("%s: no end of questions, at %q", lang, w.at())
		}
		w.press("edit:residence")
		w.press("next", "p0.residence", "german")
		if w.at() != "check" {
			t.Errorf("%s: a change leads to %q instead of the list of answers", lang, w.at())
		}
		w.expect(s.texts.rule(lang, "option.residence.german"), s.texts.say(lang, "finder.skipped.unknown"))
		w.press("result")
		w.expect(s.texts.rule(lang, "benefit.kindergeld"), "259", "group-likely_yes", s.texts.say(lang, "finder.counsel"), "§")
		w.press("check")
		if w.at() != "check" {
			t.Errorf("%s: no way back from the result", lang)
		}
	}
}

func TestFinderGoesBackAndKeepsWhatWasSaid(t *testing.T) {
	w := walkFinder(t, testServer(t), German)
	w.press("next", "year.0", "1980")
	first := w.at()
	w.press("unknown")
	second := w.at()
	if second != "income" {
		t.Fatalf("after %s comes %s", first, second)
	}
	w.press("back", "p0.wage", "1.200,50")
	if w.at() != first {
		t.Fatalf("back leads to %q", w.at())
	}
	w.press("unknown")
	w.expect(`name="p0.wage" value="1.200,50"`)
	w.press("next", "p0.wage", "viel")
	if w.code != http.StatusUnprocessableEntity || w.at() != "income" {
		t.Errorf("%d at %q", w.code, w.at())
	}
	w.expect(`value="viel"`, `href="#p0.wage"`, `id="p0.wage-error"`)
	w.press("next", "p0.wage", "400 bis 600")
	w.press("back")
	w.expect(`value="400–600"`)
	w.press("none", "p0.wage", "700")
	w.press("back")
	w.expect(`name="p0.wage" value="700"`, `name="p0.other_income" value="0"`)
}

func TestFinderFormOfPeople(t *testing.T) {
	w := walkFinder(t, testServer(t), German)
	for name, form := range map[string][]string{
		"year.0":     {"year.0", "19"},
		"relation.2": {"year.0", "1990", "relation.1", "partner", "relation.2", "partner"},
		"relation.1": {"year.0", "1990", "relation.1", "child_both", "year.1", "2015"},
	} {
		before := *w
		w.press("next", form...)
		if w.code != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", form, w.code)
		}
		w.expect(`href="#` + name + `"`)
		*w = before
	}
}

// Who does not say who lives with them learns that everything depends on it.
func TestFinderTakesNoForWhoLivesHere(t *testing.T) {
	s := testServer(t)
	for _, why := range []string{"unknown", "unsaid"} {
		w := walkFinder(t, s, German)
		w.press(why, "year.0", "1990")
		if w.at() != "check" {
			t.Fatalf("%s leads to %q", why, w.at())
		}
		w.expect(s.texts.say(German, "finder.skipped."+why), `value="edit:household"`)
		w.press("result")
		if n := strings.Count(w.body, "finder__card--depends"); n != len(s.finder.Benefits()) {
			t.Errorf("%s: %d benefits are open", why, n)
		}
	}
}

func TestFinderDropsAnswersOfBranchesLeft(t *testing.T) {
	st := newFinderState("2026-11-23")
	st.People = []finderPerson{{Birth: "1990"}}
	st.set("p0", "training", finder.Say("apprenticeship"))
	st.set("p0", "trained", finder.Say(true))
	rules := shippedRules(t)
	if _, err := st.prune(rules); err != nil || len(st.Facts["p0"]) != 2 {
		t.Fatal(err, st.Facts)
	}
	st.set("p0", "training", finder.Say("none"))
	if _, err := st.prune(rules); err != nil || len(st.Facts["p0"]) != 1 {
		t.Fatal(err, st.Facts)
	}
}

func TestFinderRefusesWhatIsNotSealedHere(t *testing.T) {
	s := testServer(t)
	w := walkFinder(t, s, German)
	w.press("next", "year.0", "1990")
	good := hiddenField.FindAllStringSubmatch(w.body, -1)
	var sealed string
	for _, m := range good {
		if m[1] == "answers" {
			sealed = m[2]
		}
	}
	for _, bad := range []string{"x", sealed[1:], sealed[:len(sealed)-2], strings.Repeat("A", 200), sealed + "AAAA", strings.Repeat("A", maxSealed+1)} {
		w.send(url.Values{"step": {"income"}, "do": {"next"}, "answers": {bad}, "p0.wage": {"1"}})
		if w.code != http.StatusUnprocessableEntity {
			t.Errorf("%d for %.20s", w.code, bad)
		}
		w.expect(s.texts.say(German, "finder.lost"))
	}
	w.send(url.Values{"step": {"household"}, "do": {"next"}, "answers": {"x"}, "year.0": {"1971"}})
	w.expect(s.texts.say(German, "finder.lost"), `value="1971"`)
}

func TestFinderSealLastsADayAndANight(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	one, other := newFinderSeal([]byte("secret"), clock), newFinderSeal([]byte("secret"), clock)
	sealed := one.close([]byte("answers"))
	if strings.Contains(sealed, "answers") || sealed == one.close([]byte("answers")) {
		t.Error("the seal shows what it holds")
	}
	for day, opens := range []bool{true, true, false} {
		if got, err := other.open(sealed); (err == nil && string(got) == "answers") != opens {
			t.Errorf("after %d days: %q, %v", day, got, err)
		}
		now = now.AddDate(0, 0, 1)
	}
	if _, err := newFinderSeal(nil, clock).open(one.close(nil)); err == nil {
		t.Error("a stranger's key opens")
	}
}

func TestFinderReadsNumbersAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]string{
		"450": "450", "1.200": "1200", "1,200": "1200", "1.200,50": "1200.5", "1,200.50": "1200.5", "12,5": "12.5", "12.5": "12.5",
		"400-600": `{"low":400,"high":600}`, "400 – 600 €": `{"low":400,"high":600}`, "600 bis 400 Euro": `{"low":400,"high":600}`,
		"ca. 300": "300", "٤٥٠": "450", "1 200": "1200", "0": "0", "400 до 600": `{"low":400,"high":600}`,
		"400 do 600": `{"low":400,"high":600}`, "۴۵۰ تا ۶۰۰ یورو": `{"low":450,"high":600}`, "400 ile 600": `{"low":400,"high":600}`, "1\u00a0200,50 євро": "1200.5",
	} {
		a, ok := parseAmount(text)
		if raw, _ := a.MarshalJSON(); !ok || string(raw) != want {
			t.Errorf("%q is %s %v, want %s", text, raw, ok, want)
		}
	}
	for _, text := range []string{"", "viel", "1e9", "-", "-5-", "1-2-3", "0x10", "NaN", strings.Repeat("9", 40), "1..2..3"} {
		if a, ok := parseAmount(text); ok {
			t.Errorf("%q is %v", text, a)
		}
	}
}

func TestFinderWritesNumbersAsTheLanguageDoes(t *testing.T) {
	for lang, want := range map[Lang]string{"de": "1.013,50", "tr": "1.013,50", "en": "1,013.50", "fa": "1,013.50", "uk": "1\u00a0013,50", "pl": "1\u00a0013,50"} {
		got := amount(lang, 1013.5)
		if got != want {
			t.Errorf("%s: %q", lang, got)
		}
		back, _ := parseAmount(got)
		if raw, _ := back.MarshalJSON(); string(raw) != "1013.5" {
			t.Errorf("%s: what is written as %q is read as %s", lang, got, raw)
		}
	}
}

func TestFinderLogsNoAnswer(t *testing.T) {
	var log bytes.Buffer
	o := testOptions(t)
	o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s := serverOf(t, o)
	w := walkFinder(t, s, German)
	w.press("next", "year.0", "1987")
	w.press("next", "p0.hours", "17")
	postJSON(s, "/api/v1/finder/evaluate", `{"persons":[{"id":"p","birth":"1987"}],"answers":{"wage":"1987"}}`)
	if strings.Contains(log.String(), "1987") || strings.Contains(log.String(), "wage") {
		t.Errorf("the log says %s", log.String())
	}
}

// postJSON sends a body to the API.
func postJSON(s *Server, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return do(s, r)
}

func TestFinderAPINamesEachWrongField(t *testing.T) {
	s := testServer(t)
	for body, want := range map[string]string{
		`{"date":"gestern"}`:    `"date":"bad_date"`,
		`{"date":"2022-12-31"}`: `"date":"too_early"`,
		`{"persons":[{"id":"p","birth":"1990","facts":{"wage":"viel","nose":1}}],"household":{"rent":-1}}`: `"fields":{"household.rent":"bad_value","persons.0.facts.nose":"unknown_fact","persons.0.facts.wage":"bad_value"}`,
		`{"persons":[{"id":"p"},{"id":"p"}],"asker":"q"}`:                                                  `"asker":"unknown_person","persons.1.id":"bad_id"`,
	} {
		w := postJSON(s, "/api/v1/finder/evaluate", body)
		checkProblem(t, body, w, http.StatusUnprocessableEntity, "invalid_input")
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %s", body, w.Body)
		}
	}
	for body, status := range map[string]int{
		`{"persons":`: 400, `{"nose":1}`: 400, `[]`: 400, `{"date":"` + strings.Repeat("2", 70000) + `"}`: 413,
	} {
		if w := postJSON(s, "/api/v1/finder/evaluate", body); w.Code != status {
			t.Errorf("%.40s: %d", body, w.Code)
		}
	}
	if w := postJSON(s, "/api/v1/finder/evaluate", `{}`); w.Code != 200 || !strings.Contains(w.Body.String(), s.today()) {
		t.Errorf("without a date: %d %s", w.Code, w.Body)
	}
}

func TestFinderAPIGivesTheWordsInTheLanguageAskedFor(t *testing.T) {
	s := testServer(t)
	const body = `{"date":"2026-11-23","persons":[{"id":"p","birth":"1990","facts":{"wage":1500,"residence":"tolerated"}},{"id":"k","birth":"2019","parents":["p","away"]}]}`
	for _, lang := range langs() {
		var got finderResultJSON
		if err := json.Unmarshal(postJSON(s, "/api/v1/finder/evaluate?language="+string(lang), body).Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		for _, b := range got.Benefits {
			for _, key := range []string{b.Name, b.Reasons[0].Text, "state." + string(b.State)} {
				if got.Texts[key] == "" || got.Texts[key] != s.texts.rule(lang, key) {
					t.Errorf("%s: %s is %q", lang, key, got.Texts[key])
				}
			}
		}
		var asked finderQuestionsJSON
		if err := json.Unmarshal(get(s, "/api/v1/finder/questions?language="+string(lang)).Body.Bytes(), &asked); err != nil || asked.Texts["option.residence.german"] != s.texts.rule(lang, "option.residence.german") {
			t.Errorf("%s: %v %v", lang, err, asked.Texts)
		}
	}
	if w := postJSON(s, "/api/v1/finder/evaluate", body); strings.Contains(w.Body.String(), `"texts"`) {
		t.Error("words that nobody asked for")
	}
}

func FuzzFinderSeal(f *testing.F) {
	seal := newFinderSeal([]byte("secret"), time.Now)
	f.Add(seal.close([]byte(`{}`)))
	f.Add("")
	f.Fuzz(func(t *testing.T, sealed string) {
		if plain, err := seal.open(sealed); err == nil && string(plain) != `{}` {
			t.Errorf("opened %q", plain)
		}
	})
}

func FuzzFinderAmount(f *testing.F) {
	for _, text := range []string{"1.200,50", "400 bis 600", "٤٥٠", "-", "…"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, ok := parseAmount(text)
		if low, high := ends(a); ok && !(low >= 0 && low <= high && high < 1e16) {
			t.Errorf("%q is %v to %v", text, low, high)
		}
	})
}

// BenchmarkFinderHTTP evaluates a household with a child over HTTP on loopback,
// clients and server on the same cores.
func BenchmarkFinderHTTP(b *testing.B) {
	s, err := New(Options{Log: slog.New(slog.DiscardHandler), Finder: shippedRules(b), TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(s)
	defer server.Close()
	const body = `{"date":"2026-11-23","asker":"a","persons":[{"id":"a","birth":"1990-04","facts":{"wage":1500,"wage_net":1150,"hours":30,"training":"none","residence":"german"}},
		{"id":"k","birth":"2019-02-01","parents":["a","away"]}],"household":{"rent":{"low":400,"high":600},"heating":90},"answers":{"assets":2000}}`
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	var n atomic.Uint32
	var mu sync.Mutex
	var took []time.Duration
	b.RunParallel(func(pb *testing.PB) {
		var own []time.Duration
		for pb.Next() {
			from := n.Add(1) // each from a network of its own, below the limit of rate
			r, _ := http.NewRequest(http.MethodPost, server.URL+"/api/v1/finder/evaluate", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Forwarded-For", fmt.Sprintf("198.%d.%d.1", from>>8&255, from&255))
			start := time.Now()
			w, err := client.Do(r)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, w.Body)
			_ = w.Body.Close()
			own = append(own, time.Since(start))
			if w.StatusCode != http.StatusOK {
				b.Error(w.Status)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		took = append(took, own...)
	})
	slices.Sort(took)
	b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "evaluations/s")
	b.ReportMetric(took[len(took)*95/100].Seconds()*1000, "p95-ms")
}

func TestFinderNamesOfficesAndRentLevelByPostcode(t *testing.T) {
	s := testServer(t)
	w := walkFinder(t, s, German)
	w.press("next", "year.0", "1960")
	for w.at() != "housing" {
		w.press("unknown")
	}
	w.press("next", "h.postcode", "5066")
	if w.code != http.StatusUnprocessableEntity {
		t.Errorf("four digits: %d", w.code)
	}
	w.expect(s.texts.say(German, "error.postcode_invalid"), `value="5066"`)
	w.press("next", "h.postcode", "50 667", "h.rent", "600")
	for w.at() != "check" {
		w.press("unknown")
	}
	w.expect("50667", "6 (aus der Postleitzahl)")
	w.press("result")
	w.expect("50667 (Stadt Köln)", "Mietstufe 6", "<li>Stadt Köln</li>", "Landschaftsverband Rheinland", "für Kinder bis zum Ende der Schulzeit meist: Stadt Köln")
	w.press("check")
	w.press("edit:housing")
	w.press("next", "h.postcode", "06120", "h.rent", "600")
	w.press("result")
	w.expect("Stadt Halle, Saalekreis", "mehreren Kreisen", "Mietstufe 2–3")
	w.press("check")
	w.press("edit:housing")
	w.press("next", "h.postcode", "00001", "h.rent", "600")
	w.press("result")
	w.expect("Die Postleitzahl 00001 kennen wir nicht")
}

// An upper end that tells nobody anything is left out, and what a person pays
// is told apart from what they get.
func TestFinderSaysAmountsInWords(t *testing.T) {
	turn := turn{s: testServer(t), lang: "de"}
	for _, c := range []struct {
		got, want string
	}{
		{turn.money(&finder.Range{Low: 259, High: 5439}, "EUR/month"), "mindestens etwa 259 Euro im Monat"},
		{turn.money(&finder.Range{Low: 1500, High: 5000}, "EUR/month"), "etwa 1.500 bis 5.000 Euro im Monat"},
		{turn.money(&finder.Range{Low: 855, High: 992}, "EUR/month"), "etwa 855 bis 992 Euro im Monat"},
		{turn.pays(&finder.Range{Low: 190, High: 190}), "Sie zahlen selbst dazu: etwa 190 Euro im Monat. Manche Hilfen kosten nichts, zum Beispiel Hilfe bei der Arbeit."},
		{turn.pays(&finder.Range{}), "Sie zahlen nichts dazu."},
		{turn.pays(&finder.Range{High: 9000}), ""},
		{turn.pays(nil), ""},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestFinderResultComesAsText(t *testing.T) {
	w := walkFinder(t, testServer(t), German)
	w.press("next", "year.0", "1990")
	w.press("result")
	w.expect(`<textarea class="kern-form-input__input" id="finder-text" rows="8" readonly dir="auto">Ihr Ergebnis`, "\nWohngeld: Kommt darauf an")
}

func TestEveryBenefitHasAPageInEveryLanguage(t *testing.T) {
	s := testServer(t)
	for _, b := range s.finder.Benefits() {
		for _, lang := range langs() {
			body := get(s, "/"+string(lang)+"/leistungen/"+b.ID).Body.String()
			for _, wrong := range pageFacts(strings.NewReader(body), lang) {
				t.Errorf("%s %s: %s", lang, b.ID, wrong)
			}
			for _, part := range []string{
				s.texts.rule(lang, b.NameAt(s.today())), s.texts.rule(lang, "office."+b.Access.Office), s.texts.rule(lang, "document.identity"), b.Conditions[0].Law,
				b.Access.Link, "/stellen?topic=" + b.Topic, s.texts.rule(lang, "online."+b.Access.Online.Offer), s.texts.rule(lang, "ozg.4"),
			} {
				if !strings.Contains(body, html.EscapeString(part)) {
					t.Errorf("%s %s lacks %q", lang, b.ID, part)
				}
			}
		}
	}
	for _, one := range services(t) {
		if body := get(s, "/de/themen/"+one.ID).Body.String(); one.Benefit != "" && !strings.Contains(body, `href="/de/leistungen/`+one.Benefit+`"`) {
			t.Errorf("%s does not lead to its benefit", one.ID)
		}
		if one.Benefit != "" && get(s, "/de/leistungen/"+one.Benefit).Code != http.StatusOK {
			t.Errorf("%s leads to a benefit that has no page", one.ID)
		}
	}
}

// TestFinderScriptAndRulesAreLight holds what a page loads to ask and to judge
// by itself to the limit that was promised, texts included.
func TestFinderScriptAndRulesAreLight(t *testing.T) {
	s := testServer(t)
	for _, lang := range langs() {
		r := httptest.NewRequest(http.MethodGet, "/"+string(lang)+"/leistungen/regeln.json", nil)
		r.Header.Set("Accept-Encoding", "gzip")
		rules, script := do(s, r).Body.Len(), len(s.assets.files[s.assets.byName["finder.js"]].stored)
		if rules+script > 60_000 {
			t.Errorf("%s: %d bytes of rules and %d of script", lang, rules, script)
		}
		t.Logf("%s: %d bytes of rules with texts and places, %d of script", lang, rules, script)
	}
}

// answerAll goes through all questions to the result: with what is said to a
// question, its button first, else with "not known".
func (w *walker) answerAll(said map[string][]string) {
	w.t.Helper()
	for range len(w.s.finder.Questions()) {
		if w.at() == "check" {
			break
		}
		if answers, ok := said[w.at()]; ok {
			w.press(answers[0], answers[1:]...)
			continue
		}
		w.press("unknown")
	}
	w.press("result")
}

// card is the part of the page that shows a benefit.
func (w *walker) card(id string) string {
	_, rest, _ := strings.Cut(w.body, `id="benefit-`+id+`"`)
	card, _, found := strings.Cut(rest, "</article>")
	if !found {
		w.t.Errorf("no card of %s", id)
	}
	return card
}

func TestFinderHasCounselBesideEachBenefit(t *testing.T) {
	s := testServer(t)
	w := walkFinder(t, s, German)
	w.press("next", "year.0", "1985")
	w.answerAll(map[string][]string{"income": {"none", "p0.wage", "9000", "p0.wage_net", "5500"}, "housing": {"next", "h.postcode", "73430"}})
	for _, b := range s.finder.Benefits() {
		card := w.card(b.ID)
		link := `stellen?topic=` + b.Topic + `" target="_blank" rel="noopener">Beratung: ` + html.EscapeString(s.topicLabel(b.Topic, "de")) + "</a>"
		if !strings.Contains(card, link) {
			t.Errorf("%s: no way to counsel on %s", b.ID, b.Topic)
		}
		if no := strings.Contains(card, "Wahrscheinlich nein"); no != strings.Contains(card, s.texts.say(German, "finder.ask")) {
			t.Errorf("%s: refused is %v, and counsel is not as prominent", b.ID, no)
		}
		w.expect(`<option value="` + b.Topic + `">`)
	}
	w.expect(`id="postcode" name="postcode" value="73430"`, `type="submit" formaction="/de/chat"`)
}

func TestFinderSetsTwoWaysAgainstEachOtherOnlyWhereBothAreOpen(t *testing.T) {
	s := testServer(t)
	for wage, want := range map[string]bool{"9000": false, "1500": true} {
		w := walkFinder(t, s, German)
		w.press("more", "year.0", "1985")
		w.press("next", "year.0", "1985", "relation.1", "child_mine", "year.1", "2019")
		w.answerAll(map[string][]string{"income": {"none", "p0.wage", wage, "p0.wage_net", wage}, "housing": {"next", "h.rent", "900", "h.heating", "90"}, "maintenance": {"none"}})
		if !strings.Contains(w.card("kindergeld"), "259") {
			t.Error("no Kindergeld")
		}
		if got := strings.Contains(w.body, `id="bundle-living"`); got != want {
			t.Errorf("with %s EUR the two ways are shown: %v", wage, got)
		}
	}
}

// The law is clear there, only our table of rent levels is not certain.
func TestFinderSaysThatADoubtIsItsOwn(t *testing.T) {
	w := walkFinder(t, testServer(t), German)
	w.press("next", "year.0", "1985")
	w.answerAll(map[string][]string{
		"income": {"none", "p0.wage", "2800", "p0.wage_net", "1820", "p0.hours", "40"}, "pension": {"none"}, "assets": {"next", "p0.assets", "0"},
		"housing": {"next", "h.postcode", "73430", "h.rent", "900", "h.heating", "90"}, "residence": {"next", "p0.residence", "german"},
		"health": {"none"}, "maintenance": {"none"}, "occupation": {"next", "p0.hours", "40", "p0.training", "none"},
	})
	card := w.card("wohngeld")
	if !strings.Contains(card, "Eher nicht. Wir sind aber nicht sicher.") || strings.Contains(card, "rechtlich offen") || !strings.Contains(card, "Passt nicht:") {
		t.Errorf("Wohngeld: %s", card)
	}
	w.expect("group-doubt", "Wohngeld: Eher nicht. Wir sind aber nicht sicher.")
}
