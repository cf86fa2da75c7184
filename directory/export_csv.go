package directory

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
)

// csvColumns are the columns of Lotse's own format, in the order in which they
// are written. The import reads them back.
var csvColumns = []struct {
	name  string
	value func(*Entry) string
}{
	{"source", func(e *Entry) string { return e.Venue.Source }},
	{"source_id", func(e *Entry) string { return e.Venue.SourceID }},
	{"name", func(e *Entry) string { return e.Offer.Name }},
	{"operator", func(e *Entry) string { return e.Provider.Name }},
	{"umbrella", func(e *Entry) string { return e.Provider.Umbrella }},
	{"kind", func(e *Entry) string { return e.Offer.Kind }},
	{"location_type", func(e *Entry) string { return string(e.Location.Type) }},
	{"street", func(e *Entry) string { return e.Location.Street }},
	{"plz", func(e *Entry) string { return e.Location.Postcode }},
	{"city", func(e *Entry) string { return e.Location.City }},
	{"district", func(e *Entry) string { return e.Location.District }},
	{"ags", func(e *Entry) string { return e.Location.AGS }},
	{"state", func(e *Entry) string { return e.Location.State }},
	{"lat", func(e *Entry) string { return degrees(e.Location.Point, func(p *Point) float64 { return p.Lat }) }},
	{"lon", func(e *Entry) string { return degrees(e.Location.Point, func(p *Point) float64 { return p.Lon }) }},
	{"coord_precision", func(e *Entry) string {
		if e.Location.Point == nil {
			return ""
		}
		return string(e.Location.Point.Precision)
	}},
	{"phone", func(e *Entry) string { return numbers(e.Venue.Phones, false) }},
	{"fax", func(e *Entry) string { return numbers(e.Venue.Phones, true) }},
	{"email", func(e *Entry) string { return e.Venue.Email }},
	{"url", func(e *Entry) string { return e.Venue.URL }},
	{"topics", func(e *Entry) string { return several(append(append([]string{}, e.Offer.Topics...), e.Offer.Tags...)) }},
	{"target", func(e *Entry) string { return several(e.Offer.Target) }},
	{"eligibility", func(e *Entry) string { return e.Offer.Eligibility }},
	{"min_age", func(e *Entry) string { return years(e.Offer.MinAge) }},
	{"max_age", func(e *Entry) string { return years(e.Offer.MaxAge) }},
	{"fees", func(e *Entry) string { return e.Offer.Fees }},
	{"free", func(e *Entry) string { return mark(e.Offer.Free) }},
	{"application", func(e *Entry) string { return e.Offer.Application }},
	{"documents", func(e *Entry) string { return documentNames(e.Offer.Documents) }},
	{"next_steps", func(e *Entry) string { return several(e.Offer.NextSteps) }},
	{"alert", func(e *Entry) string { return e.Offer.Alert }},
	{"waiting", func(e *Entry) string { return e.Offer.Waiting }},
	{"status", func(e *Entry) string { return e.Offer.Status }},
	{"opening_hours", func(e *Entry) string { return e.Venue.Hours }},
	{"opening_hint", func(e *Entry) string { return e.Venue.Hint }},
	{"channels", func(e *Entry) string { return channelNames(e.Venue.Channels) }},
	{"languages", func(e *Entry) string { return several(firstOf(e.Venue.Languages, e.Offer.Languages)) }},
	{"interpreter", func(e *Entry) string { return e.Offer.Interpreter }},
	{"transport", func(e *Entry) string { return e.Location.Transport }},
	{"accessibility", func(e *Entry) string { return several(e.Location.Accessibility) }},
	{"walk_in", func(e *Entry) string { return mark(e.Venue.WalkIn) }},
	{"anonymous", func(e *Entry) string { return mark(e.Venue.Anonymous) }},
	{"capacity", func(e *Entry) string { return places(e.Venue.Capacity) }},
	{"booking", func(e *Entry) string { return e.Venue.Booking }},
	{"catchment_plz", func(e *Entry) string { return several(Stated(e.Venue.Areas)) }},
	{"assured", func(e *Entry) string { return e.Venue.Assured }},
	{"description", func(e *Entry) string { return e.Offer.Description }},
	{"licence", func(e *Entry) string { return e.Venue.Licence }},
}

// CSVColumns are the names of the columns that WriteCSV writes, in order.
func CSVColumns() []string {
	names := make([]string, len(csvColumns))
	for i, c := range csvColumns {
		names[i] = c.name
	}
	return names
}

// WriteCSV writes entries in Lotse's own format, one at a time.
func WriteCSV(w io.Writer, entries iter.Seq2[*Entry, error]) error {
	out := csv.NewWriter(w)
	row := CSVColumns()
	if err := out.Write(row); err != nil {
		return err
	}
	for e, err := range entries {
		if err != nil {
			return err
		}
		for i, c := range csvColumns {
			row[i] = c.value(e)
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func several(list []string) string { return strings.Join(list, ";") }

func degrees(p *Point, of func(*Point) float64) string {
	if p == nil {
		return ""
	}
	return strconv.FormatFloat(of(p), 'f', -1, 64)
}

func years(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func mark(set bool) string {
	if set {
		return "1"
	}
	return ""
}

// numbers are those that a fax answers, or all others.
func numbers(list []Phone, fax bool) string {
	var all []string
	for _, p := range list {
		if (p.Type == "fax") == fax {
			all = append(all, p.Number)
		}
	}
	return several(all)
}

func documentNames(list []Document) string {
	var all []string
	for _, d := range list {
		all = append(all, d.Name)
	}
	return several(all)
}

func channelNames(list []Channel) string {
	var all []string
	for _, c := range list {
		all = append(all, string(c))
	}
	return several(all)
}

func places(c *Capacity) string {
	if c == nil {
		return ""
	}
	return fmt.Sprintf("%d/%d", c.Available, c.Maximum)
}

// Stated writes a catchment as the import reads it.
func Stated(areas []Area) []string {
	var all []string
	for _, a := range areas {
		switch {
		case a.Kind == AreaNationwide:
			all = append(all, string(a.Kind))
		case a.Kind != AreaPostcodes:
			all = append(all, string(a.Kind)+":"+a.Low)
		case a.Low == a.High:
			all = append(all, a.Low)
		default:
			all = append(all, a.Low+"-"+a.High)
		}
	}
	return all
}
