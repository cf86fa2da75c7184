package web

import (
	"slices"
	"strings"
)

// ContentPolicy is the Content-Security-Policy that stands on every answer.
func ContentPolicy() string { return policy }

// Digests returns what this program serves to pages: for each path under
// /static/ its digest in the form of the integrity attribute (sha384-…).
func Digests() (map[string]string, error) {
	a, err := loadAssets(staticFS)
	if err != nil {
		return nil, err
	}
	return a.digests(), nil
}

// digests maps the path of each file to its digest.
func (a *assets) digests() map[string]string {
	all := map[string]string{}
	for hashed, f := range a.files {
		all["/static/"+hashed] = f.integrity
	}
	return all
}

// PublicPages returns the path of every page that anybody may open without
// naming anything, in every language: where the scripts of this server start.
func PublicPages() []string {
	var all []string
	for _, route := range new(Server).routes() {
		path, isGet := strings.CutPrefix(route.Pattern, "GET ")
		if !isGet || route.Who != Anyone || slices.ContainsFunc(notPages, func(part string) bool { return strings.Contains(path, part) }) {
			continue
		}
		for _, one := range perLanguage(path) {
			all = append(all, strings.TrimSuffix(one, "{$}"))
		}
	}
	return slices.DeleteFunc(all, func(path string) bool { return path == "/" }) // leads to a language
}

// notPages are parts of public addresses that are no page of their own: data,
// files, the socket, details by number or by link, and what only redirects.
var notPages = []string{"/api/", "/hsds/", "/static/", "/.well-known/", "/ws", ".xml", ".json", ".txt", ".svg", ".csv", "{id}", "/verlassen", "/angaben"}
