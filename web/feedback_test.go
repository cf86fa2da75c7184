package web

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"lotse/internal/staff"
)

func TestBarrierIsReportedWithoutScriptNameAndMail(t *testing.T) {
	s := testServer(t)
	page := get(s, "/ar/feedback?seite=stellen").Body.String()
	if !strings.Contains(page, `name="seite" value="stellen"`) {
		t.Error("the page is not filled in")
	}
	w := do(s, form("/ar/feedback", url.Values{"seite": {"stellen"}, "text": {"الخط صغير"}, "contact": {""}}))
	if w.Code != 303 || w.Header().Get("Location") != "/ar/feedback?danke" {
		t.Fatalf("%d %q", w.Code, w.Header().Get("Location"))
	}
	if body := get(s, w.Header().Get("Location")).Body.String(); !strings.Contains(body, s.texts.of("ar")["public.feedback.thanks"]) {
		t.Error("nobody says thanks")
	}
	reports, err := s.feedback.List(t.Context(), 10)
	if err != nil || len(reports) != 1 || reports[0].Text != "الخط صغير" || reports[0].Page != "stellen" || reports[0].Language != "ar" {
		t.Errorf("%+v, %v", reports, err)
	}
}

func TestWrongReportComesBackWithWhatWasWritten(t *testing.T) {
	s := testServer(t)
	w := do(s, form("/de/feedback", url.Values{"text": {"  "}, "contact": {"<b>ich</b>"}}))
	body := w.Body.String()
	if w.Code != 422 || !strings.Contains(body, "&lt;b&gt;ich&lt;/b&gt;") || !strings.Contains(body, s.texts.of(German)["error.feedback_empty"]) {
		t.Errorf("%d", w.Code)
	}
	for _, wrong := range pageFacts(strings.NewReader(body), German) {
		t.Error(wrong)
	}
}

func TestFloodOfReportsIsHeldUp(t *testing.T) {
	s := testServer(t)
	for i := range 7 {
		w := do(s, form("/en/feedback", url.Values{"text": {"x"}}))
		if want := map[bool]int{true: 303, false: 429}[i < 5]; w.Code != want {
			t.Errorf("report %d: %d, want %d", i, w.Code, want)
		}
		if w.Code == 429 && w.Header().Get("Retry-After") == "" {
			t.Error("nobody says when to try again")
		}
	}
}

func TestPageNameTakesPathsOnly(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "chat": "chat", "stellen/3f-2": "stellen/3f-2", "chat?topic=sucht": "chat", "<script>": "", "javascript:x": "",
		"https://evil.example": "", strings.Repeat("a", 101): "", "ä": "", "a b": "",
	} {
		if got := pageName(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestAdminReadsAndSettlesReports(t *testing.T) {
	s := testServer(t)
	do(s, form("/de/feedback", url.Values{"seite": {"chat"}, "text": {"<i>zu klein</i>"}, "contact": {"a@b.example"}}))
	reports, _ := s.feedback.List(t.Context(), 1)
	body := do(s, as(s, staff.Admin, httptest.NewRequest("GET", "/team/rueckmeldungen", nil))).Body.String()
	if !strings.Contains(body, "&lt;i&gt;zu klein&lt;/i&gt;") || !strings.Contains(body, "a@b.example") {
		t.Error("the report is not shown, or not escaped")
	}
	settle := "/team/rueckmeldungen/" + reports[0].ID + "/erledigt"
	if w := do(s, as(s, staff.Counsellor, form(settle, nil))); w.Code != 403 {
		t.Errorf("a counsellor settles: %d", w.Code)
	}
	if w := do(s, as(s, staff.Admin, form(settle, nil))); w.Code != 303 {
		t.Errorf("the admin settles: %d", w.Code)
	}
	if w := do(s, as(s, staff.Admin, form(settle, nil))); w.Code != 404 {
		t.Errorf("the admin settles twice: %d", w.Code)
	}
}
