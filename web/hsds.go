package web

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"lotse/directory/hsds"
	"lotse/internal/fault"
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

// lists are the objects of the directory.
func (s *Server) lists() hsds.Lists {
	return hsds.Lists{Directory: s.directory, Label: s.directory.TopicLabel}
}

// hsdsList answers a list of a kind: a page, or all of it in lines.
func (s *Server) hsdsList(kind hsds.Kind) plain {
	return s.openly(func(w http.ResponseWriter, r *http.Request) error {
		q, err := s.hsdsQuery(r)
		if err != nil {
			return err
		}
		if q.lines {
			return s.hsdsLines(w, s.lists().Stream(r.Context(), kind, q.chosen, q.view))
		}
		page, err := s.lists().Page(r.Context(), kind, q.chosen, q.view, q.page, q.perPage)
		if err != nil {
			return err
		}
		return s.json(w, r, http.StatusOK, page)
	})
}

// hsdsOne shows one object of a kind in full. A centre that was merged leads to
// the one it was merged into.
func (s *Server) hsdsOne(kind hsds.Kind) plain {
	return s.openly(func(w http.ResponseWriter, r *http.Request) error {
		id := r.PathValue("id")
		object, err := s.lists().One(r.Context(), kind, id)
		if centre, gone := s.directory.Centre(id); errors.Is(err, fault.NotFound) && gone == nil && centre.ID != id {
			http.Redirect(w, r, strings.TrimSuffix(r.URL.Path, id)+centre.ID, http.StatusMovedPermanently)
			return nil
		}
		if err != nil {
			return err
		}
		return s.json(w, r, http.StatusOK, object)
	})
}

// hsdsTaxonomies lists the taxonomies, of which there is one.
func (s *Server) hsdsTaxonomies(w http.ResponseWriter, r *http.Request) error {
	return s.hsdsWords(w, r, func(hsdsQuery) []hsds.Object { return []hsds.Object{hsds.Taxonomy()} })
}

// hsdsTerms lists the topics. None stands above another: all are at the top, and
// none has a parent.
func (s *Server) hsdsTerms(w http.ResponseWriter, r *http.Request) error {
	return s.hsdsWords(w, r, func(q hsdsQuery) (terms []hsds.Object) {
		for _, topic := range s.directory.Topics() {
			if !q.child && (q.chosen.Topic == "" || q.chosen.Topic == topic.ID) {
				terms = append(terms, hsds.Term(topic.ID, s.directory.TopicLabel))
			}
		}
		return terms
	})
}

// hsdsWords answers a list of objects that are all at hand, those whose name or
// description has the words that are searched for: a page, or all of them in lines.
func (s *Server) hsdsWords(w http.ResponseWriter, r *http.Request, all func(hsdsQuery) []hsds.Object) error {
	q, err := s.hsdsQuery(r)
	if err != nil {
		return err
	}
	list := hsds.Searched(all(q), q.chosen.Text)
	if q.lines {
		return s.hsdsLines(w, hsds.Lines(list))
	}
	return s.json(w, r, http.StatusOK, hsds.PageOf(list, q.page, q.perPage))
}

// number reads a positive whole number up to most; empty is otherwise.
func number(text string, otherwise, most int) (int, bool) {
	if text == "" {
		return otherwise, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 1 && n <= most
}
