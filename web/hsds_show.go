package web

import (
	"encoding/json"
	"iter"
	"net/http"

	"lotse/directory/hsds"
	"lotse/internal/fault"
)

// hsdsTaxonomy shows the taxonomy.
func (s *Server) hsdsTaxonomy(w http.ResponseWriter, r *http.Request) error {
	if r.PathValue("id") != idOf(hsds.Taxonomy()) {
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

// hsdsLines streams all objects, one per line, without pages. The first line
// leaves before the second is read. A stream that fails ends by cutting the
// connection, so that nobody takes it for whole.
func (s *Server) hsdsLines(w http.ResponseWriter, objects iter.Seq2[hsds.Object, error]) error {
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
