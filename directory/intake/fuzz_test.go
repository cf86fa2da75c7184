package intake

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"lotse/internal/fault"
)

// Whatever the bytes are, reading ends with drafts and faults, never otherwise.
func FuzzDrafts(f *testing.F) {
	names, err := filepath.Glob("../testdata/intake/*.*")
	if err != nil || len(names) < 8 {
		f.Fatalf("%v, %v", names, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"contents":[{"id":"a","service_at_locations":[{"location":{"addresses":[{"address_1":1}]}}]}]}`))
	f.Add([]byte(`[{"tagsOffer":[],"openingHours":[{"days":["", "ü"],"start":"1","end":"2"}],"seasonalNote":[{"start":"2000-99-99"}]}]`))
	f.Add([]byte("a;b\n1;2;3\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		o := Options{Map: map[string]string{"name": "a"}}
		feed, err := Open(bytes.NewReader(data), o)
		if err != nil {
			if !errors.Is(err, fault.Invalid) {
				t.Fatalf("open: %v", err)
			}
			return
		}
		n := 0
		for d, err := range feed.Drafts(bytes.NewReader(data)) {
			if err != nil && !errors.Is(err, fault.Invalid) {
				t.Fatalf("read: %v", err)
			}
			d.Extra.StripPersons()
			if n++; n > 10000 {
				break
			}
		}
		if _, err := Preview(bytes.NewReader(data), o); err != nil && !errors.Is(err, fault.Invalid) {
			t.Fatalf("preview: %v", err)
		}
	})
}
