package web

import (
	"encoding/json"
	"iter"
	"net/http"

	"lotse/directory"
	"lotse/directory/hsds"
	"lotse/internal/fault"
)

// hsdsService shows one service with everything in it.
func (s *Server) hsdsService(w http.ResponseWriter, r *http.Request) error {
	entries, err := s.entriesOf(r, directory.Selection{OfferID: r.PathValue("id")})
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, hsds.Service(entries, s.directory.TopicLabel))
}

// hsdsOrganization shows one provider, with its services if full_service is set.
func (s *Server) hsdsOrganization(w http.ResponseWriter, r *http.Request) error {
	entries, err := s.entriesOf(r, directory.Selection{ProviderID: r.PathValue("id")})
	if err != nil {
		return err
	}
	if yes(r.URL.Query().Get("full_service")) {
		return s.json(w, r, http.StatusOK, hsds.OrganizationFull(entries, s.directory.TopicLabel))
	}
	return s.json(w, r, http.StatusOK, hsds.Organization(&entries[0].Provider))
}

// hsdsAtLocation shows one service at a location. A centre that was merged leads
// to the one it was merged into.
func (s *Server) hsdsAtLocation(w http.ResponseWriter, r *http.Request) error {
	centre, err := s.directory.Centre(r.PathValue("id"))
	if err != nil {
		return err
	}
	if centre.ID != r.PathValue("id") {
		http.Redirect(w, r, "/hsds/service_at_locations/"+centre.ID, http.StatusMovedPermanently)
		return nil
	}
	for e, err := range s.directory.Public(r.Context(), []*directory.Centre{centre}) {
		if err != nil {
			return err
		}
		return s.json(w, r, http.StatusOK, hsds.AtLocation(e, s.directory.TopicLabel))
	}
	return fault.New(fault.NotFound, "not_found")
}

// hsdsTaxonomy shows the taxonomy.
func (s *Server) hsdsTaxonomy(w http.ResponseWriter, r *http.Request) error {
	if r.PathValue("id") != hsds.Taxonomy().ID() {
		return fault.New(fault.NotFound, "not_found")
	}
	return s.json(w, r, http.StatusOK, hsds.Taxonomy())
}

// hsdsTerm shows one topic.
func (s *Server) hsdsTerm(w http.ResponseWriter, r *http.Request) error {
	topic, ok := s.termTopic(r.PathValue("id"))
	if !ok {
		return fault.New(fault.NotFound, "not_found")
	}
	return s.json(w, r, http.StatusOK, hsds.Term(topic, s.directory.TopicLabel))
}

// entriesOf reads what a selection wants; NotFound when that is nothing.
func (s *Server) entriesOf(r *http.Request, f directory.Selection) ([]*directory.Entry, error) {
	var entries []*directory.Entry
	for e, err := range s.directory.Public(r.Context(), s.directory.Listed(f)) {
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	if len(entries) == 0 {
		return nil, fault.New(fault.NotFound, "not_found")
	}
	return entries, nil
}

// hsdsLines streams all objects, one per line, without pages. The first line
// leaves before the second is read. A stream that fails ends by cutting the
// connection, so that nobody takes it for whole.
func (s *Server) hsdsLines(w http.ResponseWriter, r *http.Request, objects iter.Seq2[hsds.Object, error]) error {
	w.Header().Set("Content-Type", "application/x-ndjson")
	out, flush := json.NewEncoder(w), http.NewResponseController(w)
	n := 0
	for o, err := range objects {
		if err != nil {
			if n == 0 {
				w.Header().Del("Content-Type")
				return err
			}
			s.log.Warn("a list broke off", "err", err)
			panic(http.ErrAbortHandler) // the status is sent; only the connection can tell now
		}
		if err := out.Encode(o); err != nil {
			return nil // the reader is gone
		}
		if n++; n == 1 || n%100 == 0 {
			_ = flush.Flush()
		}
	}
	return nil
}
