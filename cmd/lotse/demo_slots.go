package main

import (
	"context"
	"time"

	"lotse/directory"
)

// demoSlots are the appointments that centres of the demo state: so many days ahead,
// or the Monday after.
var demoSlots = []struct {
	centre string
	days   int
	time   string
	walkIn bool
}{{"koeln-schulden", 3, "10:30", false}, {"koeln-sozial", 1, "", true}}

// stateSlots lets the centres state their next appointment, and anew when the last one
// counts no longer. One that somebody has taken away stays away.
func (d *demo) stateSlots(ctx context.Context) error {
	now := d.db.Now().In(d.cfg.Location())
	for _, s := range demoSlots {
		id := directory.CentreID("demo", s.centre)
		e, err := d.directory.Entry(ctx, id)
		if err != nil {
			return err
		}
		_, stated := e.Venue.Origins["next_slot"]
		if last := e.Venue.Slot; stated && (last == nil || last.Holds(now)) {
			continue
		}
		slot := &directory.Slot{Day: workday(now.AddDate(0, 0, s.days)).Format(time.DateOnly), Time: s.time, WalkIn: s.walkIn, Stated: now.Format(time.DateOnly)}
		err = d.directory.Edit(ctx, "demo", id, func(e *directory.Entry) error {
			e.Venue.Slot = slot
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// workday is the day itself, or the Monday after a weekend.
func workday(day time.Time) time.Time {
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.AddDate(0, 0, 1)
	}
	return day
}
