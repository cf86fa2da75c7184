package web

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestStatementIsCompleteForMachines(t *testing.T) {
	s := testServer(t)
	for _, lang := range langs() {
		w := get(s, "/"+string(lang)+"/barrierefreiheit.json")
		var twin map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &twin); err != nil || w.Header().Get("Content-Type") != "application/json" {
			t.Fatalf("%v, %s", err, w.Header())
		}
		for _, key := range []string{"status", "standard", "method", "prepared", "reviewed", "known", "answer_days", "conciliation",
			"operator", "language", "page", "feedback", "barriers"} {
			if twin[key] == nil || twin[key] == "" {
				t.Errorf("%s lacks %s", lang, key)
			}
		}
		if twin["language"] != string(lang) || twin["prepared"] != s.statement.Prepared.Format("2006-01-02") {
			t.Errorf("%v %v", twin["language"], twin["prepared"])
		}
	}
}

func TestStatementIsOneTheLawKnows(t *testing.T) {
	st, err := loadStatement()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains([]string{"full", "partial", "none"}, st.Status) || !slices.Contains([]string{"self", "external"}, st.Method) {
		t.Errorf("%s by %s", st.Status, st.Method)
	}
	if st.Status == "full" && len(st.Known) > 0 || st.Status != "full" && len(st.Known) == 0 {
		t.Error("the status does not fit the known barriers")
	}
	if st.Reviewed.Before(st.Prepared.Time) || st.AnswerDays < 1 || st.AnswerDays > 30 {
		t.Errorf("%+v", st)
	}
}

func TestConciliationIsForPublicBodies(t *testing.T) {
	o := testOptions(t)
	for _, public := range []bool{true, false} {
		o.Operator.Public = public
		body := get(serverOf(t, o), "/de/barrierefreiheit").Body.String()
		if strings.Contains(body, "schlichtungsstelle-bgg.de") != public {
			t.Errorf("public body %v", public)
		}
	}
}
