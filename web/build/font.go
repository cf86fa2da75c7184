package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The ranges of the two subsets, as their source publishes them.
const (
	latin = "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329," +
		"U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD"
	latinExt = "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+1D00-1DBF,U+1E00-1E9F," +
		"U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF"
)

// addFonts takes over the font files and returns the @font-face rules for
// them. A script without glyphs here uses the fonts of the device.
func addFonts(out *output) (string, error) {
	var css strings.Builder
	for _, subset := range []struct{ name, ranges string }{{"latin-ext", latinExt}, {"latin", latin}} {
		for _, weight := range []int{400, 600} {
			name := fmt.Sprintf("fira-sans-%s-%d-normal.woff2", subset.name, weight)
			content, err := os.ReadFile(filepath.Join("design", "font", name))
			if err != nil {
				return "", err
			}
			fmt.Fprintf(&css, "@font-face{font-family:\"Fira Sans\";font-style:normal;font-display:swap;font-weight:%d;"+
				"src:url(%s)format(\"woff2\");unicode-range:%s}\n", weight, out.add(name, content), subset.ranges)
		}
	}
	return css.String(), nil
}
