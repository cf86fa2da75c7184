package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// slowPairs is how many windows are measured with the receiver that does not read,
// and as many without, by turns, so that what else the machine does falls on both.
const slowPairs = 7

// slowReader lets one receiver stop reading, again and again, while its counsellor
// floods it, and compares what the others see in those windows with the windows
// between. Only a worse latency is a move.
func (o Options) slowReader(ctx context.Context, l *lotse, open []room) ([]Figure, error) {
	defer l.e.ignore(0)()
	var calm, stalled []time.Duration
	var most [2]int64 // without, with
	lost := 0
	for range slowPairs {
		for _, stall := range []bool{false, true} {
			s, rss, err := o.window(ctx, l, open, stall)
			if err != nil {
				return nil, err
			}
			lost += s.lost
			if stall {
				stalled, most[1] = append(stalled, s.p99), max(most[1], rss)
			} else {
				calm, most[0] = append(calm, s.p99), max(most[0], rss)
			}
		}
	}
	with, without := median(stalled), median(calm)
	grown := most[1] - most[0]
	moved := 100 * (float64(with)/float64(without) - 1)
	return []Figure{{"one receiver that stops reading: p99 of the others", "no more than 10 % worse, memory bounded", fmt.Sprintf("%+.0f %% (%s → %s)", moved, ms(without), ms(with)),
		moved <= 10 && grown <= 8*mib && lost == 0, fmt.Sprintf("medians of %d windows each, by turns: without %s, with %s; most memory %+.1f MiB; %d lost",
			slowPairs, spread(calm), spread(stalled), float64(grown)/mib, lost)}}, nil
}

// window is an even load on all rooms but the first, whose counsellor floods its
// seeker; with stall the seeker does not read. It returns the most memory.
func (o Options) window(ctx context.Context, l *lotse, open []room, stall bool) (s steady, most int64, err error) {
	victim, ok := open[0][0].(*lotseLine)
	flooder, also := open[0][1].(*lotseLine)
	if !ok || !also {
		return s, 0, errors.New("the first room is not complete")
	}
	if stall {
		defer victim.comeBack(ctx)
		defer victim.hold()()
	}
	ctx2, stop := context.WithCancel(ctx)
	var both sync.WaitGroup
	both.Go(func() { flooding(ctx2, flooder) })
	both.Go(func() { most = peak(ctx2, l) })
	s, err = even(ctx, l, open[1:], l.e, talkRate, max(o.During/slowPairs, 2*time.Second))
	stop()
	both.Wait()
	return s, most, err
}

// flooding sends long messages as often as the protocol allows until ctx ends.
func flooding(ctx context.Context, end *lotseLine) {
	for ctx.Err() == nil {
		_ = end.shout(stamp()) // what is refused was too much
		pause(ctx, 40*time.Millisecond)
	}
}

// peak is the most memory of a server until ctx ends.
func peak(ctx context.Context, s subject) (most int64) {
	for ctx.Err() == nil {
		if rss, err := resident(s); err == nil {
			most = max(most, rss)
		}
		pause(ctx, 100*time.Millisecond)
	}
	return most
}

// comeBack lets a receiver read again what it has missed, on a new connection if
// the server has closed the old one meanwhile.
func (x *lotseLine) comeBack(ctx context.Context) {
	x.cut()
	if err := x.dial(ctx); err == nil {
		go x.listen(ctx, 0)
	}
}

func median(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

// spread is the least and the most of some latencies.
func spread(all []time.Duration) string {
	return fmt.Sprintf("%s–%s", ms(slices.Min(all)), ms(slices.Max(all)))
}
