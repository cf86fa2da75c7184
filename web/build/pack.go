package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
)

// packed returns a file as it is embedded: compressed, with .gz behind its name,
// where that saves a tenth. Most browsers take it as it is.
func packed(name string, content []byte) (string, []byte, error) {
	var small bytes.Buffer
	z, err := gzip.NewWriterLevel(&small, gzip.BestCompression)
	if err != nil {
		return "", nil, err
	}
	if _, err := z.Write(content); err != nil {
		return "", nil, err
	}
	if err := z.Close(); err != nil {
		return "", nil, err
	}
	if small.Len() >= len(content)*9/10 {
		return name, content, nil
	}
	return name + ".gz", small.Bytes(), nil
}

// addLocale packs the texts of all languages into one archive; the server reads
// a language when somebody needs it.
func addLocale(out *output) error {
	names, err := filepath.Glob(filepath.Join("locale", "*", "*.json"))
	if err != nil {
		return err
	}
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	for _, name := range names {
		if err := addToArchive(z, name); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	out.files["locale.zip"] = archive.Bytes()
	return nil
}

// addToArchive adds a file without its time, so that the same texts make the same
// archive.
func addToArchive(z *zip.Writer, name string) error {
	content, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	w, err := z.Create(filepath.ToSlash(name))
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	return err
}
