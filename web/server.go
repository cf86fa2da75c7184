package web

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"lotse/chat"
	"lotse/directory"
	"lotse/directory/check"
	"lotse/directory/upkeep"
	"lotse/internal/feedback"
	"lotse/internal/roster"
	"lotse/internal/staff"
)

// Options is everything a Server needs; cmd/lotse fills it.
type Options struct {
	Log *slog.Logger
	// Sessions finds the staff behind a session cookie.
	Sessions Sessions
	// Seats finds the seeker behind a conversation's token.
	Seats Seats
	// Chat holds the conversations; the chat API calls it.
	Chat *chat.Service
	// Staff keeps accounts, teams and sign-in; the staff API calls it.
	Staff *staff.Service
	// Roster plans shifts and knows who is on duty.
	Roster *roster.Service

	// Directory finds centres and names topics.
	Directory *directory.Service
	// Checks knows which links of centres work; nil means that nobody asks.
	Checks *check.Service

	// Upkeep keeps the directory's entries true.
	Upkeep *upkeep.Service

	// Services are the public services that pages explain.
	Services Services

	// Lookout tells whether somebody is there; nil means that it cannot be told.
	Lookout Lookout
	// Feedback keeps what people report about the site.
	Feedback *feedback.Service

	// Finder knows the rules of social benefits; nil means that there is no
	// finder. FinderTexts holds the texts of the rules, texts/<lang>/*.json.
	Finder      Finder
	FinderTexts fs.FS
	// FinderSecret is what the keys are derived from that close the answers of
	// the finder's form; the same on every node.
	FinderSecret []byte

	// PublicURL is the address people type, such as https://beratung.example.
	// Empty means plain http on a loopback address.
	PublicURL string
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// ExitURL is where the exit leads: a neutral site of everyday use.
	ExitURL string
	// Operator is who answers for this server.
	Operator Operator
}

// Operator is the body that runs the server, as imprint, privacy page and
// accessibility statement name it.
type Operator struct {
	Name           string
	Address        []string // postal address, one line each
	Representative string
	Email          string
	Phone          string
	DataProtection string // contact of the data protection officer
	Supervisor     string // the competent supervisory authority
	Register       string // register and number, VAT id; may be empty
	Public         bool   // a public body: accessibility duties of § 12 BGG apply
}

// Server answers HTTP. It is safe for concurrent use.
type Server struct {
	log       *slog.Logger
	sessions  Sessions
	seats     Seats
	chat      *chat.Service
	staff     *staff.Service
	roster    *roster.Service
	directory *directory.Service
	checks    *check.Service
	upkeep    *upkeep.Service
	services  Services
	origin    string // PublicURL without a path, or ""
	secure    bool   // reached by TLS
	proxies   []netip.Prefix
	exitURL   string
	operator  Operator
	lookout   Lookout
	feedback  *feedback.Service
	finder    Finder
	zone      *time.Location // in which people here live
	statement Statement
	version   string // of the program, see version

	finderSeal    *finderSeal
	finderBundles finderBundles

	texts     *texts
	pages     *pages
	assets    *assets
	routeList []Route
	mux       *http.ServeMux
	csrf      *http.CrossOriginProtection
	limits    *limiter
}

// New returns a server for the given parts. It reports a broken template, an
// incomplete locale or a malformed route as an error.
func New(o Options) (*Server, error) {
	s := &Server{
		log:       o.Log,
		directory: o.Directory,
		checks:    o.Checks,
		upkeep:    o.Upkeep,
		services:  o.Services,
		sessions:  o.Sessions,
		seats:     o.Seats,
		chat:      o.Chat,
		staff:     o.Staff,
		roster:    o.Roster,
		origin:    strings.TrimRight(o.PublicURL, "/"),
		secure:    strings.HasPrefix(o.PublicURL, "https://"),
		proxies:   o.TrustedProxies,
		exitURL:   o.ExitURL,
		operator:  o.Operator,
		lookout:   o.Lookout,
		feedback:  o.Feedback,
		finder:    o.Finder,
		csrf:      http.NewCrossOriginProtection(),
		limits:    newLimiter(time.Now),
		version:   version(),

		finderSeal: newFinderSeal(o.FinderSecret, time.Now),
	}
	if s.origin != "" {
		if err := s.csrf.AddTrustedOrigin(s.origin); err != nil {
			return nil, fmt.Errorf("public url %q: %w", s.origin, err)
		}
	}
	if err := s.load(o.FinderTexts); err != nil {
		return nil, err
	}
	return s, s.install(s.routes())
}

// load reads the embedded texts, assets and templates, and the texts of the
// finder's rules if there are any.
func (s *Server) load(rules fs.FS) (err error) {
	if s.zone, err = time.LoadLocation("Europe/Berlin"); err != nil {
		return err
	}
	if s.statement, err = loadStatement(); err != nil {
		return err
	}
	if s.texts, err = loadTexts(staticFS); err != nil {
		return err
	}
	if rules != nil {
		if err = s.texts.loadRules(rules); err != nil {
			return err
		}
	}
	if s.assets, err = loadAssets(staticFS); err != nil {
		return err
	}
	s.pages, err = loadPages(templateFS, s.texts, s.assets)
	return err
}

// perLanguage returns the patterns that a pattern with {lang} stands for: one
// for each language it is written in, so that /xx/ is no page and /team/ no language.
func perLanguage(pattern string) []string {
	_, rest, public := strings.Cut(pattern, "/{lang}/")
	if !public {
		return []string{pattern}
	}
	var out []string
	for _, lang := range langsOf(rest) {
		out = append(out, strings.Replace(pattern, "{lang}", string(lang), 1))
	}
	return out
}

// install fills the mux from the route table.
func (s *Server) install(list []Route) error {
	s.mux = http.NewServeMux()
	s.routeList = list
	for _, route := range s.routeList {
		h, err := s.guard(route)
		if err != nil {
			return fmt.Errorf("route %q: %w", route.Pattern, err)
		}
		for _, pattern := range perLanguage(route.Pattern) {
			s.mux.Handle(pattern, h)
		}
	}
	return nil
}

// Run forgets rate-limit buckets that are full again until ctx ends. It always
// returns nil.
func (s *Server) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			s.limits.forget()
		}
	}
}
