package hsds

import (
	"maps"
	"reflect"
	"strconv"
	"time"

	"github.com/google/uuid"

	"lotse/directory"
)

// Version is the version of the specification that the objects follow.
const Version = "3.0"

// Object is a JSON object of the specification.
type Object map[string]any

var space = uuid.NewSHA1(uuid.NameSpaceURL, []byte("lotse:hsds"))

// part returns the id of an object that belongs to a record and has none of its
// own: the same for the same content.
func part(record, kind, content string) string {
	return uuid.NewSHA1(space, []byte(record+"\x00"+kind+"\x00"+content)).String()
}

// feed is the origin of facts that came as HSDS.
const feed = "hsds"

// builder makes the object of a record on top of what its source said.
type builder struct {
	Object
	record *directory.Record
	given  bool // the source was HSDS
}

func build(r *directory.Record) builder {
	b := builder{Object: Object{}, record: r, given: len(r.Extra) > 0}
	maps.Copy(b.Object, r.Extra)
	if !b.given {
		b.Object["id"] = r.ID
	}
	return b
}

// put sets a member from a fact, unless it is empty, or came as HSDS and still
// stands as it came.
func (b builder) put(member, fact string, value any) {
	if b.given && b.record.Origins.Of(fact).By == feed {
		return
	}
	if b.given && b.record.Origins.Of(fact).By == directory.Derived {
		return
	}
	if v := reflect.ValueOf(value); v.IsValid() && !v.IsZero() && (v.Kind() != reflect.Slice || v.Len() > 0) {
		b.Object[member] = value
	}
}

// add sets a member that the source did not give at all.
func (b builder) add(member string, value any) {
	if _, there := b.Object[member]; !there && !b.given {
		b.put(member, "", value)
	}
}

// instant writes an instant as the specification wants it.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func phones(record string, list []directory.Phone) []any {
	var objects []any
	for i, p := range list {
		o := Object{"id": p.ID, "number": p.Number}
		if p.ID == "" {
			o["id"] = part(record, "phone", strconv.Itoa(i)+p.Number)
		}
		if p.Extension > 0 {
			o["extension"] = p.Extension
		}
		for member, text := range map[string]string{"type": p.Type, "description": p.Note} {
			if text != "" {
				o[member] = text
			}
		}
		if len(p.Languages) > 0 {
			o["languages"] = languages(o["id"].(string), p.Languages)
		}
		objects = append(objects, o)
	}
	return objects
}

func languages(record string, codes []string) []any {
	var objects []any
	for _, code := range codes {
		objects = append(objects, Object{"id": part(record, "language", code), "code": code, "name": code})
	}
	return objects
}

// attribute is a mark of the German profile.
func attribute(record, entity, kind, value string) Object {
	return Object{"id": part(record, kind, value), "link_id": record, "link_entity": entity, "link_type": kind, "value": value}
}

// provenance writes the origins of a record's facts as metadata.
func provenance(kind string, r *directory.Record) []any {
	var objects []any
	for _, fact := range sortedKeys(r.Origins) {
		origin := r.Origins[fact]
		at := origin.At
		if at.IsZero() {
			at = r.Updated
		}
		by := r.Source + " (" + origin.By + ")"
		if origin.As != "" {
			by = origin.As
		}
		objects = append(objects, Object{"id": part(r.ID, "metadata", fact), "resource_id": r.ID, "resource_type": kind,
			"last_action_date": at.UTC().Format(time.DateOnly), "last_action_type": "create", "field_name": fact,
			"previous_value": "", "replacement_value": "", "updated_by": by})
	}
	return objects
}
