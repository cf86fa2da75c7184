package directory

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

// Who may say what about a fact that is there already.
func TestMergeFacts(t *testing.T) {
	at := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	const old, next = `"old"`, `"new"`
	tests := []struct {
		name        string
		owner, feed string // of the stored fact; that speaks now
		of          string // for a derived owner: the feed it follows from
		derived     bool   // what is said now was worked out
		said, want  string
		changes     int
	}{
		{"the same feed changes its mind", "csv", "csv", "", false, next, next, 1},
		{"the same feed says the same", "csv", "csv", "", false, old, old, 0},
		{"the same feed takes it back", "csv", "csv", "", false, "", "", 1},
		{"another feed leaves it out", "csv", "rki-xml", "", false, "", old, 0},
		{"the source itself beats a collection", "csv", "rki-xml", "", false, next, next, 1},
		{"a collection does not beat the source", "rki-xml", "csv", "", false, next, old, 0},
		{"the list of agencies is weakest", "csv", "agencies", "", false, next, old, 0},
		{"two sources of equal weight: the later", "hsds", "geojson", "", false, next, next, 1},
		{"nothing beats a person", ByHand, "hsds", "", false, next, old, 0},
		{"nothing a person said is taken back", ByHand, "hsds", "", false, "", old, 0},
		{"a person takes away what a source said", "hsds", ByHand, "", false, "", "", 1},
		{"a person beats everything", "hsds", ByHand, "", false, next, next, 1},
		{"what was worked out gives way", Derived, "csv", "csv", false, next, next, 1},
		{"what was worked out never wins", "csv", "csv", "", true, next, old, 0},
		{"worked out anew", Derived, "csv", "csv", true, next, next, 1},
		{"the feed it followed from no longer leads there", Derived, "csv", "csv", false, "", "", 1},
		{"another feed does not lead there", Derived, "csv", "hsds", false, "", old, 0},
		{"merged facts stay", byMerge, "csv", "", false, "", old, 0},
		{"the file of the kept centre states them itself", byMerge, "csv", "", false, next, next, 1},
	}
	for _, tt := range tests {
		stored := facts{"f": json.RawMessage(old)}
		said := facts{}
		if tt.said != "" {
			said["f"] = json.RawMessage(tt.said)
		}
		derived := map[string]string{}
		if tt.derived {
			derived["f"] = "from_something"
		}
		was := Origins{everything: {By: tt.owner, Of: tt.of}}
		now, origins, changes := merge(stored, said, was, tt.feed, derived, at)
		if string(now["f"]) != tt.want || len(changes) != tt.changes || string(stored["f"]) != old {
			t.Errorf("%s: %s, %v, want %s", tt.name, now["f"], changes, tt.want)
		}
		again, _, none := merge(now, said, origins, tt.feed, derived, at)
		if len(none) != 0 || fmt.Sprint(again) != fmt.Sprint(now) {
			t.Errorf("%s: once more changes %v", tt.name, none)
		}
	}
}

// What a person has taken away comes back only by a person.
func TestTakenBackStaysAway(t *testing.T) {
	at := time.Now()
	f := facts{"f": json.RawMessage(`1`)}
	gone, origins, _ := merge(f, facts{}, Origins{everything: {By: "csv"}}, ByHand, nil, at)
	for by, want := range map[string]int{"csv": 0, "hsds": 0, ByHand: 1} {
		if now, _, changes := merge(gone, f, origins, by, nil, at); len(now) != want || len(changes) != want {
			t.Errorf("%s: %v", by, now)
		}
	}
}
