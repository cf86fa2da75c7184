package finder

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Where is one place or body that is responsible for a benefit where somebody
// lives. Names are German, as on the door; no addresses.
type Where struct {
	Kind string `json:"kind"` // text key where.<kind>; its text has a place for the name
	Name string `json:"name"`
}

// The kinds of Where.
const (
	whereDistrict = "district" // the Kreis or town itself
	whereWithin   = "within"   // a municipality in the Kreis
	whereBorough  = "borough"  // a borough of Berlin or Hamburg
	whereBody     = "body"     // a body of the Land
	whereChildren = "children" // the district, for children until they leave school
)

// body says who is responsible in a part of the country where an office is not
// that of the Kreis: bodies.json, the longest AGS that fits.
type body struct {
	Office   string `json:"office"`             // office of Access
	AGS      string `json:"ags"`                // beginning of the AGS
	Name     string `json:"name"`               // empty: the Kreis or town itself
	Children bool   `json:"children,omitempty"` // for children the Kreis or town
	Law      string `json:"law"`
	Sure     string `json:"sure"`
	Src      string `json:"src"`
	Reviewed string `json:"reviewed"`
}

func (b *body) where() string { return "office " + b.Office + " " + b.AGS }

func (r *Rules) readBodies(files fs.FS) error {
	var file struct {
		Bodies []body `json:"bodies"`
	}
	if _, err := fs.Stat(files, "bodies.json"); err != nil {
		return nil // no office is named then
	}
	if err := readFile(files, "bodies.json", &file); err != nil {
		return err
	}
	for _, b := range file.Bodies {
		if b.Office == "" || b.AGS == "" || !strings.Contains(b.Law, "§") && !strings.Contains(b.Law, "Art.") || !certainties[b.Sure] {
			return fmt.Errorf("bodies.json: %s %s needs office, ags, a paragraph and a certainty", b.Office, b.AGS)
		}
	}
	r.bodies = file.Bodies
	return nil
}

// where names who is responsible in a place; nothing for an authority of the
// whole country.
func (r *Rules) where(a *Access, place *Place) []Where {
	if place == nil || a.Level == "federal" {
		return nil
	}
	var all []Where
	for _, d := range place.Districts {
		for _, w := range r.whereIn(a, d) {
			if !slices.Contains(all, w) {
				all = append(all, w)
			}
		}
	}
	return all
}

func (r *Rules) whereIn(a *Access, d District) []Where {
	own := Where{whereDistrict, d.Name}
	switch {
	case d.AGS[:2] == "11" || d.AGS[:2] == "02":
		own.Kind = whereBorough
	case a.Level == "municipality" && !d.City:
		own.Kind = whereWithin
	}
	b := r.bodyOf(a.Office, d.AGS)
	switch {
	case b == nil && a.Level == "state":
		return nil
	case b == nil || b.Name == "":
		return []Where{own}
	case b.Children:
		return []Where{{whereBody, b.Name}, {whereChildren, d.Name}}
	}
	return []Where{{whereBody, b.Name}}
}

// bodyOf is the row for an office with the longest AGS that fits; nil when there
// is none.
func (r *Rules) bodyOf(office, ags string) *body {
	var best *body
	for i, b := range r.bodies {
		if b.Office == office && strings.HasPrefix(ags, b.AGS) && (best == nil || len(b.AGS) > len(best.AGS)) {
			best = &r.bodies[i]
		}
	}
	return best
}
