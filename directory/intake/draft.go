// Package intake reads files in the formats in which lists of counselling centres
// go round, and hands over what they say, row by row, in the words of the source.
//
// It knows formats and encodings and no rule of the directory: it repairs
// nothing, looks nothing up and writes nothing. It holds one row at a time, so
// that a file of any size takes little memory; a row beyond [MaxRow] ends the
// reading. A file is sniffed by its content, never by its name.
package intake

// MaxRow is how long one row, element or feature may be, in bytes.
const MaxRow = 4 << 20

// Part says how much of an entry a draft speaks of.
type Part string

// The parts.
const (
	Whole     Part = ""          // all that the source knows of the entry
	Catchment Part = "catchment" // only the catchment of an entry that another file describes
)

// Draft is one row of a file: an offer at a location, as the source writes it.
// Empty means that the source does not say.
type Draft struct {
	Line    int    // where it stands in the file, counting from 1: the line; in JSON the number of the element
	Part    Part   // what the row speaks of
	Problem string // a code when the row could not be read; then nothing else counts

	Source, ID           string // the data set and the record's id in it
	OfferID, LocationID  string // ids of their own, where the source has such; else empty
	ProviderID, ParentID string

	Name, Kind, Description string
	Operator, Umbrella      string // Träger and Dachverband
	OperatorText, LegalForm string // about the Träger
	OperatorURL             string
	OperatorEmail           string
	Topics, Targets         []string
	Eligibility             string
	MinAge, MaxAge          string
	Fees, Application       string
	Documents, NextSteps    []string
	Interpreter             string
	Alert, Waiting, Status  string

	LocationType                             string // physical, virtual, protected; empty: by the address
	Place, PlaceText                         string // name and description of the location
	Street, Postcode, City, State, Transport string
	District, AGS                            string // the Kreis and its key
	Lat, Lon, Precision                      string
	Accessibility                            []string

	Phones              []Phone
	Email, URL          string
	Hours, HoursHint    string // OSM opening_hours syntax; in words
	Channels, Languages []string
	WalkIn, Anonymous   bool
	Free, Hidden        bool
	Areas               []string // 12345, 12345-12399, ags:05315, land:Berlin, nationwide
	Capacity            string
	Booking             string
	Assured             string // 2006-01-02
	Licence             string
	Persons             []string // names of contact persons, kept only on demand
	Extra               Extra
}

// Phone is a telephone number of a draft.
type Phone struct {
	ID, Number, Type, Note string
	Extension              int
	Languages              []string
}

// Extra is what an HSDS source says beyond the draft, object by object.
type Extra struct{ Provider, Offer, Location, Venue map[string]any }
