package main

import (
	"os"
	"path/filepath"
)

// addWords puts the word list of fingerprints beside the scripts, as a file of
// its own: only pages that show a fingerprint fetch it.
func addWords(out *output) error {
	list, err := os.ReadFile(filepath.Join("app", "seal", "words-de.json"))
	if err != nil {
		return err
	}
	out.add("words-de.json", list)
	return nil
}
