package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// built is a fresh binary and what the program writes about it.
func built(t *testing.T) (binary, dir string) {
	t.Helper()
	t.Chdir("../..")
	dir = t.TempDir()
	binary = filepath.Join(dir, "lotse")
	if out, err := exec.Command("go", "build", "-o", binary, "./cmd/lotse").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := run([]string{binary, dir}); err != nil {
		t.Fatal(err)
	}
	return binary, dir
}

// sayings are words that stand in the text of a licence.
var sayings = map[string]string{
	"MIT": "Permission is hereby granted, free of charge", "ISC": "Permission to use, copy, modify, and", "BSD-2-Clause": "Redistribution and use",
	"BSD-3-Clause": "Neither the name", "Apache-2.0": "Apache License", "OFL-1.1": "SIL OPEN FONT LICENSE", "EUPL-1.2": "EUROPEAN UNION PUBLIC LICENCE",
}

func TestEverythingShippedIsListedWithItsLicence(t *testing.T) {
	binary, dir := built(t)
	var b bom
	text, err := os.ReadFile(filepath.Join(dir, "lotse.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	listed := map[string]component{}
	for _, c := range b.Components {
		listed[c.Name] = c
		if len(c.Licenses) != 1 || sayings[c.Licenses[0].License.ID] == "" && c.Type != "data" {
			t.Errorf("%s: licences %+v", c.Name, c.Licenses)
		}
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range info.Deps {
		if c := listed[m.Path]; c.Version != m.Version || c.PURL != "pkg:golang/"+m.Path+"@"+m.Version {
			t.Errorf("%s %s is listed as %+v", m.Path, m.Version, c)
		}
	}
	checkTexts(t, dir, b)
	sameAgain(t, binary, dir)
}

// checkTexts looks for the text of each licence below the name of its part.
func checkTexts(t *testing.T, dir string, b bom) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "LICENCES.txt"))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(text), rule+"\n")
	for _, c := range b.Components {
		if c.Type == "data" || c.Name == "std" {
			continue
		}
		found := false
		for i, part := range parts[:len(parts)-1] {
			if strings.HasPrefix(part, c.Name+" "+c.Version+" (") {
				found = strings.Contains(strings.ToLower(parts[i+1]), strings.ToLower(sayings[c.Licenses[0].License.ID]))
			}
		}
		if !found {
			t.Errorf("%s: the text of %s is not there", c.Name, c.Licenses[0].License.ID)
		}
	}
}

// sameAgain checks that the same binary gives the same files.
func sameAgain(t *testing.T, binary, dir string) {
	t.Helper()
	again := t.TempDir()
	if err := run([]string{binary, again}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"lotse.cdx.json", "LICENCES.txt"} {
		one, err1 := os.ReadFile(filepath.Join(dir, name))
		two, err2 := os.ReadFile(filepath.Join(again, name))
		if err1 != nil || err2 != nil || !bytes.Equal(one, two) {
			t.Errorf("%s differs: %v %v", name, err1, err2)
		}
	}
}

// Each folder of what others made is in the table, carries the text of its
// licence, and is as it came: VENDOR.md holds the digests of scripts.
func TestVendoredFilesAreAsTheyCame(t *testing.T) {
	t.Chdir("../..")
	table, err := readTable("THIRD_PARTY.md")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, f := range table.folders {
		named[f.path] = true
		if f.version != "" {
			if err := part(&bytes.Buffer{}, f.name, f.path); err != nil {
				t.Error(err)
			}
		}
	}
	scripts, err := filepath.Glob("web/app/vendor/*")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("%v %v", scripts, err)
	}
	for _, dir := range append(scripts, "web/design/kern", "web/design/font") {
		if !named[dir] {
			t.Errorf("THIRD_PARTY.md lacks %s", dir)
		}
	}
	for _, dir := range scripts {
		checkDigests(t, dir)
	}
}

var digestRow = regexp.MustCompile(`(?m)^\| (\S+) \| ([0-9a-f]{64}) \|$`)

func checkDigests(t *testing.T, dir string) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(dir, "VENDOR.md"))
	if err != nil {
		t.Error(err)
		return
	}
	rows := digestRow.FindAllStringSubmatch(string(page), -1)
	for _, row := range rows {
		data, err := os.ReadFile(filepath.Join(dir, row[1]))
		sum := sha256.Sum256(data)
		if err != nil || hex.EncodeToString(sum[:]) != row[2] {
			t.Errorf("%s/%s is not as it came: %v", dir, row[1], err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != len(rows)+1 {
		t.Errorf("%s: %d files, %d digests, %v", dir, len(files), len(rows), err)
	}
}
