package finder

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// Place is what a postcode says: in which Kreise it lies, and which rent levels
// of the Wohngeld (§ 1 Abs. 3 WoGV) its municipalities have.
type Place struct {
	Postcode  string     `json:"postcode"`
	Districts []District `json:"districts"` // one, or all that share the postcode
	RentLevel Range      `json:"rent_level"`
	Used      bool       `json:"used"` // the level was taken from here, for nobody gave one
}

// District is a Kreis or a town that is its own.
type District struct {
	AGS  string `json:"ags"`  // five digits; the first two are the Land
	Name string `json:"name"` // as it calls itself, in German
	City bool   `json:"city"` // a town that is its own Kreis
}

// places is the table of postcodes.
type places struct {
	districts []District
	sets      [][]int // of districts
	rows      []placeRow
}

type placeRow struct {
	postcode  int
	set       int
	low, high uint8
}

// packedPlaces is the table as places.json holds it and as the page gets it:
// docs/finder.md, Places.
type packedPlaces struct {
	Law       string   `json:"law"`
	Src       string   `json:"src"`
	Sure      string   `json:"sure"`
	Reviewed  string   `json:"reviewed"`
	Districts []string `json:"districts"` // how much the AGS grows, "*" for a town or "-", name
	Gaps      string   `json:"gaps"`      // from postcode to postcode
	Runs      string   `json:"runs"`      // districts, counted from the run before, and for how many postcodes
	Levels    string   `json:"levels"`    // one letter for each postcode
}

// The letters of the packed table.
const (
	gapLetter   = 35
	longGap     = 90 // longer gaps stand in digits between "!"
	levelLetter = 40
	rentLevels  = 7
)

var errPlaces = errors.New("places.json: the columns do not fit each other")

// readPlaces reads places.json; without the file no postcode is known.
func (r *Rules) readPlaces(files fs.FS) error {
	err := readFile(files, "places.json", &r.packed)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	r.places, err = r.packed.unpack()
	return err
}

// weak says that nobody has compared the table with the law as a whole.
func (p *packedPlaces) weak() bool { return p.Sure != "A" }

func (p *packedPlaces) unpack() (places, error) {
	out := places{}
	ags := 0
	for _, d := range p.Districts {
		at := strings.IndexAny(d, "*-")
		grows, err := strconv.Atoi(d[:max(0, at)])
		if err != nil {
			return out, fmt.Errorf("places.json: %q is no district", d)
		}
		ags += grows
		out.districts = append(out.districts, District{fmt.Sprintf("%05d", ags), d[at+1:], d[at] == '*'})
	}
	if err := out.unpackGaps(p.Gaps); err != nil {
		return out, err
	}
	if err := out.unpackRuns(p.Runs); err != nil {
		return out, err
	}
	if len(p.Levels) != len(out.rows) {
		return out, errPlaces
	}
	for i := range out.rows {
		n := p.Levels[i] - levelLetter
		low, high := n/rentLevels+1, n%rentLevels+1
		if low > high || low > rentLevels {
			return out, errPlaces
		}
		out.rows[i].low, out.rows[i].high = low, high
	}
	return out, nil
}

func (p *places) unpackGaps(gaps string) error {
	at := 0
	for len(gaps) > 0 {
		gap := int(gaps[0]) - gapLetter
		rest := gaps[1:]
		if gaps[0] == '!' {
			digits, after, _ := strings.Cut(rest, "!")
			n, err := strconv.Atoi(digits)
			if err != nil {
				return errPlaces
			}
			gap, rest = n, after
		}
		at, gaps = at+gap, rest
		p.rows = append(p.rows, placeRow{postcode: at})
	}
	return nil
}

func (p *places) unpackRuns(runs string) error {
	at, first := 0, 0
	for run := range strings.FieldsSeq(runs) {
		ids, times, _ := strings.Cut(run, "*")
		n, err := strconv.Atoi(times)
		if times == "" {
			n, err = 1, nil
		}
		var set []int
		for k, id := range strings.Split(ids, "+") {
			i, wrong := strconv.Atoi(id)
			i += first // of the run before, or of this one
			if err != nil || wrong != nil || i < 0 || i >= len(p.districts) {
				return errPlaces
			}
			if k == 0 {
				first = i
			}
			set = append(set, i)
		}
		if at+n > len(p.rows) {
			return errPlaces
		}
		for range n {
			p.rows[at].set, at = len(p.sets), at+1
		}
		p.sets = append(p.sets, set)
	}
	if at != len(p.rows) {
		return errPlaces
	}
	return nil
}

// Place returns what is known of a postcode of five digits, false when it is not
// in the table.
func (r *Rules) Place(postcode string) (Place, bool) {
	code, ok := readPostcode(postcode)
	if !ok {
		return Place{}, false
	}
	return r.places.find(code)
}

// find returns the place of a postcode, false when it is not in the table.
// Postcodes of post boxes and single large recipients are not.
func (p *places) find(postcode int) (Place, bool) {
	i, found := slices.BinarySearchFunc(p.rows, postcode, func(row placeRow, code int) int { return row.postcode - code })
	if !found {
		return Place{}, false
	}
	row := p.rows[i]
	out := Place{Postcode: fmt.Sprintf("%05d", postcode), RentLevel: Range{float64(row.low), float64(row.high)}}
	for _, d := range p.sets[row.set] {
		out.Districts = append(out.Districts, p.districts[d])
	}
	return out, true
}

// readPostcode reads five digits.
func readPostcode(s string) (int, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	return int(n), err == nil && len(s) == 5
}
