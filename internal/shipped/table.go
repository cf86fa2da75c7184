package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// thirdParty is what THIRD_PARTY.md says.
type thirdParty struct {
	modules map[string]string // path of a Go module → licence
	folders []folder
}

// folder is something in the pages or data that others made.
type folder struct {
	name, version string // as on npm; no version for data
	path          string
	licence       string
}

var versioned = regexp.MustCompile(`^(\S+) (\d+\.\d+\.\d+)$`)

// readTable reads the rows of the three tables. Licences are SPDX identifiers,
// up to a semicolon.
func readTable(path string) (*thirdParty, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t := &thirdParty{modules: map[string]string{}}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case len(cells) == 4 && strings.Contains(cells[1], "."):
			t.modules[cells[1]] = spdx(cells[2])
		case len(cells) == 5 && strings.Contains(cells[2], "/"):
			f := folder{name: cells[1], path: cells[2], licence: spdx(cells[3])}
			if m := versioned.FindStringSubmatch(cells[1]); m != nil {
				f.name, f.version = m[1], m[2]
			}
			t.folders = append(t.folders, f)
		}
	}
	if len(t.modules) == 0 || len(t.folders) == 0 {
		return nil, fmt.Errorf("%s: no tables found", path)
	}
	return t, nil
}

func spdx(cell string) string {
	id, _, _ := strings.Cut(cell, ";")
	return strings.ReplaceAll(strings.TrimSpace(id), " ", "-")
}
