package web

import (
	"compress/gzip"
	"crypto/sha512"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"lotse/internal/fault"
)

//go:embed static
var staticFS embed.FS

// assets are the files under /static/: everything in static/dist, built by
// go generate, with a hash of the content in each name.
type assets struct {
	byName map[string]string // "start.js" → "start.3f2a9c1d.js"
	files  map[string]asset  // hashed name → file
}

// asset is one file, whole and compressed.
type asset struct {
	contentType string
	body        []byte
	gz          func() []byte // compressed when first asked for; nil when that does not pay
	integrity   string        // value for the integrity attribute
}

// contentTypes are the kinds of file that may be served.
var contentTypes = map[string]string{
	".js":    "text/javascript; charset=utf-8",
	".css":   "text/css; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
	".png":   "image/png",
	".json":  "application/json",
	".txt":   "text/plain; charset=utf-8",
}

// loadAssets reads and compresses static/dist.
func loadAssets(files fs.FS) (*assets, error) {
	a := &assets{files: map[string]asset{}}
	manifest, err := fs.ReadFile(files, "static/dist/manifest.json")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(manifest, &a.byName); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	for _, hashed := range a.byName {
		body, err := fs.ReadFile(files, path.Join("static/dist", hashed))
		if err != nil {
			return nil, err
		}
		a.files[hashed] = newAsset(hashed, body)
	}
	return a, nil
}

// newAsset prepares one file.
func newAsset(name string, body []byte) asset {
	sum := sha512.Sum384(body)
	return asset{
		contentType: contentTypes[path.Ext(name)],
		body:        body,
		integrity:   "sha384-" + base64.StdEncoding.EncodeToString(sum[:]),
		gz: sync.OnceValue(func() []byte {
			if gz := compress(body, gzip.BestCompression); len(gz) < len(body)*9/10 {
				return gz
			}
			return nil
		}),
	}
}

// url returns the address of the asset name. A template that names an asset
// that does not exist fails.
func (a *assets) url(name string) (string, error) {
	hashed, ok := a.byName[name]
	if !ok {
		return "", fmt.Errorf("no asset %q", name)
	}
	return "/static/" + hashed, nil
}

// integrity returns the digest of the asset name for the integrity attribute.
func (a *assets) integrity(name string) string { return a.files[a.byName[name]].integrity }

// staticFile answers with a hashed file, which may be kept for ever.
func (s *Server) staticFile(w http.ResponseWriter, r *http.Request) error {
	f, ok := s.assets.files[r.PathValue("file")]
	if !ok {
		return fault.New(fault.NotFound, "not_found")
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	f.write(w, r)
	return nil
}

// searchBox is the script of the search field for other sites, under an address
// that stays.
func (s *Server) searchBox(w http.ResponseWriter, r *http.Request) error {
	s.assets.files[s.assets.byName["embed.js"]].write(w, r)
	return nil
}

// write answers with the file, compressed where that pays.
func (f asset) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Add("Vary", "Accept-Encoding")
	body := f.body
	if gz := f.gz(); gz != nil && acceptsGzip(r) {
		body = gz
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader may be gone
	}
}

// assetManifest lists every file that pages load with its digest, so that
// anybody can compare what a server sends with what the sources make.
func (s *Server) assetManifest(w http.ResponseWriter, r *http.Request) error {
	return s.json(w, r, http.StatusOK, map[string]any{"files": s.assets.digests()})
}

// robots keeps search engines out of everything but the public pages.
func (s *Server) robots(w http.ResponseWriter, r *http.Request) error {
	lines := []string{"User-agent: *"}
	for _, path := range []string{"/team", "/api/", "/ws", "/*/chat", "/*/rueckkehr", "/*/verlassen"} {
		lines = append(lines, "Disallow: "+path)
	}
	lines = append(lines, "Sitemap: "+s.base(r)+"/sitemap.xml")
	s.write(w, r, http.StatusOK, "text/plain; charset=utf-8", []byte(strings.Join(lines, "\n")+"\n"))
	return nil
}
