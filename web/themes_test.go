package web

import (
	"encoding/csv"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryServiceHasAPageInEveryLanguage(t *testing.T) {
	s := testServer(t)
	all := services(t)
	if len(all) != 54 || len(all.themes()) != 11 {
		t.Errorf("%d services in %d themes", len(all), len(all.themes()))
	}
	for _, lang := range langs() {
		for _, one := range all {
			w := get(s, "/"+string(lang)+"/themen/"+one.ID)
			if w.Code != http.StatusOK {
				t.Fatalf("%s %s: %d", lang, one.ID, w.Code)
			}
			for _, wrong := range pageFacts(strings.NewReader(w.Body.String()), lang) {
				t.Errorf("%s %s: %s", lang, one.ID, wrong)
			}
		}
		for _, theme := range all.themes() {
			if w := get(s, "/"+string(lang)+"/themen/"+theme.ID); w.Code != http.StatusOK {
				t.Errorf("%s %s: %d", lang, theme.ID, w.Code)
			}
		}
	}
}

func TestServicesLeadToHelpThatIsThere(t *testing.T) {
	s := testServer(t)
	for _, one := range services(t) {
		if one.Topic != "" {
			if _, ok := s.directory.Topic(one.Topic); !ok {
				t.Errorf("%s: there is no topic %s", one.ID, one.Topic)
			}
		}
		body := get(s, "/de/themen/"+one.ID).Body.String()
		if has := strings.Contains(body, `href="/de/stellen?topic=`+one.Topic+`"`); has != (one.Topic != "") {
			t.Errorf("%s: link to the search: %v", one.ID, has)
		}
		finder := s.has("GET /{lang}/leistungen") && one.Benefit != ""
		if has := strings.Contains(body, `href="/de/leistungen"`); has != finder {
			t.Errorf("%s: link to the finder: %v, want %v", one.ID, has, finder)
		}
		if one.LeiKa != "" && !strings.Contains(body, one.LeiKa) {
			t.Errorf("%s: the key is missing", one.ID)
		}
	}
	if w := get(s, "/de/themen/nirgends"); w.Code != http.StatusNotFound {
		t.Errorf("an unknown service: %d", w.Code)
	}
}

func TestBrokenServicesAreRefused(t *testing.T) {
	const head = "id,theme,topic,offices,benefit,leika\n"
	for name, file := range map[string]string{
		"empty": "", "other columns": "a,b\n", "twice": head + "a,t,,o,,\na,t,,o,,\n", "no id": head + ",t,,o,,\n", "a wrong key": head + "a,t,,o,,123\n",
	} {
		if _, err := ReadServices(strings.NewReader(file)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// ozgPath is the list of services in the shared data. In CI it must be there.
func ozgPath() string {
	root := os.Getenv("LOTSE_SHARED")
	if root == "" {
		root = "../../shared"
	}
	return filepath.Join(root, "data", "directory", "ozg_topics.csv")
}

func TestServicesAreThoseOfTheList(t *testing.T) {
	file, err := os.Open(ozgPath())
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("CI") == "" {
		t.Skip("the services were not compared with the list: the shared data is not there")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	listed, keys := 0, map[string]bool{}
	all := services(t)
	for _, row := range rows[1:] {
		if row[1] == "keine" {
			continue
		}
		if listed < len(all) && all[listed].LeiKa != row[5] {
			t.Errorf("%s has the key %q, the list says %q", all[listed].ID, all[listed].LeiKa, row[5])
		}
		listed++
		keys[row[5]] = true
	}
	if n := len(services(t)); n != listed {
		t.Errorf("%d services, the list has %d", n, listed)
	}
	for _, one := range services(t) {
		if !keys[one.LeiKa] {
			t.Errorf("%s has the key %s, which nobody has verified", one.ID, one.LeiKa)
		}
	}
}
