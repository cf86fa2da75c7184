// Command build makes web/static/dist from the sources in web/app and
// web/design: bundled scripts, one style sheet, fonts and icons, each with a
// hash of its content in the name, and a manifest from plain to hashed name.
//
// It runs by go generate in the folder web, needs no network and no Node, and
// writes the same bytes for the same sources. It checks no types; that is the
// part of tsc (web/build/package.json).
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "web/build:", err)
		os.Exit(1)
	}
}

// run builds everything into memory first and writes it only when all of it
// could be made.
func run() error {
	out := newOutput("static/dist")
	steps := []func(*output) error{addImages, addScripts, addStyle, addWords}
	for _, step := range steps {
		if err := step(out); err != nil {
			return err
		}
	}
	return out.write()
}
