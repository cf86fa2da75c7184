package web

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"net/http"
	"strings"

	"lotse/directory"
)

// The grid of the map: columns of 0.2 degrees from 5.8° E, rows of the same
// length on the ground, from 55.1° N down.
const (
	west, north   = 5.8, 55.1
	columnDegrees = 0.2
	rowDegrees    = 0.126
	gridStep      = 10 // units of the picture from dot to dot
	columns, rows = 47, 63
)

// dot is a place of the grid.
type dot struct{ x, y int }

// dotAt returns the dot for a point on the ground.
func dotAt(lat, lon float64) dot {
	return dot{int(math.Floor((lon - west) / columnDegrees)), int(math.Floor((north - lat) / rowDegrees))}
}

// centreMap answers with a picture of Germany and where in it the centre is. It
// is drawn from the table of postcodes, so that no map service learns who
// looked for which centre.
func (s *Server) centreMap(w http.ResponseWriter, r *http.Request) error {
	c, err := s.centre(w, r)
	if err != nil || c == nil {
		return err
	}
	s.write(w, r, http.StatusOK, "image/svg+xml", []byte(drawMap(s.directory.Places, c)))
	return nil
}

// drawMap draws the country as dots, the Land and the Kreis darker, and a mark at
// the place. A protected place has no mark: its Kreis is all that is shown.
func drawMap(places *directory.Places, c *directory.Centre) string {
	layer := map[dot]int{}
	for _, postcode := range places.Postcodes() {
		place, _ := places.Lookup(postcode)
		at := dotAt(place.Lat, place.Lon)
		layer[at] = max(layer[at], layerOf(place, c))
	}
	fillHoles(layer)
	fillHoles(layer)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d">`, columns*gridStep, rows*gridStep)
	fmt.Fprintf(&b, `<path fill="#fbf8f3" d="M0 0h%dv%dH0z"/><g fill="none" stroke-linecap="round" stroke-width="8" stroke-dasharray="0 %d">`,
		columns*gridStep, rows*gridStep, gridStep)
	for n, colour := range []string{"", "#cfd8d6", "#7fa9ad", "#0b5563"} {
		if path := dots(layer, n); path != "" && n > 0 {
			fmt.Fprintf(&b, `<path stroke="%s" d="%s"/>`, colour, path)
		}
	}
	b.WriteString("</g>")
	if c.Located() && c.Type != directory.Protected {
		x, y := (c.Lon-west)/columnDegrees*gridStep, (north-c.Lat)/rowDegrees*gridStep
		fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="13" fill="#e09b35" stroke="#1c2427" stroke-width="4"/>`, x, y)
	}
	return b.String() + "</svg>"
}

// layerOf is 3 in the Kreis of the centre, 2 in its Land, 1 elsewhere.
func layerOf(place directory.Place, c *directory.Centre) int {
	switch {
	case c.District != "" && place.District == c.District && place.State == c.State:
		return 3
	case c.State != "" && place.State == c.State:
		return 2
	}
	return 1
}

// fillHoles closes the holes: a dot with land on at least five of its eight sides is
// land too, of the kind that most of them are.
func fillHoles(layer map[dot]int) {
	added := map[dot]int{}
	for y := range rows {
		for x := range columns {
			if layer[dot{x, y}] == 0 {
				if kind, sides := neighbours(layer, x, y); sides >= 5 {
					added[dot{x, y}] = kind
				}
			}
		}
	}
	maps.Copy(layer, added)
}

// neighbours counts the land at the eight sides and names its commonest kind.
func neighbours(layer map[dot]int, x, y int) (kind, sides int) {
	var count [4]int
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			if k := layer[dot{x + dx, y + dy}]; k > 0 {
				sides++
				count[k]++
			}
		}
	}
	for k := range count {
		if count[k] > count[kind] {
			kind = k
		}
	}
	return kind, sides
}

// dots is the path of the dots of one kind: each row a few lines, which the
// pattern of the stroke breaks into dots.
func dots(layer map[dot]int, kind int) string {
	var path strings.Builder
	for y := range rows {
		for x := 0; x < columns; x++ {
			from := x
			for x < columns && layer[dot{x, y}] == kind {
				x++
			}
			if run := x - from; run > 0 {
				fmt.Fprintf(&path, "M%d %dh%d", from*gridStep+gridStep/2, y*gridStep+gridStep/2, (run-1)*gridStep+1)
			}
		}
	}
	return path.String()
}

// mapText names what the picture shows: the place or the Kreis, and the Land. It is
// empty when neither is known, and then there is no picture.
func mapText(c *directory.Centre) string {
	place := c.City
	if c.Type == directory.Protected || place == "" {
		place = c.District
	}
	if place == "" || c.State == "" || place == c.State {
		return cmp.Or(place, c.State)
	}
	return place + ", " + c.State
}
