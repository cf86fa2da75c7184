package upkeep

import (
	"encoding/json"
	"slices"

	"lotse/directory"
)

// Sheet is what a centre says about itself: the form of an entry. A fact that the
// offer or the provider states for several places stands here as the place shows it.
type Sheet struct {
	Name        string   `json:"name,omitempty"`
	Description string   `json:"description,omitempty"`
	Alert       string   `json:"alert,omitempty"`
	Status      string   `json:"status,omitempty"` // see directory.Statuses; empty: active
	Topics      []string `json:"topics,omitempty"`
	Target      []string `json:"target,omitempty"`
	MinAge      int      `json:"min_age,omitempty"`
	MaxAge      int      `json:"max_age,omitempty"`
	Free        bool     `json:"free,omitempty"`
	Fees        string   `json:"fees,omitempty"`
	Languages   []string `json:"languages,omitempty"`

	Phones        []Line   `json:"phones,omitempty"`
	Email         string   `json:"email,omitempty"`
	URL           string   `json:"url,omitempty"`
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
var Fields = []string{"name", "description", "alert", "status", "topics", "target", "min_age", "max_age", "free", "fees", "languages",
	"phones", "email", "url", "street", "postcode", "city", "transport", "accessibility",
	"hours", "hint", "channels", "walk_in", "anonymous", "application", "waiting", "next_steps", "documents"}

// addressFields are those that lead to a door; the sheet of a protected place has
// none of them.
var addressFields = []string{"street", "postcode", "city", "transport"}

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
	if c.Type != directory.Protected {
		s.Street, s.Postcode, s.City, s.Transport = c.Street, c.Postcode, c.City, c.Transport
	}
	return s
}

// Put writes into an entry what the sheet says otherwise. What is as it was keeps
// its source. The address of a protected place is never written.
func (s Sheet) Put(e *directory.Entry) {
	was := SheetOf(e)
	s.putOffer(e, was)
	s.putReach(e, was)
	put(&e.Venue.Hours, was.Hours, s.Hours)
	put(&e.Venue.Hint, was.Hint, s.Hint)
	put(&e.Venue.WalkIn, was.WalkIn, s.WalkIn)
	put(&e.Venue.Anonymous, was.Anonymous, s.Anonymous)
	if !slices.Equal(was.Channels, s.Channels) {
		e.Venue.Channels = nil
		for _, channel := range s.Channels {
			e.Venue.Channels = append(e.Venue.Channels, directory.Channel(channel))
		}
	}
	putList(&e.Location.Accessibility, was.Accessibility, s.Accessibility)
	if e.Location.Type != directory.Protected {
		put(&e.Location.Street, was.Street, s.Street)
		put(&e.Location.Postcode, was.Postcode, s.Postcode)
		put(&e.Location.City, was.City, s.City)
		put(&e.Location.Transport, was.Transport, s.Transport)
	}
}

func (s Sheet) putOffer(e *directory.Entry, was Sheet) {
	o := &e.Offer
	put(&o.Name, was.Name, s.Name)
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
