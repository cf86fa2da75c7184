package lotse

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// THIRD_PARTY.md names every module that is linked into the server.
func TestThirdPartyIsComplete(t *testing.T) {
	text, err := os.ReadFile("THIRD_PARTY.md")
	if err != nil {
		t.Fatal(err)
	}
	const format = "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}"
	out, err := exec.Command("go", "list", "-deps", "-f", format, "./cmd/lotse").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	linked := map[string]bool{}
	for module := range strings.Lines(string(out)) {
		if module = strings.TrimSpace(module); module != "" {
			linked[module] = true
		}
	}
	for module := range linked {
		if !strings.Contains(string(text), "| "+module+" |") {
			t.Errorf("THIRD_PARTY.md lacks %s", module)
		}
	}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) == 4 && strings.Contains(cells[1], ".") && strings.Contains(cells[1], "/") && !linked[strings.TrimSpace(cells[1])] {
			t.Errorf("%s is named and not linked", strings.TrimSpace(cells[1]))
		}
	}
}
