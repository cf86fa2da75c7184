package directory

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var codeInSource = regexp.MustCompile(`(?:note\(|reject = |Problem: |Problem = |refused(?:For)?\(|return |lose\([^"\n]*, )"([a-z]+(?:_[a-z0-9]+)+)"`)

// Every code that an import can report is explained in docs/directory.md.
func TestCodesAreExplained(t *testing.T) {
	docs, err := os.ReadFile("../docs/directory.md")
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, pattern := range []string{"import*.go", "repair*.go", "intake/*.go"} {
		some, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, some...)
	}
	codes := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range codeInSource.FindAllStringSubmatch(string(text), -1) {
			codes[m[1]] = true
		}
	}
	if len(codes) < 40 {
		t.Errorf("only %d codes found", len(codes))
	}
	for code := range codes {
		if !strings.Contains(string(docs), "`"+code+"`") {
			t.Errorf("%s is not explained", code)
		}
	}
}
