package finder

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
)

// What a page gets gives the same answers as the whole rules.
func TestLightJudgesTheSame(t *testing.T) {
	r := rules(t)
	g := newHouseholds(t, r, 7)
	requests := make([]Request, 400)
	for i := range requests {
		requests[i] = g.request()
		requests[i].Given = nil // by names that a page does not have
	}
	light, err := r.Light(rulesFrom, rulesTo)
	if err != nil {
		t.Fatal(err)
	}
	whole, answers := inNode(t, r, requests), judgedBy(t, light, requests)
	for i, request := range requests {
		if !bytes.Equal(whole[i], answers[i]) {
			t.Fatalf("%s\nwhole %s\nlight %s", jsonLine(request), whole[i], answers[i])
		}
	}
	if all, err := r.Export(rulesFrom, rulesTo); err != nil || len(light) > len(all)*9/10 {
		t.Errorf("%d bytes, %d as a whole, %v", len(light), len(all), err)
	}
}

// judgedBy is what the page's interpreter answers by these rules.
func judgedBy(t *testing.T, rules []byte, requests []Request) [][]byte {
	t.Helper()
	module := filepath.Join(t.TempDir(), "driver.mjs")
	api.Build(api.BuildOptions{
		EntryPoints: []string{"testdata/driver.ts"}, Outfile: module, Write: true, Bundle: true,
		Platform: api.PlatformNode, Format: api.FormatESModule, Target: api.ES2022, LogLevel: api.LogLevelError,
	})
	input := bytes.NewBuffer(append(rules, '\n'))
	for _, request := range requests {
		input.Write(jsonLine(request))
	}
	cmd := exec.CommandContext(t.Context(), "node", module)
	cmd.Stdin = input
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Split(out, []byte("\n"))
}
