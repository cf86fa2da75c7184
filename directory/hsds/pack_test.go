package hsds

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// pack unpacks the schemas and examples that stand beside the project. They are
// under CC BY-SA 4.0 and no part of it. In CI they must be there.
func pack(t *testing.T) string {
	t.Helper()
	root := os.Getenv("LOTSE_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	file, err := os.Open(filepath.Join(root, "data", "directory", "hsds_pack.tgz"))
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("schemas not checked: %v", err)
	}
	defer file.Close()
	dir := t.TempDir()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for archive := tar.NewReader(unpacked); ; {
		entry, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return filepath.Join(dir, "hsds_pack")
		}
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, filepath.Clean("/"+entry.Name)), entry, archive)
	}
}

func write(t *testing.T, name string, entry *tar.Header, content io.Reader) {
	t.Helper()
	if entry.Typeflag != tar.TypeReg {
		return
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(content)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// schemas compiles each schema of a version once.
type schemas struct {
	mu   sync.Mutex
	dir  string
	done map[string]*jsonschema.Schema
}

func schemasOf(dir string) *schemas {
	return &schemas{dir: dir, done: map[string]*jsonschema.Schema{}}
}

// problems returns what the schema finds wrong, one place per line.
func (s *schemas) problems(t *testing.T, name string, document any) string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	schema := s.done[name]
	if schema == nil {
		c := jsonschema.NewCompiler()
		c.AssertFormat()
		var err error
		if schema, err = c.Compile(filepath.Join(s.dir, name)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s.done[name] = schema
	}
	err := schema.Validate(plain(t, document))
	if err == nil {
		return ""
	}
	wrong := (*jsonschema.ValidationError)(nil)
	if !errors.As(err, &wrong) {
		t.Fatal(err)
	}
	var places []string
	leaves(wrong, &places)
	return strings.Join(places, "\n")
}

func leaves(e *jsonschema.ValidationError, places *[]string) {
	if len(e.Causes) == 0 {
		*places = append(*places, "/"+strings.Join(e.InstanceLocation, "/"))
	}
	for _, cause := range e.Causes {
		leaves(cause, places)
	}
}

// plain brings a value into the form that comes out of JSON.
func plain(t *testing.T, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func readJSON(t *testing.T, name string) any {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	v, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}
