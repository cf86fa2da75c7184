package web

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"lotse/directory"
	"lotse/directory/check"
	"lotse/internal/fault"
	"lotse/internal/staff"
)

// boardView is the board of data quality: what is missing, doubtful or broken at
// the centres of the reader's teams. It shows and never changes anything.
type boardView struct {
	Centres  int
	Checked  bool // this server asks for links
	Lists    []boardList
	Complete []boardCount // how many centres have how many gaps
	Wanted   []boardWanted
	Since    string // when this node began to count what is looked for
	Least    int
}

// boardWanted is a topic that people look for, how often, and where nobody is there
// for it.
type boardWanted struct {
	topicChoice
	directory.Wanted
	Nobody string // share of the postcodes that are white spots, in per cent
}

// boardList is one kind of flaw with the centres that have it.
type boardList struct {
	ID   string // names its texts, board.list.<ID>
	Rows []boardRow
}

// boardRow is a centre in a list and what is to be said about it there.
type boardRow struct {
	*directory.Centre
	Value  string            // the number, the address or the link, as it is written
	Notes  []boardNote       // what is wrong with it
	Beside *directory.Centre // the other one of a pair
}

// boardNote is a text, the number in it and the code of an import beside it.
type boardNote struct {
	Key  string
	N    int
	Code string
}

// boardCount counts the centres with so many gaps.
type boardCount struct{ Gaps, Centres int }

// boardPage shows the board of the centres that the reader's teams answer for: a
// supervisor those of the own teams, an admin those of the provider. It returns
// Forbidden for everybody else.
func (s *Server) boardPage(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if !actor.MayAny(staff.Supervisor) && !actor.MayAny(staff.Admin) {
		return fault.New(fault.Forbidden, "role_missing")
	}
	centres, err := s.ownCentres(r.Context(), actor)
	if err != nil {
		return err
	}
	view, err := s.board(r.Context(), centres, time.Now())
	if err != nil {
		return err
	}
	s.addDemand(r, &view)
	return s.render(w, r, http.StatusOK, "team_qualitaet", view)
}

// addDemand adds what people look for: first where most of them found nobody near.
// It is of all who searched on this server, whatever the reader's centres are, since
// what nobody offers belongs to no centre.
func (s *Server) addDemand(r *http.Request, view *boardView) {
	wanted, since := s.directory.Demand()
	view.Since, view.Least = since.In(s.zone).Format("2.1.2006 15:04"), directory.LeastDemand
	for id, n := range wanted {
		coverage := s.directory.Coverage(id)
		nobody := coverageView{}.Percent(coverage.Whole.Nobody, coverage.Whole)
		view.Wanted = append(view.Wanted, boardWanted{topicChoice{id, s.topicLabel(id, string(langOf(r)))}, n, nobody})
	}
	slices.SortFunc(view.Wanted, func(a, b boardWanted) int {
		return cmp.Or(cmp.Compare(b.Alone, a.Alone), cmp.Compare(b.Searches, a.Searches), strings.Compare(a.Label, b.Label))
	})
}

// ownCentres are the centres that actor looks after, by name, each once.
func (s *Server) ownCentres(ctx context.Context, actor staff.Actor) ([]*directory.Centre, error) {
	teams, err := s.staff.OwnTeams(ctx, actor)
	if err != nil {
		return nil, err
	}
	byID := map[string]*directory.Centre{}
	for _, team := range teams {
		if !actor.MayIn(staff.Admin, actor.Provider) && !actor.May(staff.Supervisor, team.ID) {
			continue
		}
		for _, id := range team.Centres {
			if c, err := s.directory.Centre(id); err == nil {
				byID[c.ID] = public(c)
			}
		}
	}
	return byName(byID), nil
}

// board puts the lists together.
func (s *Server) board(ctx context.Context, centres []*directory.Centre, now time.Time) (boardView, error) {
	view := boardView{Centres: len(centres), Checked: s.checks != nil, Complete: completeness(centres, now)}
	for _, gap := range directory.AllGaps {
		view.Lists = append(view.Lists, boardList{"gap_" + string(gap), withGap(centres, gap, now)})
	}
	links, err := s.badLinks(ctx, centres, now)
	if err != nil {
		return view, err
	}
	twins, err := s.twins(ctx, centres)
	if err != nil {
		return view, err
	}
	found, err := s.importFindings(ctx, centres)
	view.Lists = append(view.Lists, boardList{"links", links}, boardList{"phones", badPhones(centres)}, boardList{"mails", badMails(centres)},
		boardList{"twins", twins}, boardList{"import", found})
	return view, err
}

// completeness counts centres by their gaps; the lines from none to all are there
// even when nobody is in them.
func completeness(centres []*directory.Centre, now time.Time) []boardCount {
	counts := make([]boardCount, len(directory.AllGaps)+1)
	for i := range counts {
		counts[i].Gaps = i
	}
	for _, c := range centres {
		counts[len(c.Gaps(now))].Centres++
	}
	return counts
}

func withGap(centres []*directory.Centre, gap directory.Gap, now time.Time) (rows []boardRow) {
	for _, c := range centres {
		if slices.Contains(c.Gaps(now), gap) {
			rows = append(rows, boardRow{Centre: c})
		}
	}
	return rows
}

// badLinks are the links with a strike, the worst first.
func (s *Server) badLinks(ctx context.Context, centres []*directory.Centre, now time.Time) (rows []boardRow, err error) {
	if s.checks == nil {
		return nil, nil
	}
	links := linksOf(centres)
	results, err := s.checks.Results(ctx, links)
	if err != nil {
		return nil, err
	}
	for _, c := range centres {
		for _, link := range linksOf([]*directory.Centre{c}) {
			state := results[link]
			if state.Strikes == 0 {
				continue
			}
			notes := []boardNote{{Key: "board.reason." + string(state.Reason)}, {Key: "board.strikes", N: state.Strikes}}
			if state.Broken(now) {
				notes = append(notes, boardNote{Key: "board.broken"})
			}
			rows = append(rows, boardRow{Centre: c, Value: link, Notes: notes})
		}
	}
	slices.SortStableFunc(rows, func(a, b boardRow) int { return b.Notes[1].N - a.Notes[1].N })
	return rows, nil
}

// linksOf are the links of centres that a page shows.
func linksOf(centres []*directory.Centre) (links []string) {
	for _, c := range centres {
		for _, link := range []string{c.URL, c.Booking} {
			if link != "" && !slices.Contains(links, link) {
				links = append(links, link)
			}
		}
	}
	return links
}

func badPhones(centres []*directory.Centre) (rows []boardRow) {
	for _, c := range centres {
		for _, phone := range c.Phones {
			if wrong := check.Phone(phone.Number); wrong != check.PhoneFine {
				rows = append(rows, boardRow{Centre: c, Value: phone.Number, Notes: []boardNote{{Key: "board.phone." + string(wrong)}}})
			}
		}
	}
	return rows
}

func badMails(centres []*directory.Centre) (rows []boardRow) {
	for _, c := range centres {
		if c.Email != "" && !check.Mail(c.Email) {
			rows = append(rows, boardRow{Centre: c, Value: c.Email})
		}
	}
	return rows
}

// twins are the pairs of which one at least is among the centres, the likeliest
// first.
func (s *Server) twins(ctx context.Context, centres []*directory.Centre) (rows []boardRow, err error) {
	if len(centres) == 0 {
		return nil, nil
	}
	pairs, err := s.directory.Duplicates(ctx)
	if err != nil {
		return nil, err
	}
	own := map[string]*directory.Centre{}
	for _, c := range centres {
		own[c.ID] = c
	}
	for _, pair := range pairs {
		a, b := pair.A, pair.B
		if own[a] == nil {
			a, b = b, a
		}
		other, err := s.directory.Centre(b)
		if own[a] == nil || err != nil {
			continue
		}
		rows = append(rows, boardRow{Centre: own[a], Beside: public(other)})
	}
	return rows, nil
}

// importFindings are the centres at which the last import mended or refused
// something. What only follows from a postcode is no flaw.
func (s *Server) importFindings(ctx context.Context, centres []*directory.Centre) (rows []boardRow, err error) {
	byID := map[string]*directory.Centre{}
	var ids []string
	for _, c := range centres {
		byID[c.ID], ids = c, append(ids, c.ID)
	}
	found, err := s.directory.Findings(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		row := boardRow{Centre: byID[f.CentreID]}
		for _, code := range f.Codes {
			if kind := codeKinds[code]; kind != harmless {
				row.Notes = append(row.Notes, boardNote{Key: "board.import." + cmp.Or(kind, "unknown"), Code: code})
			}
		}
		if len(row.Notes) > 0 {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// harmless is the kind of the codes of what an import only worked out, or always
// does.
const harmless = "harmless"

// codeKinds sorts the codes of the import (docs/directory.md) by what has to be
// looked at. The texts board.import.<kind> are named after them.
var codeKinds = kindsOf(map[string]string{
	harmless: "state_from_postcode district_from_postcode coordinates_from_postcode coordinates_from_city postcode_from_city persons_stripped address_concealed text_cleaned " +
		"words_coded land_named",
	"refused": "id_missing name_missing csv_syntax feature_empty hsds_no_service provider_without_offer service_unknown location_unknown range_invalid agency_unknown " +
		"id_of_other_source duplicate",
	"id":        "merged_with_same_id id_shared",
	"address":   "postcode_leading_zero postcode_dropped ags_dropped",
	"place":     "postcode_unknown postcode_not_in_city state_not_of_postcode",
	"point":     "coordinates_zero coordinates_abroad coordinates_centroid coordinates_outside_district coordinates_unreadable coordinates_swapped",
	"link":      "url_scheme_added url_first_taken url_dropped",
	"mail":      "email_first_taken email_dropped",
	"phone":     "phone_split phone_dropped",
	"catchment": "range_inverted range_dropped",
	"encoding":  "encoding_repaired",
	"facts":     "age_dropped date_dropped status_dropped channel_dropped capacity_dropped",
	"privacy":   "address_in_text",
	"topic":     "topic_unknown",
	"language":  "language_unknown",
	"hours":     "hours_unreadable",
})

func kindsOf(codes map[string]string) map[string]string {
	kinds := map[string]string{}
	for kind, list := range codes {
		for code := range strings.FieldsSeq(list) {
			kinds[code] = kind
		}
	}
	return kinds
}

func byName(centres map[string]*directory.Centre) []*directory.Centre {
	return slices.SortedFunc(maps.Values(centres), func(a, b *directory.Centre) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
}
