package bench

import (
	"errors"
	"testing"
	"time"

	"lotse/chat/client"
)

func TestMissingMessagesMakeNoFlatCurve(t *testing.T) {
	at := func(cpu time.Duration, lost, denied, refused int) steady {
		return steady{cpu: cpu, lost: lost, denied: denied, refused: refused}
	}
	first := at(100*time.Microsecond, 0, 0, 0)
	for name, c := range map[string]struct {
		points []steady
		met    bool
	}{
		"the same":         {[]steady{first, first}, true},
		"a little more":    {[]steady{first, at(130*time.Microsecond, 0, 0, 0)}, true},
		"too much":         {[]steady{first, at(131*time.Microsecond, 0, 0, 0)}, false},
		"one lost between": {[]steady{first, at(100*time.Microsecond, 1, 0, 0), first}, false},
		"one denied":       {[]steady{first, at(50*time.Microsecond, 0, 1, 0)}, false},
		"one not written":  {[]steady{at(100*time.Microsecond, 0, 0, 1), first}, false},
	} {
		if growth, met := flat(c.points); met != c.met {
			t.Errorf("%s: met %t at %.2f", name, met, growth)
		}
	}
}

func TestComingBackToSomethingElseIsNoResuming(t *testing.T) {
	welcome := func(states ...client.Frame) client.Frame { return client.Frame{T: "welcome", Conversations: states} }
	for name, c := range map[string]struct {
		welcome client.Frame
		before  string
		good    bool
	}{
		"the first time":      {welcome(client.Frame{C: "c", State: "waiting"}), "", true},
		"still waiting":       {welcome(client.Frame{C: "c", State: "waiting"}), "waiting", true},
		"somebody was found":  {welcome(client.Frame{C: "c", State: "active"}), "waiting", true},
		"lost the counsellor": {welcome(client.Frame{C: "c", State: "waiting"}), "active", false},
		"left the queue":      {welcome(client.Frame{C: "c", State: "deferred"}), "waiting", false},
		"nothing":             {welcome(), "waiting", false},
		"somebody else's":     {welcome(client.Frame{C: "d", State: "active"}), "active", false},
		"two":                 {welcome(client.Frame{C: "c", State: "active"}, client.Frame{C: "d", State: "active"}), "active", false},
	} {
		if _, err := goesOn(c.welcome, "c", c.before); errors.Is(err, errElse) == c.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}
