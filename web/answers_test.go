package web

import (
	"strings"
	"testing"
)

func TestSeekersChooseAmongTheLanguagesOfTheTeams(t *testing.T) {
	o := testOptions(t)
	s := serverOf(t, o)
	a := s.answering(t.Context(), "de-simple")
	var got []string
	for _, l := range a.Languages {
		got = append(got, l.ID+" "+l.Label)
	}
	if list := strings.Join(got, ", "); !strings.HasPrefix(list, "de Deutsch, en English, ") || !strings.HasSuffix(list, "ro română") {
		t.Errorf("%s", list)
	}
	if !a.Answered || a.Language() != "de" {
		t.Errorf("%+v", a)
	}
	o.Lookout = broken{}
	if a := serverOf(t, o).answering(t.Context(), "ar"); len(a.Languages) != 1 || a.Answered || a.Language() != "de" {
		t.Errorf("while the teams cannot be asked: %+v", a)
	}
}

func TestALanguageThatNobodyAnswersInIsSaid(t *testing.T) {
	o := testOptions(t)
	for _, path := range []string{"/ar/", "/ar/chat"} {
		for _, answered := range []bool{true, false} {
			o.Lookout = broken{}
			if answered {
				o.Lookout = lookout{State: "free"}
			}
			s := serverOf(t, o)
			body := get(s, path).Body.String()
			chosen := map[bool]string{true: `<option value="ar" lang="ar" selected>`, false: `<option value="de" lang="de" selected>`}
			if !strings.Contains(body, chosen[answered]) || strings.Contains(body, s.texts.of("ar")["public.start.language_other"]) == answered {
				t.Errorf("%s, answered %v: the choice or the hint is wrong", path, answered)
			}
		}
	}
}
