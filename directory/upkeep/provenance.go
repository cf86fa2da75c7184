package upkeep

import "lotse/directory"

// Origins tells who stands behind each fact of the published sheet that is stated, by
// its field. What a person has stated no import overwrites.
func (d *Desk) Origins() map[string]directory.Origin {
	e, all := d.Entry, map[string]directory.Origin{}
	stated := d.Published.Facts()
	for _, field := range Fields {
		if stated[field] == nil {
			continue
		}
		record, fact := holder(e, field)
		all[field] = record.Origins.Of(fact)
	}
	return all
}

// factNames are the facts that have another name in the form.
var factNames = map[string]string{"place": "name", "slot_day": "next_slot", "slot_time": "next_slot", "slot_walk_in": "next_slot", "slot_stated": "next_slot",
	"places_free": "capacity", "places_all": "capacity", "places_unit": "capacity", "places_at": "capacity"}

// ofLocation and ofVenue are the fields of the location, and of the offer at it; the
// others are of the offer.
var (
	ofLocation = map[string]bool{"type": true, "place": true, "street": true, "postcode": true, "city": true, "transport": true, "accessibility": true}
	ofVenue    = map[string]bool{"booking": true, "hours": true, "hint": true, "channels": true, "walk_in": true, "anonymous": true, "areas": true,
		"slot_day": true, "slot_time": true, "slot_walk_in": true, "slot_stated": true, "places_free": true, "places_all": true, "places_unit": true, "places_at": true}
)

// holder returns the record that states a field, and the name of the fact there.
func holder(e *directory.Entry, field string) (*directory.Record, string) {
	fact := field
	if name, ok := factNames[field]; ok {
		fact = name
	}
	switch {
	case ofLocation[field]:
		return &e.Location.Record, fact
	case ofVenue[field], atVenue(e, field):
		return &e.Venue.Record, fact
	case ofProvider(e, field):
		return &e.Provider.Record, fact
	}
	return &e.Offer.Record, fact
}

// atVenue reports whether a fact that several records may state is the place's own.
func atVenue(e *directory.Entry, field string) bool {
	v := &e.Venue
	return field == "phones" && len(v.Phones) > 0 || field == "email" && v.Email != "" || field == "url" && v.URL != "" || field == "languages" && len(v.Languages) > 0
}

// ofProvider reports whether only the provider states such a fact.
func ofProvider(e *directory.Entry, field string) bool {
	o := &e.Offer
	return field == "phones" && len(o.Phones) == 0 || field == "email" && o.Email == "" || field == "url" && o.URL == ""
}
