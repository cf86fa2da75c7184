package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"lotse/web"
)

// between is a proxy that changes the body or the headers of one path, as a
// dishonest operator would.
func between(t *testing.T, node, path string, change func(*http.Response, []byte) []byte) string {
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
			if res.Request.URL.Path != path {
				return nil
			}
			body, err := io.ReadAll(res.Body)
			if err != nil {
				return err
			}
			body = change(res, body)
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
	chat := "/static/"
	for path := range want {
		if strings.HasPrefix(path, "/static/chat.") {
			chat = path
		}
	}
	put := func(old, new string) func(*http.Response, []byte) []byte {
		return func(_ *http.Response, body []byte) []byte {
			if !bytes.Contains(body, []byte(old)) {
				t.Errorf("%q is not there to be replaced", old)
			}
			return bytes.Replace(body, []byte(old), []byte(new), 1)
		}
	}
	for name, c := range map[string]struct {
		path   string
		change func(*http.Response, []byte) []byte
		says   string
	}{
		"one byte of a script":  {chat, func(_ *http.Response, b []byte) []byte { b[len(b)/2] ^= 1; return b }, chat + ": has the digest"},
		"a file is missing":     {chat, func(res *http.Response, b []byte) []byte { res.StatusCode = 404; return b }, chat + ": status 404"},
		"another digest listed": {"/.well-known/asset-manifest.json", put(want[chat], "sha384-x"), "names another digest for " + chat},
		"one file more listed":  {"/.well-known/asset-manifest.json", put(`{"files":{`, `{"files":{"/static/x.js":"",`), "names /static/x.js"},
		"a script more":         {"/de/chat", put("</head>", `<script src="/static/x.js"></script></head>`), `runs "/static/x.js"`},
		"a script from outside": {"/ar/chat", put("</head>", `<script src="https://evil.example/x.js"></script></head>`), `runs "https://evil.example/x.js"`},
		"a script in the page":  {"/de/", put("</body>", `<script>fetch("/")</script></body>`), "holds a script of its own"},
		"a digest taken off":    {"/de/chat", put(`integrity="`, `data-integrity="`), "without its digest"},
		"a script attribute":    {"/de/rueckkehr", put("<body", `<body onload="x()"`), "script attribute onload"},
		"a script as a link":    {"/de/", put(`<a class="brand" href="`, `<a class="brand" href="JavaScript:`), "has a script as href"},
		"a frame":               {"/team/anmelden", put("</body>", `<iframe src="/x"></iframe></body>`), "holds <iframe>"},
		"another base":          {"/de/chat", put("<title>", `<base href="https://evil.example/"><title>`), "holds <base>"},
		"a style from outside":  {"/de/chat", put("<title>", `<link rel="stylesheet" href="//evil.example/x.css"><title>`), "loads"},
		"a looser policy": {"/de/chat", func(res *http.Response, b []byte) []byte {
			res.Header.Set("Content-Security-Policy", "default-src *")
			return b
		}, "another content security policy"},
		"led elsewhere": {chat, func(res *http.Response, b []byte) []byte {
			res.StatusCode = http.StatusFound
			res.Header.Set("Location", node.url+chat) // honest bytes, another host
			return b
		}, "is redirected to"},
	} {
		t.Run(name, func(t *testing.T) {
			got := lotse(t, nil, "verify-assets", between(t, node.url, c.path, c.change))
			if got.code != 1 || !strings.Contains(got.err, c.says) {
				t.Errorf("want %q: %+v", c.says, got)
			}
		})
	}
}

func TestVerifyAssetsWantsAnAddress(t *testing.T) {
	for _, address := range []string{"", "beratung.example", "ftp://x.example", "https://", "https://x.example/de/", "https://me@x.example", "https://x.example?a"} {
		if got := lotse(t, nil, "verify-assets", address); got.code != 2 || !strings.Contains(got.err, "is no address") {
			t.Errorf("%q: %+v", address, got)
		}
	}
}
