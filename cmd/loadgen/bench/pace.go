package bench

import (
	"context"
	"time"
)

// pace calls do at a rate for a while, with the number of the turn and the instant at
// which it was due. No turn is left out because those before took long: what is
// measured from when it was due counts the waiting as well. It returns how many turns
// there were, and how late the latest of them began.
func pace(ctx context.Context, rate int, during time.Duration, do func(n int, due time.Time)) (turns int, lag time.Duration) {
	start := time.Now()
	for ctx.Err() == nil {
		due := start.Add(time.Duration(turns) * time.Second / time.Duration(rate))
		if due.Sub(start) >= during {
			break
		}
		pause(ctx, time.Until(due))
		lag = max(lag, time.Since(due))
		do(turns, due)
		turns++
	}
	return turns, lag
}
