package directory

import (
	"regexp"
	"slices"
	"strings"
)

// spoken are languages as people write them, folded, by their BCP 47 codes. Codes
// of three letters that HSDS allows stay as they are.
var spoken = map[string]string{
	"deutsch": "de", "german": "de", "englisch": "en", "english": "en", "turkisch": "tr", "tuerkisch": "tr", "turkish": "tr",
	"arabisch": "ar", "arabic": "ar", "russisch": "ru", "russian": "ru", "ukrainisch": "uk", "ukrainian": "uk", "polnisch": "pl", "polish": "pl",
	"persisch": "fa", "farsi": "fa", "dari": "prs", "paschtu": "ps", "paschto": "ps", "pashto": "ps", "urdu": "ur", "hindi": "hi", "tamil": "ta",
	"kurdisch": "ku", "kurmandschi": "kmr", "kurmanji": "kmr", "sorani": "ckb", "franzosisch": "fr", "franzoesisch": "fr", "french": "fr",
	"spanisch": "es", "spanish": "es", "italienisch": "it", "italian": "it", "portugiesisch": "pt", "portuguese": "pt", "griechisch": "el",
	"rumanisch": "ro", "rumaenisch": "ro", "romanian": "ro", "bulgarisch": "bg", "bulgarian": "bg", "serbisch": "sr", "kroatisch": "hr",
	"bosnisch": "bs", "albanisch": "sq", "mazedonisch": "mk", "slowenisch": "sl", "slowakisch": "sk", "tschechisch": "cs", "ungarisch": "hu",
	"romanes": "rom", "romani": "rom", "litauisch": "lt", "lettisch": "lv", "estnisch": "et", "finnisch": "fi", "schwedisch": "sv",
	"danisch": "da", "daenisch": "da", "norwegisch": "no", "niederlandisch": "nl", "niederlaendisch": "nl", "hollandisch": "nl", "georgisch": "ka",
	"armenisch": "hy", "aserbaidschanisch": "az", "usbekisch": "uz", "tigrinya": "ti", "tigrinisch": "ti", "amharisch": "am", "somali": "so",
	"somalisch": "so", "oromo": "om", "suaheli": "sw", "swahili": "sw", "chinesisch": "zh", "mandarin": "zh", "vietnamesisch": "vi", "thai": "th",
	"thailandisch": "th", "japanisch": "ja", "koreanisch": "ko", "hebraisch": "he", "hebraeisch": "he", "sorbisch": "hsb", "luxemburgisch": "lb",
	"gebardensprache": "gsg", "gebaerdensprache": "gsg", "deutsche gebardensprache": "gsg", "deutsche gebaerdensprache": "gsg", "dgs": "gsg",
}

var (
	betweenLanguages = regexp.MustCompile(`\s*[,;/&+]\s*|\s+(?:und|and)\s+`)
	languageCode     = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
)

// languages makes codes of what people write: "Deutsch, Türkisch und Farsi". A word
// that is no language stays, for people to read.
func (r *repairs) languages(list []string) []string {
	var codes []string
	for _, text := range r.words(list) {
		for _, word := range betweenLanguages.Split(text, -1) {
			code, known := spoken[fold(word)]
			switch {
			case known:
				r.note("words_coded")
			case !languageCode.MatchString(word):
				r.note("language_unknown")
				fallthrough
			default:
				code = word
			}
			if code != "" && !slices.Contains(codes, code) {
				codes = append(codes, code)
			}
		}
	}
	return codes
}

// marks are the words for the marks of accessibility, folded.
var marks = map[string]string{
	"barrierefrei": "step_free", "barrierefreier zugang": "step_free", "rollstuhlgerecht": "step_free", "rollstuhlgeeignet": "step_free",
	"rollstuhlzuganglich": "step_free", "rollstuhlgerechter zugang": "step_free", "stufenlos": "step_free", "stufenloser zugang": "step_free",
	"ja": "step_free", "behinderten-wc": "toilet", "behindertentoilette": "toilet", "rollstuhlgerechtes wc": "toilet",
	"rollstuhlgerechte toilette": "toilet", "barrierefreies wc": "toilet", "barrierefreie toilette": "toilet",
	"induktionsschleife": "induction_loop", "induktive horanlage": "induction_loop", "leitsystem": "tactile", "blindenleitsystem": "tactile",
	"gebardensprache": "sign_language", "leichte sprache": "easy_language", "behindertenparkplatz": "parking", "behindertenparkplatze": "parking",
}

// accessibility makes marks of words that mean one, also of several with commas
// between them. Free words stay.
func (r *repairs) accessibility(list []string) []string {
	var all []string
	for _, text := range r.words(list) {
		words := strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == '/' })
		if !slices.ContainsFunc(words, func(w string) bool { return marks[fold(strings.TrimSpace(w))] == "" }) {
			r.note("words_coded")
			for _, w := range words {
				all = append(all, marks[fold(strings.TrimSpace(w))])
			}
			continue
		}
		all = append(all, text)
	}
	return r.words(all)
}

// lands are the Länder by their names and by the letters that stand for them.
var lands = map[string][]string{
	"Baden-Württemberg": {"bw", "bawu"}, "Bayern": {"by", "bavaria"}, "Berlin": {"be"}, "Brandenburg": {"bb"}, "Bremen": {"hb"}, "Hamburg": {"hh"},
	"Hessen": {"he", "hesse"}, "Mecklenburg-Vorpommern": {"mv", "meckpomm"}, "Niedersachsen": {"ni", "nds", "lower saxony"},
	"Nordrhein-Westfalen": {"nw", "nrw", "north rhine westphalia"}, "Rheinland-Pfalz": {"rp", "rlp", "rhineland palatinate"}, "Saarland": {"sl"},
	"Sachsen": {"sn", "saxony"}, "Sachsen-Anhalt": {"st", "lsa", "saxony anhalt"}, "Schleswig-Holstein": {"sh"}, "Thüringen": {"th", "thuringia", "thueringen"},
}

var beforeLand = regexp.MustCompile(`^(de |land |bundesland |freistaat |freie und hansestadt |(?:freie )?hansestadt )`)

// landOf returns the name of a Land that is written in another way, and anything
// else as it is.
func landOf(s string) string {
	plain := strings.Join(strings.Fields(strings.ReplaceAll(fold(s), "-", " ")), " ")
	plain = beforeLand.ReplaceAllString(plain, "")
	for name, others := range lands {
		if plain == strings.ReplaceAll(fold(name), "-", " ") || slices.Contains(others, plain) {
			return name
		}
	}
	return s
}

func (r *repairs) land(s string) string {
	name := landOf(s)
	if name != s {
		r.note("land_named")
	}
	return name
}
