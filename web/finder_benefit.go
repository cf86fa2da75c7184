package web

import (
	"net/http"
	"net/url"
	"slices"

	"lotse/finder"
	"lotse/internal/fault"
)

// benefitView is the page of one benefit, for everybody and without any answer.
type benefitView struct {
	ID, Name, About string
	Date            string // of the law
	Conditions      []reasonView
	Office, Level   string
	Anywhere        bool // any municipality takes the application and passes it on
	Documents       []string
	Link, Host      string
	Online          []string
	Levels          []string // what the levels of going online mean, 0 to 4
	Alternatives    []benefitLink
	LeiKa           string
	Query           string // of the search and the chat for the topic; empty without one
}

type benefitLink struct{ ID, Name string }

// finderBenefit explains one benefit: what it is, what it depends on, which
// office, what to bring, and who gives counsel.
func (s *Server) finderBenefit(w http.ResponseWriter, r *http.Request) error {
	if s.finder == nil {
		return fault.New(fault.NotFound, "not_found")
	}
	all := s.finder.Benefits()
	i := slices.IndexFunc(all, func(b finder.Benefit) bool { return b.ID == r.PathValue("id") })
	if i < 0 {
		return fault.New(fault.NotFound, "not_found")
	}
	return s.render(w, r, http.StatusOK, "leistung", s.benefitView(langOf(r), &all[i], all))
}

func (s *Server) benefitView(lang Lang, b *finder.Benefit, all []finder.Benefit) benefitView {
	today := s.today()
	v := benefitView{
		ID: b.ID, Name: s.texts.rule(lang, b.NameAt(today)), About: s.texts.rule(lang, "benefit."+b.ID+".about"), Date: dayIn(today),
		Office: s.texts.rule(lang, "office."+b.Access.Office), Level: s.texts.rule(lang, "level."+b.Access.Level),
		Anywhere: takenAnywhere(b.Access), Link: b.Access.Link, Online: s.online(lang, b.Access.Online), LeiKa: b.Leika,
	}
	for _, c := range b.Conditions {
		v.Conditions = append(v.Conditions, reasonView{Text: s.texts.rule(lang, "condition."+b.ID+"."+c.ID+".unknown"), Law: c.Law})
	}
	for _, id := range b.Access.Documents {
		v.Documents = append(v.Documents, s.texts.rule(lang, "document."+id))
	}
	for _, level := range []string{"0", "1", "2", "3", "4"} {
		v.Levels = append(v.Levels, s.texts.rule(lang, "ozg."+level))
	}
	for i := range all {
		if slices.Contains(b.Alternatives, all[i].ID) {
			v.Alternatives = append(v.Alternatives, benefitLink{all[i].ID, s.texts.rule(lang, all[i].NameAt(today))})
		}
	}
	if to, err := url.Parse(b.Access.Link); err == nil {
		v.Host = to.Host
	}
	if topic, ok := s.directory.Topic(b.Topic); ok {
		v.Query = "?" + url.Values{"topic": {topic.ID}}.Encode()
	}
	return v
}
