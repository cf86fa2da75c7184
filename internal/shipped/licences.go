package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
)

// legal are the files that a licence asks to be passed on.
var legal = regexp.MustCompile(`(?i)^(licen[sc]e|copying|notice|patents|ofl)([-.].*)?$`)

// licences are the full texts, one part after the other. A part without a text
// is an error.
func licences(info *debug.BuildInfo, table *thirdParty) ([]byte, error) {
	var out bytes.Buffer
	if err := part(&out, "Lotse (EUPL-1.2)", "."); err != nil {
		return nil, err
	}
	root, err := goTool("env", "GOROOT")
	if err != nil {
		return nil, err
	}
	if err := part(&out, "Go and its standard library (BSD-3-Clause)", root); err != nil {
		return nil, err
	}
	dirs, err := moduleDirs(info.Deps)
	if err != nil {
		return nil, err
	}
	for _, m := range info.Deps {
		if err := part(&out, fmt.Sprintf("%s %s (%s)", m.Path, m.Version, table.modules[m.Path]), dirs[m.Path]); err != nil {
			return nil, err
		}
	}
	for _, f := range table.folders {
		title := strings.TrimSpace(f.name+" "+f.version) + " (" + f.licence + ")"
		if f.version == "" { // data: the licence asks to be named, and for nothing else
			fmt.Fprintf(&out, "%s\n%s\n\n", rule, title)
			continue
		}
		if err := part(&out, title, f.path); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

// moduleDirs tells where the files of each module are.
func moduleDirs(modules []*debug.Module) (map[string]string, error) {
	args := []string{"list", "-m", "-f", "{{.Path}}\t{{.Dir}}"}
	for _, m := range modules {
		args = append(args, m.Path)
	}
	out, err := goTool(args...)
	if err != nil {
		return nil, err
	}
	dirs := map[string]string{}
	for line := range strings.Lines(out) {
		path, dir, _ := strings.Cut(strings.TrimSpace(line), "\t")
		dirs[path] = dir
	}
	return dirs, nil
}

const rule = "================================================================================"

// part writes the legal files of a folder under a title.
func part(out *bytes.Buffer, title, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s\n%s\n%s\n\n", rule, title, rule)
	found := false
	for _, e := range entries {
		if e.IsDir() || !legal.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		found = true
		out.Write(bytes.TrimSpace(text))
		out.WriteString("\n\n")
	}
	if !found {
		return fmt.Errorf("%s: no text of a licence in %s", title, dir)
	}
	return nil
}

func goTool(args ...string) (string, error) {
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}
