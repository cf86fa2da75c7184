package web

import (
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"
)

func TestFilesKeepForEverAndComeCompressed(t *testing.T) {
	s := testServer(t)
	for name, hashed := range s.assets.byName {
		f := s.assets.files[hashed]
		content := content(t, s, name)
		if f.contentType == "" {
			t.Errorf("%s has no content type", name)
		}
		plain := get(s, "/static/"+hashed)
		if plain.Code != http.StatusOK || plain.Header().Get("Content-Encoding") != "" || plain.Body.String() != content {
			t.Errorf("%s: %d", name, plain.Code)
		}
		r := httptest.NewRequest(http.MethodGet, "/static/"+hashed, nil)
		r.Header.Set("Accept-Encoding", "gzip, br")
		w := do(s, r)
		if w.Header().Get("Content-Type") != f.contentType {
			t.Errorf("%s is served as %q", name, w.Header().Get("Content-Type"))
		}
		if w.Header().Get("Content-Encoding") == "gzip" && gunzip(t, w.Body) != content {
			t.Errorf("%s differs when compressed", name)
		}
		if ext := path.Ext(name); (ext == ".css" || ext == ".js") && len(content) > 1000 && w.Header().Get("Content-Encoding") != "gzip" {
			t.Errorf("%s comes uncompressed", name)
		}
	}
}

// content returns what an asset holds.
func content(t *testing.T, s *Server, name string) string {
	t.Helper()
	plain, err := s.assets.files[s.assets.byName[name]].plain()
	if err != nil || len(plain) == 0 {
		t.Fatalf("%s: %d bytes, %v", name, len(plain), err)
	}
	return string(plain)
}

func TestOnlyBuiltFilesAreServed(t *testing.T) {
	s := testServer(t)
	for _, p := range []string{"manifest.json", "start.js", "../server.go", "..%2fserver.go", "dist/manifest.json", "locale.zip", s.assets.byName["start.js"] + ".gz", "", ".", "start.00000000.js"} {
		if w := get(s, "/static/"+p); w.Code == http.StatusOK {
			t.Errorf("/static/%s is served", p)
		}
	}
}

var (
	physical  = regexp.MustCompile(`[;{](?:[a-z][a-z-]*-)?(?:left|right)(?:-[a-z]+)?:`)
	sideValue = regexp.MustCompile(`(?:float|clear|text-align):(?:left|right)`)
	elsewhere = regexp.MustCompile(`url\(["']?(?:data:|https?:|//)`)
	reference = regexp.MustCompile(`url\(["']?([^)"']+)`)
)

func TestStyleSheetsMirrorAndStayAtHome(t *testing.T) {
	s := testServer(t)
	for _, name := range []string{"lotse.css", "team.css"} {
		sheet := content(t, s, name)
		for _, rule := range []*regexp.Regexp{sideValue, elsewhere} {
			if found := rule.FindString(sheet); found != "" {
				t.Errorf("%s holds %s", name, found)
			}
		}
		for _, at := range physical.FindAllStringIndex(sheet, -1) {
			if block := around(sheet, at[0]); !strings.Contains(block, "rotate(") {
				t.Errorf("%s has a physical side: %s", name, block)
			}
		}
		for _, m := range reference.FindAllStringSubmatch(sheet, -1) {
			if _, ok := s.assets.files[m[1]]; !ok {
				t.Errorf("%s refers to %s, which is not there", name, m[1])
			}
		}
		for _, need := range []string{"prefers-reduced-motion", "forced-colors:active", "prefers-color-scheme:dark", "@media print", "EUPL-1.2"} {
			if !strings.Contains(strings.ReplaceAll(sheet, ": ", ":"), need) {
				t.Errorf("%s lacks %s", name, need)
			}
		}
	}
}

// around returns the block of declarations that holds position i.
func around(sheet string, i int) string {
	start := strings.LastIndexByte(sheet[:i+1], '{')
	return sheet[start : i+strings.IndexByte(sheet[i+1:], '}')+2]
}

func TestRobotsStayOutOfConversations(t *testing.T) {
	body := get(testServer(t), "/robots.txt").Body.String()
	for _, path := range []string{"/team", "/api/", "/*/chat", "/*/rueckkehr"} {
		if !strings.Contains(body, "Disallow: "+path+"\n") {
			t.Errorf("robots may go to %s", path)
		}
	}
}

func TestAnybodyCanCompareTheFiles(t *testing.T) {
	s := testServer(t)
	var manifest struct{ Files map[string]string }
	if err := json.Unmarshal(get(s, "/.well-known/asset-manifest.json").Body.Bytes(), &manifest); err != nil {
		t.Fatal(err)
	}
	for path, digest := range manifest.Files {
		sum := sha512.Sum384(get(s, path).Body.Bytes())
		if digest != "sha384-"+base64.StdEncoding.EncodeToString(sum[:]) {
			t.Errorf("%s has another digest", path)
		}
	}
	if len(manifest.Files) != len(s.assets.byName) {
		t.Errorf("%d files listed, %d served", len(manifest.Files), len(s.assets.byName))
	}
}
