package directory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// facts are the facts of a record by their JSON names. A fact that is empty is
// not in it.
type facts map[string]json.RawMessage

func factsOf(record any) (facts, error) {
	text, err := json.Marshal(record)
	if err != nil {
		return nil, fmt.Errorf("facts of a record: %w", err)
	}
	var f facts
	return f, json.Unmarshal(text, &f)
}

// everything is the key of the origin of all facts that have none of their own.
const everything = "*"

// Of returns who or what stands behind the fact with the JSON name.
func (o Origins) Of(fact string) Origin {
	if own, ok := o[fact]; ok {
		return own
	}
	return o[everything]
}

// feedRank orders origins by how close they are to the truth: what a person of
// the provider says stands above every import, the file of the source itself
// above a collection that copies it and above what a merge brought along, and
// anything above what was worked out.
var feedRank = map[string]int{Derived: -1, byMerge: 0, "agencies": 0, "csv": 1, ByHand: 9}

const originalFeed = 2 // the rank of every feed that is not in the table

func rankOf(by string) int {
	if rank, ok := feedRank[by]; ok {
		return rank
	}
	return originalFeed
}

// Change is one fact that became another.
type Change struct {
	Kind          Kind
	RecordID      string
	Fact          string
	Before, After string // JSON; empty: the fact was not there
}

// merge brings what a feed says now together with what is stored, fact by fact:
//   - a fact of a closer origin stays,
//   - a fact that the feed states replaces one of an equal or weaker origin,
//   - a fact that the feed leaves out goes only when it was the feed's own,
//   - a person states all there is: what they leave out goes, and stays away.
//
// It returns the facts and origins that hold now and what changed. Merging the
// same again changes nothing.
func merge(stored, said facts, was Origins, by string, derived map[string]string, at time.Time) (facts, Origins, []Change) {
	now, origins := maps.Clone(stored), maps.Clone(was)
	if now == nil {
		now, origins = facts{}, Origins{}
	}
	var changes []Change
	for _, name := range slices.Sorted(maps.Keys(joined(stored, said))) {
		old, next := stored[name], said[name]
		origin := originOf(name, by, derived, at)
		if !takes(old, next, was.Of(name), origin, by) || takenBack(old, was[name]) && by != ByHand {
			continue
		}
		if bytes.Equal(old, next) {
			adopt(origins, name, origin)
			continue
		}
		changes = append(changes, Change{Fact: name, Before: string(old), After: string(next)})
		if next == nil {
			delete(now, name)
			forget(origins, name, origin)
			continue
		}
		now[name], origins[name] = next, origin
	}
	return now, origins, changes
}

// adopt gives a fact that stayed the same to a closer feed. A person who edits an
// entry and leaves a fact as it was has not said it: it goes on following its
// source.
func adopt(origins Origins, name string, origin Origin) {
	if origin.By != ByHand && rankOf(origin.By) > rankOf(origins.Of(name).By) {
		origins[name] = origin
	}
}

// forget removes the origin of a fact that goes. When a person took it away, that
// is remembered: no import brings it back.
func forget(origins Origins, name string, origin Origin) {
	delete(origins, name)
	if origin.By == ByHand {
		origins[name] = origin
	}
}

// takenBack reports whether a person has taken the fact away.
func takenBack(old json.RawMessage, own Origin) bool { return old == nil && own.By == ByHand }

// takes reports whether a feed's word on a fact counts against what is stored.
func takes(old, next json.RawMessage, owner, origin Origin, feed string) bool {
	switch {
	case old == nil:
		return true
	case next == nil:
		return owner.By == feed || owner.By == Derived && owner.Of == feed || feed == ByHand
	}
	return rankOf(origin.By) >= rankOf(owner.By)
}

func originOf(name, by string, derived map[string]string, at time.Time) Origin {
	if code, ok := derived[name]; ok {
		return Origin{By: Derived, As: code, Of: by, At: at}
	}
	return Origin{By: by, At: at}
}

// firstOrigins are the origins of a record that is new.
func firstOrigins(said facts, by string, derived map[string]string, at time.Time) Origins {
	origins := Origins{everything: {By: by, At: at}}
	for name := range derived {
		if _, ok := said[name]; ok {
			origins[name] = originOf(name, by, derived, at)
		}
	}
	return origins
}

func joined(a, b facts) facts {
	all := maps.Clone(a)
	if all == nil {
		all = facts{}
	}
	maps.Copy(all, b)
	return all
}
