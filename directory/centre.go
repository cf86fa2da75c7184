package directory

import (
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Precision says how exact a centre's coordinates are.
type Precision string

// The precisions, from exact to none.
const (
	AtAddress  Precision = "address"
	AtPostcode Precision = "plz"
	AtCity     Precision = "city"
	Nowhere    Precision = ""
)

// Range is a closed span of postcodes, low ≤ high, both five digits.
type Range struct{ Low, High string }

// Contains reports whether postcode lies in the range.
func (r Range) Contains(postcode string) bool { return r.Low <= postcode && postcode <= r.High }

// Centre is one counselling centre (Beratungsstelle) as one source describes it.
type Centre struct {
	ID           string // UUIDv5 of source and source id: stable over re-import
	Source       string
	SourceID     string
	Name         string
	Operator     string // the Träger as the source writes it
	Kind         string
	Street       string
	Postcode     string // five digits, or empty
	City         string
	State        string // the Land
	Lat, Lon     float64
	Precision    Precision
	Phone        string
	Email        string
	URL          string // absolute, http or https, or empty
	Target       string
	OpeningHours string // OSM opening_hours syntax, as the source gave it
	Description  string
	Licence      string
	Active       bool // an inactive centre is kept but never shown
	Topics       []string
	Catchment    []Range // empty: the centre serves the places near it
}

// Located reports whether the centre has coordinates.
func (c *Centre) Located() bool { return c.Precision != Nowhere }

// Serves reports whether the centre works on topic.
func (c *Centre) Serves(topic string) bool {
	return slices.Contains(c.Topics, topic)
}

var centreSpace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("lotse:centre"))

// CentreID returns the stable id of a source's record.
func CentreID(source, sourceID string) string {
	return uuid.NewSHA1(centreSpace, []byte(source+"\x00"+sourceID)).String()
}

// ValidPostcode reports whether s has the shape of a German postcode.
func ValidPostcode(s string) bool {
	if len(s) != 5 {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}
