package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"lotse/configs"
)

// The unit of docs/deploy is one that systemd understands, with every lock that
// a server without privileges can bear.
func TestSystemdUnit(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Fatal("systemd-analyze not found: apt-get install systemd")
	}
	text, err := os.ReadFile("../../docs/deploy/lotse.service")
	if err != nil {
		t.Fatal(err)
	}
	const program = "/usr/local/bin/lotse"
	if !strings.Contains(string(text), "ExecStart="+program+" serve") {
		t.Fatalf("the unit does not run %s", program)
	}
	unit := filepath.Join(t.TempDir(), "lotse.service")
	if err := os.WriteFile(unit, []byte(strings.ReplaceAll(string(text), program, os.Args[0])), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("systemd-analyze", "--man=no", "verify", unit).CombinedOutput(); err != nil || strings.Contains(string(out), "lotse.service:") {
		t.Errorf("verify: %v\n%s", err, out)
	}
	// 20 of 100 is well within what systemd calls OK; an ordinary service has 96.
	if out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--threshold=20", unit).CombinedOutput(); err != nil {
		t.Errorf("security: %v\n%s", err, out)
	}
}

// The time a supervisor gives is longer than the drain.
func TestSupervisorsWaitForTheDrain(t *testing.T) {
	cfg, err := configs.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	if need := cfg.Drain + 2*lastRequests; need.Seconds() > 60 {
		t.Errorf("the node may need %v", need)
	}
	for file, line := range map[string]string{"lotse.service": "TimeoutStopSec=60\n", "compose.yaml": "stop_grace_period: 60s\n"} {
		text, err := os.ReadFile("../../docs/deploy/" + file)
		if err != nil || !strings.Contains(string(text), line) {
			t.Errorf("%s lacks %q: %v", file, line, err)
		}
	}
}

// Every variable that the files of docs/deploy set is a setting, and none is set
// twice in one place.
func TestDeployedSettingsExist(t *testing.T) {
	text, err := os.ReadFile("../../docs/deploy/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		name, _, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok || !strings.HasPrefix(name, "LOTSE_") {
			continue
		}
		if seen[name] {
			t.Errorf("%s is set twice", name)
		}
		seen[name] = true
		_, err := configs.Load("", []string{name + "=x"})
		if err != nil && strings.Contains(err.Error(), "unknown") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(seen) == 0 {
		t.Error("no setting found")
	}
}
