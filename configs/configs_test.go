package configs

import (
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func load(t *testing.T, text string, environ ...string) (*Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lotse.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path, environ)
}

func TestDefaultsWork(t *testing.T) {
	c, err := Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:8080" || c.Database() != "sqlite:data/lotse.db" || c.KeyDir() != "data/keys" {
		t.Errorf("listen %s, database %s, keys %s", c.Listen, c.Database(), c.KeyDir())
	}
	if c.Location().String() != "Europe/Berlin" || c.Chat.Gone != 90*time.Second || c.Log.Level != slog.LevelInfo {
		t.Errorf("got %+v", c)
	}
}

// The default file names every key once, with the variable that sets it.
func TestDefaultFileIsTheDocumentation(t *testing.T) {
	var c Config
	for key := range keysOf(reflect.ValueOf(&c).Elem(), "") {
		name := key[strings.LastIndex(key, ".")+1:]
		variable := envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
		line := regexp.MustCompile(`(?m)^` + name + ` = .* # ` + variable + `\b`)
		if len(line.FindAllString(defaults, -1)) != 1 {
			t.Errorf("default.toml needs one line for %s with # %s", key, variable)
		}
	}
}

func TestSourcesInOrder(t *testing.T) {
	const file = `
listen = "127.0.0.1:1"
trusted_proxies = ["10.1.0.0/16", "::1/128"]
[log]
level = "debug"
[operator]
name = "Amt"
public_body = true
`
	c, err := load(t, file, "LOTSE_LISTEN=127.0.0.1:2", "LOTSE_CHAT_OFFER=45s", "LOTSE_OPERATOR_ADDRESS=Weg 1, 12345 Ort",
		"DATABASE_URL=sqlite:/x/y.db", "REDIS_URL=", "LOTSE_CONFIG=ignored", "PATH=/bin")
	if err != nil {
		t.Fatal(err)
	}
	want := []any{
		"127.0.0.1:2", []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("::1/128")},
		slog.LevelDebug, "Amt", true, 45 * time.Second, []string{"Weg 1", "12345 Ort"}, "sqlite:/x/y.db", "./data",
	}
	got := []any{
		c.Listen, c.TrustedProxies, c.Log.Level, c.Operator.Name, c.Operator.PublicBody, c.Chat.Offer,
		c.Operator.Address, c.Database(), c.Data,
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

func TestFileByEnvironment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lotse.toml")
	if err := os.WriteFile(path, []byte(`listen = "127.0.0.1:3"`), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := Load("", []string{"LOTSE_CONFIG=" + path}); err != nil || c.Listen != "127.0.0.1:3" {
		t.Errorf("%+v %v", c, err)
	}
	if _, err := Load(path+".missing", nil); err == nil {
		t.Error("a missing file is no error")
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	const file = `
listn = "127.0.0.1:1"
drain = 20
[chat]
offer = "soon"
[log]
colour = true
[operatr]
name = "x"
`
	_, err := load(t, file, "LOTSE_LISTEM=x", "LOTSE_OPERATOR_PUBLIC_BODY=maybe")
	for _, part := range []string{"listn", "drain", "chat.offer", "log.colour", "operatr.name", "LOTSE_LISTEM", "LOTSE_OPERATOR_PUBLIC_BODY"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s is not reported in: %v", part, err)
		}
	}
	_, err = load(t, "", "LOTSE_LISTEN=x", "LOTSE_DRAIN=-1s", "LOTSE_ZONE=Mars", "LOTSE_LOG_FORMAT=xml")
	for _, part := range []string{"listen", "drain", "zone", "log.format"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s is not reported in: %v", part, err)
		}
	}
}

func TestValues(t *testing.T) {
	const public = "LOTSE_PUBLIC_URL=https://b.example LOTSE_TRUSTED_PROXIES=10.0.0.0/8 LOTSE_OPERATOR_NAME=x LOTSE_OPERATOR_ADDRESS=y LOTSE_OPERATOR_EMAIL=z@x.example "
	for _, test := range []struct{ env, wrong string }{
		{"", ""},
		{public + "LOTSE_LISTEN=0.0.0.0:80", ""},
		{public + "LOTSE_LISTEN=:80", ""},
		{"LOTSE_LISTEN=0.0.0.0:80", "listen"},
		{"LOTSE_LISTEN=:80", "listen"},
		{"LOTSE_LISTEN=127.0.0.1", "listen"},
		{"LOTSE_LISTEN=127.0.0.1:99999", "listen"},
		{"LOTSE_LISTEN=[::1]:0", ""},
		{"LOTSE_PUBLIC_URL=https://b.example", "trusted_proxies"},
		{"LOTSE_PUBLIC_URL=https://b.example LOTSE_TRUSTED_PROXIES=::1/128", "operator.name"},
		{"LOTSE_PUBLIC_URL=http://b.example", "public_url"},
		{"LOTSE_PUBLIC_URL=https://b.example/path", "public_url"},
		{"LOTSE_PUBLIC_URL=b.example", "public_url"},
		{"LOTSE_PUBLIC_URL=http://localhost:8080", ""},
		{"LOTSE_TRUSTED_PROXIES=0.0.0.0/0", "trusted_proxies"},
		{"LOTSE_TRUSTED_PROXIES=10.0.0.1", "LOTSE_TRUSTED_PROXIES"},
		{"LOTSE_METRICS_LISTEN=127.0.0.1:9090", ""},
		{"LOTSE_METRICS_LISTEN=0.0.0.0:9090", "metrics_listen"},
		{"LOTSE_METRICS_LISTEN=0.0.0.0:9090 LOTSE_ALLOW_INSECURE=metrics", ""},
		{"LOTSE_METRICS_LISTEN=127.0.0.1:8080", "metrics_listen"},
		{"LOTSE_DATA=", "data"},
		{"LOTSE_KEYS=./data/", "data"},
		{"LOTSE_SECRET=short", "secret"},
		{"LOTSE_SECRET=0123456789abcdef0123456789abcdef", ""},
		{"DATABASE_URL=sqlite:", "database_url"},
		{"DATABASE_URL=mysql://x", "database_url"},
		{"DATABASE_URL=postgres://u@127.0.0.1/d", ""},
		{"DATABASE_URL=postgres:///d?host=/run/postgresql", ""},
		{"DATABASE_URL=postgres://u@db/d", "database_url"},
		{"DATABASE_URL=postgres://u@db/d?sslmode=prefer", "database_url"},
		{"DATABASE_URL=postgres://u@db/d?sslmode=verify-full", ""},
		{"DATABASE_URL=postgres://u@db/d?sslmode=disable LOTSE_ALLOW_INSECURE=database,redis", ""},
		{"REDIS_URL=redis://127.0.0.1:6379/0", ""},
		{"REDIS_URL=redis://bus:6379/0", "redis_url"},
		{"REDIS_URL=rediss://bus:6379/0", ""},
		{"REDIS_URL=bus:6379", "redis_url"},
		{"LOTSE_ALLOW_INSECURE=everything", "allow_insecure"},
		{"LOTSE_DRAIN=11m", "drain"},
		{"LOTSE_ZONE=Local", "zone"},
		{"LOTSE_EXIT_URL=javascript:alert(1)", "exit_url"},
		{"LOTSE_CHAT_WARN_BEFORE=7h", "chat.warn_before"},
	} {
		_, err := Load("", strings.Fields(test.env))
		if test.wrong == "" && err != nil {
			t.Errorf("%s: %v", test.env, err)
		}
		if test.wrong != "" && (err == nil || !strings.Contains(err.Error(), test.wrong+": ")) {
			t.Errorf("%s: %s is not reported: %v", test.env, test.wrong, err)
		}
	}
}

func TestSecretsStaySecret(t *testing.T) {
	_, err := load(t, "", "DATABASE_URL=postgres://u:geheim@%zz", "REDIS_URL=geheim", "LOTSE_SECRET=geheim")
	if err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("got %v", err)
	}
	c, err := load(t, "", "DATABASE_URL=postgres://u:geheim@127.0.0.1/d", "LOTSE_SECRET="+strings.Repeat("geheim", 6))
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("settings", "all", *c, "secret", c.Secret, "database", c.DatabaseURL)
	for _, text := range []string{fmt.Sprint(*c), fmt.Sprintf("%+v %#v %s %q", *c, *c, c.Secret, c.DatabaseURL), log.String()} {
		if strings.Contains(text, "geheim") {
			t.Errorf("a secret is told: %s", text)
		}
	}
}

func FuzzConfig(f *testing.F) {
	f.Add(defaults, "LOTSE_LISTEN", "127.0.0.1:1")
	f.Add("[chat]\noffer = 3\n[[operator]]\n", "LOTSE_TRUSTED_PROXIES", "::/0,")
	f.Add("a.b.c = [[1], {x = 1979-05-27}]", "DATABASE_URL", "postgres://%zz")
	f.Add("listen = [\"x\"]\ntrusted_proxies = \"x\"", "REDIS_URL", "redis://:@/")
	f.Fuzz(func(t *testing.T, text, name, value string) {
		c, err := parse("fuzz", text, map[string]string{name: value})
		if (c == nil) == (err == nil) {
			t.Fatalf("config %v, error %v", c, err)
		}
		if c != nil {
			if err := c.Validate(); err != nil {
				t.Fatalf("accepted, but %v", err)
			}
			_, _, _ = c.Database(), c.KeyDir(), c.Location()
		}
	})
}
