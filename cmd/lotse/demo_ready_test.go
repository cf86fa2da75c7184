package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"lotse/configs"
)

// demoDir is where the demo is kept ready for this test binary.
var demoDir = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("", "lotse-demo-")
	if err != nil {
		panic(err)
	}
	return dir
})

// demoReady sets the demo up in demoDir once: nine people's keys take their time.
var demoReady = sync.OnceValues(func() (*demo, error) {
	return makeDemo(context.Background(), []string{"LOTSE_DATA=" + demoDir()})
})

func makeDemo(ctx context.Context, environ []string) (*demo, error) {
	cfg, err := configs.Load("", environ)
	if err != nil {
		return nil, err
	}
	p, err := newParts(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	d, err := setUpDemo(ctx, p)
	if closing := p.close(); err == nil {
		err = closing
	}
	return d, err
}

// demoIn leaves a database with the demo in it to others: for SQLite a copy of
// the one that is ready.
func demoIn(t *testing.T, environ []string) *demo {
	t.Helper()
	cfg, err := configs.Load("", environ)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(cfg.Database(), "sqlite:") {
		d, err := makeDemo(t.Context(), environ)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d, err := demoReady()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"lotse.db", "secret"} {
		data, err := os.ReadFile(filepath.Join(demoDir(), name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(cfg.Data, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return d
}
