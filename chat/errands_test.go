package chat

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"lotse/internal/staff"
)

// slowStaff takes its time over the one question a console's goroutine asks.
type slowStaff struct {
	*world
	asked, answer chan struct{}
	answered      atomic.Bool
}

func (s *slowStaff) Alive(ctx context.Context, id staff.SessionID) (staff.Actor, error) {
	select {
	case s.asked <- struct{}{}:
		<-s.answer
		defer s.answered.Store(true)
	default: // only the first time
	}
	return s.world.Alive(ctx, id)
}

// TestTheServiceEndsAfterItsErrands ends a service whose goroutine still asks for a
// socket: whoever closes the database after Run must find nobody at it.
func TestTheServiceEndsAfterItsErrands(t *testing.T) {
	slow := &slowStaff{asked: make(chan struct{}, 1), answer: make(chan struct{})}
	r := memoryRig(t, func(o *Options) {
		slow.world = o.Staff.(*world)
		o.Staff = slow
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	_, mira := r.desk("Mira", nil)
	c := &conn{s: r.Service, side: Counsellor, actor: &mira.actor}
	c.greeted.Store(true)
	c.spoil(func(d *dirt) { d.session = true })
	<-slow.asked
	cancel()
	time.AfterFunc(50*time.Millisecond, func() { close(slow.answer) })
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if !slow.answered.Load() {
		t.Error("the service has ended while somebody still works for a socket")
	}
	if r.errands.begin(func() {}) {
		t.Error("something new began after the end")
	}
}
