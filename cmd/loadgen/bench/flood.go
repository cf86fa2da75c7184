package bench

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"lotse/chat/client"
	"lotse/cmd/loadgen/crowd"
	"lotse/cmd/loadgen/world"
	"lotse/internal/testenv/staffed"
)

const (
	// floodOpens come from one network, so many at once.
	floodOpens, floodLanes = 1000, 20
	// floodPatience is how long a legitimate seeker may wait for an answer.
	floodPatience = 3 * time.Second
	// intruders is the number of the first visitor of the flood.
	intruders = 3_000_000
)

// flood opens a thousand conversations from one network, and with each twentieth
// of them lets somebody from elsewhere ask, open and say hello. The people of the
// flood share 24 bits of their addresses and no more, so that the limit of one
// address does not save the server; its team has one counsellor, who is taken.
func (o Options) flood(ctx context.Context) ([]Figure, error) {
	l, err := newLotse(ctx, world.Shape{Nodes: 1, Program: o.Lotse, Staff: staffed.Plan{Teams: 1, People: 1, Places: 1, QueueMax: 20, Apart: true}, Cores: o.ServerCores})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	if err := l.staffUp(ctx, 1); err != nil {
		return nil, err
	}
	if err := l.seek(ctx, 1); err != nil { // the only place is taken
		return nil, err
	}
	var in intrusion
	var seekers sync.WaitGroup
	var took delays
	var failed atomic.Int64
	every := make(chan struct{}, floodOpens)
	go func() {
		defer close(every)
		in.run(ctx, l, every)
	}()
	for range every {
		seekers.Go(func() {
			began := time.Now()
			if err := l.seek(ctx, 1); err != nil {
				o.Say("  a seeker elsewhere: %v", err)
				failed.Add(1)
				return
			}
			took.add(time.Since(began))
		})
	}
	seekers.Wait()
	worst := took.quantile(1)
	return []Figure{{fmt.Sprintf("%d opens from one network: a seeker elsewhere has opened and connected", floodOpens), "≤ 3 s, always",
		fmt.Sprintf("%.2f s at worst", worst.Seconds()), failed.Load() == 0 && worst <= floodPatience && took.count() > 0,
		fmt.Sprintf("%d of them, p50 %.2f s, %d failed; of the flood %d could queue, %d were taken as messages, %d refused", took.count(),
			took.quantile(.5).Seconds(), failed.Load(), in.queued.Load(), in.left.Load(), in.refused.Load())}}, nil
}

// intrusion counts what has become of the flood.
type intrusion struct{ sent, queued, left, refused atomic.Int64 }

// run opens everything, in lanes, and gives a sign with each hundredth.
func (in *intrusion) run(ctx context.Context, l *lotse, sign chan<- struct{}) {
	var lanes sync.WaitGroup
	for range floodLanes {
		lanes.Go(func() {
			for n := in.sent.Add(1); n <= floodOpens && ctx.Err() == nil; n = in.sent.Add(1) {
				in.open(ctx, l, int(n))
				if n%(floodOpens/10) == 0 {
					sign <- struct{}{}
				}
			}
		})
	}
	lanes.Wait()
}

func (in *intrusion) open(ctx context.Context, l *lotse, n int) {
	base := l.Nodes[0].Direct()
	as := &http.Client{Transport: crowd.Visitor{Number: intruders + n%256<<16, Base: l.base}} // one /24, by turns all its addresses
	api := client.API{Base: base, HTTP: as}
	language := l.People[0].Language
	to, err := api.Recipients(ctx, url.Values{"topic": {staffed.Topic}, "language": {language}, "kind": {"live"}})
	if err != nil {
		in.refused.Add(1)
		return
	}
	_, epoch, err := client.NewTalk(to.Team.ID, to.Chain, to.Readers, time.Now())
	if err != nil {
		in.refused.Add(1)
		return
	}
	opened, err := api.Open(ctx, client.Opening{Topic: staffed.Topic, Language: language, Kind: "live", OnGone: "keep", Epoch: epoch})
	switch {
	case err != nil:
		in.refused.Add(1)
	case opened.State == "waiting":
		in.queued.Add(1)
	default:
		in.left.Add(1)
	}
}
