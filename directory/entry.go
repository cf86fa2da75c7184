package directory

// Entry is one offer at one location with the provider behind it: the unit that
// is imported, edited and exported. HSDS calls the four organization, service,
// location and service_at_location.
type Entry struct {
	Provider Provider // zero when the source names none
	Offer    Offer
	Location Location
	Venue    Venue
}

// Provider is the organisation behind an offer (Träger).
type Provider struct {
	Record
	Name        string  `json:"name"`
	Umbrella    string  `json:"umbrella,omitempty"` // the association it belongs to (Dachverband), by name
	ParentID    string  `json:"parent_id,omitempty"`
	Description string  `json:"description,omitempty"`
	LegalForm   string  `json:"legal_form,omitempty"`
	Email       string  `json:"email,omitempty"`
	URL         string  `json:"url,omitempty"`
	Phones      []Phone `json:"phones,omitempty"`
}

// Offer is what somebody is helped with, wherever that happens.
type Offer struct {
	Record
	ProviderID  string     `json:"provider_id,omitempty"`
	Name        string     `json:"name"`
	Kind        string     `json:"kind,omitempty"` // as the source writes it: "Beratungsstelle"
	Description string     `json:"description,omitempty"`
	Topics      []string   `json:"topics,omitempty"` // ids of the taxonomy, sorted
	Tags        []string   `json:"tags,omitempty"`   // of the source, those that lead to no topic
	Target      []string   `json:"target,omitempty"` // target groups, as the source writes them
	Eligibility string     `json:"eligibility,omitempty"`
	MinAge      int        `json:"min_age,omitempty"` // years, inclusive; 0: no limit
	MaxAge      int        `json:"max_age,omitempty"` // years, inclusive; 0: no limit
	Fees        string     `json:"fees,omitempty"`    // in words; empty: not known
	Free        bool       `json:"free,omitempty"`    // the source says that it costs nothing
	Application string     `json:"application,omitempty"`
	Documents   []Document `json:"documents,omitempty"`  // what a person brings along
	NextSteps   []string   `json:"next_steps,omitempty"` // what a person does, in order
	Languages   []string   `json:"languages,omitempty"`  // BCP 47; "gsg" is German Sign Language
	Interpreter string     `json:"interpreter,omitempty"`
	Alert       string     `json:"alert,omitempty"` // what is different just now
	Waiting     string     `json:"waiting,omitempty"`
	Status      string     `json:"status,omitempty"` // see Statuses
	URL         string     `json:"url,omitempty"`
	Email       string     `json:"email,omitempty"`
	Phones      []Phone    `json:"phones,omitempty"`
}

// Statuses are the states of an offer, those of HSDS. An empty one is active.
var Statuses = []string{"active", "inactive", "defunct", "temporarily closed"}

// Phone is a telephone number as it is written.
type Phone struct {
	ID        string   `json:"id,omitempty"`
	Number    string   `json:"number"`
	Extension int      `json:"extension,omitempty"`
	Type      string   `json:"type,omitempty"` // voice, fax, text, hotline
	Note      string   `json:"note,omitempty"`
	Languages []string `json:"languages,omitempty"`
}

// Document is something a person brings along.
type Document struct {
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

// LocationType says what kind of place a location is.
type LocationType string

// The types of locations.
const (
	Physical LocationType = "physical"
	Virtual  LocationType = "virtual"
	// Protected is a place whose address endangers those who live there, such
	// as a women's refuge. Lotse does not hold the address: see Location.Conceal.
	Protected LocationType = "protected"
)

// Location is where an offer can be met.
type Location struct {
	Record
	Type          LocationType `json:"type"`
	Name          string       `json:"name,omitempty"`
	Description   string       `json:"description,omitempty"`
	Street        string       `json:"street,omitempty"` // with the house number
	Postcode      string       `json:"postcode,omitempty"`
	City          string       `json:"city,omitempty"`
	District      string       `json:"district,omitempty"` // the Kreis or kreisfreie Stadt
	AGS           string       `json:"ags,omitempty"`      // its key, five digits
	State         string       `json:"state,omitempty"`    // the Land
	Point         *Point       `json:"point,omitempty"`
	Transport     string       `json:"transport,omitempty"`     // how to get there
	Accessibility []string     `json:"accessibility,omitempty"` // see Accessibilities, or free words
	URL           string       `json:"url,omitempty"`
}

// Accessibilities are the marks of accessibility that can be filtered by.
var Accessibilities = []string{"step_free", "toilet", "induction_loop", "tactile", "sign_language", "easy_language", "parking"}

// Point is a coordinate pair in degrees (WGS 84).
type Point struct {
	Lat       float64   `json:"lat"`
	Lon       float64   `json:"lon"`
	Precision Precision `json:"precision,omitempty"`
}

// Precision says how exact a centre's coordinates are.
type Precision string

// The precisions, from exact to none.
const (
	AtAddress  Precision = "address"
	AtPostcode Precision = "plz"
	AtCity     Precision = "city"
	AtDistrict Precision = "district"
	Nowhere    Precision = ""
)

// Venue is how an offer is given at a location.
type Venue struct {
	Record
	OfferID    string    `json:"-"`
	LocationID string    `json:"-"`
	MergedInto string    `json:"-"` // the centre that a person merged this one into
	State      State     `json:"-"`
	Hidden     bool      `json:"hidden,omitempty"` // its source keeps it and does not show it
	Phones     []Phone   `json:"phones,omitempty"`
	Email      string    `json:"email,omitempty"`
	URL        string    `json:"url,omitempty"`
	Hours      string    `json:"hours,omitempty"`    // OSM opening_hours syntax; the package hours evaluates it
	Hint       string    `json:"hint,omitempty"`     // about the hours, in words
	Channels   []Channel `json:"channels,omitempty"` // empty: not known
	WalkIn     bool      `json:"walk_in,omitempty"`  // no appointment needed
	Anonymous  bool      `json:"anonymous,omitempty"`
	Languages  []string  `json:"languages,omitempty"`
	Capacity   *Capacity `json:"capacity,omitempty"`
	Slot       *Slot     `json:"next_slot,omitempty"`
	Areas      []Area    `json:"-"` // the catchment, sorted; empty: it serves the places near it
	Booking    string    `json:"booking,omitempty"`
	Assured    string    `json:"assured,omitempty"`    // date of the last confirmation, 2006-01-02
	AssuredBy  string    `json:"assured_by,omitempty"` // how: self, phone, import
}

// State is where an entry stands editorially.
type State string

// The states: draft → review → approved → expired, and back to approved. An entry
// is shown when it is approved, or expired: then with a warning.
const (
	Draft    State = "draft"
	Review   State = "review"
	Approved State = "approved"
	Expired  State = "expired"
)

// Channel is a way of being counselled.
type Channel string

// The channels.
const (
	OnSite   Channel = "on_site"
	ByPhone  Channel = "phone"
	ByMail   Channel = "mail"
	ByChat   Channel = "chat"
	ByVideo  Channel = "video"
	Outreach Channel = "outreach" // they come to the person
)

// Capacity is how many places there are (HSDS 3.1 service_capacity).
type Capacity struct {
	Unit      string `json:"unit,omitempty"` // beds, places
	Available int    `json:"available"`
	Maximum   int    `json:"maximum,omitempty"`
	Updated   string `json:"updated,omitempty"` // date, 2006-01-02
}

// AreaKind is how a catchment is stated.
type AreaKind string

// The kinds of areas.
const (
	AreaPostcodes  AreaKind = "plz"        // a closed range; a single postcode has equal ends
	AreaDistrict   AreaKind = "ags"        // a Kreis by its five digits
	AreaState      AreaKind = "land"       // a Land by its name
	AreaNationwide AreaKind = "nationwide" // everywhere
)

// Area is a part of a catchment (Einzugsgebiet).
type Area struct {
	Kind AreaKind `json:"kind"`
	Low  string   `json:"low,omitempty"`  // postcode, key or name
	High string   `json:"high,omitempty"` // postcode; equals Low for the other kinds
}
