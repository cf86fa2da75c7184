package directory

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
)

// Place is a postcode with a point in it and the Land it lies in. A postcode
// that spans several localities has the mean of their points.
type Place struct {
	Postcode string
	Name     string
	State    string
	Lat, Lon float64
}

// Places is the table of known postcodes. Postcodes of single large recipients
// are not in it, so an unknown postcode is not always a wrong one.
type Places struct{ byPostcode map[string]Place }

// ReadPlaces reads a CSV with the columns plz, place, state, lat and lon.
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
	return readPlaces(rows, at)
}

func readPlaces(rows *csv.Reader, at map[string]int) (*Places, error) {
	p := &Places{byPostcode: map[string]Place{}}
	count := map[string]float64{}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read places: %w", err)
		}
		lat, err1 := strconv.ParseFloat(row[at["lat"]], 64)
		lon, err2 := strconv.ParseFloat(row[at["lon"]], 64)
		if err := cmp.Or(err1, err2); err != nil {
			return nil, fmt.Errorf("read places: %w", err)
		}
		p.add(Place{Postcode: row[at["plz"]], Name: row[at["place"]], State: row[at["state"]], Lat: lat, Lon: lon}, count)
	}
}

// add folds one locality into its postcode: the shortest name, the mean point.
func (p *Places) add(next Place, count map[string]float64) {
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

// Lookup returns the place of a postcode.
func (p *Places) Lookup(postcode string) (Place, bool) {
	place, ok := p.byPostcode[postcode]
	return place, ok
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

// distanceKM is the great-circle distance of two points in kilometres.
func distanceKM(lat1, lon1, lat2, lon2 float64) float64 {
	const earth, rad = 6371.0, math.Pi / 180
	dlat, dlon := (lat2-lat1)*rad/2, (lon2-lon1)*rad/2
	h := math.Sin(dlat)*math.Sin(dlat) + math.Cos(lat1*rad)*math.Cos(lat2*rad)*math.Sin(dlon)*math.Sin(dlon)
	return 2 * earth * math.Asin(math.Min(1, math.Sqrt(h)))
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
