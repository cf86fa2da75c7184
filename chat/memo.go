package chat

import "sync"

// memoMax bounds what a memo keeps: asks are made by anybody.
const memoMax = 4096

// memo works a value out once for each key. Its values belong to everybody who
// asks and are not changed.
type memo[K comparable, V any] struct {
	mu    sync.Mutex
	known map[K]V
}

// get returns the value of a key, by work if it is not known. Two who ask at
// once may both work it out.
func (m *memo[K, V]) get(key K, work func() V) V {
	m.mu.Lock()
	v, ok := m.known[key]
	m.mu.Unlock()
	if ok {
		return v
	}
	v = work()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil {
		m.known = map[K]V{}
	}
	if len(m.known) < memoMax {
		m.known[key] = v
	}
	return v
}
