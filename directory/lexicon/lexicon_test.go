package lexicon

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"
)

const german = `
language = "de"
origin = "test"
review = "none"
stop = "ich nicht mehr kann in hilfe"
young = "bin @age"
[class]
age = "16|17"
zahlen = "zahl*|bezahl*"
[[topic]]
id = "schulden"
say = "Schuldnerberatung, Geldsorgen"
match = "schulden*, gerichtsvollz*, rechnung* nicht @zahlen, *pfänd*"
hint = "geld"
never = "geldbeutel"
[[topic]]
id = "wohnen"
match = "wohnung*, miete nicht @zahlen"
[[topic]]
id = "psyche"
match = "kann nicht mehr"
never = "sich"
[[crisis]]
id = "psyche"
young = "jugend"
match = "nicht mehr leben, ich will nicht mehr ., bringt mich um, bringt sich um"
never = "miete bringt mich um"
[[place]]
name = "Köln"
names = "кельн*, كولونيا"
`

const arabic = `
language = "ar"
origin = "machine"
review = "none"
stop = "في انا"
latin = "ana 3andi zawji"
[[topic]]
id = "schulden"
match = "ديون*"
[[topic]]
id = "gewalt"
match = "*ضربني*"
`

const russian = `
language = "ru"
origin = "machine"
review = "none"
latin = "ne mogu menya"
[class]
ni = "не|нет"
[[topic]]
id = "schulden"
match = "@ni платить, коллекторы"
`

func testLexicon(t testing.TB) *Lexicon {
	t.Helper()
	x, err := Load(fstest.MapFS{"de.toml": {Data: []byte(german)}, "ar.toml": {Data: []byte(arabic)}, "ru.toml": {Data: []byte(russian)}}, nil,
		[]PlaceName{{"Köln", 40}, {"Bad Münster am Stein", 1}, {"Schulden", 1}, {"Essen", 30}})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func line(r Reading) string {
	var parts []string
	for _, m := range r.Topics {
		parts = append(parts, m.Topic)
	}
	if r.Crisis {
		parts = append(parts, "crisis")
	}
	for _, s := range []string{r.Postcode, r.Place, strings.Join(r.Rest, "+")} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " ")
}

func TestUnderstand(t *testing.T) {
	x := testLexicon(t)
	tests := []struct{ text, want string }{
		{"Schulden", "schulden"},
		{"SCHULDENBERATUNG", "schulden"},
		{"Schuldner Beratung", "schulden"},
		{"Schuldner-Beratung", "schulden"},
		{"Schuldnerbratung", "schulden"},
		{"der Gerichtsvolzieher", "schulden der"},
		{"Kontopfändung", "schulden"},
		{"Kontopfaendung", "schulden"},
		{"Hochschuldnerberatung", "schulden"},
		{"ich kann die Rechnungen nicht mehr bezahlen", "schulden die"},
		{"kann nicht mehr", "psyche"},
		{"kann die Miete nicht mehr zahlen", "wohnen die"},
		{"mein Geldbeutel", "mein+geldbeutel"},
		{"Geld", "schulden geld"},
		{"ich will nicht mehr leben", "psyche crisis will"},
		{"Schulden 50667", "schulden 50667"},
		{"Schulden 50667Köln", "schulden 50667 Köln"},
		{"Wohnung in Bad Münster am Stein", "wohnen Bad Münster am Stein"},
		{"Wohnung Köln", "wohnen Köln"},
		{"Schulden Кельне", "schulden Köln"},
		{"Geldsorgen Essen", "schulden Essen"},
		{"ديون ٥٠٦٦٧", "schulden 50667"},
		{"عندي ديون في كولونيا", "schulden Köln عندي"},
		{"والديون", "schulden"},
		{"بيضربني", "gewalt"},
		{"سيضربني", "gewalt"},
		{"zawji yadrobni", "gewalt zawji"},
		{"kredit ne mogu platit", "schulden kredit+mogu"},
		{"коллекторами", "schulden"},
		{"ich bin 17 und will nicht mehr leben", "jugend crisis und+will"},
		{"Wohnung Nummer 17, will nicht mehr leben", "wohnen psyche crisis nummer+17+will"},
		{"ich will nicht mehr. helft mir", "psyche crisis helft+mir"},
		{"ich will nicht mehr warten", "will+warten"},
		{"die Miete bringt mich um", "die+miete+bringt+mich+um"},
		{"er bringt mich um", "psyche crisis er"},
		{"er bringt sich um", "psyche crisis er"}, // "sich" never means the topic, and holds back no danger
		{"Erika Mustermann", "erika+mustermann"},
		{"", ""},
	}
	for _, tt := range tests {
		if got := line(x.Understand(tt.text, "de", false)); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	head := "language = \"de\"\norigin = \"o\"\nreview = \"r\"\n"
	bad := map[string]string{
		"unknown key":     head + "colour = 1\n[[topic]]\nid = \"a\"\nsay = \"b\"\n",
		"no review":       "language = \"de\"\norigin = \"o\"\n[[topic]]\nid = \"a\"\nsay = \"b\"\n",
		"unknown class":   head + "[[topic]]\nid = \"a\"\nmatch = \"x @none\"\n",
		"unknown topic":   head + "[[topic]]\nid = \"other\"\nsay = \"b\"\n",
		"empty form":      head + "[[topic]]\nid = \"a\"\nmatch = \"x|* y\"\n",
		"star inside":     head + "[[topic]]\nid = \"a\"\nmatch = \"ab*cd\"\n",
		"too many words":  head + "[[topic]]\nid = \"a\"\nmatch = \"a b c d e f g h i\"\n",
		"nothing":         head,
		"not toml at all": "{",
	}
	for name, data := range bad {
		known := func(topic string) bool { return topic == "a" }
		if _, err := Load(fstest.MapFS{"de.toml": {Data: []byte(data)}}, known, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestComplete(t *testing.T) {
	x := testLexicon(t)
	tests := []struct{ prefix, want string }{{"schuldn", "Schuldnerberatung"}, {"GELDS", "Geldsorgen"}, {"qx", ""}, {"", ""}}
	for _, tt := range tests {
		got := ""
		for _, c := range x.Complete(tt.prefix, "de", 1) {
			got = c.Text
		}
		if got != tt.want {
			t.Errorf("Complete(%q) = %q, want %q", tt.prefix, got, tt.want)
		}
	}
}

func TestFold(t *testing.T) {
	same := [][]string{
		{"Schlägt", "schlaegt", "SCHLAGT"}, {"straße", "strasse", "STRASSE"}, {"إيذاء", "ايذاء"}, {"می\u200cخواهم", "ميخواهم"},
		{"don't", "dont", "don’t"}, {"İş", "iş", "is"}, {"długi", "dlugi"}, {"Hiiiilfe", "hilfe"}, {"ёлка", "елка"}, {"۵۰۶۶۷", "50667"},
	}
	for _, group := range same {
		for _, s := range group {
			if Fold(s) != Fold(group[0]) {
				t.Errorf("Fold(%q) = %q, Fold(%q) = %q", s, Fold(s), group[0], Fold(group[0]))
			}
		}
	}
	for _, pair := range [][2]string{{"Frauen", "fraun"}, {"10000", "10"}} {
		if Fold(pair[0]) == Fold(pair[1]) {
			t.Errorf("%q and %q are the same", pair[0], pair[1])
		}
	}
}

func TestFoldingTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[aeouqßäÄİءأؤ]{0,12}`)).Draw(t, "s")
		if once := Fold(s); Fold(once) != once {
			t.Fatalf("Fold(%q) = %q, again %q", s, once, Fold(once))
		}
	})
}

// The distance agrees with a plain table of all beginnings.
func TestDistanceAgreesWithTheDefinition(t *testing.T) {
	letters := rapid.StringMatching(`[abc]{0,7}`)
	rapid.Check(t, func(t *rapid.T) {
		stem, word := []rune(letters.Draw(t, "stem")), []rune(letters.Draw(t, "word"))
		want := plainDistance(stem, word)
		if got := distance(stem, word, false, 2); got != want && min(got, want) <= 2 {
			t.Fatalf("distance(%q, %q) = %d, want %d", string(stem), string(word), got, want)
		}
		best := want
		for i := range word {
			best = min(best, plainDistance(stem, word[:i]))
		}
		if got := distance(stem, word, true, 2); got != best && min(got, best) <= 2 {
			t.Fatalf("beginning: distance(%q, %q) = %d, want %d", string(stem), string(word), got, best)
		}
	})
}

// plainDistance is the recursive definition of the optimal string alignment.
func plainDistance(a, b []rune) int {
	if len(a) == 0 || len(b) == 0 {
		return len(a) + len(b)
	}
	i, j := len(a)-1, len(b)-1
	cost := 1
	if a[i] == b[j] {
		cost = 0
	}
	d := min(plainDistance(a[:i], b[:j])+cost, plainDistance(a[:i], b)+1, plainDistance(a, b[:j])+1)
	if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
		d = min(d, plainDistance(a[:i-1], b[:j-1])+1)
	}
	return d
}

func FuzzUnderstand(f *testing.F) {
	x := testLexicon(f)
	for _, s := range []string{"Schulden 50667 Köln", "والديون ٥٠٦٦٧", "nicht mehr leben", "a\u0301\u200cb 'x' \xff", strings.Repeat("schulden ", 100)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := x.Understand(text, "de", false)
		for _, m := range r.Topics {
			if m.Weight < leastWeight || m.Weight > 1 || !slices.Contains(x.Topics(), m.Topic) || len(m.Why) == 0 {
				t.Fatalf("%+v", m)
			}
		}
		if r.Postcode != "" && (len(r.Postcode) != 5 || strings.Trim(r.Postcode, "0123456789") != "") {
			t.Fatalf("postcode %q", r.Postcode)
		}
		if once := Fold(text); Fold(once) != once {
			t.Fatalf("Fold(%q) = %q, again %q", text, once, Fold(once))
		}
		if line(x.Understand(text, "de", false)) != line(r) {
			t.Fatal("the same text read twice")
		}
	})
}
