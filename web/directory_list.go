package web

import (
	"errors"
	"hash/fnv"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"lotse/directory"
	"lotse/internal/fault"
)

// centresPerPage is how many more centres each "show more" adds.
const centresPerPage = 20

// centreList is the page of centres for a topic and a postcode.
type centreList struct {
	Topics []topicChoice
	Query  directory.Query
	Place  string // name of the postcode's place, or empty
	Asked  bool   // the person asked for something
	Found  directory.Answer
	More   string            // query of the next, longer list, or empty
	Errors map[string]string // field → error code
}

// topicChoice is a topic in the page's language.
type topicChoice struct{ ID, Label string }

// topicChoices names all topics in the language of r.
func (s *Server) topicChoices(r *http.Request) []topicChoice {
	var choices []topicChoice
	for _, topic := range s.directory.Topics() {
		choices = append(choices, topicChoice{topic.ID, topic.Label(string(langOf(r)))})
	}
	return choices
}

// centresPage lists centres. It is an ordinary form: the query is the address,
// so that it works without script and can be kept.
func (s *Server) centresPage(w http.ResponseWriter, r *http.Request) error {
	values := r.URL.Query()
	pages, _ := strconv.Atoi(values.Get("pages"))
	pages = min(max(pages, 1), directory.MaxResults/centresPerPage)
	list := centreList{Topics: s.topicChoices(r), Query: centreQuery(values, pages*centresPerPage)}
	list.Asked = list.Query.Topic+list.Query.Postcode+list.Query.Text != ""
	status := http.StatusOK
	if list.Asked {
		found, err := s.directory.Find(r.Context(), list.Query)
		if bad, ok := errors.AsType[*fault.Error](err); ok && bad.Kind == fault.Invalid {
			list.Errors, status = bad.Fields, http.StatusUnprocessableEntity
		} else if err != nil {
			return err
		}
		list.Found = found
	}
	place, _ := s.directory.Place(list.Query.Postcode)
	list.Place = place.Name
	list.More = moreQuery(values, len(list.Found.Results), list.Found.Total, pages)
	return s.render(w, r, status, "stellen", list)
}

// centreQuery reads a search from the address. Equals are ordered anew each
// day, the same for everybody.
func centreQuery(values url.Values, limit int) directory.Query {
	day := fnv.New64a()
	_, _ = day.Write([]byte(time.Now().UTC().Format(time.DateOnly)))
	return directory.Query{
		Topic: values.Get("topic"), Postcode: values.Get("postcode"), Text: values.Get("q"),
		Limit: limit, Seed: day.Sum64(),
	}
}

func moreQuery(values url.Values, shown, total, pages int) string {
	if shown >= total || shown >= directory.MaxResults {
		return ""
	}
	values.Set("pages", strconv.Itoa(pages+1))
	return "?" + values.Encode()
}
