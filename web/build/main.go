// Command build makes web/static/dist from the sources in web/app and
// web/design: bundled scripts, two style sheets, fonts and icons, each with a
// hash of its content in the name, a manifest from plain to hashed name, and the
// texts of web/locale as one archive. What shrinks by that is compressed.
// With -tests DIR it bundles the tests of the scripts for Node instead.
//
// It runs by go generate in the folder web, needs no network and no Node, and
// writes the same bytes for the same sources. It checks no types; that is the
// part of tsc (web/build/package.json).
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	tests := flag.String("tests", "", "bundle the tests of web/app into this folder and do nothing else")
	flag.Parse()
	if err := run(*tests); err != nil {
		fmt.Fprintln(os.Stderr, "web/build:", err)
		os.Exit(1)
	}
}

// run makes the tests or the files of the site.
func run(tests string) error {
	if tests != "" {
		return bundleTests(tests)
	}
	out, err := build()
	if err != nil {
		return err
	}
	return out.write()
}

// build makes everything in memory, so that it is written only when all of it
// could be made.
func build() (*output, error) {
	out := newOutput("static/dist")
	for _, step := range []func(*output) error{addImages, addWords, addScripts, addStyle, addLocale} {
		if err := step(out); err != nil {
			return nil, err
		}
	}
	return out, nil
}
