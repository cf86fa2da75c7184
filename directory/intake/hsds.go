package intake

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"lotse/directory/hours"
)

// hsdsDrafts reads a service of HSDS 3.0 with all its locations, an organization
// with its services, or a service at a location. Each service at a location is a
// draft; what the model has no place for goes along as Extra.
func hsdsDrafts(o object, opt Options) []Draft {
	switch {
	case o.has("services"):
		return organizationDrafts(o, opt)
	case o.has("service", "location"):
		return atLocationDrafts(o, opt)
	case o.str("id") == "" && o.str("name") == "":
		return []Draft{{Problem: "hsds_no_service"}}
	}
	return serviceDrafts(o, opt)
}

func organizationDrafts(o object, opt Options) []Draft {
	org := without(o, "services")
	var drafts []Draft
	for _, service := range o.objs("services") {
		if !service.has("organization") {
			service["organization"] = map[string]any(org)
		}
		drafts = append(drafts, serviceDrafts(service, opt)...)
	}
	if len(drafts) == 0 {
		return []Draft{{Source: hsdsSource(opt), ID: o.str("id"), Problem: "provider_without_offer"}}
	}
	return drafts
}

func atLocationDrafts(o object, opt Options) []Draft {
	service := o.obj("service")
	service["service_at_locations"] = []any{map[string]any(without(o, "service"))}
	return serviceDrafts(service, opt)
}

func hsdsSource(opt Options) string { return cmp.Or(opt.Source, "hsds") }

func without(o object, keys ...string) object {
	rest := maps.Clone(o)
	for _, k := range keys {
		delete(rest, k)
	}
	return rest
}

func serviceDrafts(o object, opt Options) []Draft {
	base := serviceDraft(o, opt)
	places := o.objs("service_at_locations")
	if len(places) == 0 {
		d := base
		d.ID, d.LocationID, d.LocationType = o.str("id"), o.str("id"), "virtual"
		d.Phones, d.Languages = hsdsPhones(o), hsdsLanguages(o)
		return []Draft{d}
	}
	var drafts []Draft
	for _, at := range places {
		drafts = append(drafts, placeDraft(base, o, at))
	}
	return drafts
}

// serviceDraft reads what is the same at all locations.
func serviceDraft(o object, opt Options) Draft {
	org := o.obj("organization")
	d := Draft{Source: hsdsSource(opt), OfferID: o.str("id"), ProviderID: org.str("id"), ParentID: org.str("parent_organization_id"),
		Name: o.str("name"), Description: o.str("description"), URL: o.str("url"), Email: o.str("email"), Status: o.str("status"),
		Interpreter: o.str("interpretation_services"), Application: o.str("application_process"), Fees: cmp.Or(o.str("fees_description"), o.str("fees")),
		Waiting: o.str("wait_time"), Eligibility: o.str("eligibility_description"), MinAge: o.str("minimum_age"), MaxAge: o.str("maximum_age"),
		Alert: o.str("alert"), Assured: o.str("assured_date"), Licence: cmp.Or(opt.Licence, o.str("data_licence")),
		Operator: org.str("name"), Umbrella: org.str("umbrella"), OperatorText: org.str("description"), LegalForm: org.str("legal_status"),
		OperatorURL: org.str("website"), OperatorEmail: org.str("email")}
	for _, doc := range o.objs("required_documents") {
		d.Documents = append(d.Documents, doc.str("document"))
	}
	for _, a := range o.objs("attributes") {
		d.attribute(a)
	}
	for _, a := range o.objs("service_areas") {
		d.area(a)
	}
	for _, holder := range []object{o, org} {
		for _, c := range holder.objs("contacts") {
			d.person(c)
		}
	}
	d.Hours = hsdsHours(o.objs("schedules"))
	d.Extra.Offer = without(o, "service_at_locations", "organization")
	if len(org) > 0 {
		d.Extra.Provider = org
	}
	return d
}

// placeDraft reads one location of a service.
func placeDraft(d Draft, o, at object) Draft {
	l := at.obj("location")
	// What is added for one location must not reach the others.
	d.Topics, d.Targets, d.Channels = slices.Clip(d.Topics), slices.Clip(d.Targets), slices.Clip(d.Channels)
	d.NextSteps, d.Persons = slices.Clip(d.NextSteps), slices.Clip(d.Persons)
	d.ID, d.LocationID = at.str("id"), cmp.Or(l.str("id"), at.str("id"))
	d.LocationType = hsdsLocationType(l)
	d.Place, d.PlaceText, d.Transport = l.str("name"), l.str("description"), l.str("transportation")
	d.Lat, d.Lon, d.Precision = l.str("latitude"), l.str("longitude"), "address"
	for _, a := range l.objs("addresses") {
		if d.Street == "" {
			d.Street, d.Postcode, d.City, d.State = a.str("address_1"), a.str("postal_code"), a.str("city"), a.str("state_province")
		}
	}
	for _, a := range l.objs("accessibility") {
		d.Accessibility = append(d.Accessibility, a.str("description"))
	}
	d.Phones = firstPhones(at, l, o)
	if d.Languages = hsdsLanguages(l); len(d.Languages) == 0 {
		d.Languages = hsdsLanguages(o)
	}
	for _, a := range at.objs("attributes") {
		d.attribute(a)
	}
	for _, s := range firstObjects(at.objs("schedules"), l.objs("schedules"), o.objs("schedules")) {
		d.HoursHint = cmp.Or(d.HoursHint, s.str("description"))
	}
	for _, holder := range []object{at, l} {
		for _, c := range holder.objs("contacts") {
			d.person(c)
		}
	}
	d.Hours = cmp.Or(hsdsHours(at.objs("schedules")), hsdsHours(l.objs("schedules")), d.Hours)
	d.Extra.Venue, d.Extra.Location = without(at, "location"), l
	return d
}

// hsdsHours writes schedules as OSM opening_hours. What cannot be written so
// stays with the source's own rows in Extra.
func hsdsHours(schedules []object) string {
	if len(schedules) == 0 {
		return ""
	}
	text, err := json.Marshal(schedules)
	if err != nil {
		return ""
	}
	var rows []hours.Schedule
	if err := json.Unmarshal(text, &rows); err != nil {
		return ""
	}
	h, err := hours.FromSchedules(rows)
	if err != nil || !h.Expressible() {
		return ""
	}
	return h.String()
}

func hsdsLocationType(l object) string {
	for _, a := range l.objs("attributes") {
		if a.str("value") == "protected" {
			return "protected"
		}
	}
	return map[string]string{"virtual": "virtual", "physical": "physical", "protected": "protected"}[l.str("location_type")]
}

func firstObjects(lists ...[]object) []object {
	for _, list := range lists {
		if len(list) > 0 {
			return list
		}
	}
	return nil
}

func firstPhones(holders ...object) []Phone {
	for _, h := range holders {
		if list := hsdsPhones(h); len(list) > 0 {
			return list
		}
	}
	return nil
}

func hsdsPhones(o object) []Phone {
	var list []Phone
	for _, p := range o.objs("phones") {
		extension, _ := strconv.Atoi(p.str("extension"))
		list = append(list, Phone{ID: p.str("id"), Number: p.str("number"), Extension: extension, Type: p.str("type"),
			Note: p.str("description"), Languages: hsdsLanguages(p)})
	}
	return list
}

func hsdsLanguages(o object) []string {
	var list []string
	for _, l := range o.objs("languages") {
		if code := cmp.Or(l.str("code"), l.str("name")); code != "" && !slices.Contains(list, code) {
			list = append(list, code)
		}
	}
	return list
}

// attribute reads a taxonomy term: a fact of our own profile, or a topic.
func (d *Draft) attribute(a object) {
	term := a.obj("taxonomy_term")
	value := cmp.Or(term.str("code"), a.str("value"), term.str("name"))
	switch a.str("link_type") {
	case "channel":
		d.Channels = append(d.Channels, value)
	case "target":
		d.Targets = append(d.Targets, value)
	case "walk_in":
		d.WalkIn = true
	case "anonymous":
		d.Anonymous = true
	case "free":
		d.Free = true
	case "next_step":
		d.NextSteps = append(d.NextSteps, value)
	default:
		d.Topics = append(d.Topics, value)
	}
}

// area reads a service area of our own profile; others stay in Extra.
func (d *Draft) area(a object) {
	switch kind := a.str("extent_type"); kind {
	case "plz":
		d.Areas = append(d.Areas, a.str("extent"))
	case "ags", "land":
		d.Areas = append(d.Areas, kind+":"+a.str("extent"))
	case "nationwide":
		d.Areas = append(d.Areas, kind)
	}
}

func (d *Draft) person(contact object) {
	if name := contact.str("name"); name != "" {
		d.Persons = append(d.Persons, name)
	}
}

// StripPersons takes the names of people out of what a source says beyond the
// model: of contacts, of addresses and of who changed something.
func (e Extra) StripPersons() {
	for _, o := range []map[string]any{e.Provider, e.Offer, e.Location, e.Venue} {
		stripPersons(o, "")
	}
}

// personal are the members that hold the name of a person, by the list they are
// members of.
var personal = map[string][]string{"contacts": {"name", "email"}, "addresses": {"attention"}}

func stripPersons(v any, in string) {
	switch v := v.(type) {
	case map[string]any:
		for _, member := range personal[in] {
			delete(v, member)
		}
		if in == "metadata" { // HSDS demands the member
			v["updated_by"] = "not stated"
		}
		for name, inner := range v {
			stripPersons(inner, name)
		}
	case []any:
		for _, inner := range v {
			stripPersons(inner, in)
		}
	}
}
