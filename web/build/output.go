package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// output collects the files of a build.
type output struct {
	dir      string
	files    map[string][]byte // hashed name → content
	manifest map[string]string // plain name → hashed name
}

// newOutput returns an empty output for dir.
func newOutput(dir string) *output {
	return &output{dir: dir, files: map[string][]byte{}, manifest: map[string]string{}}
}

// add takes a file and returns its hashed name: a.js → a.1f2e3d4c.js.
func (o *output) add(name string, content []byte) string {
	sum := sha256.Sum256(content)
	ext := filepath.Ext(name)
	hashed := fmt.Sprintf("%s.%s%s", strings.TrimSuffix(name, ext), hex.EncodeToString(sum[:4]), ext)
	o.files[hashed] = content
	o.manifest[name] = hashed
	return hashed
}

// write brings dir to the collected state: new files are written, old ones
// removed, equal ones left alone.
func (o *output) write() error {
	manifest, err := json.MarshalIndent(o.manifest, "", "  ")
	if err != nil {
		return err
	}
	o.files["manifest.json"] = append(manifest, '\n')
	if err := os.MkdirAll(o.dir, 0o755); err != nil {
		return err
	}
	stored := map[string]bool{}
	for name, content := range o.files {
		name, content, err := packed(name, content)
		if err != nil {
			return err
		}
		if err := replace(filepath.Join(o.dir, name), content); err != nil {
			return err
		}
		stored[name] = true
	}
	return o.removeOld(stored)
}

// replace writes a file unless it already holds content. The rename keeps a
// half-written file out of a build that embeds the folder at the same moment.
func replace(name string, content []byte) error {
	old, err := os.ReadFile(name)
	if err == nil && bytes.Equal(old, content) {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	temporary := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+".new")
	if err := os.WriteFile(temporary, content, 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, name)
}

// removeOld deletes what the build no longer makes.
func (o *output) removeOld(stored map[string]bool) error {
	entries, err := os.ReadDir(o.dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if stored[entry.Name()] {
			continue
		}
		if err := os.Remove(filepath.Join(o.dir, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}
