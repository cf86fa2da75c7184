package web

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"lotse/directory"
	"lotse/directory/hsds"
)

// The open interface of the directory: HSDS 3.0 for reading (hsds_*.go). It is
// for everybody, other sites included, so it sets no cookie and knows nobody.

const (
	hsdsBurst = 120
	hsdsEvery = 250 * time.Millisecond
)

// openly wraps a handler of the open interface: any site may read the answer, and
// whoever has it already gets 304 (RFC 9110, section 13). The tag is the revision
// of the directory, which is the same on all nodes.
func (s *Server) openly(h plain) plain {
	return func(w http.ResponseWriter, r *http.Request) error {
		head := w.Header()
		head.Set("Access-Control-Allow-Origin", "*")
		head.Set("Access-Control-Expose-Headers", "ETag")
		head.Set("Cross-Origin-Resource-Policy", "cross-origin")
		if err := s.limit(r, "hsds", hsdsBurst, hsdsEvery); err != nil {
			return err
		}
		tag := fmt.Sprintf(`W/"%s-%d"`, s.version, s.directory.Revision())
		head.Set("ETag", tag)
		head.Set("Cache-Control", "public, no-cache")
		if matches(r.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
		err := h(w, r)
		if err != nil {
			head.Del("ETag")
			head.Set("Cache-Control", "no-store")
		}
		return err
	}
}

// version tells this program from an older one that may write objects differently.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return info.Main.Version
}

// matches compares tags weakly (RFC 9110, section 13.1.2).
func matches(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

// hsdsRoot says which version and profile this is.
func (s *Server) hsdsRoot(w http.ResponseWriter, r *http.Request) error {
	base := s.base(r)
	return s.json(w, r, http.StatusOK, map[string]string{
		"version": hsds.Version, "profile": base + "/hsds/profile", "openapi_url": base + "/hsds/openapi.json",
	})
}

// base is the address of this site, as outsiders know it.
func (s *Server) base(r *http.Request) string {
	if s.origin != "" {
		return s.origin
	}
	return "http://" + r.Host
}

// hsdsList is one of the three lists of the directory.
type hsdsList struct {
	minimal bool // HSDS has the parameter for services alone
	key     func(*directory.Centre) string
	all     func(ctx context.Context, d hsds.Directory, f directory.Selection) iter.Seq2[hsds.Object, error]
	page    func(ctx context.Context, f directory.Selection, page, perPage int) (hsds.Page, error)
}

// hsdsServices lists services.
func (s *Server) hsdsServices(w http.ResponseWriter, r *http.Request) error {
	label := s.directory.TopicLabel
	return s.hsdsAnswer(w, r, hsdsList{
		minimal: true, key: hsds.ByOffer,
		all: func(ctx context.Context, d hsds.Directory, f directory.Selection) iter.Seq2[hsds.Object, error] {
			return hsds.Services(ctx, d, f, label)
		},
		page: func(ctx context.Context, f directory.Selection, page, perPage int) (hsds.Page, error) {
			return hsds.ServicePage(ctx, s.directory, f, page, perPage, label)
		},
	})
}

// hsdsOrganizations lists the providers.
func (s *Server) hsdsOrganizations(w http.ResponseWriter, r *http.Request) error {
	return s.hsdsAnswer(w, r, hsdsList{
		key: hsds.ByProvider,
		all: hsds.Organizations,
		page: func(ctx context.Context, f directory.Selection, page, perPage int) (hsds.Page, error) {
			return hsds.OrganizationPage(ctx, s.directory, f, page, perPage)
		},
	})
}

// hsdsAtLocations lists services at locations.
func (s *Server) hsdsAtLocations(w http.ResponseWriter, r *http.Request) error {
	label := s.directory.TopicLabel
	return s.hsdsAnswer(w, r, hsdsList{
		key: hsds.ByCentre,
		all: func(ctx context.Context, d hsds.Directory, f directory.Selection) iter.Seq2[hsds.Object, error] {
			return hsds.AtLocations(ctx, d, f, label)
		},
		page: func(ctx context.Context, f directory.Selection, page, perPage int) (hsds.Page, error) {
			return hsds.AtLocationPage(ctx, s.directory, f, page, perPage, label)
		},
	})
}

// hsdsAnswer answers a list in the shape that was asked for.
func (s *Server) hsdsAnswer(w http.ResponseWriter, r *http.Request, list hsdsList) error {
	q, err := s.hsdsQuery(r)
	if err != nil {
		return err
	}
	var page hsds.Page
	switch {
	case q.lines:
		return s.hsdsLines(w, r, list.all(r.Context(), s.directory, q.chosen))
	case q.minimal && list.minimal:
		page = hsds.MinimalPage(s.directory, q.chosen, q.page, q.perPage)
	case q.full:
		page, err = hsds.FullPage(s.directory, q.chosen, q.page, q.perPage, list.key, func(d hsds.Directory) iter.Seq2[hsds.Object, error] {
			return list.all(r.Context(), d, q.chosen)
		})
	default:
		page, err = list.page(r.Context(), q.chosen, q.page, q.perPage)
	}
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, page)
}

// hsdsTaxonomies lists the taxonomies, of which there is one.
func (s *Server) hsdsTaxonomies(w http.ResponseWriter, r *http.Request) error {
	q, err := s.hsdsQuery(r)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, hsds.TaxonomyPage(q.page, q.perPage))
}

// hsdsTerms lists the topics.
func (s *Server) hsdsTerms(w http.ResponseWriter, r *http.Request) error {
	q, err := s.hsdsQuery(r)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, hsds.TermPage(s.termsFor(q), q.page, q.perPage, s.directory.TopicLabel))
}

func (s *Server) termsFor(q hsdsQuery) []string {
	var ids []string
	if q.nothing {
		return nil
	}
	for _, topic := range s.directory.Topics() {
		if q.chosen.Topic == "" || q.chosen.Topic == topic.ID {
			ids = append(ids, topic.ID)
		}
	}
	return ids
}

// number reads a positive whole number up to most; empty is otherwise.
func number(text string, otherwise, most int) (int, bool) {
	if text == "" {
		return otherwise, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 1 && n <= most
}
