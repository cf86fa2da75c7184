package lotse

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// layers is the import policy: each package and what of ours it may import. It
// is a statement of intent. A new package takes a place here; an import that
// does not fit shows that something lies in the wrong package, or that a small
// interface is missing at its user. Arrows point down only, and the features
// (chat, directory) never import each other.
var layers = map[string]string{
	"internal/fault": "",
	"internal/seal":  "",
	"internal/bus":   "",
	"internal/store": "internal/fault",

	"internal/mail":         "internal/fault",
	"internal/feedback":     "internal/fault internal/store",
	"internal/staff":        "internal/fault internal/store internal/bus internal/seal",
	"internal/roster/civil": "internal/fault",
	"internal/roster":       "internal/fault internal/store internal/bus internal/staff internal/roster/civil",

	"directory/intake":    "internal/fault directory/hours",
	"directory/check":     "internal/store",
	"directory/duplicate": "",
	"directory/lexicon":   "",
	"directory/hsds":      "internal/fault directory directory/hours",
	"directory":           "internal/fault internal/store internal/bus directory/intake directory/duplicate directory/hours directory/hours/holiday directory/lexicon",

	"directory/upkeep": "internal/fault internal/mail internal/store internal/staff directory directory/check directory/duplicate directory/hours",

	"directory/hours/holiday": "internal/roster/civil",
	"directory/hours":         "internal/fault internal/roster/civil directory/hours/holiday",

	"chat":        "internal/fault internal/store internal/bus internal/seal internal/staff internal/roster",
	"chat/client": "internal/seal",
	"finder":      "internal/fault",

	"web": `internal/fault internal/feedback internal/seal internal/staff internal/roster internal/roster/civil
		directory directory/check directory/hours directory/hsds directory/upkeep chat finder`,
	"web/build": "",

	"configs": "",
	"cmd/lotse": `configs internal/bus internal/fault internal/feedback internal/roster internal/roster/civil internal/seal
		internal/staff internal/store directory directory/check directory/hsds directory/intake directory/lexicon directory/upkeep internal/mail chat finder web`,

	"internal/bus/bustest":     "internal/bus",
	"internal/testenv":         "internal/bus internal/bus/bustest internal/store internal/testenv/local",
	"internal/testenv/local":   "",
	"internal/testenv/with":    "internal/testenv",
	"internal/shipped":         "",
	"internal/testenv/staffed": `internal/bus internal/roster internal/seal internal/staff internal/store`,

	"cmd/loadgen": "cmd/loadgen/bench cmd/loadgen/chaos cmd/loadgen/world internal/testenv/staffed",
	"cmd/loadgen/bench": `chat/client configs directory directory/lexicon finder internal/bus internal/seal internal/store
		internal/testenv/local internal/testenv/staffed cmd/loadgen/crowd cmd/loadgen/world`,
	"cmd/loadgen/history":     "",
	"cmd/loadgen/world":       "internal/testenv/local internal/testenv/staffed",
	"cmd/loadgen/crowd":       "chat/client internal/seal internal/testenv/staffed cmd/loadgen/history",
	"cmd/loadgen/chaos":       "cmd/loadgen/crowd cmd/loadgen/history cmd/loadgen/world internal/testenv/staffed",
	"directory/hsds/hsdstest": "",
}

// forTests is what tests may import beyond the layer of their package.
const forTests = "directory/lexicon internal/mail directory/hsds/hsdstest internal/testenv internal/bus/bustest internal/seal internal/store internal/bus internal/fault chat/client"

// reserved names the only packages that may import what begins with a path.
var reserved = map[string]string{
	"modernc.org/sqlite":                  "internal/store",
	"github.com/jackc/pgx":                "internal/store",
	"github.com/redis/go-redis":           "internal/bus",
	"github.com/coder/websocket":          "chat chat/client cmd/loadgen/bench",
	"github.com/wneessen/go-mail":         "internal/mail",
	"github.com/go-webauthn/webauthn":     "internal/staff",
	"github.com/pquerna/otp":              "internal/staff",
	"github.com/prometheus/client_golang": "cmd/lotse chat",
	"github.com/evanw/esbuild":            "web/build",
	"github.com/BurntSushi/toml":          "configs directory directory/lexicon",
	"html/template":                       "web",
	"testing":                             "internal/testenv internal/bus/bustest directory/hsds/hsdstest",
	"log":                                 "",
	"math/rand":                           "",
	"unsafe":                              "",
}

// vague are names that say nothing about what a package is for.
var vague = []string{"util", "utils", "common", "helper", "helpers", "model", "models", "types", "base", "shared", "misc"}

const module = "lotse/"

// listed is what go list tells about a package.
type listed struct {
	ImportPath, Name                   string
	Imports, TestImports, XTestImports []string
}

func packages(t *testing.T) map[string]listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Name,Imports,TestImports,XTestImports", "./...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string]listed{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		if name, ours := strings.CutPrefix(p.ImportPath, module); ours {
			all[name] = p
		}
	}
}

func TestLayers(t *testing.T) {
	all := packages(t)
	for name, p := range all {
		allowed, known := layers[name]
		if !known {
			t.Errorf("%s has no place in the layers", name)
		}
		if slices.Contains(vague, path.Base(name)) || slices.Contains(vague, p.Name) {
			t.Errorf("%s: the name says nothing", name)
		}
		may := append(strings.Fields(allowed), name)
		check(t, name, "", p.Imports, may)
		check(t, name, " (tests)", slices.Concat(p.TestImports, p.XTestImports), append(may, strings.Fields(forTests)...))
		for _, imported := range p.Imports {
			checkReserved(t, name, imported)
		}
	}
	for name := range layers {
		if _, there := all[name]; !there {
			t.Logf("%s has a place in the layers and is not there", name)
		}
	}
}

func check(t *testing.T, name, what string, imports, may []string) {
	t.Helper()
	for _, imported := range imports {
		if ours, ok := strings.CutPrefix(imported, module); ok && !slices.Contains(may, ours) {
			t.Errorf("%s%s must not import %s", name, what, ours)
		}
	}
}

func checkReserved(t *testing.T, name, imported string) {
	t.Helper()
	for prefix, owners := range reserved {
		within := imported == prefix || (strings.Contains(prefix, ".") && strings.HasPrefix(imported, prefix+"/"))
		if within && !slices.Contains(strings.Fields(owners), name) {
			t.Errorf("%s must not import %s (only: %s)", name, imported, owners)
		}
	}
}

// The layers themselves point down: no package is, by way of others, below
// itself.
func TestLayersHaveNoCycle(t *testing.T) {
	var below func(name string, path []string)
	below = func(name string, path []string) {
		if slices.Contains(path, name) {
			t.Fatalf("cycle: %s", strings.Join(append(path, name), " → "))
		}
		for next := range strings.FieldsSeq(layers[name]) {
			below(next, append(path, name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(layers)) {
		below(name, nil)
	}
}

// Limits in lines. Most files have 60 to 250, most functions about 10.
const (
	maxFile = 600
	maxFunc = 110
)

func TestSizes(t *testing.T) {
	files := token.NewFileSet()
	eachGoFile(t, func(name string) {
		parsed, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			t.Error(err)
			return
		}
		if ast.IsGenerated(parsed) {
			return
		}
		lines := func(n ast.Node) int { return files.Position(n.End()).Line - files.Position(n.Pos()).Line + 1 }
		if n := files.File(parsed.FileStart).LineCount(); n > maxFile {
			t.Errorf("%s has %d lines; is there a second room inside?", name, n)
		}
		for _, decl := range parsed.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && lines(f) > maxFunc {
				t.Errorf("%s: %s has %d lines", name, f.Name.Name, lines(f))
			}
		}
	})
}

func eachGoFile(t *testing.T, do func(name string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "vendor" || (len(d.Name()) > 1 && d.Name()[0] == '.')):
			return fs.SkipDir
		case !d.IsDir() && strings.HasSuffix(name, ".go"):
			do(name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
