package web

import (
	"context"
	"strings"
	"time"

	"lotse/chat"
)

// Ask is what a seeker says before anybody answers. All of it may be empty.
type Ask = chat.Ask

// Lookout tells whether somebody is there, and in which languages.
type Lookout interface {
	Availability(ctx context.Context, ask Ask) (chat.Availability, error)
	// Languages are those that somebody answers in.
	Languages(ctx context.Context) ([]string, error)
}

// lineUnknown stands for an answer that could not be had.
const lineUnknown chat.Openness = "unknown"

// here is an Availability in words: the first line says how it is, the others
// what to expect and what to do.
type here struct {
	State chat.Openness
	Lines []string
}

// Quiet reports whether nobody can talk now, so that other help comes first.
func (h here) Quiet() bool { return h.State != chat.LineFree && h.State != chat.LineQueue }

// Brief is how it is and when somebody will be there, without what to do.
func (h here) Brief() string {
	if h.Quiet() {
		return strings.Join(h.Lines[:len(h.Lines)-1], " ")
	}
	return strings.Join(h.Lines, " ")
}

// describe puts an availability into words.
func (t *texts) describe(v voice, a chat.Availability, now time.Time) (here, error) {
	h := here{State: a.State}
	add := func(key string, args ...any) error {
		line, err := t.text(v, key, args...)
		h.Lines = append(h.Lines, line)
		return err
	}
	if err := add("public.here." + string(a.State)); err != nil {
		return here{}, err
	}
	var err error
	switch a.State {
	case chat.LineQueue:
		err = add("public.here.position", "position", a.Position)
		if err == nil && a.Wait.High > 0 {
			low, high := minutes(a.Wait)
			err = add("public.here.wait", "low", low, "high", high)
		}
	case chat.LineClosed, chat.LineFull:
		if err = t.opens(v, a, now, add); err == nil {
			err = add("public.here.write")
		}
	case lineUnknown:
		err = add("public.here.write")
	}
	return h, err
}

// opens adds when somebody will be there again, if that is known.
func (t *texts) opens(v voice, a chat.Availability, now time.Time, add func(string, ...any) error) error {
	if a.OpensAt == nil {
		return nil
	}
	when, err := t.when(v, *a.OpensAt, now)
	if err != nil {
		return err
	}
	return add("public.here.opens", "when", when)
}

// minutes rounds a wait up to whole minutes that differ, so that nobody reads
// "5 to 5".
func minutes(w chat.Wait) (low, high int) {
	low = max(1, (w.Low+59)/60)
	return low, max((w.High+59)/60, low+1)
}

// hereFor asks whether somebody is there, in words.
func (s *Server) hereFor(ctx context.Context, lang Lang, ask Ask) (here, error) {
	return s.texts.describe(voice{lang: lang}, s.line(ctx, ask), time.Now().In(s.zone))
}

// line asks whether somebody is there. A failure is shown as "unknown", for the
// page has other help to offer.
func (s *Server) line(ctx context.Context, ask Ask) chat.Availability {
	if s.lookout != nil {
		if found, err := s.lookout.Availability(ctx, ask); err == nil {
			return found
		}
	}
	return chat.Availability{State: lineUnknown}
}
