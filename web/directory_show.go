package web

import (
	"net/http"
	"strings"

	"lotse/directory"
)

// centrePage shows everything known about one centre.
func (s *Server) centrePage(w http.ResponseWriter, r *http.Request) error {
	centre, err := s.directory.Centre(r.PathValue("id"))
	if err != nil {
		return err
	}
	show := centreShow{Centre: centre, Dial: dialable(centre.Phone)}
	show.Hours, show.HoursPlain = directory.ParseHours(centre.OpeningHours)
	for _, id := range centre.Topics {
		if topic, ok := s.directory.Topic(id); ok {
			show.Topics = append(show.Topics, topicChoice{id, topic.Label(string(langOf(r)))})
		}
	}
	return s.render(w, r, http.StatusOK, "stelle", show)
}

// centreShow is the page of one centre.
type centreShow struct {
	*directory.Centre
	Topics     []topicChoice
	Hours      []directory.HoursRule
	HoursPlain bool   // Hours holds all of OpeningHours
	Dial       string // what a telephone dials, or empty
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
