package intake

import (
	"cmp"
	"io"
	"strings"
)

// rkiDrafts reads a health office of the RKI's list. Its search texts are the
// postcodes that it is responsible for.
func rkiDrafts(e *element, r *xmlReader) []Draft {
	a := e.attrs
	d := Draft{Source: cmp.Or(r.o.Source, "rki_gesundheitsamt"), ID: a["Code"], Name: officeName(a["Name"]),
		Operator: a["Name"], OperatorText: a["Department"], Kind: "Gesundheitsamt",
		Topics: []string{"infektionsschutz", "sozialpsychiatrie", "aids"},
		Street: a["Street"], Postcode: a["Postalcode"], City: a["Place"], Email: a["Email"], Licence: r.o.Licence}
	d.Phones = append(phones(a["Phone"]), Phone{Number: a["Fax"], Type: "fax"}, Phone{Number: a["Covid19Hotline"], Type: "hotline"})
	for _, s := range e.all("SearchText") {
		d.Areas = append(d.Areas, s.attrs["Value"])
	}
	return []Draft{d}
}

func officeName(name string) string {
	if name == "" || strings.Contains(name, "Gesundheitsamt") {
		return name
	}
	return "Gesundheitsamt " + name
}

// bzgaKinds reads the labels of the kinds of counselling, which stand behind the
// entries, and the topic of the whole file.
func bzgaKinds(r *xmlReader, file io.ReadSeeker) error {
	first := newXML(file, r.o)
	for e, err := range first.elements("beratungsart") {
		if err != nil {
			return err
		}
		if label := e.get("label"); label != "" {
			r.labels[e.get("index")] = label
		}
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	for e, err := range newXML(file, r.o).elements("referat") {
		if err != nil {
			return err
		}
		r.topic = cmp.Or(bzgaTopics[e.attrs["id"]], e.attrs["id"])
		break
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	again := newXML(file, r.o)
	r.dec, r.in = again.dec, again.in
	return nil
}

// bzgaTopics are the departments of the BZgA and what their centres help with.
var bzgaTopics = map[string]string{"famplan": "schwangerschaft", "sucht": "sucht", "aids": "aids"}

// bzgaDrafts reads an entry of the exchange format of the BZgA, version 2.1:
// mapx is the longitude, mapy the latitude.
func bzgaDrafts(e *element, r *xmlReader) []Draft {
	d := Draft{Source: cmp.Or(r.o.Source, "bzga"), ID: e.get("index"), Name: e.get("title"), Description: e.get("untertitel"),
		Kind: "Beratungsstelle", Operator: e.get("traeger"), Umbrella: e.get("verband"), Topics: list(r.topic),
		Street: e.get("strasse"), Postcode: e.get("plz"), City: e.get("ort"), Lat: e.get("mapy"), Lon: e.get("mapx"), Precision: "address",
		Email: e.get("email"), URL: cmp.Or(e.get("website"), e.get("link")), HoursHint: e.get("hinweistext"), Licence: r.o.Licence}
	d.Phones = append(phones(e.get("telefon"), e.get("beratertelefon")), Phone{Number: e.get("fax"), Type: "fax"})
	for _, in := range e.inner {
		if in.name == "beratungsart" {
			d.addKinds(in, r.labels)
		}
	}
	if yes(e.get("beratungsschein")) {
		d.Topics = append(d.Topics, "beratungsschein")
	}
	return []Draft{d}
}

// addKinds turns the kinds of counselling into channels, and into tags what is
// no channel.
func (d *Draft) addKinds(kinds *element, labels map[string]string) {
	for _, k := range kinds.all("index") {
		label := labels[k.text]
		if channel := channelOf(label); channel != "" {
			d.Channels = append(d.Channels, channel)
		} else if label != "" {
			d.Topics = append(d.Topics, label)
		}
	}
}

// channelOf finds the way of counselling in a German label; empty: none.
func channelOf(label string) string {
	label = strings.ToLower(label)
	for _, c := range []struct{ word, channel string }{
		{"video", "video"}, {"chat", "chat"}, {"online", "mail"}, {"mail", "mail"}, {"telefon", "phone"},
		{"aufsuchend", "outreach"}, {"persönlich", "on_site"}, {"vor ort", "on_site"},
	} {
		if strings.Contains(label, c.word) {
			return c.channel
		}
	}
	return ""
}

// xzufiDrafts reads an organisational unit of XZuFi 2.2. This is a subset, made
// from examples without the schema, and experimental: name, address, contact,
// and the areas that the unit is responsible for.
func xzufiDrafts(e *element, r *xmlReader) []Draft {
	id := e.find("id")
	address := e.find("anschrift")
	d := Draft{Source: cmp.Or(r.o.Source, "xzufi_"+id.attrs["schemeAgencyID"]), ID: id.text, Name: nameOf(e), Kind: e.get("kategorie"),
		Description: e.get("beschreibung"), Street: strings.TrimSpace(address.get("strasse") + " " + address.get("hausnummer")),
		Postcode: cmp.Or(address.get("postleitzahl"), address.get("plz")), City: address.get("ort"), Licence: r.o.Licence}
	if d.Street == "" && address.name != "" {
		d.Street = address.get("strasse")
	}
	for _, k := range append(e.all("kommunikation"), e.all("erreichbarkeit")...) {
		d.reach(k.get("kennung"), k.get("code"))
	}
	d.URL = cmp.Or(e.find("internetadresse").get("uri"), d.URL)
	for _, z := range e.all("gebietID") {
		if len(z.text) >= 5 {
			d.Areas = append(d.Areas, "ags:"+z.text[:5])
		}
	}
	for _, z := range e.all("leistungID") {
		d.Topics = append(d.Topics, "leistung:"+z.text)
	}
	for _, p := range e.all("kontaktperson") {
		d.Persons = append(d.Persons, strings.TrimSpace(p.get("vorname")+" "+p.get("familienname")))
	}
	return []Draft{d}
}

// nameOf returns the name of a unit, which lies in an element of its own name.
func nameOf(e *element) string {
	n := e.find("name")
	return cmp.Or(n.get("name"), n.text, e.get("bezeichnung"))
}

// reach sorts one address of communication by what it looks like.
func (d *Draft) reach(address, code string) {
	switch {
	case address == "":
	case strings.Contains(address, "@"):
		d.Email = cmp.Or(d.Email, address)
	case strings.Contains(address, "://") || strings.HasPrefix(address, "www."):
		d.URL = cmp.Or(d.URL, address)
	case code == "03": // fax, in the code list of channels
		d.Phones = append(d.Phones, Phone{Number: address, Type: "fax"})
	default:
		d.Phones = append(d.Phones, Phone{Number: address})
	}
}
