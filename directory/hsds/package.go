package hsds

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/csv"
	"encoding/json"
	"hash"
	"hash/crc32"
	"io"
	"iter"
)

// packed is a table that grows, compressed, in memory: a package needs its files
// one after the other, and the objects bring rows of all of them at once.
type packed struct {
	rows  *csv.Writer
	deep  *flate.Writer
	sum   hash.Hash32
	size  uint64
	bytes bytes.Buffer
}

func newPacked(columns []string) (*packed, error) {
	p := &packed{sum: crc32.NewIEEE()}
	deep, err := flate.NewWriter(&p.bytes, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	p.deep, p.rows = deep, csv.NewWriter(p)
	return p, p.rows.Write(columns)
}

// Write takes what the csv.Writer has written.
func (p *packed) Write(b []byte) (int, error) {
	p.sum.Write(b)
	p.size += uint64(len(b))
	return p.deep.Write(b)
}

// into adds the table to the archive.
func (p *packed) into(archive *zip.Writer, name string) error {
	p.rows.Flush()
	if err := p.rows.Error(); err != nil {
		return err
	}
	if err := p.deep.Close(); err != nil {
		return err
	}
	w, err := archive.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CRC32: p.sum.Sum32(),
		CompressedSize64: uint64(p.bytes.Len()), UncompressedSize64: p.size})
	if err != nil {
		return err
	}
	_, err = io.Copy(w, &p.bytes)
	return err
}

// WritePackage writes services in full as a tabular package of the specification:
// a ZIP archive with one CSV file for each table that has rows, and a
// datapackage.json that describes them (Frictionless Tabular Data Package 1.0). The
// import reads it back.
func WritePackage(w io.Writer, services iter.Seq2[Object, error]) error {
	open := map[string]*packed{}
	t := newTabular(func(table string, cells []string) (err error) {
		p := open[table]
		if p == nil {
			if p, err = newPacked(tableOf(table).fields()); err != nil {
				return err
			}
			open[table] = p
		}
		return p.rows.Write(cells)
	})
	// A package without a service is one all the same.
	for _, name := range []string{"services", "organizations"} {
		p, err := newPacked(tableOf(name).fields())
		if err != nil {
			return err
		}
		open[name] = p
	}
	for o, err := range services {
		if err != nil {
			return err
		}
		if err := t.service(o); err != nil {
			return err
		}
	}
	return archive(w, open)
}

func archive(w io.Writer, open map[string]*packed) error {
	out := zip.NewWriter(w)
	var described []map[string]any
	for _, t := range tables {
		p := open[t.name]
		if p == nil {
			continue
		}
		if err := p.into(out, t.name+".csv"); err != nil {
			return err
		}
		described = append(described, t.resource())
	}
	file, err := out.Create("datapackage.json")
	if err != nil {
		return err
	}
	text := json.NewEncoder(file)
	text.SetIndent("", " ")
	err = text.Encode(map[string]any{"profile": "tabular-data-package", "name": "human-services-data", "title": "Human Services Data Specification",
		"version": Version, "resources": described})
	if err != nil {
		return err
	}
	return out.Close()
}

// resource describes a table (Tabular Data Resource).
func (t table) resource() map[string]any {
	var fields []map[string]string
	for _, name := range t.fields() {
		fields = append(fields, map[string]string{"name": name, "type": "string"})
	}
	return map[string]any{"profile": "tabular-data-resource", "name": t.name, "path": t.name + ".csv", "format": "csv", "encoding": "utf-8",
		"schema": map[string]any{"fields": fields, "primaryKey": "id"}}
}
