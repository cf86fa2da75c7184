package bench

import (
	"encoding/csv"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"

	"lotse/directory"
)

// centreColumns are those of the product's own CSV that centres of real sets fill.
var centreColumns = []string{"source", "source_id", "name", "operator", "street", "plz", "city", "state", "lat", "lon", "coord_precision", "location_type", "phone",
	"email", "url", "kind", "topics", "target", "opening_hours", "channels", "languages", "accessibility", "walk_in", "anonymous", "free", "catchment_plz", "description", "licence"}

// Words of the invented centres.
var (
	operators = []string{"Nordlicht e. V.", "Brücke gGmbH", "Haus am Markt", "Verein Zuflucht", "Stadtmission", "Kreisverband Mitte", "Landratsamt", "Ankerplatz", "Offene Tür e. V.", "Sozialwerk"}
	openings  = []string{"Mo-Fr 09:00-12:00; Tu,Th 14:00-17:00; PH off", "Mo-Th 08:30-16:00; Fr 08:30-12:30", "Mo 10:00-12:00; We 15:00-18:00", "24/7", "Tu-Su 18:00-23:00", ""}
	offered   = []string{"on_site;phone", "on_site;phone;mail", "phone;chat", "on_site", "on_site;phone;mail;chat;video"}
	spoken    = []string{"de", "de;en", "de;tr", "de;ar;en", "de;uk;ru", "de;fa", "de;pl"}
	entrances = []string{"", "", "step_free", "step_free;toilet"}
	sayings   = []string{"Wir hören zu und suchen mit Ihnen einen Weg.", "Beratung auch ohne Termin in der offenen Sprechstunde.", "Die Gespräche sind vertraulich und kosten nichts.", "Wir begleiten Sie auch zu Ämtern."}
)

// writeCentres writes a file of invented centres in the shape of the real sets: at
// real places, one to three topics each, a fifth with a catchment, one in thirty
// online only.
func writeCentres(name string, atlas directory.Options, n int) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w, random := csv.NewWriter(f), chance()
	_ = w.Write(centreColumns) // Flush and Error tell
	for i := range n {
		_ = w.Write(centreRow(i, atlas, random))
	}
	w.Flush()
	return errors.Join(w.Error(), f.Close())
}

func centreRow(i int, atlas directory.Options, random *rand.Rand) []string {
	postcodes, topics := atlas.Places.Postcodes(), atlas.Taxonomy.Topics()
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	place, _ := atlas.Places.Lookup(postcodes[random.IntN(len(postcodes))])
	main := topics[random.IntN(len(topics))]
	ids, says := []string{main.ID}, main.Label("de")
	for range random.IntN(3) {
		t := topics[random.IntN(len(topics))]
		ids, says = append(ids, t.ID), says+", "+t.Label("de")
	}
	kind, catchment, operator := "physical", "", pick(operators)
	if random.IntN(5) == 0 {
		catchment = place.Postcode[:3] + "00-" + place.Postcode[:3] + "99"
	}
	if random.IntN(30) == 0 {
		kind = "virtual"
	}
	yes := []string{"", "ja"}
	return []string{"bench", fmt.Sprint(i), main.Label("de") + " " + operator + " " + place.Name, operator, fmt.Sprintf("Weg %d", i%90+1), place.Postcode, place.Name, place.State,
		fmt.Sprintf("%.4f", place.Lat), fmt.Sprintf("%.4f", place.Lon), "address", kind, fmt.Sprintf("0221 %06d", i), fmt.Sprintf("rat%d@bench.example", i), fmt.Sprintf("https://bench.example/%d", i),
		"Beratungsstelle", strings.Join(ids, ";"), "", pick(openings), pick(offered), pick(spoken), pick(entrances), pick(yes), pick(yes), pick(yes), catchment,
		says + ". " + pick(sayings) + " " + pick(sayings), "CC0-1.0"}
}
