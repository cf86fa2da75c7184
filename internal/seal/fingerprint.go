package seal

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"strings"
)

//go:embed words_de.txt
var wordsFile string

// Words lists the 2048 words of fingerprints, in order.
func Words() []string {
	var out []string
	for line := range strings.Lines(wordsFile) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			out = append(out, line)
		}
	}
	return out
}

const fingerprintIterations = 1 << 16

// Fingerprint turns a genesis hash into six words to compare by eye. The hash is
// stretched first, so that finding another chain with the same 66 bits costs
// 65,536 times more.
func Fingerprint(genesis Hash) []string {
	bits, err := pbkdf2.Key(sha256.New, string(genesis[:]), []byte("bek1 words"), fingerprintIterations, 16)
	if err != nil {
		panic(err) // fixed, valid parameters
	}
	words, out := Words(), make([]string, 6)
	for i := range out {
		at := i * 11
		window := binary.BigEndian.Uint32(bits[at/8:])
		out[i] = words[window>>(32-11-at%8)&2047]
	}
	return out
}
