package directory

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// Place is a postcode with a point in it and the Land and Kreis it lies in. A
// postcode that spans several localities has the mean of their points.
type Place struct {
	Postcode string
	Name     string
	State    string
	District string // the Kreis; empty when the table does not say
	AGS      string // its key, five digits; empty when the table does not say
	Lat, Lon float64
}

// Places is the table of known postcodes. Postcodes of single large recipients
// are not in it, so an unknown postcode is not always a wrong one.
type Places struct {
	byPostcode map[string]Place
	names      map[string][]string // postcode → its localities, folded
	byName     map[string][]string // folded locality → its postcodes, sorted
	districts  map[string]district // AGS → the Kreis
	spans      map[string][]Range  // AGS or name of a Land → its postcodes
}

// district is a Kreis as the table of postcodes knows it.
type district struct {
	name, state string
	count       float64
	lat, lon    float64 // the mean of its localities
	box         box
}

// box is a rectangle in degrees.
type box struct{ south, north, west, east float64 }

func (b box) contains(lat, lon, margin float64) bool {
	return lat >= b.south-margin && lat <= b.north+margin && lon >= b.west-margin*1.6 && lon <= b.east+margin*1.6
}

// ReadPlaces reads a CSV with the columns plz, place, state, lat and lon, and if
// they are there kreis and ags5.
func ReadPlaces(r io.Reader) (*Places, error) {
	rows := csv.NewReader(r)
	rows.ReuseRecord = true
	head, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("read places: %w", err)
	}
	at, err := columns(head, "plz", "place", "state", "lat", "lon")
	if err != nil {
		return nil, fmt.Errorf("read places: %w", err)
	}
	for _, name := range []string{"kreis", "ags5"} {
		at[name] = slices.Index(head, name)
	}
	return readPlaces(rows, at)
}

func readPlaces(rows *csv.Reader, at map[string]int) (*Places, error) {
	p := &Places{byPostcode: map[string]Place{}, names: map[string][]string{}, byName: map[string][]string{},
		districts: map[string]district{}, spans: map[string][]Range{}}
	count := map[string]float64{}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			p.finish()
			return p, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read places: %w", err)
		}
		place, err := placeOf(row, at)
		if err != nil {
			return nil, fmt.Errorf("read places: %w", err)
		}
		p.add(place, count)
	}
}

func placeOf(row []string, at map[string]int) (Place, error) {
	lat, err1 := strconv.ParseFloat(row[at["lat"]], 64)
	lon, err2 := strconv.ParseFloat(row[at["lon"]], 64)
	p := Place{Postcode: row[at["plz"]], Name: row[at["place"]], State: row[at["state"]], Lat: lat, Lon: lon}
	if i := at["kreis"]; i >= 0 {
		p.District = row[i]
	}
	if i := at["ags5"]; i >= 0 {
		p.AGS = row[i]
	}
	return p, cmp.Or(err1, err2)
}

// add folds one locality into its postcode: the shortest name, the mean point.
func (p *Places) add(next Place, count map[string]float64) {
	p.addName(next)
	p.addDistrict(next)
	n := count[next.Postcode]
	count[next.Postcode] = n + 1
	if have, ok := p.byPostcode[next.Postcode]; ok {
		next.Lat = (have.Lat*n + next.Lat) / (n + 1)
		next.Lon = (have.Lon*n + next.Lon) / (n + 1)
		if len(have.Name) <= len(next.Name) {
			next.Name = have.Name
		}
	}
	p.byPostcode[next.Postcode] = next
}

func (p *Places) addName(place Place) {
	name := fold(place.Name)
	p.names[place.Postcode] = append(p.names[place.Postcode], name)
	if !slices.Contains(p.byName[name], place.Postcode) {
		p.byName[name] = append(p.byName[name], place.Postcode)
	}
}

func (p *Places) addDistrict(place Place) {
	for _, area := range []string{place.AGS, place.State} {
		span := Range{Low: place.Postcode, High: place.Postcode}
		if list := p.spans[area]; area != "" && (len(list) == 0 || list[len(list)-1] != span) {
			p.spans[area] = append(list, span)
		}
	}
	if place.AGS == "" {
		return
	}
	d, ok := p.districts[place.AGS]
	if !ok {
		d = district{name: place.District, state: place.State, box: box{place.Lat, place.Lat, place.Lon, place.Lon}}
	}
	d.lat, d.lon, d.count = d.lat+place.Lat, d.lon+place.Lon, d.count+1
	d.box.south, d.box.north = min(d.box.south, place.Lat), max(d.box.north, place.Lat)
	d.box.west, d.box.east = min(d.box.west, place.Lon), max(d.box.east, place.Lon)
	p.districts[place.AGS] = d
}

func (p *Places) finish() {
	for ags, d := range p.districts {
		d.lat, d.lon = d.lat/d.count, d.lon/d.count
		p.districts[ags] = d
	}
	for _, list := range p.byName {
		slices.Sort(list)
	}
}

// Lookup returns the place of a postcode.
func (p *Places) Lookup(postcode string) (Place, bool) {
	place, ok := p.byPostcode[postcode]
	return place, ok
}

// Named returns the postcodes of a locality, sorted; none when it is not known.
func (p *Places) Named(city string) []string { return p.byName[fold(city)] }

// Within reports whether the locality is one of those of the postcode, as far as
// the table knows: the names may differ by what is added to them.
func (p *Places) Within(postcode, city string) bool {
	name := fold(city)
	place, known := p.byPostcode[postcode]
	if !known || name == "" {
		return true
	}
	like := func(other string) bool { return sameLocality(name, other) }
	return slices.ContainsFunc(p.names[postcode], like) || like(fold(place.District))
}

// Postcodes returns all known postcodes in order.
func (p *Places) Postcodes() []string {
	all := make([]string, 0, len(p.byPostcode))
	for postcode := range p.byPostcode {
		all = append(all, postcode)
	}
	slices.Sort(all)
	return all
}

// columns finds the wanted column names in a header line.
func columns(head []string, want ...string) (map[string]int, error) {
	at := map[string]int{}
	for _, name := range want {
		i := slices.Index(head, name)
		if i < 0 {
			return nil, fmt.Errorf("column %q is missing", name)
		}
		at[name] = i
	}
	return at, nil
}
