package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// notice is the head of each sheet. The EUPL asks a changed work to say so.
const notice = `/*! Contains KERN UX (@kern-ux/native 2.7.2, Dataport and contributors), licensed under the EUPL-1.2,
changed: logical properties, icons as files, unused rules dropped. Fira Sans: SIL Open Font License 1.1. */
`

// world is one of the two sheets and what is looked through for its classes.
type world struct {
	sheet  string
	styles []string // patterns in design, in order
	mine   func(base string) bool
}

// staffPrefixes begin the names of templates and scripts of the staff's pages.
var staffPrefixes = []string{"team", "staff", "roster", "signin", "account", "layout_team"}

// isStaff reports whether a source belongs to the staff's pages.
func isStaff(base string) bool {
	return slices.ContainsFunc(staffPrefixes, func(p string) bool { return strings.HasPrefix(base, p) })
}

// isShared reports whether a source belongs to both worlds.
func isShared(base string) bool {
	return strings.HasPrefix(base, "part_") || strings.HasPrefix(base, "error") || strings.HasSuffix(base, ".go")
}

// addStyle makes the sheet of each world.
func addStyle(out *output) error {
	worlds := []world{
		{"lotse.css", []string{"lotse.css", "seeker*.css", "finder*.css"}, func(b string) bool { return !isStaff(b) }},
		{"team.css", []string{"lotse.css", "team*.css", "roster*.css"}, isStaff},
	}
	faces, err := addFonts(out)
	if err != nil {
		return err
	}
	for _, w := range worlds {
		if err := w.add(out, faces); err != nil {
			return fmt.Errorf("%s: %w", w.sheet, err)
		}
	}
	return nil
}

// add makes one sheet.
func (w world) add(out *output, faces string) error {
	upstream, err := os.ReadFile(filepath.Join("design", "kern", "kern.css"))
	if err != nil {
		return err
	}
	own, err := readAll("design", w.styles...)
	if err != nil {
		return err
	}
	sources, err := w.sources()
	if err != nil {
		return err
	}
	ownText := string(slices.Concat(own...))
	kern, err := w.kern(string(upstream), ownText, readWords(sources), out)
	if err != nil {
		return err
	}
	sheet, err := minify(faces + kern + ownText)
	if err != nil {
		return err
	}
	out.add(w.sheet, append([]byte(notice), sheet...))
	return nil
}

// kern returns the part of KERN that this world uses. Custom properties that
// only our own styles use are kept as well.
func (w world) kern(upstream, own string, used words, out *output) (string, error) {
	rules, err := parseCSS(upstream)
	if err != nil {
		return "", err
	}
	ownRules, err := parseCSS(own)
	if err != nil {
		return "", err
	}
	makeLogical(rules)
	rules = purge(rules, used, ownRules)
	if err := extractIcons(rules, out); err != nil {
		return "", err
	}
	return printCSS(rules), nil
}

// sources returns what may name a class: templates, scripts, handlers.
func (w world) sources() ([][]byte, error) {
	var out [][]byte
	for _, pattern := range []string{"template/*.html", "app/*.ts", "app/finder/*.ts", "*.go"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			base := filepath.Base(name)
			if strings.HasSuffix(base, "_test.go") || strings.HasSuffix(base, ".test.ts") || !(w.mine(base) || isShared(base)) {
				continue
			}
			content, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			out = append(out, content)
		}
	}
	return out, nil
}

// readAll returns the files in dir that match the patterns, in order.
func readAll(dir string, patterns ...string) ([][]byte, error) {
	var out [][]byte
	for _, pattern := range patterns {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			content, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			out = append(out, content)
		}
	}
	return out, nil
}

// minify shortens a sheet without changing what it means for the browsers of
// the last years.
func minify(css string) ([]byte, error) {
	result := api.Transform(css, api.TransformOptions{
		Loader: api.LoaderCSS, MinifyWhitespace: true, MinifySyntax: true, Charset: api.CharsetUTF8,
		LogLevel: api.LogLevelSilent,
	})
	if len(result.Errors) > 0 {
		return nil, errors.New(strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), ""))
	}
	return result.Code, nil
}
