package chaos

import (
	"fmt"
	"time"
)

// Names of metrics that must come back to where they were before anybody came.
const (
	sockets    = "lotse_chat_sockets"
	goroutines = "go_goroutines"
	files      = "process_open_fds"
	readers    = `lotse_db_connections_in_use{pool="read"}`
	writers    = `lotse_db_connections_in_use{pool="write"}`
)

// slack is how many goroutines or files more than before are no leak: idle
// connections to database and bus, and requests for these very numbers.
const slack = 40

// measure reads the numbers of all nodes.
func (r *run) measure() ([]map[string]float64, error) {
	var all []map[string]float64
	for _, n := range r.world.Nodes {
		numbers, err := n.Numbers()
		if err != nil {
			return nil, err
		}
		all = append(all, numbers)
	}
	return all, nil
}

// leaks waits until the nodes are as idle as before anybody came, and says what
// does not come back.
func (r *run) leaks(before []map[string]float64) (left []string) {
	for began := time.Now(); time.Since(began) < 40*time.Second; time.Sleep(500 * time.Millisecond) {
		now, err := r.measure()
		if err != nil {
			left = []string{err.Error()}
			continue
		}
		if left = compare(before, now); len(left) == 0 {
			return nil
		}
	}
	return left
}

func compare(before, now []map[string]float64) (left []string) {
	for i := range now {
		for name, most := range map[string]float64{
			sockets: 0, readers: 1, writers: 1, goroutines: before[i][goroutines] + slack, files: before[i][files] + slack,
		} {
			if got, known := now[i][name]; !known || got > most {
				left = append(left, fmt.Sprintf("node%d: %s is %v, before anybody came it was %v", i, name, got, before[i][name]))
			}
		}
	}
	return left
}

func (r *run) complaints() (all []string) {
	for _, n := range r.world.Nodes {
		all = append(all, n.Complaints(r.wholeAt)...)
	}
	return all
}
