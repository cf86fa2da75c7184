package intake

import (
	"cmp"
	"slices"
	"strings"
)

// selbsthilfeDrafts reads a contact point of the nationwide self-help list. It
// has no postcodes, and 0,0 for coordinates it does not know.
func selbsthilfeDrafts(o object, opt Options) []Draft {
	return []Draft{{Source: cmp.Or(opt.Source, "selbsthilfe"), ID: o.str("id"), Name: o.str("name"), Kind: "Selbsthilfekontaktstelle",
		Topics: []string{"selbsthilfe"}, Street: cmp.Or(o.str("street"), o.str("address")), Postcode: o.str("postalCode"),
		City: o.str("city"), State: o.str("state"), Lat: o.str("lat"), Lon: o.str("lng"), Precision: "city",
		Phones: phones(o.str("phone")), Email: o.str("mail"), URL: o.str("url"),
		Description: unless(o.str("description"), o.str("name")), Licence: opt.Licence}}
}

// unless returns s, or nothing when it only repeats other.
func unless(s, other string) string {
	if s == other {
		return ""
	}
	return s
}

// sachsenDrafts reads a county of the Saxon self-help list.
func sachsenDrafts(county object, opt Options) []Draft {
	var drafts []Draft
	for _, o := range county.objs("contactPoints") {
		address, contact, hours := o.obj("address"), o.obj("contact"), o.obj("openingHours")
		drafts = append(drafts, Draft{Source: cmp.Or(opt.Source, "selbsthilfe_sachsen"), ID: o.str("id"), Name: o.str("name"),
			Operator: o.str("carrier"), Kind: "Selbsthilfekontaktstelle", Topics: []string{"selbsthilfe"},
			Street: address.str("street"), Postcode: address.str("postalCode"), City: address.str("city"),
			Phones: phones(contact.strs("phone")...), Email: contact.str("email"), URL: contact.str("web"),
			Hours: sachsenHours(hours.obj("structured")), HoursHint: joined(hours.str("text"), hours.str("comment")),
			Assured: hours.str("openingHoursLastUpdated"), Licence: opt.Licence})
	}
	return drafts
}

func joined(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), ". ")
}

// sachsenHours writes {"tue": ["09:00–11:30"]} as OSM opening_hours.
func sachsenHours(days object) string {
	var rules []string
	for _, day := range []struct{ theirs, osm string }{
		{"mon", "Mo"}, {"tue", "Tu"}, {"wed", "We"}, {"thu", "Th"}, {"fri", "Fr"}, {"sat", "Sa"}, {"sun", "Su"},
	} {
		spans := days.strs(day.theirs)
		switch {
		case slices.Contains(spans, "appointment"):
			rules = append(rules, day.osm+` unknown "nach Vereinbarung"`)
		case len(spans) > 0:
			times := strings.NewReplacer("–", "-", " Uhr", "").Replace(strings.Join(spans, ","))
			rules = append(rules, day.osm+" "+times)
		}
	}
	return strings.Join(rules, "; ")
}

// berlinDrafts reads a facility of the Berlin list of help for homeless people.
func berlinDrafts(o object, opt Options) []Draft {
	address, contact := o.obj("address"), o.obj("contact")
	features := o.strs("tagsFeature")
	d := Draft{Source: cmp.Or(opt.Source, "berlin_wohnungslosenhilfe"), ID: o.str("id"), Name: o.str("name"), Operator: o.str("organization"),
		Kind: "Wohnungslosenhilfe", Topics: o.strs("tagsOffer"), Targets: o.strs("targetGroup"), Description: o.str("description"),
		Street: address.str("street"), Postcode: address.str("postalCode"), City: address.str("city"), State: "Berlin",
		Lat: o.str("lat"), Lon: o.str("lng"), Precision: "address", Phones: phones(contact.str("phone")),
		Email: contact.str("email"), URL: contact.str("website"), Hours: berlinHours(o), HoursHint: o.str("openingNote"),
		Anonymous: slices.Contains(features, "anonymous"), Licence: opt.Licence}
	if slices.Contains(features, "accessible") {
		d.Accessibility = append(d.Accessibility, "step_free")
	}
	if slices.Contains(features, "outreach") || slices.Contains(features, "mobile_support") {
		d.Channels = append(d.Channels, "outreach")
	}
	return []Draft{d}
}

// berlinHours writes the days and times as OSM opening_hours, in their season.
func berlinHours(o object) string {
	var rules []string
	for _, h := range o.objs("openingHours") {
		days := h.strs("days")
		for i, day := range days {
			days[i] = strings.ToUpper(day[:1]) + day[1:]
		}
		if start, end := h.str("start"), h.str("end"); len(days) > 0 && start != "" && end != "" {
			rules = append(rules, strings.Join(days, ",")+" "+start+"-"+end)
		}
	}
	season := berlinSeason(o)
	for i := range rules {
		rules[i] = strings.TrimSpace(season + " " + rules[i])
	}
	return strings.Join(rules, "; ")
}

var months = []string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

// berlinSeason returns the part of the year as OSM writes it; empty: all of it.
// The years of the source mean nothing.
func berlinSeason(o object) string {
	seasons := o.objs("seasonalNote")
	if len(seasons) != 1 {
		return ""
	}
	from, to := monthDay(seasons[0].str("start")), monthDay(seasons[0].str("end"))
	if from == "" || to == "" || from == "Jan 01" && to == "Dec 31" {
		return ""
	}
	return from + "-" + to
}

func monthDay(date string) string {
	if len(date) != len("2006-01-02") {
		return ""
	}
	for i, name := range months {
		if date[5:7] == twoDigits(i+1) {
			return name + " " + date[8:]
		}
	}
	return ""
}

func twoDigits(n int) string { return string([]byte{byte('0' + n/10), byte('0' + n%10)}) }

// geoDrafts reads a feature of a GeoJSON collection. Its properties are found by
// the names that such files use, or by --map.
func geoDrafts(o object, opt Options) []Draft {
	props := o.obj("properties")
	get := finder(opt, func(name string) string { return props.str(name) }, slices.Collect(keysOf(props)))
	d := mappedDraft(get)
	d.Source = cmp.Or(opt.Source, "geojson")
	d.ID = cmp.Or(get("source_id"), o.str("id"))
	if d.Name == "" && d.Kind != "" {
		d.Name = strings.Trim(d.Kind+" – "+d.Operator, " –")
	}
	d.Lat, d.Lon = geoPoint(o.obj("geometry"))
	d.Precision, d.Licence = cmp.Or(d.Precision, "address"), cmp.Or(d.Licence, opt.Licence)
	if len(d.Topics) == 0 && d.Kind != "" {
		d.Topics = []string{strings.ToLower(d.Kind)}
	}
	if d.Street == "" && d.Name == "" && len(d.Phones) == 0 {
		d.Problem = "feature_empty"
	}
	return []Draft{d}
}

// geoPoint returns latitude and longitude of a point, or of the first point of
// anything else.
func geoPoint(geometry object) (lat, lon string) {
	c := geometry["coordinates"]
	for {
		list, ok := c.([]any)
		if !ok || len(list) < 2 {
			if ok && len(list) == 1 {
				c = list[0]
				continue
			}
			return "", ""
		}
		if pair := (object{"x": list[0], "y": list[1]}); pair.str("x") != "" {
			return pair.str("y"), pair.str("x")
		}
		c = list[0]
	}
}
