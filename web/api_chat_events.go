package web

import (
	"fmt"
	"net/http"
	"time"
)

// eventTimeout bounds the writing of one event to a reader that does not read.
const eventTimeout = 10 * time.Second

// eventStream writes server-sent events. Its headers go out with the first one,
// so that a refusal can still be an ordinary answer.
type eventStream struct {
	w     http.ResponseWriter
	out   *http.ResponseController
	begun bool
}

func newEventStream(w http.ResponseWriter) *eventStream {
	return &eventStream{w: w, out: http.NewResponseController(w)}
}

// event writes one event; data is one line of JSON.
func (e *eventStream) event(name string, data []byte) error {
	return e.write("event: %s\ndata: %s\n", name, data)
}

// comment writes a line that readers skip.
func (e *eventStream) comment() error { return e.write(":\n") }

func (e *eventStream) write(format string, args ...any) error {
	if !e.begun {
		e.begun = true
		e.w.Header().Set("Content-Type", "text/event-stream")
		e.w.Header().Set("X-Accel-Buffering", "no") // nginx would hold events back
		e.w.WriteHeader(http.StatusOK)
	}
	if err := e.out.SetWriteDeadline(time.Now().Add(eventTimeout)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(e.w, format+"\n", args...); err != nil {
		return err
	}
	return e.out.Flush()
}
