package directory

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"

	"lotse/directory/intake"
)

// entry makes an entry of a draft: it repairs what can be repaired, works out
// what follows, and notes both.
func (r *run) entry(d intake.Draft, fix *repairs) (*Entry, derivations) {
	e := &Entry{}
	if !r.keepPersons {
		d.Extra.StripPersons()
		if len(d.Persons) > 0 {
			fix.note("persons_stripped")
		}
	}
	worked := derivations{KindOffer: {}, KindLocation: {}, KindCentre: {}}
	source, id := fix.text(d.Source), fix.text(d.ID)
	licence := fix.text(d.Licence)
	e.Venue.Record = Record{Source: source, SourceID: id, Licence: licence, Extra: plain(d.Extra.Venue)}
	e.Offer.Record = Record{Source: source, SourceID: cmp.Or(d.OfferID, id), Licence: licence, Extra: plain(d.Extra.Offer)}
	e.Location.Record = Record{Source: source, SourceID: cmp.Or(d.LocationID, id), Licence: licence, Extra: plain(d.Extra.Location)}
	r.offer(&e.Offer, d, fix)
	r.location(&e.Location, d, worked[KindLocation], fix)
	r.venue(&e.Venue, d, fix)
	r.provider(e, d, fix)
	return e, worked
}

// plain brings what a source adds into the form in which it comes back from the
// database, so that the same is found to be the same.
func plain(extra map[string]any) map[string]any {
	if len(extra) == 0 {
		return nil
	}
	text, err := json.Marshal(extra)
	if err != nil {
		return nil // it came from JSON
	}
	var again map[string]any
	if err := json.Unmarshal(text, &again); err != nil {
		return nil
	}
	return again
}

func (r *run) offer(o *Offer, d intake.Draft, fix *repairs) {
	o.Name, o.Kind, o.Description = fix.text(d.Name), fix.text(d.Kind), fix.text(d.Description)
	o.Topics, o.Tags = r.taxonomy.Resolve(d.Topics)
	if o.Tags = fix.words(o.Tags); len(o.Tags) > 0 {
		fix.note("topic_unknown")
	}
	o.Target, o.Eligibility = fix.words(d.Targets), fix.text(d.Eligibility)
	o.MinAge, o.MaxAge = fix.age(d.MinAge), fix.age(d.MaxAge)
	o.Fees, o.Free, o.Application = fix.text(d.Fees), d.Free, fix.text(d.Application)
	for _, name := range fix.words(d.Documents) {
		o.Documents = append(o.Documents, Document{Name: name})
	}
	o.NextSteps, o.Languages, o.Interpreter = fix.words(d.NextSteps), fix.languages(d.Languages), fix.text(d.Interpreter)
	o.Alert, o.Waiting = fix.text(d.Alert), fix.text(d.Waiting)
	if o.Status = fix.text(d.Status); o.Status != "" && !slices.Contains(Statuses, o.Status) {
		fix.note("status_dropped")
		o.Status = ""
	}
}

func (r *run) location(l *Location, d intake.Draft, worked map[string]string, fix *repairs) {
	l.Type = typeOf(d)
	l.Name, l.Description, l.Transport = fix.text(d.Place), fix.text(d.PlaceText), fix.text(d.Transport)
	l.Street, l.City, l.State = fix.text(d.Street), fix.text(d.City), fix.land(fix.text(d.State))
	l.District, l.AGS = fix.text(d.District), fix.key(d.AGS, r.places)
	l.Postcode = fix.postcode(d.Postcode, r.places)
	l.Accessibility = fix.accessibility(d.Accessibility)
	fix.settle(l, worked, r.places)
	if l.Type == Protected {
		fix.note("address_concealed")
		return
	}
	l.Point = fix.point(d.Lat, d.Lon, d.Precision, l, r.places)
	fix.locate(l, worked, r.places)
}

// refuges are words in the name of an offer whose address is to be protected
// unless the source says that everybody may know it.
var refuges = []string{"frauenhaus", "frauenhauser", "schutzwohnung", "zufluchtswohnung", "schutzhaus", "madchenzuflucht"}

func typeOf(d intake.Draft) LocationType {
	switch t := LocationType(d.LocationType); t {
	case Physical, Virtual, Protected:
		return t
	}
	name := fold(d.Name + " " + d.Kind)
	if slices.ContainsFunc(refuges, func(word string) bool { return strings.Contains(name, word) }) {
		return Protected
	}
	if d.Street == "" && strings.Contains(name, "online") {
		return Virtual
	}
	return Physical
}

func (r *run) venue(v *Venue, d intake.Draft, fix *repairs) {
	v.State, v.Hidden = Approved, d.Hidden
	v.Phones, v.Email, v.URL = fix.phones(d.Phones), fix.email(d.Email), fix.link(d.URL)
	v.Hours, v.Hint = fix.hours(d.Hours), fix.text(d.HoursHint)
	for _, c := range d.Channels {
		if !slices.Contains(channels, Channel(c)) {
			fix.note("channel_dropped")
			continue
		}
		v.Channels = append(v.Channels, Channel(c))
	}
	v.WalkIn, v.Anonymous, v.Booking = d.WalkIn, d.Anonymous, fix.link(d.Booking)
	v.Capacity = fix.capacity(d.Capacity)
	v.Areas = fix.areas(d.Areas, r.places)
	if v.Assured = fix.date(d.Assured); v.Assured != "" {
		v.AssuredBy = "import"
	}
}

// provider gives the entry its provider: one per name and source, unless the
// source has ids for them.
func (r *run) provider(e *Entry, d intake.Draft, fix *repairs) {
	p := &e.Provider
	p.Name = fix.text(d.Operator)
	if p.Name == "" {
		return
	}
	p.Record = Record{Source: e.Offer.Source, SourceID: cmp.Or(d.ProviderID, fold(p.Name)), Licence: e.Offer.Licence, Extra: plain(d.Extra.Provider)}
	p.Umbrella, p.Description, p.LegalForm = fix.text(d.Umbrella), fix.text(d.OperatorText), fix.text(d.LegalForm)
	p.URL, p.Email, p.ParentID = fix.link(d.OperatorURL), fix.email(d.OperatorEmail), d.ParentID
}

// numbering gives records their lasting ids.
type numbering struct {
	// keep takes the source's ids, which are UUIDs as HSDS demands, so that an
	// object keeps its id wherever it goes.
	keep bool
	// same is what tells this entry from another one that has the same id in the
	// source; empty for the first.
	same string
}

// number gives the records of an entry their ids and ties them together.
func (e *Entry) number(n numbering) {
	e.Venue.ID = n.id(KindCentre, e.Venue.Record)
	e.Offer.ID = n.id(KindOffer, e.Offer.Record)
	e.Location.ID = n.id(KindLocation, e.Location.Record)
	e.Venue.OfferID, e.Venue.LocationID = e.Offer.ID, e.Location.ID
	if e.Provider.Name != "" {
		e.Provider.ID = numbering{keep: n.keep}.id(KindProvider, e.Provider.Record)
		e.Offer.ProviderID = e.Provider.ID
	}
}

func (n numbering) id(kind Kind, r Record) string {
	if n.same != "" {
		return RecordID(kind, r.Source, r.SourceID+"\x00"+n.same)
	}
	if id, err := uuid.Parse(r.SourceID); n.keep && err == nil && id.String() == r.SourceID {
		return r.SourceID
	}
	return RecordID(kind, r.Source, r.SourceID)
}

var channels = []Channel{OnSite, ByPhone, ByMail, ByChat, ByVideo, Outreach}
