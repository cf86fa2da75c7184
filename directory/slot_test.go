package directory

import (
	"testing"
	"time"
)

// A stated appointment goes by itself: when it is over, and a week after it was
// stated.
func TestSlotHolds(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		slot  Slot
		at    string
		holds bool
	}{
		{Slot{Day: "2026-11-30", Time: "14:00", Stated: "2026-11-27"}, "2026-11-27 00:00", true},
		{Slot{Day: "2026-11-30", Time: "14:00", Stated: "2026-11-27"}, "2026-11-30 13:59", true},
		{Slot{Day: "2026-11-30", Time: "14:00", Stated: "2026-11-27"}, "2026-11-30 14:00", false},
		{Slot{Day: "2026-11-30", Stated: "2026-11-27"}, "2026-11-30 23:59", true},
		{Slot{Day: "2026-11-30", Stated: "2026-11-27"}, "2026-12-01 00:00", false},
		{Slot{Day: "2026-12-20", Stated: "2026-11-27"}, "2026-12-04 23:59", true},
		{Slot{Day: "2026-12-20", Stated: "2026-11-27"}, "2026-12-05 00:00", false},
		{Slot{Day: "2026-11-30", Stated: "2026-11-28"}, "2026-11-27 12:00", false}, // stated in the future
		{Slot{Day: "2026-10-25", Time: "14:00", Stated: "2026-10-20"}, "2026-10-25 13:30", true},
		{Slot{Day: "2026-02-30", Stated: "2026-02-25"}, "2026-02-26 12:00", false},
		{Slot{Day: "2026-11-30", Time: "25:00", Stated: "2026-11-27"}, "2026-11-27 12:00", false},
		{Slot{Day: "2026-11-30"}, "2026-11-27 12:00", false},
		{Slot{Stated: "2026-11-27"}, "2026-11-27 12:00", false},
	} {
		now, err := time.ParseInLocation("2006-01-02 15:04", c.at, zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.slot.Holds(now); got != c.holds {
			t.Errorf("%+v at %s: %v", c.slot, c.at, got)
		}
	}
}

func TestNextSlotOfACentre(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	slot := &Slot{Day: "2026-11-30", Stated: "2026-11-27"}
	if c := (&Centre{}); c.NextSlot(now) != nil {
		t.Error("an appointment that nobody stated")
	}
	if c := (&Centre{Slot: slot}); c.NextSlot(now) != slot {
		t.Error("the stated appointment is not told")
	}
	if c := (&Centre{Slot: slot, Status: "temporarily closed"}); c.NextSlot(now) != nil {
		t.Error("a closed centre has an appointment")
	}
}
