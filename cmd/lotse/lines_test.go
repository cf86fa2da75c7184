package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"lotse/chat"
	"lotse/internal/staff"
)

// switchboard is teams and what each centre's line promises.
type switchboard struct {
	teams []staff.Team
	lines map[string]chat.Availability
	err   error
}

func (s switchboard) Teams(context.Context) ([]staff.Team, error) { return s.teams, s.err }

func (s switchboard) Availability(_ context.Context, ask chat.Ask) (chat.Availability, error) {
	a, ok := s.lines[ask.Centre]
	if !ok {
		return a, errors.New("roster cannot be read")
	}
	return a, nil
}

func TestOnlyCentresWithATeamHaveAChat(t *testing.T) {
	opens := time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)
	s := switchboard{
		teams: []staff.Team{{Centres: []string{"a", "b", "broken"}}},
		lines: map[string]chat.Availability{
			"a": {State: chat.LineQueue, Wait: chat.Wait{Low: 61, High: 240}},
			"b": {State: chat.LineClosed, OpensAt: &opens},
			"c": {State: chat.LineFree}, // nationwide help would answer, but this is not the centre's own
		},
	}
	found, err := lines{s, s}.Chats(t.Context(), []string{"a", "b", "c", "broken"})
	if err != nil || len(found) != 2 {
		t.Fatalf("%v, %v", found, err)
	}
	if a := found["a"]; a.State != "queue" || a.FromMin != 2 || a.ToMin != 4 {
		t.Errorf("a: %+v", a)
	}
	if b := found["b"]; b.State != "closed" || !b.Opens.Equal(opens) {
		t.Errorf("b: %+v", b)
	}
	s.err = errors.New("database gone")
	if found, err := (lines{s, s}).Chats(t.Context(), []string{"a"}); err != nil || len(found) != 0 {
		t.Errorf("without teams: %v, %v", found, err)
	}
}
