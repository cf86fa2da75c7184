package lotse

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// claim is a test named in docs/security.md: a file and what is in it.
var claim = regexp.MustCompile("`([\\w/.]+_test\\.go|[\\w/.]+\\.test\\.(?:mjs|ts)): ([^`]+)`")

const notApplicable = "Not applicable, because "

// TestEveryClaimHasItsTest checks that each line of docs/security.md names tests
// that exist, or says why it does not apply, and that no number of the first list
// is left out.
func TestEveryClaimHasItsTest(t *testing.T) {
	page, err := os.ReadFile("docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	next, lines := 1, 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if len(cells) != 3 || strings.HasPrefix(line, "| # ") {
			continue
		}
		lines++
		number := strings.TrimPrefix(cells[0], "| ")
		if !strings.Contains(number, ".") {
			if number != strconv.Itoa(next) {
				t.Errorf("line %s comes after %d", number, next-1)
			}
			next++
		}
		tests := claim.FindAllStringSubmatch(cells[2], -1)
		if len(tests) == 0 && !strings.HasPrefix(cells[2], notApplicable) {
			t.Errorf("%s: neither a test nor a reason", number)
		}
		if strings.Count(cells[2], "`")/2 > len(tests) && !strings.HasPrefix(cells[2], notApplicable) {
			t.Errorf("%s: something in quotes is no test of this project: %s", number, cells[2])
		}
		for _, m := range tests {
			checkClaim(t, number, m[1], m[2])
		}
	}
	if next != 41 || lines < 80 {
		t.Errorf("%d of 40 criteria, %d lines in all", next-1, lines)
	}
}

// TestEveryFuzzTargetIsNamed checks that the line about fuzzing names each target
// there is.
func TestEveryFuzzTargetIsNamed(t *testing.T) {
	page, err := os.ReadFile("docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(string(page), "\n| 40 |")
	line, _, _ = strings.Cut(line, "\n")
	err = filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "node_modules" {
			return fs.SkipDir
		}
		if err != nil || !strings.HasSuffix(file, "_test.go") {
			return err
		}
		source, err := os.ReadFile(file)
		for _, m := range fuzzTarget.FindAllStringSubmatch(string(source), -1) {
			if !strings.Contains(line, "`"+file+": "+m[1]+"`") {
				t.Errorf("%s: %s is not named in docs/security.md", file, m[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

var fuzzTarget = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)

// checkClaim looks for a Go test by its declaration and for others by their whole
// title, or by the text of it when a part is worked out.
func checkClaim(t *testing.T, number, file, name string) {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Errorf("%s: %v", number, err)
		return
	}
	declared := `(?m)^func ` + regexp.QuoteMeta(name) + `\(`
	if !strings.HasSuffix(file, ".go") {
		declared = `\btest\((?:"` + regexp.QuoteMeta(name) + `"|` + "`[^`]*" + regexp.QuoteMeta(name) + `)`
	}
	isTest := strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Fuzz") || !strings.HasSuffix(file, ".go")
	if !isTest || !regexp.MustCompile(declared).Match(source) {
		t.Errorf("%s: %s has no test %q", number, file, name)
	}
}
