package chat

import "sync"

// errands are the goroutines that read the database for a socket. The service
// waits for them at its end, so that none outlives the database.
type errands struct {
	mu      sync.Mutex
	over    bool
	running sync.WaitGroup
}

// begin runs do beside the caller and reports whether it may: not any more once
// the service ends.
func (e *errands) begin(do func()) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.over {
		e.running.Go(do)
	}
	return !e.over
}

// end lets no new errand begin and waits for those under way, each of which is
// bounded by readTimeout.
func (e *errands) end() {
	e.mu.Lock()
	e.over = true
	e.mu.Unlock()
	e.running.Wait()
}
