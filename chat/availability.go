package chat

import (
	"time"

	"lotse/internal/staff"
)

// Openness is the public state of a line.
type Openness string

// The four honest states.
const (
	LineFree   Openness = "free"
	LineQueue  Openness = "queue"
	LineFull   Openness = "full"
	LineClosed Openness = "closed"
)

// Wait is a range of seconds.
type Wait struct {
	Low  int `json:"low"`
	High int `json:"high"`
}

// Availability is what a seeker is promised. Position is the place one would get,
// 0 when nobody waits or nothing is open.
type Availability struct {
	State    Openness   `json:"state"`
	Position int        `json:"position"`
	Wait     Wait       `json:"wait_s"`
	OpensAt  *time.Time `json:"opens_at"`
}

// Line is one team as seen by one ask.
type Line struct {
	Team     staff.TeamID
	Places   int           // of everybody who could serve the ask, taken or not
	Free     int           // of these, not taken
	Waiting  int           // people in the team's queue
	QueueMax int           // people the queue takes
	Mean     time.Duration // of the team's chats; 0 = unknown
}

// Openness derives the state of the line.
func (l Line) Openness() Openness {
	switch {
	case l.Places == 0:
		return LineClosed
	case l.Free > l.Waiting:
		return LineFree
	case l.Waiting < l.QueueMax:
		return LineQueue
	}
	return LineFull
}

// defaultMean is assumed until a team has served somebody: published chats last
// 30 to 60 minutes.
const defaultMean = 30 * time.Minute

// estimateStep rounds promises: to the minute, and never below one.
const estimateStep = 60

// Estimate is the wait of somebody with so many people ahead: (ahead+1) × mean ÷
// places, from half to one and a half of it, in whole minutes.
func Estimate(ahead int, mean time.Duration, places int) Wait {
	if mean <= 0 {
		mean = defaultMean
	}
	s := float64(ahead+1) * mean.Seconds() / float64(max(1, places))
	low := max(estimateStep, int(s/2)/estimateStep*estimateStep)
	high := (int(s*3/2) + estimateStep - 1) / estimateStep * estimateStep
	return Wait{Low: low, High: max(high, low+estimateStep)}
}

func (l Line) promise() Availability {
	a := Availability{State: l.Openness()}
	switch a.State {
	case LineFree:
		a.Wait = Wait{Low: 0, High: estimateStep}
	case LineQueue:
		a.Position = l.Waiting + 1
		a.Wait = Estimate(l.Waiting, l.Mean, l.Places)
	}
	return a
}

// Best picks the line an ask is promised: in the nearest tier that has a free
// one that one, else the nearest queue with the shortest wait, else a full one,
// else none (ok is false: closed). tiers hold the lines of each tier.
func Best(tiers [][]Line) (best Line, ok bool) {
	for _, want := range []Openness{LineFree, LineQueue, LineFull} {
		for _, tier := range tiers {
			if l, found := shortest(tier, want); found {
				return l, true
			}
		}
	}
	return Line{}, false
}

func shortest(tier []Line, want Openness) (best Line, found bool) {
	for _, l := range tier {
		if l.Openness() != want {
			continue
		}
		if !found || l.before(best) {
			best, found = l, true
		}
	}
	return best, found
}

func (l Line) before(o Line) bool {
	if l.Openness() == LineFree {
		return l.Free-l.Waiting > o.Free-o.Waiting
	}
	return Estimate(l.Waiting, l.Mean, l.Places).High < Estimate(o.Waiting, o.Mean, o.Places).High
}

// served moves a mean towards a new observation: an exponential mean over about
// twenty chats, plain until there are as many.
func served(mean time.Duration, n int64, took time.Duration) time.Duration {
	weight := 1 / float64(min(n+1, 10))
	return mean + time.Duration(weight*float64(took-mean))
}
