package intake

import (
	"errors"
	"testing"
	"testing/fstest"

	"lotse/internal/fault"
)

// Whatever the tables of a package hold, reading ends with rows or with a fault.
func FuzzPackage(f *testing.F) {
	f.Add([]byte("id,name\n1,Beratung\n"), []byte("\ufeffid,service_id,latitude\n7,1,50.9\n"))
	f.Add([]byte("id\n\"1\n"), []byte(""))
	f.Add([]byte("id,id\n1,2\n1\n"), []byte("minimum_age\nx\n"))
	f.Fuzz(func(t *testing.T, services, locations []byte) {
		p, err := readPackage(fstest.MapFS{"services.csv": {Data: services}, "locations.csv": {Data: locations}})
		switch {
		case err != nil && !errors.Is(err, fault.Invalid):
			t.Fatal(err)
		case err == nil && len(p.lists) != 2:
			t.Errorf("%d of 2 tables", len(p.lists))
		}
	})
}
