package directory

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// germany is a box around the country.
var germany = box{south: 47.2, north: 55.1, west: 5.8, east: 15.1}

// centroids are points that geocoders give when they know no better than the
// country.
var centroids = [][2]float64{{51.165691, 10.451526}, {51.1657, 10.4515}, {51.16, 10.45}, {51.5, 10.5}}

// districtMargin is how far a place may lie outside the box around the
// localities of its Kreis, in degrees of latitude: about ten kilometres.
const districtMargin = 0.09

// point reads a coordinate pair. It returns nil, with a code that says why, for
// one that cannot be where the place is.
func (r *repairs) point(lat, lon, precision string, l *Location, places *Places) *Point {
	if lat == "" && lon == "" {
		return nil
	}
	y, err1 := strconv.ParseFloat(strings.Replace(lat, ",", ".", 1), 64)
	x, err2 := strconv.ParseFloat(strings.Replace(lon, ",", ".", 1), 64)
	if err1 != nil || err2 != nil || math.IsNaN(y) || math.IsNaN(x) {
		r.note("coordinates_unreadable")
		return nil
	}
	if !germany.contains(y, x, 0) && germany.contains(x, y, 0) {
		r.note("coordinates_swapped")
		x, y = y, x
	}
	if code := r.misplaced(y, x, l, places); code != "" {
		r.note(code)
		return nil
	}
	return &Point{Lat: y, Lon: x, Precision: precisionOf(precision)}
}

func (r *repairs) misplaced(lat, lon float64, l *Location, places *Places) (code string) {
	switch {
	case lat == 0 && lon == 0:
		return "coordinates_zero"
	case !germany.contains(lat, lon, 0):
		return "coordinates_abroad"
	case slices.ContainsFunc(centroids, func(c [2]float64) bool {
		return math.Abs(c[0]-lat) < 1e-4 && math.Abs(c[1]-lon) < 1e-4
	}):
		return "coordinates_centroid"
	}
	if d, known := places.districts[l.AGS]; known && !d.box.contains(lat, lon, districtMargin) {
		return "coordinates_outside_district"
	}
	return ""
}

func precisionOf(s string) Precision {
	switch p := Precision(s); p {
	case AtAddress, AtPostcode:
		return p
	}
	return AtCity
}

// settle fills what follows from the postcode or the city, and remembers what
// it worked out. It doubts a city that does not lie in its postcode.
func (r *repairs) settle(l *Location, d map[string]string, places *Places) {
	if all := places.Named(l.City); l.Postcode == "" && len(all) == 1 {
		l.Postcode, d["postcode"] = all[0], "postcode_from_city"
		r.note("postcode_from_city")
	}
	place, known := places.Lookup(l.Postcode)
	if !known {
		return
	}
	if !places.Within(l.Postcode, l.City) {
		r.note("postcode_not_in_city")
	}
	if l.State == "" && place.State != "" {
		l.State, d["state"] = place.State, "state_from_postcode"
		r.note("state_from_postcode")
	} else if place.State != "" && fold(l.State) != fold(place.State) {
		r.note("state_not_of_postcode")
	}
	if place.District != "" && l.AGS == "" {
		l.District, d["district"] = place.District, "district_from_postcode"
		l.AGS, d["ags"] = place.AGS, "district_from_postcode"
	}
}

// locate gives a location without a point that of its postcode, or of its city.
func (r *repairs) locate(l *Location, d map[string]string, places *Places) {
	if l.Point != nil {
		return
	}
	if place, ok := places.Lookup(l.Postcode); ok {
		l.Point, d["point"] = &Point{Lat: place.Lat, Lon: place.Lon, Precision: AtPostcode}, "coordinates_from_postcode"
	} else if p := places.middle(places.Named(l.City), l.State); p != nil {
		l.Point, d["point"] = p, "coordinates_from_city"
	} else {
		return
	}
	r.note(d["point"])
}

// middle is the mean point of the postcodes that lie in the Land; nil when there
// are none, or when they lie so far apart that several places share the name.
func (p *Places) middle(postcodes []string, state string) *Point {
	var lat, lon, n float64
	around := box{90, -90, 180, -180}
	for _, postcode := range postcodes {
		place := p.byPostcode[postcode]
		if state != "" && fold(place.State) != fold(state) {
			continue
		}
		lat, lon, n = lat+place.Lat, lon+place.Lon, n+1
		around = box{min(around.south, place.Lat), max(around.north, place.Lat), min(around.west, place.Lon), max(around.east, place.Lon)}
	}
	if n == 0 || around.north-around.south > 0.5 || around.east-around.west > 0.8 {
		return nil
	}
	return &Point{Lat: lat / n, Lon: lon / n, Precision: AtCity}
}

// districtPoint is where a protected place is looked for: in the middle of its
// Kreis, which tells nothing that the name of the Kreis does not. Nil for others.
func (p *Places) districtPoint(c *Centre) *Point {
	d, known := p.districts[c.AGS]
	if c.Type != Protected || !known {
		return nil
	}
	return &Point{Lat: d.lat, Lon: d.lon, Precision: AtDistrict}
}

// sameLocality compares two folded names of places: "frankfurt am main" and
// "frankfurt", "leipzig" and "leipzig zentrum" are the same.
func sameLocality(a, b string) bool {
	a, b = locality(a), locality(b)
	if a == "" || b == "" {
		return false
	}
	return strings.HasPrefix(a, b) || strings.HasPrefix(b, a)
}

var localityNoise = strings.NewReplacer("kreisfreie stadt ", "", "landkreis ", "", "hansestadt ", "", "universitatsstadt ", "",
	"-", " ", ",", " ", "/", " ", "(", " ", ")", " ", ".", " ", " ot ", " ")

func locality(s string) string { return strings.Join(strings.Fields(localityNoise.Replace(s)), " ") }
