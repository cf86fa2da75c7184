package main

import (
	"os"
	"path/filepath"
)

// addStyle makes the one style sheet of all pages.
func addStyle(out *output) error {
	own, err := os.ReadFile(filepath.Join("design", "lotse.css"))
	if err != nil {
		return err
	}
	out.add("lotse.css", own)
	return nil
}
