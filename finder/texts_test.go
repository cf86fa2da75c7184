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

// inFull are the languages in which a person finds every text; the others have
// questions, results and reasons at least.
var (
	inFull  = []string{"de", "de-simple"}
	inShort = []string{"en", "uk", "ar", "tr", "ru", "fa", "pl"}
)

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

// keys are the texts that the rules can ask for: those every language needs,
// and those that may fall back to German.
func (r *Rules) keys() (must, may map[string]bool) {
	must, may = map[string]bool{}, map[string]bool{}
	for _, q := range r.questions {
		must["question."+q.ID] = true
	}
	for _, f := range r.facts {
		if f.builtin {
			continue
		}
		must["fact."+f.ID] = true
		for _, option := range f.Options {
			must["option."+f.ID+"."+option] = true
		}
	}
	for _, s := range []State{Received, OtherFirst, LikelyYes, FromDate, LikelyNo, Unclear, Depends} {
		must["state."+string(s)] = true
	}
	for _, p := range r.points {
		must["law."+p] = true
	}
	for _, b := range r.bundles {
		for _, o := range b.Options {
			must["bundle."+b.ID+"."+o.ID] = true
		}
	}
	for i := range r.benefits {
		r.benefits[i].keys(must, may)
	}
	for _, key := range []string{"level.municipality", "level.district", "level.state", "level.federal",
		"ozg.unknown", "ozg.0", "ozg.1", "ozg.2", "ozg.3", "ozg.4"} {
		may[key] = true
	}
	return must, may
}

func (b *Benefit) keys(must, may map[string]bool) {
	for _, n := range b.Name {
		must[n.Key] = true
	}
	may["benefit."+b.ID+".about"] = true
	for i := range b.Conditions {
		for _, key := range conditionTexts(b.ID, b.Conditions[i].ID) {
			must[key] = true
		}
	}
	may["office."+b.Access.Office] = true
	for _, d := range b.Access.Documents {
		may["document."+d] = true
	}
}

func TestEveryTextIsThere(t *testing.T) {
	r := rules(t)
	must, may := r.keys()
	for _, lang := range slices.Concat(inFull, inShort) {
		have := texts(t, lang)
		for _, key := range slices.Sorted(maps.Keys(must)) {
			if have[key] == "" {
				t.Errorf("%s: no text %s", lang, key)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(may)) {
			if have[key] == "" && slices.Contains(inFull, lang) {
				t.Errorf("%s: no text %s", lang, key)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(have)) {
			if help, isHelp := strings.CutSuffix(key, ".help"); !must[key] && !may[key] && !(isHelp && must[help]) {
				t.Errorf("%s: nothing asks for %s", lang, key)
			}
		}
	}
}

// TestHelpIsThereInEveryFullLanguage keeps the two German versions alike.
func TestHelpIsThereInEveryFullLanguage(t *testing.T) {
	german, simple := texts(t, "de"), texts(t, "de-simple")
	for key := range german {
		if strings.HasSuffix(key, ".help") && simple[key] == "" {
			t.Errorf("de-simple: no %s", key)
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
