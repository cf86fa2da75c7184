package chat

import (
	"slices"
	"testing"

	"lotse/internal/staff"
)

func TestLanguagesAreThoseThatTeamsName(t *testing.T) {
	r := memoryRig(t)
	for _, named := range [][]string{{"de", "uk"}, {"en", "de"}, {}} {
		r.w.addTeam(t, func(x *staff.Team) { x.Languages = named })
	}
	r.boards.spoil()
	if got, err := r.Languages(t.Context()); err != nil || !slices.Equal(got, []string{"de", "en", "uk"}) {
		t.Errorf("%v, %v", got, err)
	}
}
