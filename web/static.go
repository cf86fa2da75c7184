package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"

	"lotse/internal/fault"
)

//go:embed static
var staticFS embed.FS

// distDir is where go generate puts what it builds.
const distDir = "static/dist"

// assets are the files under /static/: everything in static/dist, built by
// go generate, with a hash of the content in each name.
type assets struct {
	byName map[string]string // "start.js" → "start.3f2a9c1d.js"
	files  map[string]asset  // hashed name → file
}

// asset is one file as it is embedded.
type asset struct {
	contentType string
	stored      []byte
	packed      bool   // stored is compressed
	integrity   string // value for the integrity attribute
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

// loadAssets reads static/dist.
func loadAssets(files fs.FS) (*assets, error) {
	a := &assets{files: map[string]asset{}}
	manifest, err := readDist(files, "manifest.json")
	if err != nil {
		return nil, err
	}
	plain, err := manifest.plain()
	if err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	if err := json.Unmarshal(plain, &a.byName); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	for _, hashed := range a.byName {
		if a.files[hashed], err = loadAsset(files, hashed); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// readDist reads a file of static/dist, which is compressed where that pays.
func readDist(files fs.FS, name string) (f asset, err error) {
	f.packed = true
	f.stored, err = fs.ReadFile(files, path.Join(distDir, name+".gz"))
	if errors.Is(err, fs.ErrNotExist) {
		f.packed = false
		f.stored, err = fs.ReadFile(files, path.Join(distDir, name))
	}
	return f, err
}

// loadAsset reads and describes one file.
func loadAsset(files fs.FS, name string) (asset, error) {
	f, err := readDist(files, name)
	if err != nil {
		return f, err
	}
	plain, err := f.plain()
	if err != nil {
		return f, fmt.Errorf("%s: %w", name, err)
	}
	sum := sha512.Sum384(plain)
	f.contentType = contentTypes[path.Ext(name)]
	f.integrity = "sha384-" + base64.StdEncoding.EncodeToString(sum[:])
	return f, nil
}

// plain returns the content, for the few who do not take it compressed.
func (f asset) plain() ([]byte, error) {
	if !f.packed {
		return f.stored, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(f.stored))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
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
	return f.write(w, r)
}

// searchBox is the script of the search field for other sites, under an address
// that stays.
func (s *Server) searchBox(w http.ResponseWriter, r *http.Request) error {
	return s.assets.files[s.assets.byName["embed.js"]].write(w, r)
}

// write answers with the file, compressed if it is and the reader takes that.
func (f asset) write(w http.ResponseWriter, r *http.Request) (err error) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Add("Vary", "Accept-Encoding")
	body := f.stored
	if f.packed && acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
	} else if body, err = f.plain(); err != nil {
		return err
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader may be gone
	}
	return nil
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
