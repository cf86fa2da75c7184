package lotse

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
)

// outgoing are the files that may open a connection or start a program, and to
// whom. Everything else only answers: no web hook, no look-up. The one address
// that others can choose is the link of a centre, and the checker goes to the
// public internet only (SSRF). The database driver
// and the Redis client connect to what the settings name.
var outgoing = map[string]string{
	"cmd/lotse/verify_assets.go": "an operator's command: the server it is told to check",
	"internal/store/dump.go":     "pg_dump and pg_restore, with the operator's database url",
	"internal/bus/redis.go":      "the Redis of the settings",
	"directory/check/dial.go":    "public addresses on ports 80 and 443 alone, looked at as it connects; only with directory.check_links",
	"directory/check/probe.go":   "the links of centres, by the dialer in dial.go; only with directory.check_links",
	"internal/mail/mail.go":      "the mail server of the settings, which passes letters on to the addresses that centres have published",
}

// byLibrary are the files of outgoing whose library makes the connection.
var byLibrary = []string{"internal/bus/redis.go", "internal/mail/mail.go"}

// forTestsOnly are packages that are no part of the server.
var forTestsOnly = []string{"internal/testenv", "internal/bus/bustest", "internal/shipped", "chat/client", "cmd/loadgen", "web/build", "bench"}

// asks are what opens a connection or starts a program.
var asks = map[string][]string{
	"net/http":          {"Get", "Post", "PostForm", "Head", "DefaultClient", "DefaultTransport", "Client", "Transport"},
	"net":               {"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialUnix", "DialIP", "Dialer", "Resolver", "LookupHost", "LookupIP", "LookupAddr", "LookupCNAME", "LookupMX", "LookupTXT"},
	"crypto/tls":        {"Dial", "Dialer", "DialWithDialer"},
	"net/smtp":          {"Dial", "SendMail", "NewClient"},
	"os/exec":           {"Command", "CommandContext"},
	"net/http/httputil": {"ReverseProxy", "NewSingleHostReverseProxy"},
}

func TestServerAsksNobody(t *testing.T) {
	files := token.NewFileSet()
	used := map[string]bool{}
	eachGoFile(t, func(name string) {
		if strings.HasSuffix(name, "_test.go") || isForTests(name) {
			return
		}
		parsed, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			return
		}
		for what := range asking(parsed) {
			if outgoing[name] == "" {
				t.Errorf("%s uses %s: whom may the server ask, and who decides that?", name, what)
			}
			used[name] = true
		}
	})
	for name := range outgoing {
		if !used[name] && !slices.Contains(byLibrary, name) {
			t.Errorf("%s asks nobody any more", name)
		}
	}
}

func isForTests(name string) bool {
	for _, dir := range forTestsOnly {
		if strings.HasPrefix(name, dir+"/") {
			return true
		}
	}
	return false
}

// asking lists what of asks a file uses.
func asking(file *ast.File) map[string]bool {
	names := map[string][]string{} // name in the file → what asks
	for _, spec := range file.Imports {
		imported := strings.Trim(spec.Path.Value, `"`)
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if list := asks[imported]; list != nil {
			names[name] = list
		}
	}
	found := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if of, ok := selector.X.(*ast.Ident); ok {
				for _, word := range names[of.Name] {
					if selector.Sel.Name == word {
						found[of.Name+"."+word] = true
					}
				}
			}
		}
		return true
	})
	return found
}
