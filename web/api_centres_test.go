package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestCentresAPI(t *testing.T) {
	s := testServer(t)
	get := func(path string, query url.Values, into any) int {
		t.Helper()
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path+"?"+query.Encode(), nil))
		if w.Code == http.StatusOK {
			if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
				t.Fatal(err)
			}
		}
		return w.Code
	}
	var found centresJSON
	if code := get("/api/v1/centres", url.Values{"topic": {"schulden"}, "postcode": {"12345"}}, &found); code != http.StatusOK || found.Total == 0 {
		t.Fatalf("status %d, %+v", code, found)
	}
	if first := found.Results[0]; found.Topics[0].ID != "schulden" || len(first.Why) == 0 || found.Place != "Musterstadt" {
		t.Errorf("%+v", found)
	}
	for _, bad := range []url.Values{{"limit": {"0"}}, {"topic": {"none"}}, {"postcode": {"1"}}, {"q": {strings.Repeat("x", 1001)}}} {
		if code := get("/api/v1/centres", bad, nil); code != http.StatusUnprocessableEntity {
			t.Errorf("%v: status %d", bad, code)
		}
	}
	var topics topicsJSON
	if code := get("/api/v1/topics", url.Values{"q": {"hallo"}}, &topics); code != http.StatusOK || topics.Topics == nil {
		t.Errorf("status %d, %+v", code, topics)
	}
}
