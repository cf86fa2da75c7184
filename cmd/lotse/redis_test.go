package main

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"lotse/chat/client"
	"lotse/internal/testenv"
)

// TestRedisIsToldWhatThePageSays leads a conversation whose ends are on two nodes,
// and compares the channels and keys of every command to Redis with the table of
// docs/what-the-server-sees.md. A message travels with its ciphertext, as it says.
func TestRedisIsToldWhatThePageSays(t *testing.T) {
	redis := testenv.NewRedisServer(t)
	environ := []string{"LOTSE_DATA=" + t.TempDir(), "DATABASE_URL=" + testenv.Postgres(t), "REDIS_URL=" + redis.URL, "LOTSE_DRAIN=1s"}
	d := demoIn(t, environ)
	told := redis.Monitor(t)
	here, there := startProcess(t, environ, "serve"), startProcess(t, environ, "serve")
	anna := newCounsellor(t, here.url, "anna@demo.example", d.password)
	seeker := newSeeker(t, there.url, "schulden")
	anna.meet(t)
	seeker.expectState(t, "active")
	tell(t, seeker, client.Frame{T: "typing", C: seeker.c, On: new(true)})
	anna.expect(t, "typing", func(f client.Frame) bool { return f.C == seeker.c })
	seeker.say(t, "guten tag")
	anna.expectText(t, "guten tag")
	anna.say(t, "willkommen")
	seeker.expectText(t, "willkommen")

	commands := string(told())
	seen := compareWithPage(t, commands)
	for _, always := range []string{"conversation/<id>", "desk/<id>", "queue", "{desk}:until", "{desk}:value", "{seat}:until", "{seat}:value"} {
		if !seen[always] {
			t.Errorf("%s was not told, so the comparison is worth nothing; seen %v", always, slices.Sorted(maps.Keys(seen)))
		}
	}
	frame := regexp.MustCompile(`"publish" "lotse:conversation/` + seeker.c + `" "\d+ \{[^\n]*\\"body\\":\\"[\w+/=-]{300,}\\"`)
	if !frame.MatchString(commands) {
		t.Error("no message has travelled with its frame: the page says that they do")
	}
}

// compareWithPage returns which rows of the page were seen, and reports names that
// are in none.
func compareWithPage(t *testing.T, commands string) map[string]bool {
	t.Helper()
	rows := rowsOfPage(t)
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`"lotse:([^"]*)"`).FindAllStringSubmatch(commands, -1) {
		known := false
		for name, pattern := range rows {
			if pattern.MatchString(m[1]) {
				seen[name], known = true, true
			}
		}
		if !known {
			t.Errorf("Redis is told of %q, which docs/what-the-server-sees.md does not say", m[1])
			rows[m[1]] = regexp.MustCompile("^" + regexp.QuoteMeta(m[1]) + "$") // once is enough
		}
	}
	return seen
}

// rowsOfPage are the names of the table, each with what it matches.
func rowsOfPage(t *testing.T) map[string]*regexp.Regexp {
	t.Helper()
	page, err := os.ReadFile("../../docs/what-the-server-sees.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(page), "| what | name | what it carries |")
	if !found {
		t.Fatal("docs/what-the-server-sees.md has no table of channels and keys")
	}
	table, _, _ := strings.Cut(text, "\n\n")
	rows := map[string]*regexp.Regexp{}
	for line := range strings.Lines(table) {
		cells := strings.Split(line, " | ")
		if len(cells) != 3 {
			continue
		}
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[1], -1) {
			pattern := strings.Replace(regexp.QuoteMeta(m[1]), "<id>", `[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`, 1)
			rows[m[1]] = regexp.MustCompile("^" + pattern + "$")
		}
	}
	return rows
}
