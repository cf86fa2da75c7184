package lexicon

import (
	"os"
	"testing"
)

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load(os.DirFS("../../configs/lexicon"), nil, nil); err != nil {
			b.Fatal(err)
		}
	}
}
