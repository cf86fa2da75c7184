package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestPublicPagesArePagesAndAllThatCarryScript(t *testing.T) {
	s := testServer(t)
	listed := PublicPages()
	for _, path := range listed {
		w := get(s, path)
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Content-Type"))
		}
	}
	for _, route := range s.routeList {
		path, isGet := strings.CutPrefix(route.Pattern, "GET ")
		if !isGet || route.Who != Anyone || strings.Contains(path, "{id}") || strings.Contains(path, "{file...}") || strings.Contains(path, "stream") {
			continue
		}
		for _, path := range perLanguage(path) {
			path = strings.TrimSuffix(path, "{$}")
			if slices.Contains(listed, path) {
				continue
			}
			if w := get(s, path); w.Code == http.StatusOK && strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") && strings.Contains(w.Body.String(), "<script") {
				t.Errorf("%s carries script and is not listed", path)
			}
		}
	}
}
