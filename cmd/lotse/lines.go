package main

import (
	"context"

	"lotse/chat"
	"lotse/directory"
	"lotse/internal/staff"
)

// lines tells the directory whether somebody of a centre can be written to now.
type lines struct {
	teams interface {
		Teams(ctx context.Context) ([]staff.Team, error)
	}
	chat interface {
		Availability(ctx context.Context, ask chat.Ask) (chat.Availability, error)
	}
}

// Chats answers for the centres that have a team. When it cannot be told, nothing
// is promised: a search must not fail because a roster does.
func (l lines) Chats(ctx context.Context, centres []string) (map[string]directory.Chat, error) {
	teams, err := l.teams.Teams(ctx)
	if err != nil {
		return nil, nil
	}
	staffed := map[string]bool{}
	for _, team := range teams {
		for _, centre := range team.Centres {
			staffed[centre] = true
		}
	}
	found := map[string]directory.Chat{}
	for _, centre := range centres {
		if !staffed[centre] {
			continue
		}
		if a, err := l.chat.Availability(ctx, chat.Ask{Centre: centre}); err == nil {
			found[centre] = lineOf(a)
		}
	}
	return found, nil
}

func lineOf(a chat.Availability) directory.Chat {
	line := directory.Chat{State: string(a.State), FromMin: wholeMinutes(a.Wait.Low), ToMin: wholeMinutes(a.Wait.High)}
	if a.OpensAt != nil {
		line.Opens = *a.OpensAt
	}
	return line
}

// wholeMinutes rounds seconds up.
func wholeMinutes(seconds int) int { return (seconds + 59) / 60 }
