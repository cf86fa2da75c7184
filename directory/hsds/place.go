package hsds

import (
	"cmp"
	"encoding/json"
	"time"

	"lotse/directory"
)

// AtLocation returns a service at a location, with the service, its provider
// and the location.
func AtLocation(e *directory.Entry, label Labels) Object {
	o := at(e)
	o["service"] = map[string]any(serviceAlone([]*directory.Entry{e}, label))
	return o
}

// at is a service at a location with the location alone.
func at(e *directory.Entry) Object {
	v := &e.Venue
	b := build(&v.Record)
	b.add("description", e.Offer.Description)
	b.put("phones", phones(v.ID, v.Phones), "phones")
	b.put("schedules", schedules(v), "hours", "hint")
	b.put("contacts", contacts(v), "email")
	b.putMarks(venueAttributes(v), venueMarks)
	b.putMetadata("service_at_location")
	b.Object["location"] = map[string]any(Location(e))
	return b.Object
}

func contacts(v *directory.Venue) []any {
	if v.Email == "" {
		return nil
	}
	return []any{Object{"id": part(v.ID, "contact", v.Email), "email": v.Email}}
}

// venueMarks are the attributes of a service at a location with the fact that stands
// behind each.
var venueMarks = map[string]string{"channel": "channels", "walk_in": "walk_in", "anonymous": "anonymous"}

func venueAttributes(v *directory.Venue) []any {
	var list []any
	for _, c := range v.Channels {
		list = append(list, attribute(v.ID, "service_at_location", "channel", string(c)))
	}
	if v.WalkIn {
		list = append(list, attribute(v.ID, "service_at_location", "walk_in", "walk_in"))
	}
	if v.Anonymous {
		list = append(list, attribute(v.ID, "service_at_location", "anonymous", "anonymous"))
	}
	return list
}

// Location returns the location of an entry. Of a protected place it has the
// Kreis and nothing else that leads there.
func Location(e *directory.Entry) Object {
	l := e.Location
	l.Conceal()
	b := build(&l.Record)
	b.put("location_type", locationType(&l), "type")
	b.put("name", l.Name, "name")
	b.put("description", l.Description, "description")
	b.put("transportation", l.Transport, "transport")
	b.put("url", l.URL, "url")
	if l.Type == directory.Protected {
		b.add("name", l.District)
		b.add("attributes", []any{attribute(l.ID, "location", "location_type", "protected")})
		return b.Object
	}
	b.putPoint(l.Point)
	b.put("addresses", addresses(&l), "street", "postcode", "city", "district", "state")
	b.put("accessibility", accessibility(&l), "accessibility")
	b.leave([]*directory.Entry{e}, "phones", "phones")
	b.leave([]*directory.Entry{e}, "schedules", "hours", "hint")
	if b.given && said(&e.Venue.Record, "languages") {
		b.set("languages", languages(l.ID, e.Venue.Languages))
	}
	b.putMetadata("location")
	return b.Object
}

func (b builder) putPoint(p *directory.Point) {
	if !said(b.record, "point") {
		return
	}
	delete(b.Object, "latitude")
	delete(b.Object, "longitude")
	if p != nil {
		b.Object["latitude"], b.Object["longitude"] = p.Lat, p.Lon
	}
}

func locationType(l *directory.Location) string {
	if l.Type == directory.Virtual {
		return "virtual"
	}
	return "physical"
}

func addresses(l *directory.Location) []any {
	if l.City == "" && l.Postcode == "" {
		return nil
	}
	o := Object{"id": part(l.ID, "address", ""), "address_1": l.Street, "city": l.City, "state_province": l.State,
		"postal_code": l.Postcode, "country": "DE", "address_type": locationType(l)}
	if l.District != "" {
		o["region"] = l.District
	}
	return []any{o}
}

func accessibility(l *directory.Location) []any {
	var list []any
	for _, mark := range l.Accessibility {
		list = append(list, Object{"id": part(l.ID, "accessibility", mark), "description": mark})
	}
	return list
}

// Organization returns the provider alone.
func Organization(p *directory.Provider) Object {
	b := build(&p.Record)
	b.put("name", p.Name, "name")
	b.put("description", p.Description, "description")
	b.add("description", p.Name)
	b.put("email", p.Email, "email")
	b.put("website", p.URL, "url")
	b.put("legal_status", p.LegalForm, "legal_form")
	b.put("phones", phones(p.ID, p.Phones), "phones")
	b.put("umbrella", p.Umbrella, "umbrella")
	b.putMetadata("organization")
	return b.Object
}

// OrganizationFull returns a provider with its services. The entries are all of
// it, in the order of their offers.
func OrganizationFull(entries []*directory.Entry, label Labels) Object {
	o := Organization(&entries[0].Provider)
	var services []any
	for _, group := range grouped(entries) {
		service := Service(group, label)
		delete(service, "organization")
		services = append(services, map[string]any(service))
	}
	o["services"] = services
	return o
}

// grouped divides entries that stand in the order of their offers by offer.
func grouped(entries []*directory.Entry) [][]*directory.Entry {
	var groups [][]*directory.Entry
	for i, e := range entries {
		if i == 0 || entries[i-1].Offer.ID != e.Offer.ID {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], e)
	}
	return groups
}

// Taxonomy is the list of topics that services are sorted by.
func Taxonomy() Object {
	return Object{"id": part("", "taxonomy", taxonomy), "name": taxonomy, "description": "Themen der sozialen Beratung und Leistungen", "version": "1"}
}

const taxonomy = "Lotse-Themen"

// Term returns a topic as a term of the taxonomy.
func Term(topic string, label Labels) Object {
	name := cmp.Or(label(topic), topic)
	return Object{"id": part("", "term", topic), "code": topic, "name": name, "description": name, "taxonomy": taxonomy,
		"taxonomy_detail": map[string]any(Taxonomy()), "language": "de"}
}

func lastChange(entries []*directory.Entry) time.Time {
	var last time.Time
	for _, e := range entries {
		if t := e.Changed(); t.After(last) {
			last = t
		}
	}
	return last
}

func firstText(texts ...string) string { return cmp.Or(texts...) }

func mustJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // a struct of texts and numbers
	}
	return text
}

func asObject(v any) map[string]any {
	var o map[string]any
	if err := json.Unmarshal(mustJSON(v), &o); err != nil {
		panic(err)
	}
	return o
}
