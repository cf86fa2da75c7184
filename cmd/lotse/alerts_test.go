package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"lotse/chat/client"
)

var (
	alertName  = regexp.MustCompile(`(?m)^ +- alert: (\w+)$`)
	metricName = regexp.MustCompile(`\b(?:lotse|go|process)_[a-z_]+\b`)
	sample     = regexp.MustCompile(`(?m)^([a-z_]+)(?:\{(.*)\})? \S+$`)
	labelName  = regexp.MustCompile(`([a-z]+)="`)
	wantedBy   = regexp.MustCompile(`\b(lotse_[a-z_]+)\{([a-z]+)`)
)

// Every number that an alert or the dashboard asks for is one that the server
// gives, with the label it is chosen by.
func TestAlertsAndDashboardAskForWhatThereIs(t *testing.T) {
	given := numbersOfABusyServer(t)
	for _, file := range []string{"alerts.yaml", "dashboard.json"} {
		text := deployed(t, file)
		names := metricName.FindAllString(text, -1)
		if len(names) == 0 {
			t.Errorf("%s names no number", file)
		}
		for _, name := range names {
			if _, ok := given[name]; !ok {
				t.Errorf("%s asks for %s, which the server does not give", file, name)
			}
		}
		for _, m := range wantedBy.FindAllStringSubmatch(strings.ReplaceAll(text, `\"`, `"`), -1) {
			if labels, known := given[m[1]]; known && !labels[m[2]] {
				t.Errorf("%s chooses %s by %s, which is no label of it", file, m[1], m[2])
			}
		}
	}
}

func TestDashboardIsJSONAndNamesTheAlerts(t *testing.T) {
	var board struct {
		Panels []struct{ Title, Description string }
	}
	if err := json.Unmarshal([]byte(deployed(t, "dashboard.json")), &board); err != nil || len(board.Panels) == 0 {
		t.Fatalf("%d panels, %v", len(board.Panels), err)
	}
	alerts := deployed(t, "alerts.yaml")
	for _, panel := range board.Panels {
		for _, name := range regexp.MustCompile(`Lotse[A-Z]\w+`).FindAllString(panel.Description, -1) {
			if !strings.Contains(alerts, "alert: "+name+"\n") {
				t.Errorf("%s: there is no alert %s", panel.Title, name)
			}
		}
	}
}

// Whoever is woken by an alert finds a section of its name that says what to do.
func TestEveryAlertHasASectionInTheRunbook(t *testing.T) {
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := strings.Split(string(page), "\n### ")
	for _, m := range alertName.FindAllStringSubmatch(deployed(t, "alerts.yaml"), -1) {
		found := false
		for _, section := range sections {
			title, text, _ := strings.Cut(section, "\n")
			found = found || title == m[1] && strings.Contains(text, "**Do:**") && strings.Contains(text, "**People notice:**")
		}
		if !found {
			t.Errorf("docs/operations.md has no section %s with what people notice and what to do", m[1])
		}
	}
}

func deployed(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/deploy/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// numbersOfABusyServer returns the names of all metrics with their labels, once
// everything has happened that some of them wait for.
func numbersOfABusyServer(t *testing.T) map[string]map[string]bool {
	t.Helper()
	environ := []string{"LOTSE_DATA=" + t.TempDir(), "LOTSE_METRICS_LISTEN=127.0.0.1:0"}
	d := demoIn(t, environ)
	node := start(t, environ, "serve")
	seeker := talkOnce(t, node.url, d)
	tell(t, seeker, client.Frame{T: "transfer", C: seeker.c, Step: "consent"}) // nobody has asked: an error
	seeker.expect(t, "error", func(client.Frame) bool { return true })
	closeOne(t, node.url)
	private := "http://" + node.await(t, regexp.MustCompile(`metrics=(\S+)`))
	given := map[string]map[string]bool{}
	awaitTrue(t, "the closing is counted", func() bool {
		_, numbers := get(t, private+"/metrics", nil)
		for _, m := range sample.FindAllStringSubmatch(numbers, -1) {
			given[m[1]] = map[string]bool{}
			for _, label := range labelName.FindAllStringSubmatch(m[2], -1) {
				given[m[1]][label[1]] = true
			}
		}
		return given["lotse_chat_closes_total"] != nil
	})
	return given
}

// closeOne opens two sockets for one seat, so that the server closes the first.
func closeOne(t *testing.T, node string) {
	t.Helper()
	p := &participant{http: http.DefaultClient, api: client.API{Base: node, HTTP: http.DefaultClient}}
	p.open(t, url.Values{"topic": {"schulden"}, "language": {"de"}, "kind": {"message"}})
	for range 2 {
		conn, err := client.Dial(t.Context(), strings.Replace(node, "http", "ws", 1)+"/ws", client.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Cut() })
		if _, err := conn.Greet(t.Context(), client.Frame{Token: p.api.Token}); err != nil {
			t.Fatal(err)
		}
	}
}
