package intake

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// element is a piece of XML with its attributes and what is inside. Names are
// without their namespace.
type element struct {
	name  string
	attrs map[string]string
	text  string
	inner []*element
}

// find returns the first element of the name inside, at any depth; never nil.
func (e *element) find(name string) *element {
	for _, in := range e.inner {
		if in.name == name {
			return in
		}
		if found := in.find(name); found.name != "" {
			return found
		}
	}
	return &element{}
}

// get returns the text of the first element of the name inside.
func (e *element) get(name string) string { return e.find(name).text }

// all returns the elements of the name inside, at any depth.
func (e *element) all(name string) []*element {
	var list []*element
	for _, in := range e.inner {
		if in.name == name {
			list = append(list, in)
		}
		list = append(list, in.all(name)...)
	}
	return list
}

// xmlFormat is a format in XML, known by its root.
type xmlFormat struct {
	feed, root, entry string
	drafts            func(*element, *xmlReader) []Draft
	prepare           func(*xmlReader, io.ReadSeeker) error // reads what the entries refer to; may be nil
}

func xmlFormats() []xmlFormat {
	return []xmlFormat{
		{"rki-xml", "TransmittingSites", "TransmittingSite", rkiDrafts, nil},
		{"bzga-xml", "beratungsstellen", "entry", bzgaDrafts, bzgaKinds},
		{"xzufi", "transfer", "organisationseinheit", xzufiDrafts, nil},
		{"xzufi", "organisationseinheit", "organisationseinheit", xzufiDrafts, nil},
	}
}

func openXML(head []byte, o Options) (Feed, error) {
	r := newXML(bytes.NewReader(head), o)
	for {
		token, err := r.dec.RawToken()
		if err != nil {
			return Feed{}, refused("xml_invalid")
		}
		if _, ok := token.(xml.Directive); ok {
			return Feed{}, refused("xml_doctype")
		}
		root, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, f := range xmlFormats() {
			if f.root == root.Name.Local || strings.HasPrefix(root.Name.Local, f.root+".") {
				return Feed{Name: f.feed, Drafts: f.reader(o)}, nil
			}
		}
		return Feed{}, refused("xml_format_unknown")
	}
}

// xmlReader walks through a file, element by element.
type xmlReader struct {
	dec    *xml.Decoder
	in     *meter
	o      Options
	labels map[string]string // of a format's own codes
	topic  string
}

func newXML(file io.Reader, o Options) *xmlReader {
	in := metered(file)
	r := &xmlReader{dec: xml.NewDecoder(in), in: in, o: o, labels: map[string]string{}}
	r.dec.CharsetReader = charsetReader
	return r
}

var charsets = map[string]encoding.Encoding{
	"iso-8859-1": charmap.Windows1252, "iso8859-1": charmap.Windows1252, "latin1": charmap.Windows1252,
	"windows-1252": charmap.Windows1252, "iso-8859-15": charmap.ISO8859_15, "us-ascii": charmap.Windows1252,
}

func charsetReader(name string, in io.Reader) (io.Reader, error) {
	name = strings.ToLower(name)
	if strings.HasPrefix(name, "utf-16") { // metered has decoded it by its mark
		return in, nil
	}
	if set, ok := charsets[name]; ok {
		return set.NewDecoder().Reader(in), nil
	}
	return nil, fmt.Errorf("the encoding %q is not known", name)
}

// reader returns the drafts of all entries. Whatever is no well-formed XML to the
// end refuses the file as a whole.
func (f xmlFormat) reader(o Options) func(io.ReadSeeker) iter.Seq2[Draft, error] {
	return func(file io.ReadSeeker) iter.Seq2[Draft, error] {
		return func(yield func(Draft, error) bool) {
			r := newXML(file, o)
			if f.prepare != nil {
				if err := f.prepare(r, file); err != nil {
					yield(Draft{}, err)
					return
				}
			}
			for e, err := range r.elements(f.entry) {
				if err != nil {
					yield(Draft{}, err)
					return
				}
				line, _ := r.dec.InputPos()
				for _, d := range f.drafts(e, r) {
					d.Line = line
					if !yield(d, nil) {
						return
					}
				}
			}
		}
	}
}

// elements yields all elements of the name, wherever they are.
func (r *xmlReader) elements(name string) iter.Seq2[*element, error] {
	return func(yield func(*element, error) bool) {
		for {
			token, err := r.dec.Token()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(nil, r.fail(err))
				return
			}
			if _, ok := token.(xml.Directive); ok {
				yield(nil, refused("xml_doctype"))
				return
			}
			start, ok := token.(xml.StartElement)
			if !ok || start.Name.Local != name {
				r.in.row()
				continue
			}
			e, err := r.element(start, 0)
			if !yield(e, err) || err != nil {
				return
			}
			r.in.row()
		}
	}
}

// maxDepth bounds how deep elements may lie inside each other.
const maxDepth = 100

func (r *xmlReader) element(start xml.StartElement, depth int) (*element, error) {
	if depth > maxDepth {
		return nil, refused("xml_too_deep")
	}
	e := &element{name: start.Name.Local, attrs: map[string]string{}}
	for _, a := range start.Attr {
		e.attrs[a.Name.Local] = a.Value
	}
	var text strings.Builder
	for {
		token, err := r.dec.Token()
		if err != nil {
			return nil, r.fail(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			in, err := r.element(t, depth+1)
			if err != nil {
				return nil, err
			}
			e.inner = append(e.inner, in)
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			e.text = strings.TrimSpace(text.String())
			return e, nil
		}
	}
}

// fail says why the file is refused, and where.
func (r *xmlReader) fail(err error) error {
	line, _ := r.dec.InputPos()
	code := "xml_invalid"
	if errors.Is(err, errTooLong) {
		code = "row_too_long"
	} else if syntax := (*xml.SyntaxError)(nil); errors.As(err, &syntax) && strings.Contains(syntax.Msg, "unexpected EOF") || errors.Is(err, io.EOF) {
		code = "file_cut"
	}
	return refusedFor(code, fmt.Errorf("line %d: %w", line, err))
}
