package hsds

import (
	"maps"
	"slices"

	"lotse/directory"
	"lotse/directory/hours"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Labels gives topics their names.
type Labels func(topic string) string

// Service returns the service of entries that share an offer, with its provider
// and all its locations. At least one entry must be given.
func Service(entries []*directory.Entry, label Labels) Object {
	o := serviceAlone(entries, label)
	var places []any
	for _, e := range entries {
		if e.Location.Type == directory.Virtual && e.Venue.ID == e.Offer.ID {
			continue // a service without any place, as its source has it
		}
		places = append(places, map[string]any(at(e)))
	}
	if len(places) > 0 {
		o["service_at_locations"] = places
	}
	return o
}

// serviceAlone is a service without its locations.
func serviceAlone(entries []*directory.Entry, label Labels) Object {
	e := entries[0]
	o := serviceCore(entries)
	f := &e.Offer
	b := builder{Object: o, record: &f.Record, given: len(f.Extra) > 0}
	b.leave(entries, "phones", "phones")
	b.leave(entries, "languages", "languages")
	b.leave(entries, "schedules", "hours", "hint")
	b.put("phones", phones(f.ID, f.Phones), "phones")
	b.put("languages", languages(f.ID, f.Languages), "languages")
	b.put("required_documents", documents(f), "documents")
	if ofVenues(entries, "areas") {
		b.set("service_areas", serviceAreas(entries))
	}
	b.putMarks(attributes(f, label), offerMarks)
	b.putMetadata("service")
	if e.Provider.ID != "" {
		o["organization"] = map[string]any(organizationOf(entries))
	}
	return o
}

// organizationOf is the provider of a service. The copies of places that its source
// had go when the places are no longer as they came: the service has them.
func organizationOf(entries []*directory.Entry) Object {
	o := Organization(&entries[0].Provider)
	if slices.ContainsFunc(entries, changed) {
		delete(o, "locations")
	}
	return o
}

// leave takes a member away that the source gave for all places, when each of them
// tells it itself now.
func (b builder) leave(entries []*directory.Entry, member string, facts ...string) {
	if b.given && !slices.ContainsFunc(entries, func(e *directory.Entry) bool { return !said(&e.Venue.Record, facts...) }) {
		delete(b.Object, member)
	}
}

// serviceCore has the members of a service that are no objects.
func serviceCore(entries []*directory.Entry) Object {
	e := entries[0]
	f := &e.Offer
	b := build(&f.Record)
	c := e.Centre()
	b.put("name", f.Name, "name")
	b.put("description", f.Description, "description")
	b.put("status", c.Status, "status")
	b.put("url", f.URL, "url")
	b.put("email", f.Email, "email")
	if e.Venue.URL != "" && said(&e.Venue.Record, "url") { // a service at a location has none of its own
		b.set("url", c.URL)
	}
	b.add("url", c.URL)
	b.add("email", c.Email)
	b.put("interpretation_services", f.Interpreter, "interpreter")
	b.put("application_process", f.Application, "application")
	b.put("fees_description", f.Fees, "fees")
	b.put("wait_time", f.Waiting, "waiting")
	b.put("eligibility_description", f.Eligibility, "eligibility")
	b.put("minimum_age", f.MinAge, "min_age")
	b.put("maximum_age", f.MaxAge, "max_age")
	b.put("alert", f.Alert, "alert")
	if said(&e.Venue.Record, "assured") {
		b.set("assured_date", e.Venue.Assured)
	}
	if slices.ContainsFunc(entries, changed) {
		b.set("last_modified", instant(lastChange(entries)))
	}
	b.add("data_source", f.Source)
	b.add("data_licence", f.Licence)
	return b.Object
}

// changed reports whether any part of an entry is to be told from its record.
func changed(e *directory.Entry) bool {
	return slices.ContainsFunc([]*directory.Record{&e.Offer.Record, &e.Venue.Record, &e.Location.Record, &e.Provider.Record}, func(r *directory.Record) bool {
		return r.ID != "" && edited(r)
	})
}

// ofVenues reports whether a fact of one of the venues is to be told from its record.
func ofVenues(entries []*directory.Entry, fact string) bool {
	return slices.ContainsFunc(entries, func(e *directory.Entry) bool { return said(&e.Venue.Record, fact) })
}

func documents(f *directory.Offer) []any {
	var list []any
	for _, d := range f.Documents {
		o := Object{"id": part(f.ID, "document", d.Name), "document": d.Name}
		if d.URL != "" {
			o["uri"] = d.URL
		}
		list = append(list, o)
	}
	return list
}

func serviceAreas(entries []*directory.Entry) []any {
	var list []any
	seen := map[directory.Area]bool{}
	for _, e := range entries {
		for _, a := range e.Venue.Areas {
			if !seen[a] {
				seen[a] = true
				list = append(list, serviceArea(e.Offer.ID, a))
			}
		}
	}
	return list
}

// serviceArea writes a part of a catchment: extent_type plz, ags, land or
// nationwide, as the German profile has it.
func serviceArea(record string, a directory.Area) Object {
	extent := a.Low
	if a.High != a.Low {
		extent += "-" + a.High
	}
	o := Object{"id": part(record, "area", string(a.Kind)+extent), "name": extent, "extent_type": string(a.Kind)}
	if extent != "" {
		o["extent"] = extent
	} else {
		o["name"] = "Deutschland"
	}
	return o
}

// offerMarks are the attributes of a service with the fact that stands behind each.
var offerMarks = map[string]string{"topic": "topics", "target": "target", "free": "free", "next_step": "next_steps"}

func attributes(f *directory.Offer, label Labels) []any {
	var list []any
	for _, topic := range f.Topics {
		a := attribute(f.ID, "service", "topic", topic)
		a["taxonomy_term"] = map[string]any(Term(topic, label))
		list = append(list, a)
	}
	for _, target := range f.Target {
		list = append(list, attribute(f.ID, "service", "target", target))
	}
	if f.Free {
		list = append(list, attribute(f.ID, "service", "free", "free"))
	}
	for _, step := range f.NextSteps {
		list = append(list, attribute(f.ID, "service", "next_step", step))
	}
	return list
}

// schedules writes the hours as rows of the specification; hours that nobody can
// read are only a description.
func schedules(v *directory.Venue) []any {
	h, err := hours.Parse(v.Hours)
	if v.Hours == "" || err != nil {
		return description(v)
	}
	var list []any
	for _, row := range h.Schedules() {
		o := asObject(row)
		o["id"] = part(v.ID, "schedule", string(mustJSON(row)))
		list = append(list, o)
	}
	if len(list) > 0 && v.Hint != "" {
		list[0].(map[string]any)["description"] = v.Hint
	}
	return list
}

func description(v *directory.Venue) []any {
	if text := firstText(v.Hint, v.Hours); text != "" {
		return []any{Object{"id": part(v.ID, "schedule", text), "description": text}}
	}
	return nil
}
