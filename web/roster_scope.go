package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lotse/internal/fault"
	"lotse/internal/roster"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
)

// rosterPath is where the roster's pages begin.
const rosterPath = "/team/dienstplan"

// rosterScope is what every page of the planner starts from: who plans, for
// which team, in which week.
type rosterScope struct {
	*wording
	Actor  staff.Actor
	Team   staff.Team
	Week   civil.Week
	Teams  []staff.Team // those that the actor supervises, by name
	names  map[staff.TeamID]string
	topics map[string]string // labels by id
	today  civil.Date
	now    time.Time
	Lang   string // the language as the address has it, or empty
	// Errors are sentences by field: what the form has to be mended for.
	Errors map[string]string
}

// rosterScope reads team and week from the query or the form. Without a team it
// is the first that the actor supervises, without a week the present one. It
// returns Forbidden for a team that the actor does not supervise.
func (s *Server) rosterScope(r *http.Request, actor staff.Actor) (*rosterScope, error) {
	sc, err := s.rosterWorld(r, actor)
	if err != nil {
		return nil, err
	}
	team := r.FormValue("team")
	if team == "" && r.Method == http.MethodPost && len(sc.Teams) > 1 {
		return nil, fault.New(fault.Invalid, "malformed") // which team was meant must not be guessed
	}
	i := 0
	if team != "" {
		i = slices.IndexFunc(sc.Teams, func(t staff.Team) bool { return t.ID.String() == team })
	}
	if i < 0 || len(sc.Teams) == 0 {
		return nil, fault.New(fault.Forbidden, "forbidden")
	}
	sc.Team = sc.Teams[i]
	return sc, sc.readWeek(r)
}

// rosterWorld is a scope without a team: names and language.
func (s *Server) rosterWorld(r *http.Request, actor staff.Actor) (*rosterScope, error) {
	zone := s.roster.Zone()
	sc := &rosterScope{
		wording: &wording{texts: s.texts, voice: voice{lang: langOf(r)}, zone: zone},
		Actor:   actor, names: map[staff.TeamID]string{}, topics: map[string]string{}, now: s.roster.Now(), today: s.roster.Today(),
	}
	sc.Week = civil.WeekOf(sc.today)
	if l := Lang(r.URL.Query().Get("lang")); l.Staffed() {
		sc.Lang = string(l)
	}
	for _, c := range s.topicChoices(r) {
		sc.topics[c.ID] = c.Label
	}
	teams, err := s.staff.Teams(r.Context())
	if err != nil {
		return nil, err
	}
	mine := actor.TeamsAs(staff.Supervisor)
	for _, t := range teams {
		if t.Provider == actor.Provider || slices.Contains(mine, t.ID) {
			sc.names[t.ID] = t.Name
		}
		if slices.Contains(mine, t.ID) {
			sc.Teams = append(sc.Teams, t)
		}
	}
	slices.SortFunc(sc.Teams, func(a, b staff.Team) int { return strings.Compare(a.Name, b.Name) })
	return sc, nil
}

// readWeek takes the week from woche, or the one around the date tag.
func (sc *rosterScope) readWeek(r *http.Request) (err error) {
	if week := r.FormValue("woche"); week != "" {
		if sc.Week, err = civil.ParseWeek(week); err != nil {
			return fault.Wrap(fault.Invalid, "malformed", err)
		}
		return nil
	}
	if day := r.FormValue("tag"); day != "" {
		date, err := civil.ParseDate(day)
		if err != nil {
			return fault.Wrap(fault.Invalid, "malformed", err)
		}
		sc.Week = civil.WeekOf(date)
	}
	return nil
}

// URL is a page below the roster's path for this team and week, with further
// parameters in pairs.
func (sc *rosterScope) URL(rest string, more ...string) string {
	return sc.at(rosterPath+rest, append([]string{"team", sc.Team.ID.String(), "woche", sc.Week.String()}, more...)...)
}

// at is a path with parameters in pairs and the language that the address had.
func (sc *rosterScope) at(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if sc.Lang != "" {
		q.Set("lang", sc.Lang)
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// ShiftURL is the page of a shift.
func (sc *rosterScope) ShiftURL(id roster.ShiftID) string {
	return sc.at(rosterPath + "/schicht/" + id.String())
}

// weekOf turns the scope to another week.
func (sc *rosterScope) weekOf(t time.Time) *rosterScope {
	other := *sc
	other.Week = civil.WeekOf(civil.DateOf(t, sc.zone))
	return &other
}

// home leads back to the week, to the shift if one is given, with a message.
func (sc *rosterScope) home(w http.ResponseWriter, r *http.Request, message string, n int, id roster.ShiftID) error {
	target := sc.URL("", "meldung", message, "n", strconv.Itoa(n))
	if !id.IsZero() {
		target += "#s-" + id.String()
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
	return nil
}

// message is the text for what was just done, which the address names, or "".
func (sc *rosterScope) message(r *http.Request) string {
	n, err := strconv.Atoi(r.FormValue("n"))
	if err != nil || n < 0 || n > 9999 {
		n = 0
	}
	text, err := sc.texts.text(sc.voice, "roster.done."+r.FormValue("meldung"), "n", n)
	if err != nil {
		return ""
	}
	return text
}

// topic is the label of a topic, or its id where the directory does not know it.
func (sc *rosterScope) topic(id string) string { return cmp.Or(sc.topics[id], id) }

// choice is an option of a select, a radio button or a box to tick.
type choice struct {
	Value, Label string
	Chosen       bool
}

func (sc *rosterScope) teamChoices() []choice {
	var list []choice
	for _, t := range sc.Teams {
		list = append(list, choice{t.ID.String(), t.Name, t.ID == sc.Team.ID})
	}
	return list
}
