package bus

import "time"

// SetSilence shortens the wait after which a dead connection is noticed.
func (r *Redis) SetSilence(d time.Duration) { r.silence = d }
