package main

import (
	"strings"
	"testing"

	"lotse/internal/staff"
)

// token cuts the invitation out of what a command printed.
func token(t *testing.T, out string) string {
	t.Helper()
	_, rest, ok := strings.Cut(out, "/team/einladung#")
	text, _, _ := strings.Cut(rest, "\n")
	if _, err := staff.ParseToken(text); err != nil || !ok {
		t.Fatalf("no invitation in %q", out)
	}
	return text
}

func TestStaffCommands(t *testing.T) {
	environs(t, func(t *testing.T, environ []string) {
		ok := func(args ...string) string {
			t.Helper()
			got := lotse(t, environ, args...)
			if got.code != 0 {
				t.Fatalf("%v: %+v", args, got)
			}
			return got.out
		}
		refused := func(code int, why string, args ...string) {
			t.Helper()
			if got := lotse(t, environ, args...); got.code != code || !strings.Contains(got.err, why) || got.out != "" {
				t.Errorf("%v: %+v, want code %d and %q", args, got, code, why)
			}
		}
		refused(1, "no provider yet", "staff", "add", "--email", "a@example.org", "--name", "A", "--role", "admin")
		ok("staff", "provider", "Haus Nord")
		refused(1, "provider exists", "staff", "provider", "Haus Nord")
		if got := ok("staff", "keep"); !strings.Contains(got, "chats 24h0m0s after the end, messages 24h0m0s") {
			t.Errorf("kept at first: %s", got)
		}
		refused(2, "1 to 24 hours", "staff", "keep", "--chats", "25")
		refused(1, `no provider "Nichts"`, "staff", "keep", "--provider", "Nichts", "--chats", "2")
		ok("staff", "keep", "--chats", "2", "--messages", "90")
		if got := ok("staff", "keep", "--messages", "0"); !strings.Contains(got, "chats 2h0m0s after the end, messages 24h0m0s") {
			t.Errorf("kept then: %s", got)
		}
		ok("staff", "team", "--topics", "addiction,debt", "--languages", "de", "--reach", "nationwide", "Sucht")
		id := ok("staff", "team", "--queue", "3", "--informal", "Sucht")
		first := token(t, ok("staff", "add", "--email", "Kim@Example.org", "--name", "Kim", "--role", "counsellor, supervisor", "--team", "Sucht"))
		refused(1, "email taken", "staff", "add", "--email", "kim@example.org", "--name", "Kim", "--role", "admin")
		refused(1, "--email: invalid email", "staff", "add", "--email", "kim", "--name", "Kim", "--role", "admin")
		refused(2, "--role is one or more", "staff", "add", "--email", "b@example.org", "--name", "B")
		refused(1, `no team "Nichts"`, "staff", "add", "--email", "b@example.org", "--name", "B", "--role", "counsellor", "--team", "Nichts")
		refused(1, `no provider "Nichts"`, "staff", "add", "--provider", "Nichts", "--email", "b@example.org", "--name", "B", "--role", "admin")
		second := token(t, ok("staff", "invite", "kim@example.org"))
		third := token(t, ok("staff", "reset", "KIM@example.org"))
		list := ok("staff", "list")
		for _, want := range []string{"Haus Nord", "kim@example.org", "invited", "counsellor (Sucht), supervisor (Sucht)", "keys no"} {
			if !strings.Contains(list, want) {
				t.Errorf("the list lacks %q:\n%s", want, list)
			}
		}
		ok("staff", "disable", "kim@example.org")
		if list = ok("staff", "list"); !strings.Contains(list, "disabled") {
			t.Errorf("not disabled:\n%s", list)
		}
		ok("staff", "enable", "kim@example.org")
		refused(1, "account unknown", "staff", "disable", "nobody@example.org")
		refused(2, "wrong number of arguments", "staff", "disable")

		p := openParts(t, environ)
		for text, want := range map[string]bool{first: false, second: false, third: true} {
			if _, err := p.staff.Invitation(t.Context(), text); (err == nil) != want {
				t.Errorf("an invitation: %v, want %t", err, want)
			}
		}
		teamID, err := staff.ParseTeamID(strings.TrimSpace(id))
		if err != nil {
			t.Fatal(err)
		}
		team, err := p.staff.Team(t.Context(), teamID)
		if err != nil || team.QueueMax != 3 || team.Formal || len(team.Topics) != 2 || team.Reach != staff.Nationwide {
			t.Errorf("team %+v, %v", team, err)
		}
		if bad, err := p.staff.Audit().Verify(t.Context()); bad != 0 || err != nil {
			t.Errorf("audit: %d, %v", bad, err)
		}
	})
}

func TestStaffHelp(t *testing.T) {
	for _, cmd := range staffCommands() {
		got := lotse(t, nil, append([]string{"help"}, strings.Fields(cmd.name)...)...)
		if got.code != 0 || !strings.Contains(got.out, "usage: lotse "+cmd.name) || len(cmd.help) < 40 {
			t.Errorf("%s: %+v", cmd.name, got)
		}
	}
}
