package web

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// The rules of Leichte Sprache that a program can check. They are few and
// coarse; people with learning difficulties check the rest.
const (
	maxPlainWords  = 12 // words in a sentence
	maxPlainLetter = 16 // letters in a word without a hyphen
)

// plainException are words that stay whole: names of things and of offices.
var plainExceptions = []string{"Beratungs-Stelle", "TelefonSeelsorge", "Internetadresse"}

var (
	sentenceEnd = regexp.MustCompile(`[.!?:]+(?:\s|$)`)
	wordPattern = regexp.MustCompile(`[\p{L}\p{N}{}_-]+`)
	passive     = regexp.MustCompile(`(?i)\b(wird|werden|wurde|wurden|worden)\s+(?:\p{L}+\s+){0,5}(ge\p{L}+(t|en)|ver\p{L}+t|be\p{L}+t|er\p{L}+t|zer\p{L}+t)\b`)
	conditional = regexp.MustCompile(`(?i)\b(könnten?|würden?|hätten?|wären?|müssten?|sollten?|dürften?|möchten?)\b`)
	genitive    = regexp.MustCompile(`\b(des|eines|meines|Ihres|unseres|dieses|jedes) (\p{L}+ )?\p{Lu}\p{Ll}+e?s\b`)
)

// plainFaults returns what breaks the rules in a text.
func plainFaults(text string) []string {
	var faults []string
	for _, sentence := range sentenceEnd.Split(text, -1) {
		words := wordPattern.FindAllString(sentence, -1)
		if len(words) > maxPlainWords {
			faults = append(faults, "a long sentence: "+sentence)
		}
		for _, word := range words {
			if longest(word) > maxPlainLetter && !slices.Contains(plainExceptions, word) {
				faults = append(faults, "a long word: "+word)
			}
		}
	}
	for name, rule := range map[string]*regexp.Regexp{"passive": passive, "conditional": conditional, "genitive": genitive} {
		if found := rule.FindString(text); found != "" {
			faults = append(faults, name+": "+found)
		}
	}
	if strings.ContainsAny(text, ";–()") && !strings.Contains(text, "(freiwillig)") {
		faults = append(faults, "a mark that makes reading hard")
	}
	return faults
}

// longest returns the letters of the longest part between hyphens. Placeholders
// count as short words.
func longest(word string) int {
	n := 0
	for part := range strings.SplitSeq(word, "-") {
		if !strings.HasPrefix(part, "{") {
			n = max(n, utf8.RuneCountInString(strings.TrimFunc(part, unicode.IsPunct)))
		}
	}
	return n
}

func TestPlainLanguageIsPlain(t *testing.T) {
	plain := loaded(t).of("de-simple")
	for _, key := range slices.Sorted(maps.Keys(plain)) {
		if !forSeekers(key) {
			continue // the staff's own pages need short sentences only where seekers read along
		}
		for _, fault := range plainFaults(plain[key]) {
			t.Errorf("%s: %s", key, fault)
		}
	}
}

func TestPlainRulesFindWhatTheyLookFor(t *testing.T) {
	for text, clean := range map[string]bool{
		"Sie können hier schreiben. Das kostet nichts.":                                                     true,
		"Sie können hier schreiben und dabei sicher sein dass niemand außer dem Team Ihren Text lesen kann": false,
		"Die Nachricht wird von uns gelöscht.":                                                              false,
		"Sie könnten uns schreiben.":                                                                        false,
		"Das ist die Adresse des Gerätes.":                                                                  false,
		"Datenschutzgrundverordnung":                                                                        false,
		"Daten-Schutz-Grund-Verordnung":                                                                     true,
		"Wir löschen alles; danach ist nichts da.":                                                          false,
	} {
		if got := len(plainFaults(text)) == 0; got != clean {
			t.Errorf("%q: %v", text, plainFaults(text))
		}
	}
}
