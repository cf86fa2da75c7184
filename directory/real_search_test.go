//go:build !race

package directory

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lotse/internal/testenv"
)

// What people ask, with a place, and what they must see first on the real rows: a
// part of the name, kind or city of the first centre, or, with "…", of one of the
// first three.
var realSearches = []struct{ text, first string }{
	{"notübernachtung berlin heute nacht", "Notübernachtung"},
	{"suppenküche berlin kreuzberg", "Suppenküche"},
	{"kleiderkammer berlin", "Kleiderkammer"},
	{"nachtcafe berlin", "Nachtcafé"},
	{"bahnhofsmission berlin", "Bahnhofsmission"},
	{"stadtmission berlin", "Stadtmission"},
	{"arzt ohne krankenversicherung berlin", "ohne Krankenversicherung"},
	{"zahnarzt obdachlose berlin", "Obdachlose"},
	{"schuldnerberatung köln", "Köln"},
	{"borç köln", "Köln"},
	{"schulden 50667", "Sozialdienst katholischer Männer e. V. Köln"},
	{"hab nur noch rechnungen und der gerichtsvollzieher kommt 50667", "Sozialdienst katholischer Männer e. V. Köln"},
	{"Кредит не могу платить Берлин", "Schuldn"},
	{"دين برلين", "Schuldn"},
	{"gesundheitsamt leipzig", "Gesundheitsamt Stadt Leipzig"},
	{"impfung dresden", "Gesundheitsamt Landeshauptstadt Dresden"},
	{"hiv test 80331", "Gesundheitsamt Landeshauptstadt München"},
	{"hiv test 80331", "…AIDS"},
	{"selbsthilfegruppe zwickau", "Zwickau"},
	{"kiss marienberg", "Marienberg"},
	{"schulsozialarbeit chemnitz", "Schulsozialarbeit"},
	{"jugendberufshilfe chemnitz", "Jugendberufshilfe"},
	{"queer zentrum göttingen", "Queeres Zentrum Göttingen"},
	{"trans hamburg", "Magnus-Hirschfeld-Centrum"},
	{"lesbisch münchen", "diversity München"},
	{"pflegeheim parchim", "Pflegeheim"},
	{"pflegedienst ludwigslust", "…Ludwigslust"},
	{"kurzzeitpflege lübz", "Kurzzeitpflege"},
	{"hospiz parchim", "Hospiz"},
	{"alkohol problem freiburg", "Freiburg"},
	{"mein sohn kifft 48143 münster", "Suchtberatung des Caritasverbandes für die Stadt Münster"},
	{"ungewollt schwanger paderborn", "Katholische Schwangerschaftsberatungsstelle Paderborn"},
	{"mutter kind kur trier", "Region Trier"},
	{"behinderung beratung regensburg", "KJF Regensburg"},
	{"asyl beratung mannheim", "Allgemeine Lebens- und Sozialberatung"}, // the rows have nobody for asylum or migration: general help online
	{"caritas köln", "Caritas"},
	{"bin 17 und will nicht mehr leben", "…jung"},
	{"no place to sleep berlin", "Schutzwohnung"},
}

func TestRealSearches(t *testing.T) {
	dir := sharedData(t)
	s := realService(t, testenv.Migrated(t, testenv.SQLite(t)), dir)
	s.Lexicon = have(realLexicon(t, s.Places.Names()...))
	around, err := Germany(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	s.Around = around
	importFile(t, s, filepath.Join(dir, "centres.csv"))
	for _, q := range realSearches {
		a := find(t, s, Query{Text: q.text, Page: "de", Seed: 7})
		want, among := strings.CutPrefix(q.first, "…")
		top := a.Results[:min(3, len(a.Results))]
		if !among {
			top = top[:min(1, len(top))]
		}
		fits := func(h Hit) bool {
			return strings.Contains(strings.ToLower(strings.Join([]string{h.Name, h.Operator, h.Kind, h.City}, " ")), strings.ToLower(want))
		}
		if !slices.ContainsFunc(top, fits) {
			t.Errorf("%q in %q: first of %d is %v, want %q", q.text, a.Place.Name, a.Total, names(a.Results), q.first)
		}
	}
}

func names(hits []Hit) (all []string) {
	for _, h := range hits[:min(3, len(hits))] {
		all = append(all, h.Name)
	}
	return all
}
