package testenv

import (
	"log/slog"
	"testing"
)

// Log returns a logger that writes to the output of the test.
func Log(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}
