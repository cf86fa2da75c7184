package seal

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
)

// bundle makes one module from a TypeScript file.
func bundle(t *testing.T, source, target string, platform api.Platform) {
	t.Helper()
	result := api.Build(api.BuildOptions{
		EntryPoints: []string{source}, Outfile: target, Write: true, Bundle: true,
		Platform: platform, Format: api.FormatESModule, Target: api.ES2022, LogLevel: api.LogLevelSilent,
	})
	if len(result.Errors) > 0 {
		t.Fatal(strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), ""))
	}
}

// node runs a module; it fails the test when node is not installed, because
// nothing may be skipped here.
func node(t *testing.T, stdin []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", args...)
	cmd.Stdin = bytes.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("node %s (needs Node.js 20 or newer, Debian package nodejs): %v\n%s%s", filepath.Base(args[0]), err, errs.String(), out.String())
	}
	return out.Bytes()
}

// browser asks the browser twin to do something.
func browser[T any](t *testing.T, act string, with any) (answer T) {
	t.Helper()
	module := filepath.Join(t.TempDir(), "driver.mjs")
	bundle(t, "testdata/driver.ts", module, api.PlatformNode)
	request := must(json.Marshal(map[string]any{"act": act, "with": with}))
	if err := json.Unmarshal(node(t, request, module), &answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

// TestBrowserTwin runs the tests that the twin has itself.
func TestBrowserTwin(t *testing.T) {
	files := must(filepath.Glob("../../web/app/seal/*.test.ts"))
	if len(files) == 0 {
		t.Fatal("web/app/seal has no tests")
	}
	dir := t.TempDir()
	args := []string{"--test"}
	for _, f := range files {
		module := filepath.Join(dir, strings.TrimSuffix(filepath.Base(f), ".ts")+".mjs")
		bundle(t, f, module, api.PlatformNode)
		args = append(args, module)
	}
	out := node(t, nil, args...)
	if !bytes.Contains(out, []byte("# pass")) {
		t.Errorf("no test ran:\n%s", out)
	}
}

// TestRFC9180 runs the kept vector of the suite on both sides.
func TestRFC9180(t *testing.T) {
	var file struct {
		Vectors []struct {
			Info, IkmR, SkRm, PkRm, Enc string
			Encryption                  struct{ Aad, CT, PT string }
		}
	}
	if err := json.Unmarshal(must(os.ReadFile("testdata/rfc9180.json")), &file); err != nil {
		t.Fatal(err)
	}
	for _, v := range file.Vectors {
		key := must(SeekerKey(unhex(v.IkmR)))
		if got := must(key.key.Bytes()); !bytes.Equal(got, unhex(v.SkRm)) || !bytes.Equal(key.Public(), unhex(v.PkRm)) {
			t.Error("DeriveKeyPair differs")
		}
		plain, err := openBase(key, unhex(v.Info), unhex(v.Enc), unhex(v.Encryption.Aad), unhex(v.Encryption.CT))
		if err != nil || !bytes.Equal(plain, unhex(v.Encryption.PT)) {
			t.Errorf("Open: %x, %v", plain, err)
		}
		got := browser[struct{ PkRm, PT string }](t, "vector", map[string]string{
			"info": v.Info, "ikmR": v.IkmR, "enc": v.Enc, "aad": v.Encryption.Aad, "ct": v.Encryption.CT,
		})
		if got.PkRm != v.PkRm || got.PT != v.Encryption.PT {
			t.Errorf("browser: %+v", got)
		}
	}
	if len(file.Vectors) != 1 {
		t.Errorf("%d vectors", len(file.Vectors))
	}
}
