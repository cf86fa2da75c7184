package check

import "time"

// Strikes is after how many failures, each on a day of its own, a link counts as
// broken.
const Strikes = 3

const (
	// againGood is after how long a good link is asked for again, and againBad
	// one that failed.
	againGood = 7 * 24 * time.Hour
	againBad  = 20 * time.Hour
	// forgets is how long a result says something.
	forgets = 30 * 24 * time.Hour
)

// State is what is known of one link. The zero value is a link that was never
// asked for.
type State struct {
	Link    string
	Strikes int       // days with a failure since it was last good, at most Strikes
	Struck  string    // the last of those days, 2006-01-02 in UTC
	Reason  Reason    // of the last failure; Fine after a good answer
	Tried   time.Time // the last time it was asked for
	Good    time.Time // the last time it was good; zero: never
}

// After returns the state after one more try. A second failure on one day is not
// a second strike; a good answer forgets all strikes; [Unasked] changes only when
// it was tried.
func (s State) After(r Reason, at time.Time) State {
	s.Tried = at
	switch r {
	case Unasked:
	case Fine:
		s.Strikes, s.Struck, s.Reason, s.Good = 0, "", Fine, at
	default:
		s.Reason = r
		if day := at.UTC().Format(time.DateOnly); day != s.Struck {
			s.Strikes, s.Struck = min(s.Strikes+1, Strikes), day
		}
	}
	return s
}

// Due reports whether it is time to ask for the link.
func (s State) Due(now time.Time) bool {
	wait := againGood
	if s.Strikes > 0 {
		wait = againBad
	}
	return s.Tried.IsZero() || now.Sub(s.Tried) >= wait
}

// Broken reports whether the public page says that the link did not work lately. A
// result that has grown old, because nobody checks any more, says nothing.
func (s State) Broken(now time.Time) bool {
	return s.Strikes >= Strikes && now.Sub(s.Tried) < forgets
}
