package web

import (
	"hash/fnv"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"lotse/directory"
)

// centreAsk is a search as an address holds it; pages and API read the same
// names. Nothing of it is kept.
type centreAsk struct {
	directory.Query
	Words string // the person's own words
	Where string // the place or postcode, as it was written
}

// postcodeFirst finds the postcode in "50667" and "50667 Köln".
var postcodeFirst = regexp.MustCompile(`^(\d{5})(?:\s|$)`)

// readCentreAsk reads a search. Equals are ordered anew each day, the same for
// everybody.
func readCentreAsk(values url.Values, lang Lang, limit int) centreAsk {
	ask := centreAsk{Words: strings.TrimSpace(values.Get("q")), Where: strings.TrimSpace(values.Get("postcode"))}
	ask.Query = directory.Query{
		Text: ask.Words, Page: string(lang), Topic: values.Get("topic"), Without: values["without"],
		Filter: readFilter(values), Limit: limit, Seed: seedOf(time.Now()),
	}
	switch m := postcodeFirst.FindStringSubmatch(ask.Where); {
	case m != nil:
		ask.Postcode = m[1]
	case strings.ContainsAny(ask.Where, "0123456789"):
		ask.Postcode = ask.Where // Find says what is wrong with it
	case ask.Where != "":
		ask.Text = "in " + ask.Where + ". " + ask.Words
	}
	return ask
}

// named reports whether the person wrote the name of a place.
func (a centreAsk) named() bool { return a.Where != "" && a.Postcode == "" }

// asked reports whether there is anything to look for.
func (a centreAsk) asked() bool {
	return a.Words+a.Where+a.Topic != "" || filtered(a.Filter)
}

func seedOf(day time.Time) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(day.UTC().Format(time.DateOnly)))
	return h.Sum64()
}

// readFilter reads what a centre has to offer. What is no possible value is no
// filter.
func readFilter(values url.Values) directory.Filter {
	f := directory.Filter{
		OpenNow: values.Get("open") == "1", WalkIn: values.Get("walk_in") == "1",
		Anonymous: values.Get("anonymous") == "1", FreeOfCost: values.Get("free") == "1",
		Language: values.Get("speaks"), Target: values.Get("target"),
	}
	if channel := directory.Channel(values.Get("channel")); slices.Contains(channels, channel) {
		f.Channel = channel
	}
	for _, mark := range values["accessible"] {
		if slices.Contains(directory.Accessibilities, mark) {
			f.Accessible = append(f.Accessible, mark)
		}
	}
	return f
}

// channels are the ways to a centre that a person may choose, in the order of
// the list.
var channels = []directory.Channel{
	directory.OnSite, directory.ByPhone, directory.ByMail, directory.ByChat, directory.ByVideo, directory.Outreach,
}

// filtered reports whether a filter asks for anything.
func filtered(f directory.Filter) bool {
	return f.OpenNow || f.WalkIn || f.Anonymous || f.FreeOfCost || string(f.Channel)+f.Language+f.Target != "" || len(f.Accessible) > 0
}

// without returns the query that asks the same, but not about a topic.
func without(values url.Values, topic string) string {
	next := firstPage(values)
	if next.Get("topic") != "" {
		next.Del("topic")
	} else {
		next.Add("without", topic)
	}
	return "?" + next.Encode()
}

// withAgain returns the query that asks about a topic again.
func withAgain(values url.Values, topic string) string {
	next := firstPage(values)
	next["without"] = slices.DeleteFunc(slices.Clone(next["without"]), func(id string) bool { return id == topic })
	return "?" + next.Encode()
}

// wider returns the query for the same matter without the filters.
func wider(values url.Values) string {
	next := firstPage(values)
	for _, name := range []string{"open", "channel", "speaks", "accessible", "target", "walk_in", "anonymous", "free"} {
		next.Del(name)
	}
	return "?" + next.Encode()
}

// firstPage returns the values for the first page, without empty ones.
func firstPage(values url.Values) url.Values {
	next := url.Values{}
	for name, list := range values {
		for _, value := range list {
			if value != "" && name != "pages" {
				next.Add(name, value)
			}
		}
	}
	return next
}
