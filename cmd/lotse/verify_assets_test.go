package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"

	"lotse/web"
)

// tampering is one thing a dishonest operator does to what is sent for a path.
type tampering struct {
	name   string
	path   string
	change func(*http.Response, []byte) []byte
	says   string // what is told about it
}

// dishonest is a proxy before a node that does everything in all.
func dishonest(t *testing.T, node string, all []tampering) string {
	t.Helper()
	to, err := url.Parse(node)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Header.Del("Accept-Encoding")
		},
		ModifyResponse: func(res *http.Response) error {
			body, err := io.ReadAll(res.Body)
			if err != nil {
				return err
			}
			for _, tamper := range all {
				if res.Request.URL.Path == tamper.path {
					body = tamper.change(res, body)
				}
			}
			res.Body = io.NopCloser(bytes.NewReader(body))
			res.ContentLength = int64(len(body))
			res.Header.Del("Content-Length")
			return nil
		},
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.URL
}

func TestVerifyAssets(t *testing.T) {
	node := start(t, []string{"LOTSE_DATA=" + t.TempDir()}, "serve")
	if got := lotse(t, nil, "verify-assets", node.url); got.code != 0 || !strings.Contains(got.out, "are those of this release") {
		t.Fatalf("an honest server: %+v", got)
	}
	want, err := web.Digests()
	if err != nil {
		t.Fatal(err)
	}
	scripts := slices.DeleteFunc(slices.Sorted(maps.Keys(want)), func(path string) bool { return !strings.HasSuffix(path, ".js") })
	changed, missing, elsewhere, unlike := scripts[0], scripts[1], scripts[2], scripts[3]
	put := func(old, new string) func(*http.Response, []byte) []byte {
		return func(_ *http.Response, body []byte) []byte {
			if !bytes.Contains(body, []byte(old)) {
				t.Errorf("%q is not there to be replaced", old)
			}
			return bytes.Replace(body, []byte(old), []byte(new), 1)
		}
	}
	const list = "/.well-known/asset-manifest.json"
	all := []tampering{
		{"one byte of a script", changed, func(_ *http.Response, b []byte) []byte { b[len(b)/2] ^= 1; return b }, changed + ": has the digest"},
		{"a file is missing", missing, func(res *http.Response, b []byte) []byte { res.StatusCode = 404; return b }, missing + ": status 404"},
		{"another digest listed", list, put(want[unlike], "sha384-x"), list + ": names another digest for " + unlike},
		{"one file more listed", list, put(`{"files":{`, `{"files":{"/static/x.js":"",`), list + ": names /static/x.js"},
		{"a digest taken off", "/de/chat", put(`integrity="`, `data-integrity="`), "without its digest"},
		{"a script more", "/de/chat", put("</head>", `<script src="/static/x.js"></script></head>`), `/de/chat: runs "/static/x.js"`},
		{"a script from outside", "/ar/chat", put("</head>", `<script src="https://evil.example/x.js"></script></head>`), `/ar/chat: runs "https://evil.example/x.js"`},
		{"a script in the page", "/de/", put("</body>", `<script>fetch("/")</script></body>`), "/de/: holds a script of its own"},
		{"a script attribute", "/de/rueckkehr", put("<body", `<body onload="x()"`), "/de/rueckkehr: <body> has the script attribute onload"},
		{"a script as a link", "/de/", put(`<a class="brand" href="`, `<a class="brand" href="JavaScript:`), "/de/: <a> has a script as href"},
		{"a frame", "/team/anmelden", put("</body>", `<iframe src="/x"></iframe></body>`), "/team/anmelden: holds <iframe>"},
		{"another base", "/en/chat", put("<title>", `<base href="https://evil.example/"><title>`), "/en/chat: holds <base>"},
		{"a style from outside", "/uk/chat", put("<title>", `<link rel="stylesheet" href="//evil.example/x.css"><title>`), `/uk/chat: loads "//evil.example/x.css" as stylesheet`},
		{"a looser policy", "/tr/chat", func(res *http.Response, b []byte) []byte {
			res.Header.Set("Content-Security-Policy", "default-src *")
			return b
		}, "/tr/chat: has another content security policy"},
		{"led elsewhere", elsewhere, func(res *http.Response, b []byte) []byte {
			res.StatusCode = http.StatusFound
			res.Header.Set("Location", node.url+elsewhere) // honest bytes, another host
			return b
		}, "is redirected to"},
	}
	got := lotse(t, nil, "verify-assets", dishonest(t, node.url, all))
	for _, tamper := range all {
		if !strings.Contains(got.err, tamper.says) {
			t.Errorf("%s: nothing says %q", tamper.name, tamper.says)
		}
	}
	if summary := fmt.Sprintf("%d differences", len(all)); got.code != 1 || !strings.Contains(got.err, summary) {
		t.Errorf("want %s and nothing else: %+v", summary, got)
	}
}

func TestVerifyAssetsWantsAnAddress(t *testing.T) {
	for _, address := range []string{"", "beratung.example", "ftp://x.example", "https://", "https://x.example/de/", "https://me@x.example", "https://x.example?a"} {
		if got := lotse(t, nil, "verify-assets", address); got.code != 2 || !strings.Contains(got.err, "is no address") {
			t.Errorf("%q: %+v", address, got)
		}
	}
}
