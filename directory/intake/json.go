package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// object is a JSON object as it came. Numbers keep their digits.
type object map[string]any

// str returns a text, or a number as it is written.
func (o object) str(key string) string {
	switch v := o[key].(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// obj returns an object inside; never nil.
func (o object) obj(key string) object {
	if in, ok := o[key].(map[string]any); ok {
		return in
	}
	return object{}
}

// objs returns a list of objects.
func (o object) objs(key string) []object {
	list, _ := o[key].([]any)
	var all []object
	for _, v := range list {
		if in, ok := v.(map[string]any); ok {
			all = append(all, in)
		}
	}
	return all
}

// strs returns a list of texts; a single text is a list of one.
func (o object) strs(key string) []string {
	if one := o.str(key); one != "" {
		return []string{one}
	}
	list, _ := o[key].([]any)
	var all []string
	for _, v := range list {
		if s, ok := v.(string); ok && s != "" {
			all = append(all, s)
		}
	}
	return all
}

func (o object) has(keys ...string) bool {
	return !slices.ContainsFunc(keys, func(k string) bool { _, ok := o[k]; return !ok })
}

// jsonFormat is a format in JSON, known by the keys of its objects.
type jsonFormat struct {
	feed   string
	list   bool     // the file is a list
	keys   []string // keys of its objects: of the first of the list, or of the file
	inner  []string // keys of objects one level deeper
	member string   // the member of the file that is the list of entries; empty: the file itself
	drafts func(object, Options) []Draft
}

func jsonFormats() []jsonFormat {
	return []jsonFormat{
		{"geojson", false, []string{"type", "features"}, nil, "features", geoDrafts},
		{"berlin", true, []string{"tagsOffer", "openingHours"}, nil, "", berlinDrafts},
		{"selbsthilfe", true, []string{"postalCode", "lng", "mail"}, nil, "", selbsthilfeDrafts},
		{"sachsen", false, nil, []string{"fullName", "contactPoints"}, "*", sachsenDrafts},
		{"hsds", false, []string{"contents"}, nil, "contents", hsdsDrafts},
		{"hsds", false, []string{"id", "name", "status"}, nil, "", hsdsDrafts},
		{"hsds", false, []string{"id", "service", "location"}, nil, "", hsdsDrafts},
		{"hsds", false, []string{"id", "name", "services"}, nil, "", hsdsDrafts},
		{"hsds", true, []string{"id", "name", "status"}, nil, "", hsdsDrafts},
	}
}

func openJSON(head []byte, o Options) (Feed, error) {
	outer, inner, name := shape(head)
	for _, f := range jsonFormats() {
		if f.list == (head[0] == '[') && outer.has(f.keys...) && inner.has(f.inner...) {
			if o.Source == "" && f.feed == "geojson" {
				o.Source = slug(name)
			}
			return Feed{Name: f.feed, Drafts: f.reader(o)}, nil
		}
	}
	return Feed{}, refused("json_format_unknown")
}

// shape returns the keys of the first objects on the two upper levels, and what
// the file calls itself. The head may end anywhere.
func shape(head []byte) (outer, inner object, name string) {
	outer, inner = object{}, object{}
	dec := json.NewDecoder(bytes.NewReader(head))
	var in []json.Delim // what is open
	key, pending := true, ""
	for {
		token, err := dec.Token()
		if err != nil {
			return outer, inner, name
		}
		delim, isDelim := token.(json.Delim)
		object := len(in) > 0 && in[len(in)-1] == '{'
		switch text, isText := token.(string); {
		case isDelim && (delim == '{' || delim == '['):
			in = append(in, delim)
			key = true
		case isDelim:
			in = in[:len(in)-1]
			key = true
		case object && key && isText:
			pending, key = text, false
			switch objectsIn(in) {
			case 1:
				outer[text] = true
			case 2:
				inner[text] = true
			}
		default:
			if objectsIn(in) == 1 && pending == "name" && isText && !key {
				name = text
			}
			key = true
		}
	}
}

func objectsIn(in []json.Delim) (n int) {
	for _, d := range in {
		if d == '{' {
			n++
		}
	}
	return n
}

func (f jsonFormat) reader(o Options) func(io.ReadSeeker) iter.Seq2[Draft, error] {
	return func(file io.ReadSeeker) iter.Seq2[Draft, error] {
		return func(yield func(Draft, error) bool) {
			n, seen := 0, map[string]bool{}
			for entry, err := range f.entries(file) {
				if err != nil {
					yield(Draft{}, err)
					return
				}
				n++
				for name := range entry.obj("properties") {
					seen[name] = true
				}
				for _, d := range f.drafts(entry, o) {
					d.Line = n
					if !yield(d, nil) {
						return
					}
				}
			}
			if err := o.checkTheirs(func(name string) bool { return seen[name] }); err != nil && f.feed == "geojson" {
				yield(Draft{}, err)
			}
		}
	}
}

// entries yields the objects of the list, one at a time.
func (f jsonFormat) entries(file io.Reader) iter.Seq2[object, error] {
	return func(yield func(object, error) bool) {
		in := metered(file)
		dec := json.NewDecoder(in)
		dec.UseNumber()
		err := f.walk(dec, func() (bool, error) {
			in.row()
			var v any
			if err := dec.Decode(&v); err != nil {
				return false, err
			}
			entry, ok := v.(map[string]any)
			if !ok {
				entry = map[string]any{}
			}
			return yield(entry, nil), nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(nil, jsonFault(err, dec.InputOffset()))
		}
	}
}

var errStopped = errors.New("stopped")

// walk leads the decoder from entry to entry. A file may be several of its kind,
// one behind the other; anything else that follows refuses it.
func (f jsonFormat) walk(dec *json.Decoder, entry func() (bool, error)) error {
	if !f.list && f.member == "" {
		return walkStream(dec, entry)
	}
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = f.walkOne(dec, token, entry)
		}
		if err != nil {
			return err
		}
	}
}

// walkOne reads the list, or the object, that the token opens.
func (f jsonFormat) walkOne(dec *json.Decoder, opened json.Token, entry func() (bool, error)) error {
	switch {
	case f.list && opened == json.Delim('['):
		return walkRest(dec, entry)
	case !f.list && opened == json.Delim('{'):
		return f.walkMembers(dec, entry)
	}
	return fmt.Errorf("%v instead of another list of entries", opened)
}

func (f jsonFormat) walkMembers(dec *json.Decoder, entry func() (bool, error)) error {
	found := f.member == "*"
	for dec.More() {
		name, err := dec.Token()
		switch {
		case err != nil:
		case f.member == "*":
			err = step(entry)
		case name == f.member:
			found, err = true, walkList(dec, entry)
		default:
			var skipped any
			err = dec.Decode(&skipped)
		}
		if err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil || found {
		return err
	}
	return fmt.Errorf("an object without %s", f.member)
}

func walkList(dec *json.Decoder, entry func() (bool, error)) error {
	if _, err := dec.Token(); err != nil {
		return err
	}
	return walkRest(dec, entry)
}

// walkRest reads a list that has been opened.
func walkRest(dec *json.Decoder, entry func() (bool, error)) error {
	for dec.More() {
		if err := step(entry); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// walkStream reads one object after the other, as in ndjson.
func walkStream(dec *json.Decoder, entry func() (bool, error)) error {
	for {
		err := step(entry)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func step(entry func() (bool, error)) error {
	more, err := entry()
	if err == nil && !more {
		return errStopped
	}
	return err
}

func jsonFault(err error, offset int64) error {
	code := "json_invalid"
	switch {
	case errors.Is(err, errTooLong):
		code = "row_too_long"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		code = "file_cut"
	}
	return refusedFor(code, fmt.Errorf("byte %d: %w", offset, err))
}

// slug makes a name of a data set of what a file calls itself.
func slug(name string) string {
	clean := strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			return c
		case c == ' ' || c == '-' || c == '_' || c == '.':
			return '_'
		}
		return -1
	}, strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss").Replace(strings.ToLower(name)))
	return strings.Trim(clean, "_")
}
