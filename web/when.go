package web

import (
	"strconv"
	"time"

	"lotse/directory"
)

// when says a moment the way people do: today from 14:00, tomorrow from 9:00,
// Monday 30.11. from 9:00. Both times are shown in the zone of now.
func (t *texts) when(v voice, at, now time.Time) (string, error) {
	return t.moment(v, "common.when.", at, now)
}

// moment is when for another sentence: key has the endings today, tomorrow
// and day.
func (t *texts) moment(v voice, key string, at, now time.Time) (string, error) {
	at = at.In(now.Location())
	clock := at.Format("15:04")
	switch daysBetween(now, at) {
	case 0:
		return t.text(v, key+"today", "time", clock)
	case 1:
		return t.text(v, key+"tomorrow", "time", clock)
	}
	weekday, err := t.text(v, "common.weekday."+strconv.Itoa(int(at.Weekday())))
	if err != nil {
		return "", err
	}
	return t.text(v, key+"day", "weekday", weekday, "date", at.Format("2.1."), "time", clock)
}

// daysBetween counts the midnights from a to b, both in the zone of a.
func daysBetween(a, b time.Time) int {
	return int(midnight(b).Sub(midnight(a)) / (24 * time.Hour))
}

// midnight returns the date of t as an instant in UTC, so that days count alike.
func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// slot says when the next free appointment is, and since when the centre says so.
// now is in the zone of the centre; nil is empty.
func (t *texts) slot(v voice, slot *directory.Slot, now time.Time) (string, error) {
	if slot == nil {
		return "", nil
	}
	start, ok := slot.Start(now.Location())
	if !ok {
		return "", nil
	}
	key := map[bool]string{true: "centres.slot.on.", false: "centres.slot.at."}[slot.Time == ""]
	when, err := t.moment(v, key, start, now)
	if err != nil {
		return "", err
	}
	kind := map[bool]string{true: "centres.slot.walk_in", false: "centres.slot.free"}[slot.WalkIn]
	return t.text(v, kind, "when", when, "date", dayIn(slot.Stated))
}
