package web

import (
	"embed"
	"encoding/json"
	"encoding/xml"
	"io"
	"iter"
	"net/http"
	"slices"
	"time"

	"lotse/directory"
	"lotse/directory/hsds"
)

//go:embed hsds_openapi.json hsds_profile.json
var openFS embed.FS

// centresCSV streams the directory in Lotse's own columns, which an import reads.
func (s *Server) centresCSV(w http.ResponseWriter, r *http.Request) error {
	return s.export(w, r, "text/csv; charset=utf-8; header=present", directory.WriteCSV)
}

// centresGeoJSON streams the directory as a FeatureCollection (RFC 7946).
func (s *Server) centresGeoJSON(w http.ResponseWriter, r *http.Request) error {
	return s.export(w, r, "application/geo+json", directory.WriteGeoJSON)
}

// export streams the entries that the query selects. What breaks after the first
// byte cuts the connection, so that nobody takes the file for whole.
func (s *Server) export(w http.ResponseWriter, r *http.Request, kind string, write func(io.Writer, iter.Seq2[*directory.Entry, error]) error) error {
	q, err := s.hsdsQuery(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", kind)
	if err := write(w, s.directory.Public(r.Context(), s.directory.Listed(q.chosen))); err != nil && r.Context().Err() == nil {
		s.log.Warn("an export broke off", "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// hsdsPackage is the directory as a tabular package of the specification: a ZIP
// archive of CSV files that the import reads back.
func (s *Server) hsdsPackage(w http.ResponseWriter, r *http.Request) error {
	q, err := s.hsdsQuery(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="hsds.zip"`)
	err = hsds.WritePackage(w, s.lists().Stream(r.Context(), hsds.Services, q.chosen, hsds.Full))
	if err != nil && r.Context().Err() == nil {
		s.log.Warn("an export broke off", "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// dataPackage describes centres.csv (Frictionless Tabular Data Package 1.0), so
// that the two together are a package that explains itself.
func (s *Server) dataPackage(w http.ResponseWriter, r *http.Request) error {
	type field struct {
		Name string `json:"name"`
		Type string `json:"type"`
	}
	var fields []field
	for _, name := range directory.CSVColumns() {
		fields = append(fields, field{name, "string"})
	}
	return s.json(w, r, http.StatusOK, map[string]any{
		"profile": "tabular-data-package", "name": "lotse-centres", "title": "Beratungsstellen",
		"resources": []map[string]any{{
			"profile": "tabular-data-resource", "name": "centres", "path": "centres.csv", "encoding": "utf-8", "format": "csv",
			"schema": map[string]any{"fields": fields, "primaryKey": []string{"source", "source_id"}},
		}},
	})
}

// The parts of an Atom feed (RFC 4287).
type (
	atomFeed struct {
		XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		ID      string      `xml:"id"`
		Title   string      `xml:"title"`
		Updated string      `xml:"updated"`
		Author  string      `xml:"author>name"`
		Links   []atomLink  `xml:"link"`
		Entries []atomEntry `xml:"entry"`
	}
	atomLink struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	}
	atomEntry struct {
		ID      string   `xml:"id"`
		Title   string   `xml:"title"`
		Updated string   `xml:"updated"`
		Link    atomLink `xml:"link"`
		Summary string   `xml:"summary"`
	}
)

// atomEntries is how many changes the feed holds.
const atomEntries = 100

// centresAtom lists the centres that changed last, the newest first.
func (s *Server) centresAtom(w http.ResponseWriter, r *http.Request) error {
	q, err := s.hsdsQuery(r)
	if err != nil {
		return err
	}
	list := s.directory.Listed(q.chosen)
	slices.SortStableFunc(list, func(a, b *directory.Centre) int { return b.Updated.Compare(a.Updated) })
	list = list[:min(len(list), atomEntries)]
	base := s.base(r)
	feed := atomFeed{ID: base + "/hsds/changes.atom", Title: "Beratungsstellen: Änderungen", Updated: atomTime(time.Unix(0, 0)), Author: s.operator.Name,
		Links: []atomLink{{"self", base + "/hsds/changes.atom"}, {"alternate", base + "/de/stellen"}}}
	for i, c := range list {
		if i == 0 {
			feed.Updated = atomTime(c.Updated)
		}
		feed.Entries = append(feed.Entries, atomEntry{ID: "urn:uuid:" + c.ID, Title: c.Name, Updated: atomTime(c.Updated),
			Link: atomLink{"alternate", base + "/de/stellen/" + c.ID}, Summary: c.City})
	}
	text, err := xml.MarshalIndent(feed, "", " ")
	if err != nil {
		return err
	}
	s.write(w, r, http.StatusOK, "application/atom+xml; charset=utf-8", append([]byte(xml.Header), text...))
	return nil
}

func atomTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// hsdsProfile says what the German profile adds to HSDS (docs/directory.md).
func (s *Server) hsdsProfile(w http.ResponseWriter, r *http.Request) error {
	return s.openFile(w, r, "hsds_profile.json")
}

// hsdsOpenAPI describes the open interface (OpenAPI 3.1).
func (s *Server) hsdsOpenAPI(w http.ResponseWriter, r *http.Request) error {
	return s.openFile(w, r, "hsds_openapi.json")
}

func (s *Server) openFile(w http.ResponseWriter, r *http.Request, name string) error {
	text, err := openFS.ReadFile(name)
	if err != nil {
		return err
	}
	var v map[string]any
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	if _, described := v["openapi"]; described {
		v["servers"] = []map[string]string{{"url": s.base(r) + "/hsds"}}
	}
	return s.json(w, r, http.StatusOK, v)
}
