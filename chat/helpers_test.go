package chat

import (
	"context"
	"io"
	"log/slog"

	"lotse/chat/client"
	"lotse/internal/bus"
	"lotse/internal/seal"
)

// epochs reads the epochs of a conversation as the server keeps them.
func (r *rig) epochs(id ID) []seal.Epoch {
	r.t.Helper()
	list, err := loadEpochs(r.t.Context(), r.db, r.keys, id)
	if err != nil {
		r.t.Fatal(err)
	}
	return list
}

// quietBus is a bus nobody listens to.
type quietBus struct{ bus.Bus }

func (quietBus) Present(context.Context, string) (map[string][]byte, error) { return nil, nil }
func (quietBus) Publish(context.Context, string, []byte) error              { return nil }
func (quietBus) PublishAll(context.Context, []bus.Message) error            { return nil }

func testLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// accepted is a live chat between a seeker at the chair and a counsellor at the desk
// who has just said that they take it.
func (r *rig) accepted() (desk *line, s *seeker, chair *line) {
	r.t.Helper()
	team := r.w.addTeam(r.t, nil)
	p := r.w.hire(r.t, "Mira", team)
	r.shift(p, team)
	desk = r.work(p, r.http)
	s = r.open(debts, Live)
	r.say(s.id)
	chair = s.sit(r.http)
	desk.frame("offer")
	desk.send(client.Frame{T: "accept", C: s.id.String()})
	return desk, s, chair
}
