package directory

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Range is a closed span of postcodes, low ≤ high, both five digits.
type Range struct{ Low, High string }

// Contains reports whether postcode lies in the range.
func (r Range) Contains(postcode string) bool { return r.Low <= postcode && postcode <= r.High }

// Centre is one counselling centre (Beratungsstelle): an offer at a location, as
// everybody may see it. It is worked out from an Entry by Entry.Centre and never
// stored. A protected place has neither street nor postcode nor point in it.
type Centre struct {
	ID         string // UUIDv5 of source and source id: stable over re-import
	OfferID    string
	LocationID string
	ProviderID string // empty when the source names no provider
	Source     string
	SourceID   string
	Licence    string
	Updated    time.Time // the last change of any part; UTC

	Name        string
	Operator    string // the Träger as the source writes it
	Umbrella    string // the Dachverband
	Kind        string
	Description string
	Topics      []string
	Target      string // target groups in one line
	Targets     []string
	MinAge      int // years, inclusive; 0: no limit
	MaxAge      int
	Eligibility string
	Fees        string
	Free        bool
	Interpreter string
	Application string
	Documents   []Document
	NextSteps   []string
	Alert       string
	Waiting     string
	Status      string // active or temporarily closed

	Type          LocationType
	Place         string // the location's own name
	Street        string
	Postcode      string // five digits, or empty
	City          string
	District      string  // the Kreis
	AGS           string  // its key, five digits
	State         string  // the Land
	Lat, Lon      float64 // of a protected place the middle of its Kreis, for search alone
	Precision     Precision
	Transport     string
	Accessibility []string

	Phone        string // the first of Phones
	Phones       []Phone
	Email        string
	URL          string // absolute, http or https, or empty
	OpeningHours string // OSM opening_hours syntax
	HoursHint    string
	Channels     []Channel
	WalkIn       bool
	Anonymous    bool
	Languages    []string // BCP 47
	Capacity     *Capacity
	Slot         *Slot // as it was stated; see NextSlot
	Booking      string
	Assured      string // date of the last confirmation, 2006-01-02, or empty
	Expired      bool   // nobody has confirmed it although they were asked
	Active       bool   // an inactive centre is kept but never shown

	Areas      []Area  // the catchment as it was stated
	Catchment  []Range // the same in postcodes, without nationwide; empty: it serves the places near it
	Nationwide bool
}

// Located reports whether the centre has coordinates.
func (c *Centre) Located() bool { return c.Precision != Nowhere }

// everywhere reports whether the centre helps in the whole country. One that is
// reached online does, unless it states a catchment: its chat follows that too.
func (c *Centre) everywhere() bool {
	return c.Nationwide || c.Type == Virtual && len(c.Catchment) == 0
}

// Serves reports whether the centre works on topic.
func (c *Centre) Serves(topic string) bool {
	return slices.Contains(c.Topics, topic)
}

// Paused reports whether the centre is closed for a while, whatever its hours say.
func (c *Centre) Paused() bool { return c.Status == "temporarily closed" }

// Centre returns what everybody may see of the entry. The address of a protected
// place is left out here once more, whatever the entry holds.
func (e *Entry) Centre() *Centre {
	c := &Centre{ID: e.Venue.ID, OfferID: e.Offer.ID, LocationID: e.Location.ID, ProviderID: e.Provider.ID,
		Source: e.Venue.Source, SourceID: e.Venue.SourceID, Licence: e.Venue.Licence, Updated: e.Changed(), Active: e.Shown(),
		Expired: e.Venue.State == Expired}
	c.takeOffer(&e.Offer)
	c.Operator, c.Umbrella = e.Provider.Name, e.Provider.Umbrella
	c.takeVenue(&e.Venue)
	c.Phones = firstOf(e.Venue.Phones, e.Offer.Phones, e.Provider.Phones)
	if i := slices.IndexFunc(c.Phones, func(p Phone) bool { return p.Type != "fax" }); i >= 0 {
		c.Phone = c.Phones[i].Number
	}
	c.Email = cmp.Or(e.Venue.Email, e.Offer.Email, e.Provider.Email)
	c.URL = cmp.Or(e.Venue.URL, e.Offer.URL, e.Provider.URL)
	c.Languages = firstOf(e.Venue.Languages, e.Offer.Languages)
	c.Areas = e.Venue.Areas
	place := e.Location
	place.Conceal()
	c.takeLocation(&place)
	return c
}

// Shown reports whether the entry is for the public: approved, or expired and marked
// as such, shown by its source, not given up and not merged into another one.
func (e *Entry) Shown() bool {
	released := e.Venue.State == Approved || e.Venue.State == Expired
	return released && !e.Venue.Hidden && e.Venue.MergedInto == "" && e.Offer.Status != "inactive" && e.Offer.Status != "defunct"
}

// Changed returns the instant of the last change of any part.
func (e *Entry) Changed() time.Time {
	last := e.Venue.Updated
	for _, t := range []time.Time{e.Offer.Updated, e.Location.Updated, e.Provider.Updated} {
		if t.After(last) {
			last = t
		}
	}
	return last
}

func (c *Centre) takeOffer(o *Offer) {
	c.Name, c.Kind, c.Description, c.Topics = o.Name, o.Kind, o.Description, o.Topics
	c.Targets, c.Target, c.MinAge, c.MaxAge = o.Target, strings.Join(o.Target, ", "), o.MinAge, o.MaxAge
	c.Fees, c.Free, c.Application, c.Documents, c.NextSteps = o.Fees, o.Free, o.Application, o.Documents, o.NextSteps
	c.Eligibility, c.Interpreter = o.Eligibility, o.Interpreter
	c.Alert, c.Waiting, c.Status = o.Alert, o.Waiting, cmp.Or(o.Status, "active")
}

func (c *Centre) takeVenue(v *Venue) {
	c.OpeningHours, c.HoursHint, c.Channels = v.Hours, v.Hint, v.Channels
	c.WalkIn, c.Anonymous, c.Booking, c.Assured = v.WalkIn, v.Anonymous, v.Booking, v.Assured
	c.Capacity, c.Slot = v.Capacity, v.Slot
}

func (c *Centre) takeLocation(l *Location) {
	c.Type, c.Place, c.Transport, c.Accessibility = l.Type, l.Name, l.Transport, l.Accessibility
	c.Street, c.Postcode, c.City, c.District, c.AGS, c.State = l.Street, l.Postcode, l.City, l.District, l.AGS, l.State
	if l.Point != nil {
		c.Lat, c.Lon, c.Precision = l.Point.Lat, l.Point.Lon, l.Point.Precision
	}
}

// firstOf returns the first list that is not empty.
func firstOf[T any](lists ...[]T) []T {
	for _, list := range lists {
		if len(list) > 0 {
			return list
		}
	}
	return nil
}

// ValidPostcode reports whether s has the shape of a German postcode.
func ValidPostcode(s string) bool {
	if len(s) != 5 {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}
