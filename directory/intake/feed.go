package intake

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"lotse/internal/fault"
)

// Options steer the reading of a file.
type Options struct {
	Source  string            // name of the data set, for formats that do not carry it
	Licence string            // of the data, for formats that do not carry it
	Map     map[string]string // our column → the file's, for CSV and GeoJSON
}

// Formats says what Open knows, for people.
const Formats = `known formats:
  CSV, own columns      source,source_id,name,…,plz,city,…
  CSV, any columns      with --map; without it the columns are shown
  CSV, Caritas lists    agencies: id,name,topic,…  postcode ranges: agency_id,from,to
  HSDS 3.0              JSON (service, organization, list), ndjson, folder of a tabular package
  GeoJSON               a FeatureCollection
  XML                   RKI list of health offices, BZgA exchange format 2.1,
                        XZuFi 2.2 organisational units (experimental, a subset)
  JSON                  self-help lists (nationwide, Saxony), Berlin help for homeless people
`

// Feed is a file of a known format.
type Feed struct {
	Name   string // of the format; the origin of the facts it brings
	Rank   int    // files of a lower rank are imported first
	Drafts func(file io.ReadSeeker) iter.Seq2[Draft, error]
}

// sniffed is how much of a file is looked at to tell its format.
const sniffed = 64 << 10

// Open tells the format of a file from its first bytes. It returns
// [fault.Invalid] with field "file" for a file that is none of the known ones, or
// that the map does not fit.
func Open(file io.Reader, o Options) (Feed, error) {
	if err := o.checkMap(); err != nil {
		return Feed{}, err
	}
	head, err := io.ReadAll(io.LimitReader(decoded(file), sniffed))
	if err != nil {
		return Feed{}, fmt.Errorf("read file: %w", err)
	}
	head = bytes.TrimLeft(head, "\ufeff \t\r\n")
	switch {
	case len(head) == 0:
		return Feed{}, refused("empty")
	case head[0] == '<':
		return openXML(head, o)
	case head[0] == '{' || head[0] == '[':
		return openJSON(head, o)
	default:
		return openCSV(head, o)
	}
}

// refused is the fault of a file that cannot be read as a whole.
func refused(code string) error { return fault.InvalidInput(map[string]string{"file": code}) }

// refusedFor is refused with what is wrong, for people.
func refusedFor(code string, why error) error {
	return &fault.Error{Kind: fault.Invalid, Code: "invalid_input", Fields: map[string]string{"file": code}, Err: why}
}

// decoded reads UTF-16 with a byte order mark as UTF-8; everything else passes.
func decoded(file io.Reader) io.Reader {
	return transform.NewReader(file, unicode.BOMOverride(transform.Nop))
}

// errTooLong ends the reading of a file with a row beyond MaxRow.
var errTooLong = errors.New("row too long")

// meter fails when more than MaxRow bytes are read without a row in between.
type meter struct {
	in   io.Reader
	read int
}

func metered(file io.Reader) *meter {
	return &meter{in: bufio.NewReaderSize(decoded(file), 64<<10)}
}

// row says that a row is complete.
func (m *meter) row() { m.read = 0 }

// Read reads on.
func (m *meter) Read(p []byte) (int, error) {
	if m.read > MaxRow {
		return 0, errTooLong
	}
	n, err := m.in.Read(p)
	m.read += n
	return n, err
}
