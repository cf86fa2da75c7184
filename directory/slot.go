package directory

import "time"

// Slot is the next free appointment as the centre itself has stated it. Lotse asks
// no calendar for it; so it is shown with the day on which it was stated, and not
// at all when that was too long ago.
type Slot struct {
	Day    string `json:"day"`               // 2006-01-02
	Time   string `json:"time,omitempty"`    // 15:04; empty: some time on that day
	WalkIn bool   `json:"walk_in,omitempty"` // no appointment is needed then
	Stated string `json:"stated"`            // when the centre said so, 2006-01-02
}

// SlotFresh is for how many days a stated appointment counts.
const SlotFresh = 7

// Start returns when the appointment is, in zone: midnight when no time is stated.
// It reports false for a day or a time that is none.
func (s Slot) Start(zone *time.Location) (time.Time, bool) {
	layout, text := time.DateOnly, s.Day
	if s.Time != "" {
		layout, text = layout+" 15:04", text+" "+s.Time
	}
	at, err := time.ParseInLocation(layout, text, zone)
	return at, err == nil
}

// Holds reports whether the appointment still counts at now, in whose zone it is:
// it is not over, and was stated at most SlotFresh days ago. One without a time
// lasts until its day is over.
func (s Slot) Holds(now time.Time) bool {
	start, ok := s.Start(now.Location())
	stated, err := time.ParseInLocation(time.DateOnly, s.Stated, now.Location())
	if !ok || err != nil || stated.After(now) {
		return false
	}
	if s.Time == "" {
		start = start.AddDate(0, 0, 1)
	}
	return now.Before(start) && now.Before(stated.AddDate(0, 0, SlotFresh+1))
}

// NextSlot returns the next free appointment that the centre has stated, nil when it
// has stated none or it counts no longer at now.
func (c *Centre) NextSlot(now time.Time) *Slot {
	if c.Slot == nil || c.Paused() || !c.Slot.Holds(now) {
		return nil
	}
	return c.Slot
}

// Soonest returns the centre for a topic with the soonest stated appointment, of those
// that are responsible for a postcode or near it; nil when none has stated one. It
// counts nothing, see [Service.Demand].
func (s *Service) Soonest(topic, postcode string, now time.Time) *Centre {
	q := Query{Topic: topic, Postcode: postcode, Limit: MaxResults}
	if len(s.check(q)) > 0 {
		return nil
	}
	_, w := s.understand(q)
	hits, _, white := s.index.Load().search(w, newClock(now, s.Around))
	if white || !w.spot.known {
		return nil
	}
	var soonest *Centre
	for _, h := range hits {
		if slot := h.NextSlot(now); slot != nil && !h.Related && (h.Tier == InCatchment || h.Tier == Nearby) && slot.before(soonest) {
			soonest = h.Centre
		}
	}
	return soonest
}

// before reports whether the appointment comes before that of another centre, if it
// has one.
func (s Slot) before(other *Centre) bool {
	return other == nil || s.Day+" "+s.Time < other.Slot.Day+" "+other.Slot.Time
}
