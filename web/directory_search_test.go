package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"lotse/directory"
)

// api asks the API and reads the answer.
func api(t *testing.T, s *Server, path string, status int, v any) {
	t.Helper()
	w := get(s, path)
	if w.Code != status {
		t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	if want := map[bool]string{true: "application/json", false: "application/problem+json"}[status == http.StatusOK]; w.Header().Get("Content-Type") != want {
		t.Errorf("%s: %s", path, w.Header().Get("Content-Type"))
	}
	if err := json.Unmarshal(w.Body.Bytes(), v); err != nil {
		t.Fatal(err)
	}
}

func TestCentresAPIUnderstandsAPersonsOwnWords(t *testing.T) {
	s := testServer(t)
	for _, q := range []string{
		"hab nur noch rechnungen und der gerichtsvollzieher kommt 50667", "I have debts, bailiff, 50667", "borçlarım var 50667", "علي ديون 50667",
	} {
		var a centresJSON
		api(t, s, "/api/v1/centres?limit=3&q="+url.QueryEscape(q), http.StatusOK, &a)
		if len(a.Topics) == 0 || a.Topics[0].ID != "schulden" || len(a.Topics[0].Why) == 0 || a.Topics[0].Label == "" {
			t.Errorf("%q: topics %+v", q, a.Topics)
			continue
		}
		if len(a.Results) == 0 {
			t.Errorf("%q: nothing found", q)
			continue
		}
		first := a.Results[0]
		if !slices.Contains(first.Topics, "schulden") || first.Tier != "catchment" || first.DistanceKM == nil || first.Open == nil || len(first.Why) == 0 {
			t.Errorf("%q: %+v", q, first)
		}
		if first.NextSlot != nil {
			t.Error("an appointment that nobody knows of")
		}
	}
}

func TestCentresAPIHasTheShapeItPromises(t *testing.T) {
	var a map[string]any
	api(t, testServer(t), "/api/v1/centres?q=schulden&postcode=50667&language=en&limit=1", http.StatusOK, &a)
	result := a["results"].([]any)[0].(map[string]any)
	for _, name := range []string{"id", "name", "topics", "distance_km", "tier", "open", "chat", "next_slot", "why"} {
		if _, ok := result[name]; !ok {
			t.Errorf("a result lacks %s", name)
		}
	}
	topic := a["topics"].([]any)[0].(map[string]any)
	if topic["label"] != "Debt and money worries" || topic["id"] != "schulden" || topic["why"] == nil {
		t.Errorf("topic %v", topic)
	}
}

func TestAPIRefusesWhatMakesNoSense(t *testing.T) {
	s := testServer(t)
	long := strings.Repeat("a", directory.MaxText+1)
	for path, field := range map[string]string{
		"centres?postcode=123": "postcode", "centres?topic=none": "topic", "centres?limit=0": "limit", "centres?limit=x": "limit",
		"centres?postcode=Nirgendheim": "postcode", "centres?q=" + long: "q", "topics?q=" + long: "q", "suggest?q=" + long: "q",
		"suggest?q=a&limit=21": "limit", "suggest?q=a&kind=none": "kind",
	} {
		var p Problem
		api(t, s, "/api/v1/"+path, http.StatusUnprocessableEntity, &p)
		if p.Fields[field] == "" || p.Title == "" {
			t.Errorf("%.40s: %+v", path, p)
		}
	}
}

func TestTopicsAndSuggestions(t *testing.T) {
	s := testServer(t)
	var topics struct {
		Topics []topicJSON
		Crisis bool
	}
	api(t, s, "/api/v1/topics?q="+url.QueryEscape("ich trinke zu viel"), http.StatusOK, &topics)
	if len(topics.Topics) == 0 || topics.Topics[0].ID != "sucht" || topics.Topics[0].Weight <= 0 || topics.Topics[0].Weight > 1 {
		t.Errorf("topics %+v", topics)
	}
	api(t, s, "/api/v1/topics?q="+url.QueryEscape("ich will nicht mehr leben"), http.StatusOK, &topics)
	if !topics.Crisis {
		t.Error("no crisis")
	}
	for kind, q := range map[string]string{"topic": "schul", "place": "köl", "centre": "lotse-demo"} {
		var a struct{ Suggestions []suggestionJSON }
		api(t, s, "/api/v1/suggest?limit=3&kind="+kind+"&q="+url.QueryEscape(q), http.StatusOK, &a)
		if len(a.Suggestions) == 0 || len(a.Suggestions) > 3 {
			t.Errorf("%s: %d suggestions", kind, len(a.Suggestions))
		}
		for _, one := range a.Suggestions {
			if one.Kind != kind || one.Text == "" {
				t.Errorf("%s: %+v", kind, one)
			}
		}
	}
}

func TestSearchPageShowsWhatItUnderstood(t *testing.T) {
	s := testServer(t)
	body := get(s, "/de/stellen?q=schulden+und+alkohol+50667").Body.String()
	for _, want := range []string{
		"Schulden und Geldsorgen", `href="/de/stellen?q=schulden&#43;und&#43;alkohol&#43;50667&amp;without=schulden"`,
		"Zuständig für Ihren Ort", "Lotse-Demo Schuldnerberatung Köln", "Stufenloser Zugang", "Kein Träger wird bevorzugt",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	body = get(s, "/de/stellen?q=schulden+und+alkohol+50667&without=schulden").Body.String()
	if strings.Contains(body, "without=schulden&amp;without=schulden") || !strings.Contains(body, "Weggenommen") || !strings.Contains(body, `name="without" value="schulden"`) {
		t.Error("a topic that was taken away is not named, or forgotten by the form")
	}
}

func TestCrisisComesBeforeEverything(t *testing.T) {
	s := testServer(t)
	for _, q := range []string{"ich will nicht mehr leben", "my husband beats me", "інакше я вб'ю себе"} {
		body := get(s, "/de/stellen?q="+url.QueryEscape(q)).Body.String()
		crisis, form := strings.Index(body, `href="tel:112"`), strings.Index(body, `id="search"`)
		if crisis < 0 || crisis > form {
			t.Errorf("%q: help comes after the form", q)
		}
		if strings.Count(body, `id="crisis"`) != 1 {
			t.Errorf("%q: help stands twice", q)
		}
	}
}

func TestSearchPageSaysWhatIsWrong(t *testing.T) {
	s := testServer(t)
	for query, want := range map[string]string{
		"postcode=123": "fünf Ziffern", "postcode=Nirgendheim": "Diesen Ort kennen wir nicht", "topic=none": `href="#topic"`,
		"q=" + strings.Repeat("a", directory.MaxText+1): "zu lang",
	} {
		w := get(s, "/de/stellen?"+query)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%.30s: %d without %q", query, w.Code, want)
		}
	}
	if body := get(s, "/de/stellen?topic=schulden&postcode=50001").Body.String(); !strings.Contains(body, "Die Postleitzahl 50001 kennen wir nicht.") || strings.Contains(body, "Online oder bundesweit") {
		t.Error("a postcode that does not exist is taken for one that lies nowhere")
	}
	if body := get(s, "/ar/stellen?postcode=123").Body.String(); !strings.Contains(body, "aria-invalid") || strings.Contains(body, "Ziffern") {
		t.Error("the error is not in the language of the page")
	}
}

func TestPlaceByName(t *testing.T) {
	body := get(testServer(t), "/de/stellen?topic=schulden&postcode=K%C3%B6ln").Body.String()
	if !strings.Contains(body, "Zuständig für Ihren Ort") || !strings.Contains(body, `value="Köln"`) {
		t.Error("Köln is not found by its name")
	}
}

func TestWhiteSpotIsNamed(t *testing.T) {
	s := testServer(t)
	body := get(s, "/de/stellen?topic=schulden&postcode=17489").Body.String()
	if !strings.Contains(body, "In Greifswald und Umgebung kennen wir dafür keine Stelle") || !strings.Contains(body, "Lotse-Demo Schuldnerberatung") {
		t.Error("the white spot is not named, or has no alternatives")
	}
	body = get(s, "/de/stellen?topic=schulden&postcode=50667&speaks=vi").Body.String()
	if !strings.Contains(body, `href="/de/stellen?postcode=50667&amp;topic=schulden"`) {
		t.Error("no way back from a filter that leaves nothing")
	}
}

func TestFiltersNarrow(t *testing.T) {
	s := testServer(t)
	count := func(query string) int {
		var a centresJSON
		api(t, s, "/api/v1/centres?"+query, http.StatusOK, &a)
		return a.Total
	}
	all := count("q=demo")
	for _, filter := range []string{"channel=video", "speaks=pl", "accessible=induction_loop", "target=Familien", "walk_in=1", "anonymous=1"} {
		if n := count("q=demo&" + filter); n == 0 || n >= all {
			t.Errorf("%s leaves %d of %d", filter, n, all)
		}
	}
	if n := count("q=demo&channel=smoke&accessible=wings"); n != all {
		t.Errorf("filters that do not exist leave %d of %d", n, all)
	}
}

func TestQueriesAreNotLogged(t *testing.T) {
	o := testOptions(t)
	var log strings.Builder
	o.Log = logTo(&log)
	s := serverOf(t, o)
	for _, path := range []string{"/de/stellen?q=geheimnisvoll", "/api/v1/centres?q=geheimnisvoll", "/api/v1/topics?q=geheimnisvoll", "/api/v1/suggest?q=geheimnisvoll", "/api/v1/centres?limit=geheimnisvoll"} {
		get(s, path)
	}
	if strings.Contains(log.String(), "geheimnisvoll") {
		t.Error("the log holds a query")
	}
}
