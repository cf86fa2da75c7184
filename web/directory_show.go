package web

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lotse/directory"
	"lotse/directory/hours"
)

// centreShow is the page of one centre. Of a protected place it has the name, the
// Kreis and the telephone, and nothing that leads to its door.
type centreShow struct {
	*directory.Centre
	Topics     []topicChoice
	Lines      []phoneLine
	Open       string // when it is open, in a sentence; empty when not known
	OpenState  string
	Week       []weekDay // the next seven days; empty when the hours cannot be read
	Talk       string
	TalkState  string
	Next       string       // the next free appointment that the centre has stated; empty: none
	Chat       string       // query of the chat with this centre; empty unless somebody answers now
	Write      string       // query of a message to this centre, or, where it has no chat, to whoever helps with its first topic
	Call       phoneLine    // the first number that a telephone can dial
	Book       string       // address of its own booking, on another site; empty when it does not work
	Geo        template.URL // geo: address of the door, or empty
	Spoken     []string
	Access     []string
	Groups     string   // target groups
	Serves     []string // where people have to live, in words; empty when that is not stated
	Ways       []string
	Ages       string
	PlacesAt   string // when the free places were stated, in words
	Old        bool   // nobody has confirmed the entry for a year
	Assured    string // date of the last confirmation in words
	Linked     any    // the same for machines, see linkedData
	Secret     bool   // a protected place
	LinkBroken bool   // its site did not work when it was last asked for
	MapText    string // what the picture of the map shows; empty: there is none
}

// phoneLine is a telephone number and what a telephone dials.
type phoneLine struct{ Number, Note, Dial string }

// centre returns the centre of the address. One that was merged into another leads
// on to that one, and the answer is nil.
func (s *Server) centre(w http.ResponseWriter, r *http.Request) (*directory.Centre, error) {
	if err := s.lookLimit(r); err != nil {
		return nil, err
	}
	id := r.PathValue("id")
	c, err := s.directory.Centre(id)
	if err != nil || c.ID == id {
		return public(c), err
	}
	http.Redirect(w, r, strings.Replace(r.URL.Path, url.PathEscape(id), c.ID, 1), http.StatusFound)
	return nil, nil
}

// public returns what a page may show of a centre. The directory knows no address
// of a protected place; its mail and its site stay out as well, since what
// they lead to often names the house.
func public(c *directory.Centre) *directory.Centre {
	if c == nil || c.Type != directory.Protected {
		return c
	}
	shown := *c
	shown.Email, shown.URL, shown.Transport, shown.HoursHint, shown.Booking = "", "", "", "", ""
	return &shown
}

// centrePage shows everything known about one centre.
func (s *Server) centrePage(w http.ResponseWriter, r *http.Request) error {
	c, err := s.centre(w, r)
	if err != nil || c == nil {
		return err
	}
	show, err := s.showCentre(r, c)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, "stelle", show)
}

// showCentre puts a centre into words.
func (s *Server) showCentre(r *http.Request, c *directory.Centre) (centreShow, error) {
	show := centreShow{Centre: c, Secret: c.Type == directory.Protected}
	lang := langOf(r)
	for _, id := range c.Topics {
		show.Topics = append(show.Topics, topicChoice{id, s.topicLabel(id, string(lang))})
	}
	for _, phone := range c.Phones {
		if phone.Type != "fax" {
			show.Lines = append(show.Lines, phoneLine{phone.Number, phone.Note, dialable(phone.Number)})
		}
	}
	if i := slices.IndexFunc(show.Lines, func(l phoneLine) bool { return l.Dial != "" }); i >= 0 {
		show.Call = show.Lines[i]
	}
	if err := s.fillHours(voice{lang: lang}, &show); err != nil {
		return show, err
	}
	if err := s.fillTalk(r.Context(), voice{lang: lang}, &show); err != nil {
		return show, err
	}
	if err := s.fillLinks(r.Context(), &show); err != nil {
		return show, err
	}
	show.Linked = linkedData(c, s.address(r, "/"+string(lang)+"/stellen/"+c.ID))
	return show, s.fillFacts(voice{lang: lang}, &show, time.Now().In(s.zone))
}

// fillHours says when the centre is open.
func (s *Server) fillHours(v voice, show *centreShow) (err error) {
	plan, err := hours.Parse(show.OpeningHours)
	if err != nil || s.directory.Around == nil || show.Paused() {
		return nil // the page shows the source's own words, or that nobody is there
	}
	now := time.Now().In(s.zone)
	place := s.directory.Around(show.State, show.AGS)
	status := plan.Status(hours.At(now, place))
	show.OpenState = status.State.String()
	if show.Open, err = s.texts.opening(v, show.Centre, status, now); err != nil {
		return err
	}
	show.Week, err = s.texts.week(v, plan, place, now)
	return err
}

// fillTalk says whether somebody of the centre can be written to.
func (s *Server) fillTalk(ctx context.Context, v voice, show *centreShow) error {
	topic := first(show.Centre.Topics)
	if topic != "" {
		show.Write = "?" + url.Values{"topic": {topic}, "postcode": {show.Postcode}}.Encode()
	}
	if s.directory.Live == nil {
		return nil
	}
	lines, err := s.directory.Live.Chats(ctx, []string{show.ID})
	line, ok := lines[show.ID]
	if err != nil || !ok {
		return err
	}
	own := "?" + url.Values{"centre": {show.ID}, "topic": {topic}}.Encode()
	if show.Write = own; answers(line.State) {
		show.Chat, show.Write = own, ""
	}
	show.Talk, show.TalkState, err = s.texts.talk(v, &line, time.Now().In(s.zone))
	return err
}

// fillLinks says which links did not work lately. The site is shown all the same: it
// may be back, and it is the only one there is. A booking that is broken is no way to
// an appointment.
func (s *Server) fillLinks(ctx context.Context, show *centreShow) error {
	if strings.HasPrefix(show.Booking, "https://") {
		show.Book = show.Booking
	}
	if s.checks == nil {
		return nil
	}
	results, err := s.checks.Results(ctx, linksOf([]*directory.Centre{show.Centre}))
	now := time.Now()
	if show.LinkBroken = results[show.URL].Broken(now); results[show.Booking].Broken(now) {
		show.Book = ""
	}
	return err
}

// fillFacts puts the other facts into words.
func (s *Server) fillFacts(v voice, show *centreShow, now time.Time) (err error) {
	show.Spoken = s.languageNames(v.lang, show.Languages)
	var groups []string
	for _, target := range show.Targets {
		groups = append(groups, s.targetName(v.lang, target))
	}
	show.Groups = strings.Join(groups, ", ")
	for _, mark := range show.Accessibility {
		text, ok := s.texts.lookup(v, "centres.access."+mark)
		if !ok {
			text = mark // a source's own words
		}
		show.Access = append(show.Access, text)
	}
	for _, channel := range channels {
		if slices.Contains(show.Channels, channel) {
			text, _ := s.texts.lookup(v, "centres.channel."+string(channel))
			show.Ways = append(show.Ways, text)
		}
	}
	if show.Located() && show.Precision == directory.AtAddress {
		show.Geo = template.URL("geo:" + coordinate(show.Lat) + "," + coordinate(show.Lon))
	}
	if show.Next, err = s.texts.slot(v, show.NextSlot(now), now); err != nil {
		return err
	}
	if show.Serves, err = s.serves(v, show.Centre); err != nil {
		return err
	}
	if show.Capacity != nil {
		show.PlacesAt = dayIn(show.Capacity.Updated)
	}
	show.MapText = mapText(show.Centre)
	if day, err := time.Parse(time.DateOnly, show.Centre.Assured); err == nil {
		show.Assured, show.Old = day.Format("2.1.2006"), now.Sub(day) > 365*24*time.Hour
	}
	show.Ages, err = s.texts.ages(v, show.MinAge, show.MaxAge)
	return err
}

func coordinate(degrees float64) string { return strconv.FormatFloat(degrees, 'f', 5, 64) }

// ages says for which ages a centre is there; empty when for all.
func (t *texts) ages(v voice, low, high int) (string, error) {
	switch {
	case low > 0 && high > 0:
		return t.text(v, "centres.age.between", "low", low, "high", high)
	case low > 0:
		return t.text(v, "centres.age.from", "low", low)
	case high > 0:
		return t.text(v, "centres.age.to", "high", high)
	}
	return "", nil
}

// dialable turns a written telephone number into one a telephone can dial. A
// field that holds several numbers, or none, gives no link.
func dialable(phone string) string {
	var digits strings.Builder
	for i, c := range phone {
		switch {
		case c >= '0' && c <= '9', c == '+' && i == 0:
			digits.WriteRune(c)
		case !strings.ContainsRune(" /-().–", c):
			return ""
		}
	}
	n := digits.String()
	if len(n) < 3 || len(n) > 16 {
		return ""
	}
	return n
}

// address returns the whole address of a path: by the public address, or as
// the browser asked where there is none.
func (s *Server) address(r *http.Request, path string) string {
	if s.origin != "" {
		return s.origin + path
	}
	return "http://" + r.Host + path
}
