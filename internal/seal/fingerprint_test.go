package seal

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWordsFollowTheRule(t *testing.T) {
	words := Words()
	if len(words) != 2048 {
		t.Fatalf("%d words, want 2048", len(words))
	}
	seen := map[string]bool{}
	for _, w := range words {
		if n := utf8.RuneCountInString(w); n < 4 || n > 8 || strings.Trim(w, "abcdefghijklmnopqrstuvwxyzäöü") != "" {
			t.Errorf("%q does not follow the rule", w)
		}
		for v := range variants(w) {
			if seen[v] {
				t.Errorf("%q is within one letter of another word", w)
			}
			seen[v] = true
		}
	}
}

// variants are the word and the word with each letter blanked: two words share
// one exactly when they are equal or differ in one letter.
func variants(w string) map[string]bool {
	out, runes := map[string]bool{w: true}, []rune(w)
	for i := range runes {
		v := slices.Clone(runes)
		v[i] = '_'
		out[string(v)] = true
	}
	return out
}

func TestFingerprintIsStable(t *testing.T) {
	h := hashOf([]byte("genesis"))
	got := Fingerprint(h)
	if len(got) != 6 || !slices.Equal(got, Fingerprint(h)) {
		t.Fatal(got)
	}
	h[31] ^= 1
	if slices.Equal(got, Fingerprint(h)) {
		t.Error("another genesis has the same words")
	}
}

// TestWordsForTheBrowser keeps the browser's copy equal to the list.
func TestWordsForTheBrowser(t *testing.T) {
	data, err := os.ReadFile("../../web/app/seal/words-de.json")
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	if err := json.Unmarshal(data, &words); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(words, Words()) {
		t.Error("web/app/seal/words-de.json differs from words_de.txt")
	}
}
