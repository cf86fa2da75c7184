package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/google/uuid"
)

// The parts of CycloneDX 1.6 (cyclonedx.org/docs/1.6/json) that are used.
type (
	bom struct {
		Format     string      `json:"bomFormat"`
		Spec       string      `json:"specVersion"`
		Serial     string      `json:"serialNumber"`
		Version    int         `json:"version"`
		Metadata   metadata    `json:"metadata"`
		Components []component `json:"components"`
	}
	metadata struct {
		Component component `json:"component"`
	}
	component struct {
		Type       string      `json:"type"`
		Ref        string      `json:"bom-ref,omitempty"`
		Name       string      `json:"name"`
		Version    string      `json:"version,omitempty"`
		Hashes     []hash      `json:"hashes,omitempty"`
		Licenses   []license   `json:"licenses,omitempty"`
		PURL       string      `json:"purl,omitempty"`
		Properties []property  `json:"properties,omitempty"`
		Components []component `json:"components,omitempty"`
	}
	hash struct {
		Algorithm string `json:"alg"`
		Content   string `json:"content"`
	}
	license struct {
		License struct {
			ID string `json:"id"`
		} `json:"license"`
	}
	property struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
)

// bill is the bill of materials. A module without a licence in the table is an
// error.
func bill(binary string, info *debug.BuildInfo, table *thirdParty) ([]byte, error) {
	self, err := fileOf(binary)
	if err != nil {
		return nil, err
	}
	self.Type, self.Name, self.Version, self.Licenses = "application", "lotse", info.Main.Version, licensed("EUPL-1.2")
	self.Ref = "lotse"
	b := bom{Format: "CycloneDX", Spec: "1.6", Version: 1, Metadata: metadata{self}}
	b.Serial = uuid.NewSHA1(uuid.NameSpaceURL, []byte(self.Hashes[0].Content)).URN()
	b.Components = []component{{
		Type: "library", Ref: "std", Name: "std", Version: strings.TrimPrefix(info.GoVersion, "go"), Licenses: licensed("BSD-3-Clause"),
		PURL: "pkg:golang/std@" + strings.TrimPrefix(info.GoVersion, "go"),
	}}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		id, known := table.modules[m.Path]
		if !known {
			return nil, fmt.Errorf("THIRD_PARTY.md lacks %s", m.Path)
		}
		b.Components = append(b.Components, component{
			Type: "library", Ref: m.Path + "@" + m.Version, Name: m.Path, Version: m.Version, Licenses: licensed(id),
			PURL: "pkg:golang/" + m.Path + "@" + m.Version, Properties: []property{{"go:sum", m.Sum}},
		})
	}
	for _, f := range table.folders {
		c, err := f.component()
		if err != nil {
			return nil, err
		}
		b.Components = append(b.Components, c)
	}
	text, err := json.MarshalIndent(b, "", "  ")
	return append(text, '\n'), err
}

func licensed(id string) []license {
	var l license
	l.License.ID = id
	return []license{l}
}

// component describes a folder with the digest of each file.
func (f folder) component() (component, error) {
	c := component{Type: "library", Ref: f.path, Name: f.name, Version: f.version, Licenses: licensed(f.licence)}
	if f.version == "" {
		c.Type = "data"
	} else {
		c.PURL = "pkg:npm/" + strings.ReplaceAll(url.PathEscape(f.name), "%2F", "/") + "@" + f.version
	}
	err := filepath.WalkDir(f.path, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		file, err := fileOf(path)
		file.Name = filepath.ToSlash(path)
		c.Components = append(c.Components, file)
		return err
	})
	return c, err
}

func fileOf(path string) (component, error) {
	data, err := os.ReadFile(path)
	sum := sha256.Sum256(data)
	return component{Type: "file", Hashes: []hash{{"SHA-256", hex.EncodeToString(sum[:])}}}, err
}
