package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"lotse/internal/testenv"
)

// patience is how long the tests wait for what must happen.
const patience = 3 * time.Minute

// running is a command that serves until stop.
type running struct {
	url  string // of the public listener
	log  *logWatch
	stop context.CancelFunc
	done chan struct{}
	code int // after done
}

// start runs a command that serves on a free port and waits until it does.
func start(t *testing.T, environ []string, args ...string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r := &running{log: &logWatch{grown: make(chan struct{})}, stop: stop, done: make(chan struct{})}
	environ = append(environ, "LOTSE_LISTEN=127.0.0.1:0", "LOTSE_LOG_LEVEL=debug")
	go func() {
		defer close(r.done)
		r.code = Run(ctx, args, system{In: strings.NewReader(""), Out: r.log, Err: r.log, Environ: environ})
	}()
	t.Cleanup(func() {
		stop()
		<-r.done
	})
	r.url = "http://" + r.await(t, regexp.MustCompile(`msg=serving address=(\S+)`))
	return r
}

// await waits for a line in the log and returns its first group.
func (r *running) await(t *testing.T, line *regexp.Regexp) string {
	t.Helper()
	timeout := time.After(patience)
	for {
		text, grown := r.log.read()
		if found := line.FindStringSubmatch(text); found != nil {
			return found[len(found)-1]
		}
		select {
		case <-grown:
		case <-r.done:
			t.Fatalf("ended with code %d:\n%s", r.code, text)
		case <-timeout:
			t.Fatalf("%s does not come:\n%s", line, text)
		}
	}
}

// end stops the command and returns its exit code.
func (r *running) end() int {
	r.stop()
	<-r.done
	return r.code
}

// logWatch keeps what a command writes.
type logWatch struct {
	mu    sync.Mutex
	all   bytes.Buffer
	grown chan struct{} // closed and replaced at each write
}

// Write implements io.Writer.
func (l *logWatch) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.grown)
	l.grown = make(chan struct{})
	return l.all.Write(p)
}

func (l *logWatch) read() (string, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String(), l.grown
}

// text is everything written so far.
func (l *logWatch) text() string {
	text, _ := l.read()
	return text
}

// get asks for a path and returns status and body.
func get(t *testing.T, url string, header http.Header) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// awaitTrue asks until the answer is yes.
func awaitTrue(t *testing.T, what string, ask func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ask(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it does not happen that %s", what)
		}
	}
}

func TestServe(t *testing.T) {
	environs(t, func(t *testing.T, environ []string) {
		r := start(t, append(environ, "LOTSE_METRICS_LISTEN=127.0.0.1:0"), "serve")
		for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
			if status, body := get(t, r.url+path, nil); status != http.StatusOK || body != want {
				t.Errorf("%s: %d %q", path, status, body)
			}
		}
		if status, body := get(t, r.url+"/de/", nil); status != http.StatusOK || !strings.Contains(body, "<h1") {
			t.Errorf("start page: %d", status)
		}
		if status, _ := get(t, r.url+"/metrics", nil); status != http.StatusNotFound {
			t.Errorf("metrics are on the public listener: %d", status)
		}
		private := "http://" + r.await(t, regexp.MustCompile(`metrics=(\S+)`))
		_, numbers := get(t, private+"/metrics", nil)
		for _, want := range []string{`pattern="GET /de/{$}",status="200"`, `pattern="none",status="404"`, `lotse_db_connections_in_use`} {
			if !strings.Contains(numbers, want) {
				t.Errorf("metrics lack %s", want)
			}
		}
		if code := r.end(); code != 0 {
			t.Errorf("code %d", code)
		}
	})
}

// What a request says about a person stands neither in the log nor in the
// metrics.
func TestLogKeepsRequestsPrivate(t *testing.T) {
	r := start(t, []string{"LOTSE_DATA=" + t.TempDir(), "LOTSE_METRICS_LISTEN=127.0.0.1:0"}, "serve")
	header := http.Header{
		"User-Agent": {"geheim"}, "X-Forwarded-For": {"203.0.113.77"}, "Authorization": {"Bearer geheim"},
		"Referer": {"https://geheim.example/"}, "Cookie": {"lotse=geheim"}, "Accept-Language": {"geheim"},
	}
	for _, path := range []string{"/de/stellen?topic=geheim&postcode=50667", "/geheim/50667", "/api/v1/geheim", "/team?weiter=geheim", "/%67eheim"} {
		get(t, r.url+path, header)
	}
	client, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(client, "GEHEIM geheim geheim\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, client)
	client.Close()
	private := "http://" + r.await(t, regexp.MustCompile(`metrics=(\S+)`))
	_, numbers := get(t, private+"/metrics", nil)
	r.end()
	log, _ := r.log.read()
	for _, secret := range []string{"geheim", "50667", "203.0.113", client.LocalAddr().String()} {
		if strings.Contains(strings.ToLower(log), secret) {
			t.Errorf("the log tells %s:\n%s", secret, log)
		}
		if strings.Contains(strings.ToLower(numbers), secret) {
			t.Errorf("the metrics tell %s", secret)
		}
	}
	if !strings.Contains(log, `pattern="GET /de/stellen"`) {
		t.Errorf("the log lacks the pattern:\n%s", log)
	}
}

func TestReadinessFollowsTheBus(t *testing.T) {
	redis := testenv.NewRedisServer(t)
	r := start(t, []string{"LOTSE_DATA=" + t.TempDir(), "REDIS_URL=" + redis.URL}, "serve")
	if status, body := get(t, r.url+"/readyz", nil); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	redis.Stop(t)
	if status, body := get(t, r.url+"/readyz", nil); status != http.StatusServiceUnavailable || body != "bus\n" {
		t.Errorf("without Redis: %d %q", status, body)
	}
	if status, _ := get(t, r.url+"/healthz", nil); status != http.StatusOK {
		t.Errorf("healthz without Redis: %d", status)
	}
	redis.Start(t)
	deadline := time.Now().Add(patience)
	for {
		status, body := get(t, r.url+"/readyz", nil)
		if status == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("not ready again: %s", body)
		}
	}
	if code := r.end(); code != 0 {
		t.Errorf("code %d", code)
	}
}

func TestTakenPortIsReported(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got := lotse(t, []string{"LOTSE_DATA=" + t.TempDir(), "LOTSE_LISTEN=" + l.Addr().String()}, "serve")
	if got.code != 1 || !strings.Contains(got.err, "address already in use") {
		t.Errorf("%+v", got)
	}
}

// A backup of the file that a server is writing to is taken beside it.
func TestBackupBesideTheServer(t *testing.T) {
	environ := []string{"LOTSE_DATA=" + t.TempDir()}
	r := start(t, environ, "serve")
	file := t.TempDir() + "/backup"
	if got := lotse(t, environ, "backup", file); got.code != 0 {
		t.Errorf("%+v", got)
	}
	if status, _ := get(t, r.url+"/readyz", nil); status != http.StatusOK {
		t.Errorf("not ready after the backup: %d", status)
	}
	if got := lotse(t, []string{"LOTSE_DATA=" + t.TempDir()}, "backup", "restore", file); got.code != 0 {
		t.Errorf("%+v", got)
	}
}
