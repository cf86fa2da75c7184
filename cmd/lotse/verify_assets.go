package main

import (
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"lotse/web"
)

// Limits of one question to the server that is checked.
const (
	verifyTimeout = 30 * time.Second
	verifyMost    = 8 << 20
)

func verifyAssetsCommand() command {
	return command{
		name: "verify-assets", args: "URL",
		summary: "check that a server sends the scripts of this release",
		help: `
Fetches the list of files, every file and every public page of the server at URL,
such as https://beratung.example, and compares them with what is built into this
program: each file byte for byte, each page for which scripts and styles it loads,
with which digest, and under which policy. It fails and names each difference.

Whoever changes the scripts of a server can read what people write in them; this
command is how somebody outside can notice. Run it from the release that the
server runs, on a machine and from a network that the server's operator does not
know: a dishonest server could send other files to other people. A redirect to
another host is refused.`,
		run: verifyAssets,
	}
}

func verifyAssets(ctx context.Context, c *call) error {
	args, err := c.parse(1, 1)
	if err != nil {
		return err
	}
	v, err := newVerifier(args[0])
	if err != nil {
		return err
	}
	v.manifest(ctx)
	v.files(ctx)
	pages := web.PublicPages()
	for _, path := range pages {
		v.page(ctx, path)
	}
	if len(v.wrong) > 0 {
		for _, line := range v.wrong {
			fmt.Fprintln(c.Err, line)
		}
		return fmt.Errorf("%d differences: the server does not send what this program contains, or is of another release", len(v.wrong))
	}
	fmt.Fprintf(c.Out, "%d files and %d pages are those of this release\n", len(v.want), len(pages))
	return nil
}

// verifier compares one server with what is built in.
type verifier struct {
	base   *url.URL
	client *http.Client
	want   map[string]string // path → digest
	wrong  []string          // what differs, a line each
}

// newVerifier checks the address. It returns errUsage for one that is no server's.
func newVerifier(address string) (*verifier, error) {
	base, err := url.Parse(strings.TrimSuffix(address, "/"))
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" || base.Path != "" || base.RawQuery != "" || base.User != nil {
		return nil, fmt.Errorf("%w: %q is no address such as https://beratung.example", errUsage, address)
	}
	want, err := web.Digests()
	if err != nil {
		return nil, err
	}
	return &verifier{base: base, want: want, client: &http.Client{Timeout: verifyTimeout, CheckRedirect: sameHost}}, nil
}

// sameHost refuses to be led to another host, and round in circles.
func sameHost(r *http.Request, via []*http.Request) error {
	if first := via[0].URL; r.URL.Host != first.Host || r.URL.Scheme != first.Scheme {
		return fmt.Errorf("is redirected to %s://%s", r.URL.Scheme, r.URL.Host)
	}
	if len(via) > 3 {
		return errors.New("is redirected again and again")
	}
	return nil
}

func (v *verifier) differ(path, format string, args ...any) {
	v.wrong = append(v.wrong, path+": "+fmt.Sprintf(format, args...))
}

// get fetches a path. What goes wrong is a difference; ok is false then.
func (v *verifier) get(ctx context.Context, path string) (body []byte, h http.Header, ok bool) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.base.String()+path, nil)
	if err != nil {
		v.differ(path, "%v", err)
		return nil, nil, false
	}
	res, err := v.client.Do(req)
	if err != nil {
		v.differ(path, "%v", err)
		return nil, nil, false
	}
	defer res.Body.Close()
	body, err = io.ReadAll(io.LimitReader(res.Body, verifyMost))
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d", res.StatusCode)
	}
	if err != nil {
		v.differ(path, "%v", err)
	}
	return body, res.Header, err == nil
}

// manifest compares the server's list with the one that is built in.
func (v *verifier) manifest(ctx context.Context) {
	const path = "/.well-known/asset-manifest.json"
	body, _, ok := v.get(ctx, path)
	if !ok {
		return
	}
	var list struct {
		Files map[string]string `json:"files"`
	}
	if err := json.Unmarshal(body, &list); err != nil {
		v.differ(path, "%v", err)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(list.Files)) {
		if want, known := v.want[name]; !known {
			v.differ(path, "names %s, which this release does not have", name)
		} else if list.Files[name] != want {
			v.differ(path, "names another digest for %s", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v.want)) {
		if _, there := list.Files[name]; !there {
			v.differ(path, "lacks %s", name)
		}
	}
}

// files compares every file byte for byte.
func (v *verifier) files(ctx context.Context) {
	for _, path := range slices.Sorted(maps.Keys(v.want)) {
		body, _, ok := v.get(ctx, path)
		if !ok {
			continue
		}
		sum := sha512.Sum384(body)
		if got := "sha384-" + base64.StdEncoding.EncodeToString(sum[:]); got != v.want[path] {
			v.differ(path, "has the digest %s, not %s", got, v.want[path])
		}
	}
}
