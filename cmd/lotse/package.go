package main

import (
	"archive/zip"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"lotse/directory/intake"
)

// maxPackage bounds what a ZIP archive unfolds to, since a package is held in
// memory: 512 MiB.
const maxPackage = 512 << 20

// hsdsPackage is an HSDS tabular package: a folder, or a ZIP archive.
type hsdsPackage struct {
	fs.FS
	close func() error
}

// openPackage opens the package of that name. It returns nil for a file or folder
// that is none, and an error for an archive that unfolds to too much.
func openPackage(name string) (*hsdsPackage, error) {
	if !strings.HasSuffix(strings.ToLower(name), ".zip") {
		if folder := os.DirFS(name); intake.IsPackage(folder) {
			return &hsdsPackage{folder, func() error { return nil }}, nil
		}
		return nil, nil
	}
	archive, err := zip.OpenReader(name)
	if err != nil {
		return nil, fmt.Errorf("this is no whole ZIP archive (%w); nothing of it was imported", err)
	}
	p := &hsdsPackage{&archive.Reader, archive.Close}
	if !intake.IsPackage(p) {
		archive.Close()
		return nil, nil
	}
	var size uint64
	for _, f := range archive.File {
		if size += f.UncompressedSize64; size > maxPackage || f.UncompressedSize64 > maxPackage {
			archive.Close()
			return nil, fmt.Errorf("the archive unfolds to more than %d MiB; nothing of it was imported", maxPackage>>20)
		}
	}
	return p, nil
}
