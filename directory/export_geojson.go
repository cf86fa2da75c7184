package directory

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
)

// feature is a GeoJSON feature (RFC 7946, section 3.2). Its properties have the
// names of the columns of Lotse's own CSV.
type feature struct {
	Type       string            `json:"type"`
	ID         string            `json:"id"`
	Geometry   *geometry         `json:"geometry"` // null where the place is not known or protected
	Properties map[string]string `json:"properties"`
}

type geometry struct {
	Type        string     `json:"type"`
	Coordinates [2]float64 `json:"coordinates"` // longitude, latitude
}

// WriteGeoJSON writes entries as a FeatureCollection, one at a time.
func WriteGeoJSON(w io.Writer, entries iter.Seq2[*Entry, error]) error {
	if _, err := io.WriteString(w, `{"type":"FeatureCollection","name":"lotse","features":[`); err != nil {
		return err
	}
	separator := "\n"
	for e, err := range entries {
		if err != nil {
			return err
		}
		text, err := json.Marshal(featureOf(e))
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s%s", separator, text); err != nil {
			return err
		}
		separator = ",\n"
	}
	_, err := io.WriteString(w, "\n]}\n")
	return err
}

func featureOf(e *Entry) feature {
	f := feature{Type: "Feature", ID: e.Venue.ID, Properties: map[string]string{}}
	if p := e.Location.Point; p != nil {
		f.Geometry = &geometry{Type: "Point", Coordinates: [2]float64{p.Lon, p.Lat}}
	}
	for _, c := range csvColumns {
		if value := c.value(e); value != "" && c.name != "lat" && c.name != "lon" {
			f.Properties[c.name] = value
		}
	}
	return f
}
