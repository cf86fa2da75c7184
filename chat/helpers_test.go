package chat

import (
	"context"
	"io"
	"log/slog"

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
