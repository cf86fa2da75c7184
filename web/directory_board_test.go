package web

import (
	"encoding/csv"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"lotse/directory"
	"lotse/directory/check"
	"lotse/internal/staff"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

const flawed = `source,source_id,name,operator,street,plz,city,phone,email,url,topics,opening_hours,languages,assured,catchment_plz,licence
f,1,Schuldnerhilfe Nordstadt,Verein A,Langer Weg 12,50667,Köln,"0221 123 456 / 0221 654 321",a@a.example,kaputt.example,schulden,,,2020-01-01,51149-50441,CC0-1.0
f,2,Schuldnerhilfe Nordstadt e.V.,Verein A,Langer Weg 12,50667,Köln,0221 987654,a@a.example,https://gut.example/,schulden,Mo-Fr 09:00-12:00,de,2020-01-01,,CC0-1.0
f,3,Fremde Stelle,Verein B,Kurzer Weg 3,01067,Dresden,,,,sucht,,,,,CC0-1.0
`

func TestBoardNamesEveryFlaw(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		o := testOptions(t)
		o.Directory = centres(t, directory.Options{DB: db, Bus: o.Directory.Bus, Log: o.Log, Taxonomy: o.Directory.Taxonomy, Places: o.Directory.Places})
		imported(t, o.Directory, strings.NewReader(flawed))
		o.Checks = check.New(check.Options{DB: db, Log: o.Log})
		for link, strikes := range map[string]int{"https://kaputt.example": 3, "https://gut.example/": 0} {
			if _, err := db.Exec(t.Context(), `INSERT INTO directory_link (link, strikes, struck, reason, tried_at) VALUES ($1, $2, '', 'missing', $3)`,
				link, strikes, time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		s := serverOf(t, o)
		var own []*directory.Centre
		for _, id := range []string{"1", "2"} {
			c, err := o.Directory.Centre(directory.CentreID("f", id))
			if err != nil {
				t.Fatal(err)
			}
			own = append(own, c)
		}
		view, err := s.board(t.Context(), own, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string][]string{}
		for _, list := range view.Lists {
			for _, row := range list.Rows {
				var line strings.Builder
				line.WriteString(row.SourceID + " " + row.Value)
				for _, note := range row.Notes {
					line.WriteString(" " + note.Key + note.Code)
				}
				if row.Beside != nil {
					line.WriteString(" " + row.Beside.SourceID)
				}
				got[list.ID] = append(got[list.ID], strings.Join(strings.Fields(line.String()), " "))
			}
		}
		for list, want := range map[string]string{
			"gap_hours": "1", "gap_languages": "1", "gap_confirmed": "1|2", "gap_phone": "", "gap_point": "", "gap_access": "1|2", "gap_catchment": "2",
			"links":  "1 https://kaputt.example board.reason.missing board.strikes board.broken",
			"phones": "1 0221 123 456 / 0221 654 321 board.phone.long",
			"mails":  "",
			"import": "1 board.import.linkurl_scheme_added board.import.catchmentrange_inverted",
		} {
			if strings.Join(got[list], "|") != want {
				t.Errorf("%s: %q, want %q", list, got[list], want)
			}
		}
		if len(got["twins"]) != 1 {
			t.Errorf("twins: %v", got["twins"])
		}
		if view.Complete[4].Centres != 1 || view.Complete[3].Centres != 1 || view.Centres != 2 {
			t.Errorf("completeness %v of %d", view.Complete, view.Centres)
		}
		if body := get(s, "/de/stellen/"+own[0].ID).Body.String(); !strings.Contains(body, "war zuletzt nicht erreichbar") || !strings.Contains(body, `href="https://kaputt.example"`) {
			t.Error("the page of the centre does not mark the link, or has lost it")
		}
		if body := get(s, "/de/stellen/"+own[1].ID).Body.String(); strings.Contains(body, "war zuletzt nicht erreichbar") {
			t.Error("a good link is marked")
		}
	})
}

// Every code that an import can report has a kind with a text.
func TestEveryCodeOfAnImportHasAKind(t *testing.T) {
	docs, err := os.ReadFile("../docs/directory.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(docs), "## Import")
	n := 0
	for line := range strings.Lines(table) {
		codes, _, row := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		if !row || !strings.HasPrefix(line, "| `") || !strings.Contains(codes, "_") {
			continue
		}
		for _, m := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(codes, -1) {
			if n++; codeKinds[m[1]] == "" {
				t.Errorf("%s has no kind", m[1])
			}
		}
		if strings.Contains(line, "hours_unreadable") {
			break
		}
	}
	if n < 40 {
		t.Errorf("only %d codes found", n)
	}
	texts := loaded(t)
	for code, kind := range codeKinds {
		if _, ok := texts.lookup(voice{lang: German}, "board.import."+kind); !ok && kind != harmless {
			t.Errorf("%s: the kind %q has no text", code, kind)
		}
	}
}

func TestBoardIsForThoseWhoLookAfterCentres(t *testing.T) {
	s := testServer(t)
	for role, want := range map[staff.Role]int{staff.Supervisor: 200, staff.Admin: 200, staff.Counsellor: 403, staff.Auditor: 403} {
		if w := do(s, as(s, role, httptest.NewRequest("GET", "/team/qualitaet", nil))); w.Code != want {
			t.Errorf("%s: %d", role, w.Code)
		}
	}
}

func TestWhiteSpotsInNumbersAndPicture(t *testing.T) {
	s := testServer(t)
	cover := s.directory.Coverage("schulden")
	body := get(s, "/de/abdeckung?topic=schulden").Body.String()
	for _, land := range cover.Lands {
		row := regexp.MustCompile(`<span lang="de">` + land.Land + `</span></th><td>(\d+)</td><td>(\d+)</td><td><bdi dir="ltr">(\d+) `).FindStringSubmatch(body)
		if row == nil || row[1] != strconv.Itoa(land.Served) || row[2] != strconv.Itoa(land.InReach) || row[3] != strconv.Itoa(land.Nobody) {
			t.Errorf("%s: %v, want %+v", land.Land, row, land)
		}
	}
	if cover.Whole.Served == 0 || cover.Whole.Nobody == 0 {
		t.Errorf("the fixture shows nothing: %+v", cover.Whole)
	}
	rows, err := csv.NewReader(get(s, "/de/abdeckung/orte.csv?topic=schulden").Body).ReadAll()
	if err != nil || len(rows) != cover.Whole.All()+1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	counts := map[string]int{}
	for _, row := range rows[1:] {
		counts[row[5]]++
	}
	if counts["none"] != cover.Whole.Nobody || counts["catchment"] != cover.Whole.Served || counts["radius"] != cover.Whole.InReach {
		t.Errorf("%v, want %+v", counts, cover.Whole)
	}
	picture := get(s, "/de/abdeckung/karte.svg?topic=schulden")
	if picture.Header().Get("Content-Type") != "image/svg+xml" || strings.Count(picture.Body.String(), "h.1") != cover.Whole.All() {
		t.Errorf("the picture has %d dots", strings.Count(picture.Body.String(), "h.1"))
	}
	for d := xml.NewDecoder(picture.Body); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"karte.svg", "orte.csv", "karte.svg?topic=x", "orte.csv?topic=../x"} {
		if w := get(s, "/de/abdeckung/"+path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := get(s, "/de/abdeckung?topic=x"); w.Code != http.StatusOK {
		t.Errorf("a topic that is none: %d", w.Code)
	}
}

// Each sees the centres of the own teams: lea those of one team, max those of both,
// olga those of another provider. The page is well made in every language.
func TestBoardShowsTheOwnTeamsCentres(t *testing.T) {
	h := newRosterHouse(t)
	imported(t, h.options.Directory, strings.NewReader(flawed))
	for team, id := range map[staff.TeamID]string{h.sucht: "1", h.jugend: "2", h.fremd: "3"} {
		_, err := h.staff.AttachCentres(t.Context(), staff.Operator(), team, []string{directory.CentreID("f", id), "gone"})
		h.must(err)
	}
	for name, want := range map[string]string{"lea": "1", "max": "12", "olga": "3", string(everyRole): "12"} {
		for _, lang := range staffLangs() {
			w := do(h.server, as(h.server, staff.Role(name), httptest.NewRequest("GET", "/team/qualitaet?lang="+string(lang), nil)))
			body := w.Body.String()
			for _, id := range []string{"1", "2", "3"} {
				if got := strings.Contains(body, directory.CentreID("f", id)); w.Code != 200 || got != (strings.Contains(want, id) || namedTwin(id, want)) {
					t.Errorf("%s sees centre %s: %v (%d)", name, id, got, w.Code)
				}
			}
			for _, wrong := range pageFacts(strings.NewReader(body), lang) {
				t.Errorf("%s, %s: %s", name, lang, wrong)
			}
		}
	}
}

// namedTwin reports whether the centre is named as the likely double of one that is
// seen.
func namedTwin(id, seen string) bool { return id == "2" && seen == "1" }

// The board tells what is looked for where nobody is there, in numbers that point to
// nobody, and never a word of a query.
func TestBoardTellsTheDemand(t *testing.T) {
	s := testServer(t)
	board := func() string {
		return do(s, as(s, staff.Supervisor, httptest.NewRequest("GET", "/team/qualitaet?lang=de", nil))).Body.String()
	}
	if body := board(); !strings.Contains(body, "Noch kein Thema wurde 10-mal gesucht.") {
		t.Error("there is demand that nobody had")
	}
	for range 12 {
		get(s, "/de/stellen?q=geheimwort+schulden+01067&speaks=xx")
		get(s, "/de/stellen?q=geheimwort+schulden")
	}
	for range 9 {
		get(s, "/de/stellen?topic=sucht")
	}
	body := strings.Join(strings.Fields(board()), " ")
	for _, want := range []string{`abdeckung?topic=schulden"`, "<td>mindestens 20</td> <td>mindestens 10</td>", "Kleine Zahlen zeigen wir nicht"} {
		if !strings.Contains(body, want) {
			t.Errorf("the board lacks %s", want)
		}
	}
	if strings.Contains(body, "topic=sucht") || strings.Contains(body, "geheimwort") {
		t.Error("the board tells of a rare topic, or of a query")
	}
}
