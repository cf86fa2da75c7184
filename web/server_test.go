package web

import (
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"lotse/chat"
	"lotse/directory"
	"lotse/directory/lexicon"
	"lotse/directory/upkeep"
	"lotse/internal/bus"
	"lotse/internal/fault"
	"lotse/internal/feedback"
	"lotse/internal/roster"
	"lotse/internal/staff"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// testOptions is a server with everything the public pages need: topics of the
// real taxonomy, no centres, an operator, sessions by role name.
func testOptions(t testing.TB) Options {
	t.Helper()
	db := testenv.Migrated(t, testenv.SQLite(t))
	log := testenv.Log(t)
	hints := bus.NewMemory()
	people, err := staff.New(staff.Options{DB: db, Bus: hints, Log: log, Secret: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	o := Options{
		Log:      log,
		Sessions: byRole{},
		Seats:    oneSeat{},
		Staff:    people,
		Roster:   roster.New(roster.Options{DB: db, Bus: hints, Audit: people.Audit(), Log: log, Zone: berlin(t)}),
		Lookout:  lookout{State: "free"},
		Feedback: feedback.New(db, log),
		Finder:   shippedRules(t), FinderTexts: os.DirFS("../configs/finder"),
		Directory: centres(t, directory.Options{DB: db, Bus: hints, Log: log, Taxonomy: topics(t), Places: places(t)}),
		Services:  services(t),
		Operator: Operator{
			Name: "Beratung Musterland", Address: []string{"Beispielstraße 1", "12345 Musterstadt"}, Representative: "Vorstand",
			Email: "post@beratung.example", Phone: "030 1234567", DataProtection: "daten@beratung.example",
			Supervisor: "Landesbeauftragte", Register: "VR 1234", Public: true,
		},
	}
	o.Upkeep = keeping(db, o.Directory, people)
	return o
}

// keeping keeps the entries of a directory; its mails go into a postbox.
func keeping(db *store.DB, d *directory.Service, people *staff.Service) *upkeep.Service {
	return upkeep.New(upkeep.Options{DB: db, Log: slog.New(slog.DiscardHandler), Directory: d, Audit: people.Audit(), Mailer: &postbox{},
		Origin: "https://beratung.example", From: "Beratung Musterland", Zone: time.UTC, Rules: upkeep.Rules{Every: 4320 * time.Hour, Expire: 1440 * time.Hour}})
}

// testServer returns a server made of testOptions.
func testServer(t testing.TB) *Server {
	t.Helper()
	return serverOf(t, testOptions(t))
}

// serverOf returns a server made of o.
func serverOf(t testing.TB, o Options) *Server {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// centres is a directory with the centres of the demo, the words of all languages
// and the holidays.
func centres(t testing.TB, o directory.Options) *directory.Service {
	t.Helper()
	file, err := os.Open("../configs/demo/centres.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	read, around, err := words(o.Taxonomy, o.Places)
	if err != nil {
		t.Fatal(err)
	}
	o.Around, o.Lexicon = around, func() (*lexicon.Lexicon, error) { return read, nil }
	return imported(t, directory.New(o), file)
}

// imported reads a file into a directory.
func imported(t testing.TB, d *directory.Service, file io.ReadSeeker) *directory.Service {
	t.Helper()
	if _, err := d.Import(t.Context(), file, directory.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := d.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

// words reads the lexicon and the holidays.
func words(taxonomy *directory.Taxonomy, places *directory.Places) (*lexicon.Lexicon, directory.Surroundings, error) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return nil, nil, err
	}
	around, err := directory.Germany(zone)
	if err != nil {
		return nil, nil, err
	}
	known := func(topic string) bool { _, ok := taxonomy.Topic(topic); return ok }
	lex, err := allWords(known, places)
	return lex, around, err
}

var (
	lexiconOnce sync.Once
	lexiconRead *lexicon.Lexicon
	lexiconErr  error
)

// allWords reads the lexicon once for all tests; it does not change.
func allWords(known func(string) bool, places *directory.Places) (*lexicon.Lexicon, error) {
	lexiconOnce.Do(func() { lexiconRead, lexiconErr = lexicon.Load(os.DirFS("../configs/lexicon"), known, places.Names()) })
	return lexiconRead, lexiconErr
}

// topics reads the taxonomy that the program ships.
func topics(t testing.TB) *directory.Taxonomy {
	t.Helper()
	file, err := os.Open("../configs/topics.toml")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	taxonomy, err := directory.ParseTaxonomy(file)
	if err != nil {
		t.Fatal(err)
	}
	return taxonomy
}

// services are those that the program ships.
func services(t testing.TB) Services {
	t.Helper()
	file, err := os.Open("../configs/themes.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all, err := ReadServices(file)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var placesOnce = sync.OnceValues(func() (*directory.Places, error) {
	file, err := os.Open("../configs/plz.csv.gz")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rows, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	return directory.ReadPlaces(rows)
})

// places is the table of postcodes that the program ships.
func places(t testing.TB) *directory.Places {
	t.Helper()
	p, err := placesOnce()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// lookout answers every ask alike.
type lookout chat.Availability

// Availability returns l.
func (l lookout) Availability(context.Context, Ask) (chat.Availability, error) {
	return chat.Availability(l), nil
}

// Languages are those of the demo's teams.
func (l lookout) Languages(context.Context) ([]string, error) {
	return []string{"ar", "de", "en", "ro", "tr", "uk"}, nil
}

// seekerToken is the token of the only conversation the tests know.
const seekerToken = "a-seeker"

// oneSeat knows seekerToken and nothing else.
type oneSeat struct{}

// Seat returns the seat of seekerToken.
func (oneSeat) Seat(_ context.Context, token string) (chat.Seat, error) {
	switch token {
	case seekerToken:
		return chat.Seat{Who: chat.Seeker}, nil
	case "deleted":
		return chat.Seat{}, fault.New(fault.Gone, "deleted")
	}
	return chat.Seat{}, fault.New(fault.Unauthenticated, "unauthenticated")
}

// byRole takes the name of a role as the token of somebody who holds it and
// nothing else; everyRole is the token of somebody who holds them all.
type byRole struct{}

// everyRole is a token, not a role.
const everyRole = staff.Role("everything")

// Actor returns somebody with the role that token names.
func (byRole) Actor(_ context.Context, token string) (staff.Actor, error) {
	roles := []staff.Role{staff.Role(token)}
	if token == string(everyRole) {
		roles = []staff.Role{staff.Counsellor, staff.Supervisor, staff.Admin, staff.Auditor}
	}
	a := staff.Actor{ID: staff.NewID(), Provider: staff.NewProviderID(), Name: "Mira Muster", StepUp: time.Now()}
	for _, role := range roles {
		if !role.Valid() {
			return staff.Actor{}, fault.New(fault.Unauthenticated, "unauthenticated")
		}
		a.Grants = append(a.Grants, staff.Grant{Role: role, Provider: a.Provider})
	}
	return a, nil
}

// get fetches path as nobody in particular.
func get(s http.Handler, path string) *httptest.ResponseRecorder {
	return do(s, httptest.NewRequest(http.MethodGet, path, nil))
}

// do sends a request to the server on this machine.
func do(s http.Handler, r *http.Request) *httptest.ResponseRecorder {
	if r.Host == "example.com" { // what httptest writes by itself
		r.Host = "localhost:8080"
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// form is a POST as a browser without script sends it.
func form(path string, values url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

// as signs r in with the role.
func as(s *Server, role staff.Role, r *http.Request) *http.Request {
	r.AddCookie(&http.Cookie{Name: s.cookieName(), Value: string(role)})
	return r
}

// gunzip returns what b holds compressed.
func gunzip(t testing.TB, b io.Reader) string {
	t.Helper()
	z, err := gzip.NewReader(b)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}
