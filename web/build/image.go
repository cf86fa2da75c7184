package main

import (
	"os"
	"path/filepath"
)

// addImages takes over the pictures in web/design/image as they are.
func addImages(out *output) error {
	names, err := filepath.Glob(filepath.Join("design", "image", "*"))
	if err != nil {
		return err
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		out.add(filepath.Base(name), content)
	}
	return nil
}
