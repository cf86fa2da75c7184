package finder

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// languages are those in which a person finds every text of the rules.
var languages = []string{"de", "de-simple", "en", "uk", "ar", "tr", "ru", "fa", "pl"}

// texts reads the texts of a language: flat objects in texts/<lang>/*.json.
func texts(t *testing.T, lang string) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../configs/finder/texts/" + lang + "/*.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var flat map[string]string
		if err := json.Unmarshal(content, &flat); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for key, text := range flat {
			if all[key] != "" || strings.TrimSpace(text) == "" {
				t.Errorf("%s: %s is empty or stands twice", lang, key)
			}
			all[key] = text
		}
	}
	return all
}

// keys are the texts that the rules can ask for; a question and a fact may have
// a help beside them.
func (r *Rules) keys() map[string]bool {
	keys := map[string]bool{}
	say := func(parts ...string) { keys[strings.Join(parts, ".")] = true }
	for _, q := range r.questions {
		say("question", q.ID)
	}
	for _, f := range r.facts {
		if f.builtin {
			continue
		}
		say("fact", f.ID)
		for _, option := range f.Options {
			say("option", f.ID, option)
		}
	}
	for _, s := range []State{Received, OtherFirst, LikelyYes, FromDate, LikelyNo, Unclear, Depends} {
		say("state", string(s))
	}
	for _, p := range r.points {
		say("law", p)
	}
	for _, b := range r.bundles {
		for _, o := range b.Options {
			say("bundle", b.ID, o.ID)
		}
	}
	for i := range r.benefits {
		r.benefits[i].keys(say)
	}
	for _, level := range []string{"municipality", "district", "state", "federal"} {
		say("level", level)
	}
	for _, maturity := range []string{"unknown", "0", "1", "2", "3", "4"} {
		say("ozg", maturity)
	}
	for _, offer := range []string{"unknown", "many", "everywhere"} {
		say("online", offer)
	}
	for _, kind := range []string{whereDistrict, whereWithin, whereBorough, whereBody, whereChildren} {
		say("where", kind)
	}
	return keys
}

func (b *Benefit) keys(say func(parts ...string)) {
	for _, n := range b.Name {
		say(n.Key)
	}
	say("benefit", b.ID, "about")
	for i := range b.Conditions {
		for _, key := range conditionTexts(b.ID, b.Conditions[i].ID) {
			say(key)
		}
	}
	say("office", b.Access.Office)
	for _, d := range b.Access.Documents {
		say("document", d)
	}
}

func TestEveryTextIsThere(t *testing.T) {
	keys, german := rules(t).keys(), texts(t, "de")
	for _, lang := range languages {
		have := texts(t, lang)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			if have[key] == "" {
				t.Errorf("%s: no text %s", lang, key)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(have)) {
			if help, isHelp := strings.CutSuffix(key, ".help"); !keys[key] && !(isHelp && keys[help]) {
				t.Errorf("%s: nothing asks for %s", lang, key)
			}
		}
		for key := range german {
			if strings.HasSuffix(key, ".help") && have[key] == "" {
				t.Errorf("%s: no %s, which German has", lang, key)
			}
		}
	}
}

var (
	sentenceEnd = regexp.MustCompile(`[.!?:]\s+|[.!?:]$`)
	conditional = regexp.MustCompile(`(?i)\b(wäre|würde|hätte|könnte|sollte|müsste|dürfte)n?\b`)
)

// TestSimpleGermanIsSimple holds Leichte Sprache to what a machine can see:
// short sentences and no conditional.
func TestSimpleGermanIsSimple(t *testing.T) {
	for key, text := range texts(t, "de-simple") {
		for _, sentence := range sentenceEnd.Split(text, -1) {
			if n := len(strings.Fields(sentence)); n > 12 {
				t.Errorf("%s: %d words in %q", key, n, sentence)
			}
		}
		if word := conditional.FindString(text); word != "" {
			t.Errorf("%s: %q", key, word)
		}
	}
}
