package world

import "testing"

func TestZZ(t *testing.T) {
	for _, b := range []Build{{Steps: true}, {Steps: true, Next: true}} {
		p, err := b.Into("/tmp/cx")
		t.Log(p, err)
	}
}
