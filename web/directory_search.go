package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"lotse/directory"
	"lotse/internal/fault"
)

// centresPerPage is how many more centres each "show more" adds.
const centresPerPage = 20

// centreSearch is the page of the search.
type centreSearch struct {
	Ask     centreAsk
	Topics  []topicChoice
	Choices filterChoices
	Narrow  bool              // the filters stand open
	Errors  map[string]string // field → error code
	Asked   bool              // the person asked for something
	Found   directory.Answer
	Results []hitView
	Chips   []topicChip
	Gone    []topicChip // topics that the person took away
	Spot    string      // name of the place, or empty
	Unknown string      // the postcode asked for, if there is none such
	More    string      // query of the next, longer list, or empty
	Wider   string      // query without the filters, where they may be why there is nothing; or empty
	Chat    string      // query of the chat for the same matter
}

// topicChoice is a topic in the page's language.
type topicChoice struct{ ID, Label string }

// topicChip is a topic that the search understood, and how to be rid of it.
type topicChip struct {
	topicChoice
	Why     []string // the words that led to it
	Through string   // name of the topic that this one is a broader one of, or empty
	Href    string   // query without the topic, or with it again
}

// topicChoices names all topics in the language of r.
func (s *Server) topicChoices(r *http.Request) []topicChoice {
	var choices []topicChoice
	for _, topic := range s.directory.Topics() {
		choices = append(choices, topicChoice{topic.ID, topic.Label(string(langOf(r)))})
	}
	return choices
}

// topicLabel names a topic; one that is not known has its id as name.
func (s *Server) topicLabel(id, language string) string {
	topic, ok := s.directory.Topic(id)
	if !ok {
		return id
	}
	return topic.Label(language)
}

// centresPage is the search for centres. It is an ordinary form: the query is
// the address, so that it works without script and can be kept.
func (s *Server) centresPage(w http.ResponseWriter, r *http.Request) error {
	if err := s.lookLimit(r); err != nil {
		return err
	}
	values := r.URL.Query()
	pages, _ := strconv.Atoi(values.Get("pages"))
	pages = min(max(pages, 1), directory.MaxResults/centresPerPage)
	view := centreSearch{Ask: readCentreAsk(values, langOf(r), pages*centresPerPage), Topics: s.topicChoices(r)}
	view.Asked = view.Ask.asked()
	status := http.StatusOK
	if view.Asked {
		if err := s.search(r, &view); err != nil {
			return err
		}
		if len(view.Errors) > 0 {
			status = http.StatusUnprocessableEntity
		}
	}
	if err := s.fillSearch(r, &view, values, pages); err != nil {
		return err
	}
	return s.render(w, r, status, "stellen", view)
}

// search fills in what was found, or which field cannot be meant so.
func (s *Server) search(r *http.Request, view *centreSearch) error {
	found, err := s.directory.Find(r.Context(), view.Ask.Query)
	if bad, ok := errors.AsType[*fault.Error](err); ok && bad.Kind == fault.Invalid {
		view.Errors = bad.Fields
		return nil
	}
	if err != nil {
		return err
	}
	if view.Ask.named() && len(found.Place.Postcodes) == 0 {
		errs := map[string]string{}
		errs["postcode"] = "place_unknown"
		view.Errors = errs
		return nil
	}
	view.Found = found
	return nil
}

// fillSearch puts what was found into words and links.
func (s *Server) fillSearch(r *http.Request, view *centreSearch, values url.Values, pages int) (err error) {
	language := string(langOf(r))
	if view.Results, err = s.hitViews(langOf(r), view.Found); err != nil {
		return err
	}
	for _, m := range view.Found.Topics {
		chip := topicChip{topicChoice{m.ID, s.topicLabel(m.ID, language)}, m.Words(), "", without(values, m.ID)}
		if m.Through != "" {
			chip.Through = s.topicLabel(m.Through, language)
		}
		view.Chips = append(view.Chips, chip)
	}
	for _, id := range view.Ask.Without {
		if _, ok := s.directory.Topic(id); ok {
			view.Gone = append(view.Gone, topicChip{topicChoice{id, s.topicLabel(id, language)}, nil, "", withAgain(values, id)})
		}
	}
	view.Choices = s.filterChoices(langOf(r), view.Ask.Filter, view.Found.Results)
	view.Narrow = filtered(view.Ask.Filter) || view.Ask.Topic != "" || view.Errors["topic"] != ""
	view.Spot = view.Found.Place.Name
	if place := view.Found.Place; len(place.Postcodes) > 0 && !place.Located() {
		view.Unknown = place.Postcodes[0]
	}
	view.More = moreQuery(values, len(view.Found.Results), view.Found.Total, pages)
	view.Chat = chatQuery(view.Found)
	if filtered(view.Ask.Filter) && (view.Found.Total == 0 || view.Found.WhiteSpot) {
		view.Wider = wider(values)
	}
	return nil
}

// chatQuery asks the chat about the same matter.
func chatQuery(found directory.Answer) string {
	q := url.Values{}
	if len(found.Topics) > 0 {
		q.Set("topic", found.Topics[0].ID)
	}
	if len(found.Place.Postcodes) == 1 {
		q.Set("postcode", found.Place.Postcodes[0])
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

func moreQuery(values url.Values, shown, total, pages int) string {
	if shown >= total || shown >= directory.MaxResults {
		return ""
	}
	next := firstPage(values)
	next.Set("pages", strconv.Itoa(pages+1))
	return "?" + next.Encode()
}
