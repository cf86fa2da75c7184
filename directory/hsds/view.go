package hsds

import "lotse/directory"

// withoutLists is an object without the members that are lists themselves.
func withoutLists(o map[string]any) map[string]any {
	short := map[string]any{}
	for member, value := range o {
		if _, list := value.([]any); !list {
			short[member] = value
		}
	}
	return short
}

// minimal is enough to see what has changed.
func minimal(id string, entries []*directory.Entry) Object {
	return Object{"id": id, "last_modified": instant(lastChange(entries))}
}

func serviceView(entries []*directory.Entry, v View, label Labels) Object {
	switch v {
	case Minimal:
		return minimal(entries[0].Offer.ID, entries)
	case Full:
		return Service(entries, label)
	}
	return serviceInList(entries, label)
}

// serviceInList is a service with its provider, both without what they have many
// of.
func serviceInList(entries []*directory.Entry, label Labels) Object {
	o := Object(withoutLists(serviceAlone(entries, label)))
	if org, ok := o["organization"].(map[string]any); ok {
		o["organization"] = withoutLists(org)
	}
	return o
}

func atLocationView(entries []*directory.Entry, v View, label Labels) Object {
	e := entries[0]
	switch v {
	case Minimal:
		return minimal(e.Venue.ID, entries)
	case Full:
		return AtLocation(e, label)
	}
	o := Object(withoutLists(at(e)))
	o["service"] = map[string]any(serviceInList(entries, label))
	o["location"] = withoutLists(o["location"].(map[string]any))
	return o
}

func organizationView(entries []*directory.Entry, v View, label Labels) Object {
	switch v {
	case Minimal:
		return minimal(entries[0].Provider.ID, entries)
	case Full:
		return OrganizationFull(entries, label)
	}
	return Object(withoutLists(Organization(&entries[0].Provider)))
}
