package check

import (
	"strings"
	"testing"
)

// Whatever a site writes into its robots.txt, each rule that is taken from it stands
// in it, no rule means that everything may be asked for, and a no for everything that
// is said to us is heard.
func FuzzRobots(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /privat\nAllow: /privat/offen$\n", "/privat/offen")
	f.Add("user-agent: LOTSELINKCHECK # wir\ndisallow: /*.pdf\n\nUser-agent: *\nDisallow:\n", "/x.pdf")
	f.Add("\ufeffDisallow: /\nUser-agent:\nUser-agent", "")
	f.Fuzz(func(t *testing.T, text, path string) {
		r := readRobots(text)
		for _, rule := range append(r.allow, r.disallow...) {
			if !strings.Contains(text, rule) {
				t.Errorf("%q is in no line", rule)
			}
		}
		if len(r.disallow) == 0 && !r.allows(path) {
			t.Errorf("%q is refused by no rule", path)
		}
		if no := readRobots("User-agent: " + agentName + "\nDisallow: /\n\nUser-agent: *\n" + text); !strings.Contains(strings.ToLower(text), "user-agent") && no.allows("/"+path) {
			t.Errorf("%q is allowed although we may ask for nothing", path)
		}
	})
}
