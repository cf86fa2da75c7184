package bench

import (
	"context"
	"fmt"
	"strings"
	"time"

	"lotse/cmd/loadgen/world"
	"lotse/internal/testenv/staffed"
)

// steps are the points of the curve.
var steps = []struct{ connections, stored int }{{1000, 1_000}, {2500, 100_000}, {5000, 300_000}, {10_000, 1_000_000}}

// curve grows connections and stored conversations ten-fold and looks whether one
// user goes on costing the same.
func (o Options) curve(ctx context.Context) ([]Figure, error) {
	l, err := newLotse(ctx, world.Shape{Nodes: 1, Program: o.Lotse, Staff: o.plan(), Cores: o.ServerCores})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	pause(ctx, idleRest)
	empty, err := resident(l)
	if err != nil {
		return nil, err
	}
	open, err := l.talkers(ctx, rooms/2)
	if err != nil {
		return nil, err
	}
	var points []steady
	var line []string
	for _, at := range steps {
		if err := staffed.Store(ctx, l.Database(), at.stored); err != nil {
			return nil, fmt.Errorf("store %d: %w", at.stored, err)
		}
		if err := l.seek(ctx, at.connections-rooms/2-len(l.seekers)); err != nil {
			return nil, err
		}
		pause(ctx, idleRest/2)
		full, err := resident(l)
		if err != nil {
			return nil, err
		}
		s, err := even(ctx, l, open, l.e, talkRate/2, o.During/2)
		if err != nil {
			return nil, err
		}
		line = append(line, fmt.Sprintf("%d connections, %d stored: %.1f KiB each, %s per message, p99 %s, %s", at.connections, at.stored,
			float64(full-empty)/float64(at.connections)/kib, us(s.cpu), ms(s.p99), s.came()))
		o.Say("  %s", line[len(line)-1])
		points = append(points, s)
	}
	growth, met := flat(points)
	return []Figure{{"ten-fold users: CPU per message at the end of the curve", "same per-user cost (≤ 1.3 × its beginning)", fmt.Sprintf("%.2f ×", growth), met,
		strings.Join(line, "; ")}}, nil
}

// flat is how much more a message costs at the last point than at the first, and
// whether that is little enough; messages that never came cost nothing and prove
// nothing.
func flat(points []steady) (growth float64, met bool) {
	missing := 0
	for _, s := range points {
		missing += s.lost + s.denied + s.refused
	}
	growth = float64(points[len(points)-1].cpu) / float64(max(points[0].cpu, time.Microsecond))
	return growth, growth <= 1.3 && missing == 0
}
