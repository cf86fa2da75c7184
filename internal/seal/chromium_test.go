package seal

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/google/go-cmp/cmp"
)

const testPage = `<!doctype html><meta charset="utf-8"><title>seal</title><script type="module" src="/page.js"></script>`

// policy is as strict as that of the site.
const policy = "default-src 'none'; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"

// TestChromium opens the golden rooms in a real browser, has it make one for Go,
// and keeps keys in its IndexedDB. It fails when Chromium is not installed.
func TestChromium(t *testing.T) {
	var rooms []golden
	for _, file := range must(filepath.Glob("testdata/golden/*.json")) {
		var g golden
		if err := json.Unmarshal(must(os.ReadFile(file)), &g); err != nil {
			t.Fatal(err)
		}
		rooms = append(rooms, g)
	}
	var got struct {
		Opened []struct {
			Words []string
			Views map[string][]seenAs
		}
		Made     golden
		Keystore string
		Error    string
	}
	if err := json.Unmarshal(visit(t, rooms), &got); err != nil {
		t.Fatal(err)
	}
	if got.Error != "" || got.Keystore != "" || len(got.Opened) != len(rooms) {
		t.Fatalf("error %q, keystore %q, %d rooms", got.Error, got.Keystore, len(got.Opened))
	}
	for i, g := range rooms {
		if diff := cmp.Diff(g.Views, got.Opened[i].Views); diff != "" {
			t.Errorf("Chromium sees (-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff(got.Made.Views, got.Made.open(t)); diff != "" {
		t.Errorf("Go sees in Chromium's room (-chromium +go):\n%s", diff)
	}
}

// visit shows the page to Chromium and returns what the page posts.
func visit(t *testing.T, rooms []golden) []byte {
	t.Helper()
	script := filepath.Join(t.TempDir(), "page.js")
	bundle(t, "testdata/page.ts", script, api.PlatformBrowser)
	answer := make(chan []byte, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Write([]byte(testPage))
	})
	mux.HandleFunc("GET /page.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, script) })
	mux.HandleFunc("GET /goldens", func(w http.ResponseWriter, _ *http.Request) { json.NewEncoder(w).Encode(rooms) })
	mux.HandleFunc("POST /answer", func(_ http.ResponseWriter, r *http.Request) {
		var body json.RawMessage
		if json.NewDecoder(r.Body).Decode(&body) == nil {
			answer <- body
		}
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	ended := browse(t, server.URL)
	select {
	case body := <-answer:
		return body
	case err := <-ended:
		t.Fatalf("chromium ended without an answer: %v", err)
	case <-t.Context().Done():
		t.Fatal("no answer")
	}
	return nil
}

// browse starts Chromium and stops it with all its processes when the test ends.
func browse(t *testing.T, url string) <-chan error {
	t.Helper()
	profile := must(os.MkdirTemp("", "seal-chromium-"))
	cmd := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--no-first-run", "--user-data-dir="+profile, "--remote-debugging-port=0", url)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatalf("chromium (Debian package chromium): %v", err)
	}
	ended, done := make(chan error, 1), make(chan struct{})
	go func() { ended <- cmd.Wait(); close(done) }()
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-done
		os.RemoveAll(profile)
	})
	return ended
}
