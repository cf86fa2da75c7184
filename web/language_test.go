package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"lotse/internal/staff"
)

func TestNegotiate(t *testing.T) {
	for header, want := range map[string]Lang{
		"":                                   "de",
		"de":                                 "de",
		"en-GB,en;q=0.9":                     "en",
		"ar-SY, en;q=0.8":                    "ar",
		"fr-FR,fr;q=0.9,en;q=0.5,de;q=0.3":   "en",
		"fr":                                 "de",
		"en;q=0.1,ar;q=0.9":                  "ar",
		"en;q=0, ar;q=0.1":                   "ar",
		"*":                                  "de",
		"de-simple":                          "de",
		"x-klingon, !!!":                     "de",
		strings.Repeat("ar,", 100):           "de",
		"AR":                                 "ar",
		"en\x00":                             "de",
		"zh-Hans-CN;q=1.0, en-US;q=0.999999": "en",
		"uk-UA,uk;q=0.9,ru;q=0.8":            "uk",
		"ru-RU,ru;q=0.9":                     "ru",
		"tr-TR":                              "tr",
		"fa-IR,fa;q=0.9,en-US;q=0.8":         "fa",
		"pl":                                 "pl",
	} {
		if got := negotiate(header, Lang.Known); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

func TestStaffPagesAreReadInTheLanguagesOfStaff(t *testing.T) {
	s := testServer(t)
	for _, r := range []*http.Request{
		httptest.NewRequest(http.MethodGet, "/team/anmelden?lang=uk", nil),
		as(s, staff.Admin, httptest.NewRequest(http.MethodGet, "/team/rueckmeldungen?lang=fa", nil)),
	} {
		r.Header.Set("Accept-Language", "pl, ru;q=0.9, en;q=0.8")
		w := do(s, r)
		lang := langOf(r)
		if w.Code != http.StatusOK || !lang.Staffed() || !strings.Contains(w.Body.String(), `<html lang="`+string(lang)+`" dir="ltr">`) {
			t.Errorf("%s in %s: %d", r.URL, lang, w.Code)
		}
	}
	account := withActor(httptest.NewRequest(http.MethodGet, "/team", nil), staff.Actor{Language: "tr"})
	account.Header.Set("Accept-Language", "pl, en;q=0.1")
	if got := langOf(account); got != "en" {
		t.Errorf("an account in Turkish works in %s", got)
	}
	if got := negotiate("pl, ru;q=0.9", Lang.Staffed); got != German {
		t.Errorf("Polish and Russian lead staff to %s", got)
	}
}

func TestEveryLanguageHasItsNameAndDirection(t *testing.T) {
	for _, lang := range langs() {
		if rtl := lang == "ar" || lang == "fa"; (lang.Dir() == "rtl") != rtl || lang.Name() == "" {
			t.Errorf("%s is called %q and runs %s", lang, lang.Name(), lang.Dir())
		}
	}
	if len(langs()) != 9 || len(staffLangs()) != 4 || Lang("fr").Known() || Lang("uk").Staffed() {
		t.Errorf("%v, for staff %v", langs(), staffLangs())
	}
}

func FuzzNegotiate(f *testing.F) {
	for _, seed := range []string{"", "de,en;q=0.5", "ar-SY;q=0.1,*;q=0.5", "en-GB-oxendict,x;q=1.5", "a-b-c-d-e-f-g-h", "de;q=;;,,"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if l := negotiate(header, Lang.Known); !l.Known() || l == "de-simple" {
			t.Errorf("%q gives %q", header, l)
		}
	})
}

func TestRootLeadsToTheReadersLanguage(t *testing.T) {
	s := testServer(t)
	for header, want := range map[string]string{"en": "/en/", "ar,de;q=0.1": "/ar/", "": "/de/"} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Language", header)
		w := do(s, r)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != want || w.Header().Get("Vary") != "Accept-Language" {
			t.Errorf("%q: %d %q", header, w.Code, w.Header())
		}
	}
}

func TestLanguageOfAnAnswer(t *testing.T) {
	signedIn := withActor(httptest.NewRequest(http.MethodGet, "/team", nil), staff.Actor{Language: "ar"})
	byQuery := withActor(httptest.NewRequest(http.MethodGet, "/team?lang=de-simple", nil), staff.Actor{Language: "ar"})
	stranger := withActor(httptest.NewRequest(http.MethodGet, "/team", nil), staff.Actor{Language: "xx"})
	for want, r := range map[Lang]*http.Request{
		"ar":        signedIn,
		"de-simple": byQuery,
		"de":        stranger,
		"en":        httptest.NewRequest(http.MethodGet, "/en/chat?lang=ar", nil),
	} {
		if got := langOf(r); got != want {
			t.Errorf("%s: %s, want %s", r.URL, got, want)
		}
	}
}
