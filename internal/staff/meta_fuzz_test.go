package staff

import (
	"maps"
	"testing"
)

// What is read from a row of the audit log is written back so that it reads the same.
func FuzzMeta(f *testing.F) {
	f.Add("from=a\nto=b")
	f.Add("=\n\n==x\nzu")
	f.Fuzz(func(t *testing.T, text string) {
		meta := parseMeta(text)
		if again := parseMeta(metaText(meta)); !maps.Equal(again, meta) {
			t.Errorf("%q is read as %q and then as %q", text, meta, again)
		}
	})
}
