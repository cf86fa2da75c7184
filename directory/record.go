package directory

import (
	"time"

	"github.com/google/uuid"
)

// Record is what every stored thing of the directory has: who says it, under
// which licence, and where each single fact comes from.
type Record struct {
	ID       string    `json:"-"` // stable over re-import, see RecordID
	Source   string    `json:"-"` // short name of the data set, such as "rki_gesundheitsamt"
	SourceID string    `json:"-"` // the record's id there
	Updated  time.Time `json:"-"` // last change of any fact; UTC
	Licence  string    `json:"licence,omitempty"`
	// Origins says which feed or person stands behind a fact, by its JSON name.
	Origins Origins `json:"-"`
	// Extra holds what a source in HSDS says beyond this model, as it came.
	Extra map[string]any `json:"extra,omitempty"`
}

// Origin is where one fact comes from.
type Origin struct {
	By string    `json:"by"`           // a feed's name, ByHand or Derived
	At time.Time `json:"at,omitzero"`  // when it was first said so
	As string    `json:"as,omitempty"` // for Derived: the code of the repair
	Of string    `json:"of,omitempty"` // for Derived: the feed whose facts it follows from
}

// Origins maps the JSON name of a fact to its origin.
type Origins map[string]Origin

// The origins that are no feed.
const (
	ByHand  = "person"  // a person of the provider entered it; no import overwrites it
	Derived = "derived" // worked out, such as a point from a postcode; anything stated is better
)

var (
	centreSpace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("lotse:centre"))
	recordSpace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("lotse:record"))
)

// CentreID returns the stable id of a source's centre: the UUIDv5 (RFC 9562,
// section 5.5) of source and source id.
func CentreID(source, sourceID string) string {
	return uuid.NewSHA1(centreSpace, []byte(source+"\x00"+sourceID)).String()
}

// Kind is one of the four kinds of records.
type Kind string

// The kinds, each with a table directory_<kind>.
const (
	KindProvider Kind = "provider"
	KindOffer    Kind = "offer"
	KindLocation Kind = "location"
	KindCentre   Kind = "centre"
)

// RecordID returns the stable id of a provider, an offer or a location of a
// source. Centres have ids of their own, because teams and addresses of pages
// hold them: see CentreID.
func RecordID(kind Kind, source, sourceID string) string {
	if kind == KindCentre {
		return CentreID(source, sourceID)
	}
	return uuid.NewSHA1(recordSpace, []byte(string(kind)+"\x00"+source+"\x00"+sourceID)).String()
}
