package configs

import (
	"embed"
	"io/fs"
)

//go:embed finder
var finder embed.FS

// Finder is the rule set of the benefits finder: questions, benefits, law,
// formulas and texts, in the layout of docs/finder.md.
func Finder() fs.FS {
	rules, err := fs.Sub(finder, "finder")
	if err != nil {
		panic(err) // the path is a constant
	}
	return rules
}
