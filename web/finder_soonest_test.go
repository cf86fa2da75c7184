package web

import (
	"strings"
	"testing"
	"time"

	"lotse/directory"
)

// Beside a benefit stands the soonest appointment that a centre near the person has
// stated, and none where the person's place is not known or the centre is far.
func TestFinderNamesTheSoonestAppointment(t *testing.T) {
	o := testOptions(t)
	s := serverOf(t, o)
	now := time.Now().In(s.zone)
	edited(t, o, func(e *directory.Entry) {
		e.Offer.Topics = nil
		for _, b := range s.finder.Benefits() {
			e.Offer.Topics = append(e.Offer.Topics, b.Topic)
		}
		e.Venue.Slot = &directory.Slot{Day: now.AddDate(0, 0, 2).Format(time.DateOnly), Time: "10:30", Stated: now.Format(time.DateOnly)}
	})
	counted, _ := s.directory.Demand()
	for postcode, want := range map[string]bool{"50667": true, "": false, "01067": false} {
		w := walkFinder(t, s, German)
		w.press("next", "year.0", "1985")
		w.answerAll(map[string][]string{"housing": {"next", "h.postcode", postcode, "h.rent", "600"}})
		if got := strings.Contains(w.body, "/de/stellen/"+demoDebt) && strings.Contains(w.body, "um 10:30 Uhr (laut Stelle, Stand"); got != want {
			t.Errorf("%q: the appointment is named: %v", postcode, got)
		}
	}
	if now, _ := s.directory.Demand(); len(now) != len(counted) {
		t.Error("the finder counts as a search")
	}
}
