package web

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"lotse/internal/fault"
)

// Service is one of the public services of social life (OZG-Leistung) that pages
// explain in plain words. Its name and text stand in the locale.
type Service struct {
	ID      string
	Theme   string   // id of the theme it belongs to
	Topic   string   // counselling topic that goes with it, or empty
	Offices []string // who may be responsible, ids of the locale
	Benefit string   // id of the benefit in the finder, or empty
	LeiKa   string   // key in the catalogue of public services, only where it is verified
}

// Services are the services in the order of their themes.
type Services []Service

// ReadServices reads a CSV with the columns id, theme, topic, offices (separated
// by semicolons), benefit and leika. A repeated id and a key that is not 14
// digits are errors.
func ReadServices(r io.Reader) (Services, error) {
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read services: %w", err)
	}
	if len(rows) == 0 || strings.Join(rows[0], ",") != "id,theme,topic,offices,benefit,leika" {
		return nil, errors.New("read services: the columns are not id, theme, topic, offices, benefit, leika")
	}
	var all Services
	for _, row := range rows[1:] {
		one := Service{row[0], row[1], row[2], strings.Split(row[3], ";"), row[4], row[5]}
		if _, twice := all.find(one.ID); twice || one.ID == "" {
			return nil, fmt.Errorf("read services: id %q is empty or stands twice", one.ID)
		}
		if one.LeiKa != "" && (len(one.LeiKa) != 14 || strings.Trim(one.LeiKa, "0123456789") != "") {
			return nil, fmt.Errorf("read services: key %q of %s is not 14 digits", one.LeiKa, one.ID)
		}
		all = append(all, one)
	}
	return all, nil
}

func (all Services) find(id string) (Service, bool) {
	i := slices.IndexFunc(all, func(s Service) bool { return s.ID == id })
	if i < 0 {
		return Service{}, false
	}
	return all[i], true
}

// themeView is a theme with its services.
type themeView struct {
	ID       string
	Services []Service
}

// themes groups the services.
func (all Services) themes() (list []themeView) {
	for _, one := range all {
		i := slices.IndexFunc(list, func(t themeView) bool { return t.ID == one.Theme })
		if i < 0 {
			i, list = len(list), append(list, themeView{ID: one.Theme})
		}
		list[i].Services = append(list[i].Services, one)
	}
	return list
}

// serviceView is the page of one service.
type serviceView struct {
	Service
	Finder bool   // the finder's page is there
	Query  string // of the search and the chat for the topic; empty without one
}

// themesPage lists all themes and services.
func (s *Server) themesPage(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, http.StatusOK, "themen", s.services.themes())
}

// themePage explains a service, or lists those of a theme.
func (s *Server) themePage(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	for _, theme := range s.services.themes() {
		if theme.ID == id {
			return s.render(w, r, http.StatusOK, "themen", []themeView{theme})
		}
	}
	one, ok := s.services.find(id)
	if !ok {
		return fault.New(fault.NotFound, "not_found")
	}
	view := serviceView{Service: one, Finder: one.Benefit != "" && s.has("GET /{lang}/leistungen")}
	if topic, ok := s.directory.Topic(one.Topic); ok {
		view.Query = "?" + url.Values{"topic": {topic.ID}}.Encode()
	}
	return s.render(w, r, http.StatusOK, "thema", view)
}

// has reports whether there is such a route, so that nothing links to a page that
// is not there.
func (s *Server) has(pattern string) bool {
	return slices.ContainsFunc(s.routeList, func(route Route) bool { return route.Pattern == pattern })
}
