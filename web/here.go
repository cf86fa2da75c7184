package web

import (
	"context"
	"time"
)

// Ask is what a seeker says before anybody answers. All of it may be empty.
type Ask struct{ Topic, Language, Postcode, Centre string }

// Availability is the honest answer to "is somebody there?".
type Availability struct {
	State     string // free, queue, full, closed; unknown when it cannot be told
	Position  int
	Low, High time.Duration // the wait, when it can be guessed
	OpensAt   time.Time     // zero when unknown
}

// Lookout tells whether somebody is there.
type Lookout interface {
	Availability(ctx context.Context, ask Ask) (Availability, error)
}

// here is an Availability in words: the first line says how it is, the others
// what to expect and what to do.
type here struct {
	State string
	Lines []string
}

// Quiet reports whether nobody can talk now, so that other help comes first.
func (h here) Quiet() bool { return h.State != "free" && h.State != "queue" }

// describe puts an availability into words.
func (t *texts) describe(v voice, a Availability, now time.Time) (here, error) {
	h := here{State: a.State}
	add := func(key string, args ...any) error {
		line, err := t.text(v, key, args...)
		h.Lines = append(h.Lines, line)
		return err
	}
	if err := add("public.here." + a.State); err != nil {
		return here{}, err
	}
	var err error
	switch a.State {
	case "queue":
		err = add("public.here.position", "position", a.Position)
		if err == nil && a.High > 0 {
			low, high := minutes(a.Low, a.High)
			err = add("public.here.wait", "low", low, "high", high)
		}
	case "closed", "full":
		if err = t.opens(v, a, now, add); err == nil {
			err = add("public.here.write")
		}
	case "unknown":
		err = add("public.here.write")
	}
	return h, err
}

// opens adds when somebody will be there again, if that is known.
func (t *texts) opens(v voice, a Availability, now time.Time, add func(string, ...any) error) error {
	if a.OpensAt.IsZero() {
		return nil
	}
	when, err := t.when(v, a.OpensAt, now)
	if err != nil {
		return err
	}
	return add("public.here.opens", "when", when)
}

// minutes rounds a span of waiting up to whole minutes that differ, so that
// nobody reads "5 to 5".
func minutes(low, high time.Duration) (int, int) {
	up := func(d time.Duration) int { return max(1, int((d+time.Minute-1)/time.Minute)) }
	return up(low), max(up(high), up(low)+1)
}

// hereFor asks whether somebody is there. A failure is shown as "unknown", for
// the page has other help to offer.
func (s *Server) hereFor(ctx context.Context, lang Lang, ask Ask) (here, error) {
	a := Availability{State: "unknown"}
	if s.lookout != nil {
		if found, err := s.lookout.Availability(ctx, ask); err == nil {
			a = found
		}
	}
	return s.texts.describe(voice{lang: lang}, a, time.Now().In(s.zone))
}
