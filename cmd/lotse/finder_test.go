package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFinderCheck(t *testing.T) {
	got := lotse(t, nil, "finder", "check", "--date", "2026-11-26")
	if got.code != 0 || !strings.Contains(got.out, "certainty") || !strings.Contains(got.out, "16 benefits") {
		t.Errorf("exit %d\n%s%s", got.code, got.out, got.err)
	}
	if got := lotse(t, nil, "finder", "check", "--date", "2028-01-01"); got.code != 0 || !strings.Contains(got.out, "review was due") {
		t.Errorf("exit %d\n%s", got.code, got.err)
	}
}

func TestFinderCheckOfBrokenRules(t *testing.T) {
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("../../configs/finder")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "formulas", "kindergeld.json")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for old, want := range map[string]string{`"kg.age_training"`: `unknown id "kg.age_trainin"`, `{"*": ["wage", 12]}`: " in the rules"} {
		broken := strings.Replace(string(content), old, `"kg.age_trainin"`, 1)
		if strings.HasPrefix(old, "{") {
			broken = strings.Replace(string(content), old, `"wage"`, 1)
		}
		if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := lotse(t, nil, "finder", "check", folder); got.code != 1 || !strings.Contains(got.err, want) {
			t.Errorf("exit %d, %q, want %q", got.code, got.err, want)
		}
	}
}
