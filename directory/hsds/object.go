package hsds

import (
	"maps"
	"reflect"
	"slices"
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

// said reports whether one of the facts of a record is to be told from the record:
// the record did not come as HSDS, or the fact became another one since. A fact
// that was worked out never replaces what the source gave.
func said(r *directory.Record, facts ...string) bool {
	return len(r.Extra) == 0 || slices.ContainsFunc(facts, func(fact string) bool {
		by := r.Origins.Of(fact).By
		return by != feed && by != directory.Derived
	})
}

// edited reports whether any fact of a record is to be told from it.
func edited(r *directory.Record) bool { return said(r, slices.Collect(maps.Keys(r.Origins))...) }

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

// put sets a member from facts, unless they came as HSDS and still stand as they
// came. Facts that were taken away take the member with them.
func (b builder) put(member string, value any, facts ...string) {
	if said(b.record, facts...) {
		b.set(member, value)
	}
}

// set writes a member; an empty one is left out.
func (b builder) set(member string, value any) {
	if v := reflect.ValueOf(value); !v.IsValid() || v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 {
		delete(b.Object, member)
		return
	}
	b.Object[member] = value
}

// add sets a member that has no fact of its own, unless the record came as HSDS.
func (b builder) add(member string, value any) {
	if _, there := b.Object[member]; !there && !b.given {
		b.set(member, value)
	}
}

// putMarks sets the attributes of the German profile, each of a kind that a fact
// stands behind. What the source has beyond them stays.
func (b builder) putMarks(ours []any, facts map[string]string) {
	var list []any
	theirs, _ := b.Object["attributes"].([]any)
	for _, a := range theirs {
		if fact, known := facts[markOf(a)]; !known || !said(b.record, fact) {
			list = append(list, a)
		}
	}
	for _, a := range ours {
		if said(b.record, facts[markOf(a)]) {
			list = append(list, a)
		}
	}
	b.set("attributes", list)
}

// markOf is the kind of an attribute; each that leads to a term is a topic.
func markOf(attribute any) string {
	o, ok := attribute.(Object)
	if !ok {
		o, _ = attribute.(map[string]any)
	}
	if _, term := o["taxonomy_term"]; term {
		return "topic"
	}
	kind, _ := o["link_type"].(string)
	return kind
}

// putMetadata adds where the facts come from that are told from the record.
func (b builder) putMetadata(kind string) {
	theirs, _ := b.Object["metadata"].([]any)
	b.set("metadata", append(slices.Clone(theirs), provenance(kind, b.record)...))
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

// provenance writes the origins of the facts that are told from a record as metadata.
func provenance(kind string, r *directory.Record) []any {
	var objects []any
	for _, fact := range sortedKeys(r.Origins) {
		if !said(r, fact) {
			continue
		}
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
