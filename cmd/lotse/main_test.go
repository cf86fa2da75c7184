package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"lotse/configs"
	"lotse/internal/staff"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// result is what a command left behind.
type result struct {
	code     int
	out, err string
}

// lotse runs a command to its end.
func lotse(t *testing.T, environ []string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	code := Run(t.Context(), args, system{In: strings.NewReader(""), Out: &out, Err: &errs, Environ: environ})
	return result{code, out.String(), errs.String()}
}

// environs gives the test a data directory and one engine after the other.
func environs(t *testing.T, test func(t *testing.T, environ []string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, []string{"LOTSE_DATA=" + t.TempDir()}) })
	t.Run("postgres", func(t *testing.T) {
		test(t, []string{"LOTSE_DATA=" + t.TempDir(), "DATABASE_URL=" + testenv.Postgres(t)})
	})
}

func TestEveryCommandHasHelp(t *testing.T) {
	list := lotse(t, nil)
	if list.code != 0 {
		t.Fatalf("code %d", list.code)
	}
	for _, cmd := range commands() {
		if !strings.Contains(list.out, "  "+cmd.name+" ") || cmd.summary == "" || len(cmd.help) < 40 {
			t.Errorf("%s: not in the list, or without help", cmd.name)
		}
		words := strings.Fields(cmd.name)
		for _, args := range [][]string{append(words, "--help"), append(words, "-h"), append([]string{"help"}, words...)} {
			got := lotse(t, nil, args...)
			if got.code != 0 || !strings.Contains(got.out, "usage: lotse "+cmd.name) || !strings.Contains(got.out, "-config") {
				t.Errorf("%v: %+v", args, got)
			}
		}
		if got := lotse(t, nil, append(words, "--no-such-flag")...); got.code != 2 || !strings.Contains(got.err, "usage:") {
			t.Errorf("%s with an unknown flag: %+v", cmd.name, got)
		}
	}
}

func TestWrongCalls(t *testing.T) {
	for _, test := range []struct {
		args []string
		code int
		err  string
	}{
		{[]string{"sail"}, 2, `no command "sail"`},
		{[]string{"help", "sail"}, 2, `no command "sail"`},
		{[]string{"backup"}, 2, "wrong number of arguments"},
		{[]string{"backup", "a", "b"}, 2, "wrong number of arguments"},
		{[]string{"migrate", "x"}, 2, "wrong number of arguments"},
		{[]string{"serve", "--config", "/no/such/file"}, 1, "no such file"},
	} {
		if got := lotse(t, nil, test.args...); got.code != test.code || !strings.Contains(got.err, test.err) {
			t.Errorf("%v: %+v", test.args, got)
		}
	}
}

func TestAllProblemsOfTheSettingsAreShown(t *testing.T) {
	got := lotse(t, []string{"LOTSE_LISTEN=x", "LOTSE_ZONE=Mars"}, "serve")
	if got.code != 1 || !strings.Contains(got.err, "listen:") || !strings.Contains(got.err, "zone:") {
		t.Errorf("%+v", got)
	}
}

func TestMigrate(t *testing.T) {
	environs(t, func(t *testing.T, environ []string) {
		first, second := lotse(t, environ, "migrate"), lotse(t, environ, "migrate")
		if first.code != 0 || first.out != second.out || !strings.Contains(first.out, "0001_") {
			t.Errorf("%+v, then %+v", first, second)
		}
	})
}

// provider adds a provider through the services, as a command would.
func provider(t *testing.T, environ []string, name string) {
	t.Helper()
	p := openParts(t, environ)
	if _, err := p.staff.CreateProvider(t.Context(), staff.Operator(), name); err != nil {
		t.Fatal(err)
	}
}

func openParts(t *testing.T, environ []string) *parts {
	t.Helper()
	cfg, err := configs.Load("", environ)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newParts(t.Context(), cfg, testenv.Log(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func TestBackupAndRestore(t *testing.T) {
	environs(t, func(t *testing.T, environ []string) {
		provider(t, environ, "Erster Träger")
		file := filepath.Join(t.TempDir(), "backup")
		if got := lotse(t, environ, "backup", file); got.code != 0 || strings.TrimSpace(got.out) != file {
			t.Fatalf("backup: %+v", got)
		}
		provider(t, environ, "Zweiter Träger")
		if got := lotse(t, environ, "backup", "restore", file); got.code != 1 || !strings.Contains(got.err, "not empty") {
			t.Errorf("restore over data: %+v", got)
		}
		empty(t, environ)
		if got := lotse(t, environ, "backup", "restore", file); got.code != 0 {
			t.Fatalf("restore: %+v", got)
		}
		all, err := openParts(t, environ).staff.Providers(t.Context())
		if err != nil || len(all) != 1 || all[0].Name != "Erster Träger" {
			t.Errorf("restored providers: %v %v", all, err)
		}
		if got := lotse(t, environ, "audit", "verify"); got.code != 0 {
			t.Errorf("audit log after restore: %+v", got)
		}
	})
}

// empty takes the database away, as a new disk would.
func empty(t *testing.T, environ []string) {
	t.Helper()
	cfg, err := configs.Load("", environ)
	if err != nil {
		t.Fatal(err)
	}
	if path, ok := strings.CutPrefix(cfg.Database(), "sqlite:"); ok {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.RemoveAll(path + suffix); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	db := testenv.Open(t, cfg.Database())
	var schema string
	if err := db.QueryRow(t.Context(), "SELECT current_schema()").Scan(&schema); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"DROP SCHEMA " + schema + " CASCADE", "CREATE SCHEMA " + schema} {
		if _, err := db.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAuditVerify(t *testing.T) {
	environs(t, func(t *testing.T, environ []string) {
		provider(t, environ, "Erster Träger")
		sound := lotse(t, environ, "audit", "verify")
		if sound.code != 0 {
			t.Fatalf("%+v", sound)
		}
		checkpoint := sound.out[strings.LastIndex(sound.out, " ")+1:]
		provider(t, environ, "Zweiter Träger")
		if got := lotse(t, environ, "audit", "verify", strings.TrimSpace(checkpoint)); got.code != 0 {
			t.Errorf("with an earlier checkpoint: %+v", got)
		}
		tamper(t, environ)
		if got := lotse(t, environ, "audit", "verify"); got.code != 1 || !strings.Contains(got.err, "broken at entry 1") {
			t.Errorf("after a change: %+v", got)
		}
	})
}

func tamper(t *testing.T, environ []string) {
	t.Helper()
	p := openParts(t, environ)
	if err := p.db.Transact(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), "UPDATE audit SET action = 'nothing' WHERE n = 1")
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestServerSecretIsMadeOnce(t *testing.T) {
	cfg, err := configs.Load("", []string{"LOTSE_DATA=" + filepath.Join(t.TempDir(), "new")})
	if err != nil {
		t.Fatal(err)
	}
	secrets := make([]string, 8)
	var wg sync.WaitGroup
	for i := range secrets {
		wg.Go(func() {
			secret, err := serverSecret(cfg)
			if err != nil {
				t.Error(err)
			}
			secrets[i] = string(secret)
		})
	}
	wg.Wait()
	for _, s := range secrets {
		if len(s) < 32 || s != secrets[0] {
			t.Errorf("nodes that start at once have different secrets")
		}
	}
	info, err := os.Stat(filepath.Join(cfg.Data, "secret"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(cfg.Data, ".secret-*")); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
}
