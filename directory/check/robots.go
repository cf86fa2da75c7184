package check

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// agentName is how the prober calls itself, in requests and in robots.txt.
const agentName = "LotseLinkCheck"

// robots is what a robots.txt says to us (RFC 9309): the longest path that fits
// decides, and allowing wins.
type robots struct{ allow, disallow []string }

// closed is the robots of a site whose robots.txt has an error: it may hold a no.
var closed = robots{disallow: []string{"/"}}

// mayAsk reports whether the site lets programs ask for the link. It asks each site
// once. A site without a robots.txt, or that does not answer, has said nothing.
func (p *Prober) mayAsk(ctx context.Context, u *url.URL) (bool, error) {
	site := u.Scheme + "://" + u.Host
	known, asked := p.robots[site]
	if !asked {
		var text []byte
		status, err := p.ask(ctx, http.MethodGet, &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}, &text)
		switch {
		case ctx.Err() != nil:
			return false, ctx.Err()
		case errors.Is(err, errRefused):
			return false, err
		case err == nil && status >= 500:
			known = closed
		case err == nil && status < 300:
			known = readRobots(string(text))
		}
		p.robots[site] = known
	}
	return known.allows(u.EscapedPath()), nil
}

// readRobots returns the rules for us: those of the groups that name us, or else
// those for everybody. Wildcards inside a path end it: the rule then forbids more
// than it says, and never less.
func readRobots(text string) robots {
	ours, everybody, named := robots{}, robots{}, false
	var group []*robots
	agents := false // the last line named an agent
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		key, value, _ := strings.Cut(line, ":")
		key, value = strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
		switch key {
		case "user-agent":
			if !agents {
				group = nil
			}
			agents = true
			switch {
			case strings.EqualFold(value, agentName):
				group, named = append(group, &ours), true
			case value == "*":
				group = append(group, &everybody)
			}
		case "allow", "disallow":
			agents = false
			for _, r := range group {
				r.add(key == "allow", value)
			}
		}
	}
	if named {
		return ours
	}
	return everybody
}

func (r *robots) add(allow bool, path string) {
	if path == "" {
		return
	}
	short, _, wild := strings.Cut(path, "*")
	short = strings.TrimSuffix(short, "$")
	switch {
	case !allow:
		r.disallow = append(r.disallow, short)
	case !wild:
		r.allow = append(r.allow, short)
	}
}

func (r robots) allows(path string) bool {
	if path == "" {
		path = "/"
	}
	return longest(r.allow, path) >= longest(r.disallow, path)
}

// longest is the length of the longest rule that the path begins with; -1 when
// there is none.
func longest(rules []string, path string) int {
	most := -1
	for _, rule := range rules {
		if strings.HasPrefix(path, rule) {
			most = max(most, len(rule))
		}
	}
	return most
}
