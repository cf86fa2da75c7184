package upkeep

import (
	"encoding/json"
	"reflect"
	"slices"

	"lotse/directory"
)

// Sheet is what a centre says about itself: the form of an entry. A fact that the
// offer or the provider states for several places stands here as the place shows it.
type Sheet struct {
	Name        string   `json:"name,omitempty"`
	Kind        string   `json:"kind,omitempty"`
	Description string   `json:"description,omitempty"`
	Alert       string   `json:"alert,omitempty"`
	Status      string   `json:"status,omitempty"` // see directory.Statuses; empty: active
	Topics      []string `json:"topics,omitempty"`
	Target      []string `json:"target,omitempty"`
	Eligibility string   `json:"eligibility,omitempty"`
	MinAge      int      `json:"min_age,omitempty"`
	MaxAge      int      `json:"max_age,omitempty"`
	Free        bool     `json:"free,omitempty"`
	Fees        string   `json:"fees,omitempty"`
	Languages   []string `json:"languages,omitempty"`
	Interpreter string   `json:"interpreter,omitempty"`
	Areas       []string `json:"areas,omitempty"` // as directory.Stated writes them

	Phones        []Line   `json:"phones,omitempty"`
	Email         string   `json:"email,omitempty"`
	URL           string   `json:"url,omitempty"`
	Booking       string   `json:"booking,omitempty"`
	Type          string   `json:"type,omitempty"`  // a directory.LocationType
	Place         string   `json:"place,omitempty"` // the name of the house
	Street        string   `json:"street,omitempty"`
	Postcode      string   `json:"postcode,omitempty"`
	City          string   `json:"city,omitempty"`
	Transport     string   `json:"transport,omitempty"`
	Accessibility []string `json:"accessibility,omitempty"`

	Hours     string   `json:"hours,omitempty"` // OSM opening_hours
	Hint      string   `json:"hint,omitempty"`
	Channels  []string `json:"channels,omitempty"`
	WalkIn    bool     `json:"walk_in,omitempty"`
	Anonymous bool     `json:"anonymous,omitempty"`

	// The next free appointment and the free places, each with the day on which they
	// were stated, 2006-01-02; see directory.Slot and directory.Capacity.
	SlotDay    string `json:"slot_day,omitempty"`
	SlotTime   string `json:"slot_time,omitempty"`
	SlotWalkIn bool   `json:"slot_walk_in,omitempty"`
	SlotStated string `json:"slot_stated,omitempty"`
	PlacesFree *int   `json:"places_free,omitempty"` // nil: not stated
	PlacesAll  int    `json:"places_all,omitempty"`
	PlacesUnit string `json:"places_unit,omitempty"`
	PlacesAt   string `json:"places_at,omitempty"`

	Application string   `json:"application,omitempty"`
	Waiting     string   `json:"waiting,omitempty"`
	NextSteps   []string `json:"next_steps,omitempty"`
	Documents   []string `json:"documents,omitempty"`
}

// Line is a telephone number with a note.
type Line struct {
	Number string `json:"number"`
	Note   string `json:"note,omitempty"`
}

// Fields are the names of the facts of a Sheet in the order of the form.
var Fields = []string{"name", "kind", "description", "topics", "status", "alert",
	"phones", "email", "url", "booking", "type", "place", "street", "postcode", "city", "transport", "accessibility",
	"hours", "hint", "channels", "walk_in", "anonymous", "slot_day", "slot_time", "slot_walk_in", "slot_stated", "places_free", "places_all", "places_unit", "places_at",
	"areas", "languages", "interpreter", "target", "eligibility", "min_age", "max_age", "free", "fees", "application", "waiting", "next_steps", "documents"}

// Address are the fields that lead to a door; the sheet of a protected place has
// none of them.
var Address = []string{"place", "street", "postcode", "city", "transport"}

// SheetOf fills the form from an entry.
func SheetOf(e *directory.Entry) Sheet {
	c := e.Centre()
	s := Sheet{Name: c.Name, Description: c.Description, Alert: c.Alert, Status: e.Offer.Status, Topics: c.Topics, Target: c.Targets,
		MinAge: c.MinAge, MaxAge: c.MaxAge, Free: c.Free, Fees: c.Fees, Languages: c.Languages, Email: c.Email, URL: c.URL,
		Accessibility: c.Accessibility, Hours: c.OpeningHours, Hint: c.HoursHint, WalkIn: c.WalkIn, Anonymous: c.Anonymous,
		Application: c.Application, Waiting: c.Waiting, NextSteps: c.NextSteps}
	for _, p := range c.Phones {
		s.Phones = append(s.Phones, Line{p.Number, p.Note})
	}
	for _, channel := range c.Channels {
		s.Channels = append(s.Channels, string(channel))
	}
	for _, d := range c.Documents {
		s.Documents = append(s.Documents, d.Name)
	}
	s.Kind, s.Eligibility, s.Interpreter, s.Booking = c.Kind, c.Eligibility, c.Interpreter, c.Booking
	s.Areas = directory.Stated(c.Areas)
	s.takeDated(e)
	if s.Type = string(c.Type); !s.Protected() {
		s.Place, s.Street, s.Postcode, s.City, s.Transport = c.Place, c.Street, c.Postcode, c.City, c.Transport
	}
	return s
}

// Protected reports whether the place is a protected one.
func (s Sheet) Protected() bool { return s.Type == string(directory.Protected) }

// takeDated fills in what was stated on a certain day.
func (s *Sheet) takeDated(e *directory.Entry) {
	if slot := e.Venue.Slot; slot != nil {
		s.SlotDay, s.SlotTime, s.SlotWalkIn, s.SlotStated = slot.Day, slot.Time, slot.WalkIn, slot.Stated
	}
	if c := e.Venue.Capacity; c != nil {
		s.PlacesFree, s.PlacesAll, s.PlacesUnit, s.PlacesAt = new(c.Available), c.Maximum, c.Unit, c.Updated
	}
}

// Date makes today the day on which the appointment and the free places were stated,
// each when it is another one than in was, or when again says that it still holds.
// What is not stated has no day.
func (s *Sheet) Date(was Sheet, today string, again bool) {
	s.SlotStated, s.PlacesAt = was.SlotStated, was.PlacesAt
	if now, old := s.slot(), was.slot(); now == nil {
		s.SlotStated = ""
	} else if again || old == nil || *now != *old {
		s.SlotStated = today
	}
	if now, old := s.capacity(), was.capacity(); now == nil {
		s.PlacesAt = ""
	} else if again || old == nil || *now != *old {
		s.PlacesAt = today
	}
}

// slot is the appointment of the sheet; nil: none.
func (s Sheet) slot() *directory.Slot {
	if s.SlotDay == "" {
		return nil
	}
	return &directory.Slot{Day: s.SlotDay, Time: s.SlotTime, WalkIn: s.SlotWalkIn, Stated: s.SlotStated}
}

// capacity is the free places of the sheet; nil: none are stated.
func (s Sheet) capacity() *directory.Capacity {
	if s.PlacesFree == nil {
		return nil
	}
	return &directory.Capacity{Unit: s.PlacesUnit, Available: *s.PlacesFree, Maximum: s.PlacesAll, Updated: s.PlacesAt}
}

// Put writes into an entry what the sheet says otherwise. What is as it was keeps
// its source. The address of a protected place is never written, and goes from the
// whole entry when the place becomes one.
func (s Sheet) Put(e *directory.Entry) {
	was := SheetOf(e)
	s.putOffer(e, was)
	s.putReach(e, was)
	put(&e.Venue.Hours, was.Hours, s.Hours)
	put(&e.Venue.Hint, was.Hint, s.Hint)
	put(&e.Venue.WalkIn, was.WalkIn, s.WalkIn)
	put(&e.Venue.Anonymous, was.Anonymous, s.Anonymous)
	s.putDated(e, was)
	if !slices.Equal(was.Channels, s.Channels) {
		e.Venue.Channels = nil
		for _, channel := range s.Channels {
			e.Venue.Channels = append(e.Venue.Channels, directory.Channel(channel))
		}
	}
	putList(&e.Location.Accessibility, was.Accessibility, s.Accessibility)
	s.putPlace(e, was)
}

// putDated writes what was stated on a certain day.
func (s Sheet) putDated(e *directory.Entry, was Sheet) {
	if slot := s.slot(); !reflect.DeepEqual(slot, was.slot()) {
		e.Venue.Slot = slot
	}
	if c := s.capacity(); !reflect.DeepEqual(c, was.capacity()) {
		e.Venue.Capacity = c
	}
}

// putPlace writes where the entry is.
func (s Sheet) putPlace(e *directory.Entry, was Sheet) {
	if s.Protected() {
		e.Protect()
		return
	}
	put(&e.Location.Type, directory.LocationType(was.Type), directory.LocationType(s.Type))
	if !was.Protected() {
		put(&e.Location.Name, was.Place, s.Place)
		put(&e.Location.Street, was.Street, s.Street)
		put(&e.Location.Postcode, was.Postcode, s.Postcode)
		put(&e.Location.City, was.City, s.City)
		put(&e.Location.Transport, was.Transport, s.Transport)
	}
}

func (s Sheet) putOffer(e *directory.Entry, was Sheet) {
	o := &e.Offer
	put(&o.Name, was.Name, s.Name)
	put(&o.Kind, was.Kind, s.Kind)
	put(&o.Eligibility, was.Eligibility, s.Eligibility)
	put(&o.Interpreter, was.Interpreter, s.Interpreter)
	put(&o.Description, was.Description, s.Description)
	put(&o.Alert, was.Alert, s.Alert)
	put(&o.Status, was.Status, s.Status)
	putList(&o.Topics, was.Topics, s.Topics)
	putList(&o.Target, was.Target, s.Target)
	put(&o.MinAge, was.MinAge, s.MinAge)
	put(&o.MaxAge, was.MaxAge, s.MaxAge)
	put(&o.Free, was.Free, s.Free)
	put(&o.Fees, was.Fees, s.Fees)
	put(&o.Application, was.Application, s.Application)
	put(&o.Waiting, was.Waiting, s.Waiting)
	putList(&o.NextSteps, was.NextSteps, s.NextSteps)
	if !slices.Equal(was.Documents, s.Documents) {
		o.Documents = documents(o.Documents, s.Documents)
	}
}

// putReach writes how the place is reached. What is emptied goes from the offer as
// well, or it would show again.
func (s Sheet) putReach(e *directory.Entry, was Sheet) {
	v, o := &e.Venue, &e.Offer
	put(&v.Booking, was.Booking, s.Booking)
	if !slices.Equal(was.Areas, s.Areas) {
		v.Areas = areas(s.Areas)
	}
	if was.Email != s.Email {
		v.Email, o.Email = s.Email, kept(o.Email, s.Email != "")
	}
	if was.URL != s.URL {
		v.URL, o.URL = s.URL, kept(o.URL, s.URL != "")
	}
	if !slices.Equal(was.Languages, s.Languages) {
		v.Languages = s.Languages
		if len(s.Languages) == 0 {
			o.Languages = nil
		}
	}
	if !slices.Equal(was.Phones, s.Phones) {
		v.Phones = phones(slices.Concat(v.Phones, o.Phones, e.Provider.Phones), s.Phones)
		if len(s.Phones) == 0 {
			o.Phones = nil
		}
	}
}

func kept(s string, keep bool) string {
	if keep {
		return s
	}
	return ""
}

func put[T comparable](to *T, was, now T) {
	if was != now {
		*to = now
	}
}

func putList(to *[]string, was, now []string) {
	if !slices.Equal(was, now) {
		*to = now
	}
}

// phones are the numbers of the form, each with what else is known of it.
func phones(known []directory.Phone, lines []Line) []directory.Phone {
	var list []directory.Phone
	for _, line := range lines {
		phone := directory.Phone{Number: line.Number}
		if i := slices.IndexFunc(known, func(p directory.Phone) bool { return p.Number == line.Number }); i >= 0 {
			phone = known[i]
		}
		phone.Note = line.Note
		list = append(list, phone)
	}
	return list
}

// areas are those of the form that can be read; Check has named the others.
func areas(lines []string) []directory.Area {
	var list []directory.Area
	for _, line := range lines {
		if area, ok := directory.ReadArea(line); ok {
			list = append(list, area)
		}
	}
	return list
}

func documents(known []directory.Document, names []string) []directory.Document {
	var list []directory.Document
	for _, name := range names {
		document := directory.Document{Name: name}
		if i := slices.IndexFunc(known, func(d directory.Document) bool { return d.Name == name }); i >= 0 {
			document = known[i]
		}
		list = append(list, document)
	}
	return list
}

// Facts are values in JSON by field; an empty fact is not there.
type Facts map[string]json.RawMessage

// Facts returns the sheet as facts.
func (s Sheet) Facts() Facts {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // texts, numbers and lists of them can always be written
	}
	var f Facts
	if err := json.Unmarshal(text, &f); err != nil {
		panic(err)
	}
	return f
}

// sheet reads facts back.
func (f Facts) sheet() (s Sheet, err error) {
	text, err := json.Marshal(f)
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(text, &s)
}

// Difference is a fact of a sheet that somebody would change.
type Difference struct {
	Field         string
	Before, After json.RawMessage // nil: empty
}

// Compare lists what differs between two sheets, in the order of the form.
func Compare(was, now Sheet) []Difference { return differ(was.Facts(), now.Facts()) }

func differ(was, now Facts) []Difference {
	var list []Difference
	for _, field := range Fields {
		if string(was[field]) != string(now[field]) {
			list = append(list, Difference{field, was[field], now[field]})
		}
	}
	return list
}
