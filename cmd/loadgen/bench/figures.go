package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"lotse/cmd/loadgen/crowd"
	"lotse/cmd/loadgen/world"
	"lotse/internal/testenv/staffed"
)

// Figure is one row of the table.
type Figure struct {
	What    string
	Goal    string
	Reached string
	Met     bool
	Beside  string // the peer's figure of the same run, or what else belongs to it
}

// Options is one run.
type Options struct {
	Lotse, Peer string // programs
	Connections int    // held idle, 5,000
	During      time.Duration
	ServerCores string
	Say         func(format string, args ...any)
}

// The places of the two sides in a talk: 500 rooms as in the research.
const (
	rooms     = 500
	teams     = 50
	perTeam   = rooms / teams
	talkRate  = 1000
	kib       = 1 << 10
	mib       = 1 << 20
	megabyte  = 1e6
	idleRest  = 20 * time.Second
	queueRoom = 400
)

func (o Options) plan() staffed.Plan {
	return staffed.Plan{Teams: teams, People: perTeam, Places: 1, QueueMax: queueRoom, Apart: true}
}

// sections are measured one after the other, each on servers of its own.
var sections = []struct {
	Name string
	run  func(Options, context.Context) ([]Figure, error)
}{
	{"start", Options.start},
	{"idle", Options.idle},
	{"talk", Options.talk},
	{"postgres", Options.postgres},
	{"nodes", Options.nodes},
	{"storm", Options.storm},
	{"flood", Options.flood},
	{"curve", Options.curve},
	{"finder", Options.finder},
	{"search", Options.search},
}

// Sections are the names of all sections, in order.
func Sections() (names []string) {
	for _, s := range sections {
		names = append(names, s.Name)
	}
	return names
}

// Run measures the wanted sections. One that fails is a row as well, and an error
// in the end; the others are measured all the same.
func Run(ctx context.Context, o Options, wanted func(section string) bool) (all []Figure, err error) {
	for _, s := range sections {
		if !wanted(s.Name) {
			continue
		}
		o.Say("measuring %s", s.Name)
		figures, failed := s.run(o, ctx)
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", s.Name, failed))
			figures = []Figure{{What: "section " + s.Name, Reached: "not measured", Beside: failed.Error()}}
		}
		for _, f := range figures {
			o.Say("  %s: %s (goal %s, beside: %s)", f.What, f.Reached, f.Goal, f.Beside)
		}
		all = append(all, figures...)
	}
	return all, err
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond)) }
func us(d time.Duration) string { return fmt.Sprintf("%d µs", d.Microseconds()) }

// start measures the program itself.
func (o Options) start(ctx context.Context) ([]Figure, error) {
	info, err := os.Stat(o.Lotse)
	if err != nil {
		return nil, err
	}
	l, err := newLotse(ctx, world.Shape{Nodes: 1, Program: o.Lotse, Staff: staffed.Plan{Teams: 3, People: 3, Places: 2, QueueMax: 20}, Cores: o.ServerCores})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	node := l.Nodes[0]
	var starts delays
	for range 5 {
		if err := node.Stop(); err != nil {
			return nil, err
		}
		from := time.Now()
		if err := node.LaunchUntil("/de/"); err != nil {
			return nil, err
		}
		starts.add(time.Since(from))
	}
	pause(ctx, idleRest/2)
	rss, err := resident(l)
	first := starts.quantile(.5)
	size := float64(info.Size()) / megabyte
	return []Figure{
		{"start to first page", "≤ 300 ms", ms(first), first <= 300*time.Millisecond, "median of 5 starts on a database that is there"},
		{"resident when idle", "≤ 60 MiB", fmt.Sprintf("%.1f MiB", float64(rss)/mib), rss <= 60*mib, ""},
		{"size of the program", "≤ 45 MB", fmt.Sprintf("%.1f MB", size), size <= 45, ""},
	}, err
}

// idle measures what a waiting connection costs.
func (o Options) idle(ctx context.Context) ([]Figure, error) {
	each, err := o.idleLotse(ctx, o.Connections)
	if err != nil {
		return nil, err
	}
	beside, err := o.idlePeer(ctx)
	return []Figure{{fmt.Sprintf("idle connection, %d held", o.Connections), "≤ 14 KiB", fmt.Sprintf("%.1f KiB", each/kib), each <= 14*kib,
		fmt.Sprintf("peer %.1f KiB", beside/kib)}}, err
}

func (o Options) idleLotse(ctx context.Context, connections int) (each float64, err error) {
	l, err := newLotse(ctx, world.Shape{Nodes: 1, Program: o.Lotse, Staff: o.plan(), Cores: o.ServerCores})
	if err != nil {
		return 0, err
	}
	defer l.Close()
	pause(ctx, idleRest) // as long as later: what starting leaves behind is no connection's
	empty, err := resident(l)
	if err != nil {
		return 0, err
	}
	if err := l.staffUp(ctx, rooms); err != nil {
		return 0, err
	}
	if err := l.seek(ctx, connections-rooms); err != nil {
		return 0, err
	}
	pause(ctx, idleRest)
	full, err := resident(l)
	if err != nil {
		return 0, err
	}
	numbers, err := l.Nodes[0].Numbers()
	o.Say("  empty %.1f MiB, full %.1f MiB, stacks %.1f, heap in use %.1f, goroutines %.0f, sockets %.0f", float64(empty)/mib, float64(full)/mib,
		numbers["go_memstats_stack_inuse_bytes"]/mib, numbers["go_memstats_heap_inuse_bytes"]/mib, numbers["go_goroutines"], numbers["lotse_chat_sockets"])
	return float64(full-empty) / float64(connections), err
}

func (o Options) idlePeer(ctx context.Context) (each float64, err error) {
	p, err := startPeer(o.Peer, o.ServerCores)
	if err != nil {
		return 0, err
	}
	defer p.close()
	pause(ctx, idleRest)
	empty, err := resident(p)
	if err != nil {
		return 0, err
	}
	if _, err := p.open(ctx, o.Connections/2, &ears{}); err != nil {
		return 0, err
	}
	pause(ctx, idleRest)
	full, err := resident(p)
	return float64(full-empty) / float64(o.Connections), err
}

// talk measures 500 rooms on SQLite, and the peer.
func (o Options) talk(ctx context.Context) ([]Figure, error) {
	theirs, theirRate, err := o.peerTalk(ctx)
	if err != nil {
		return nil, fmt.Errorf("peer: %w", err)
	}
	l, err := newLotse(ctx, world.Shape{Nodes: 1, Program: o.Lotse, Staff: o.plan(), Cores: o.ServerCores})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	open, err := l.talkers(ctx, rooms)
	if err != nil {
		return nil, err
	}
	pause(ctx, 2*time.Second)
	ours, err := even(ctx, l, open, l.e, talkRate, o.During)
	if err != nil {
		return nil, err
	}
	slow, err := o.slowReader(ctx, l, open)
	if err != nil {
		return nil, err
	}
	asked := requests(ctx, l.Nodes[0].Direct()+"/api/v1/availability?topic="+staffed.Topic+"&language="+l.People[0].Language,
		func(n int) *http.Client {
			return &http.Client{Transport: crowd.Visitor{Number: 2_000_000 + n%2000, Base: l.base}}
		}, talkRate, o.During)
	rate, cost, err := pingpong(ctx, l, open, l.e, o.During)
	if err != nil {
		return nil, err
	}
	limit := theirs.cpu * 3 / 2
	return append([]Figure{
		{"500 rooms at 1,000 msg/s on SQLite: send to delivered, p99", "≤ 15 ms", ms(ours.p99), ours.p99 <= 15*time.Millisecond && ours.lost == 0,
			fmt.Sprintf("p50 %s, %s; peer p99 %s", ms(ours.p50), ours.came(), ms(theirs.p99))},
		{"the same: CPU of the server per message", "≤ 1.5 × peer = " + us(limit), us(ours.cpu), ours.cpu <= limit, "peer " + us(theirs.cpu)},
		{"highest exchange rate in 500 rooms on SQLite", fmt.Sprintf("≥ 0.7 × peer = %.0f/s", .7*theirRate), fmt.Sprintf("%.0f msg/s", rate), rate >= .7*theirRate,
			fmt.Sprintf("peer %.0f msg/s; ratio %.2f; %s of CPU each", theirRate, rate/theirRate, us(cost))},
		{"availability at 1,000 requests/s, p99", "≤ 5 ms", ms(asked.quantile(.99)), asked.quantile(.99) <= 5*time.Millisecond && asked.failed == 0, asked.came()},
	}, slow...), nil
}

func (o Options) peerTalk(ctx context.Context) (steady, float64, error) {
	p, err := startPeer(o.Peer, o.ServerCores)
	if err != nil {
		return steady{}, 0, err
	}
	defer p.close()
	e := &ears{}
	open, err := p.open(ctx, rooms, e)
	if err != nil {
		return steady{}, 0, err
	}
	s, err := even(ctx, p, open, e, talkRate, o.During)
	if err != nil {
		return s, 0, err
	}
	rate, _, err := pingpong(ctx, p, open, e, o.During)
	return s, rate, err
}

// postgres measures the highest rate on PostgreSQL.
func (o Options) postgres(ctx context.Context) ([]Figure, error) {
	_, theirRate, err := o.peerTalk(ctx)
	if err != nil {
		return nil, fmt.Errorf("peer: %w", err)
	}
	l, err := newLotse(ctx, world.Shape{Nodes: 1, Postgres: true, Program: o.Lotse, Staff: o.plan(), Cores: o.ServerCores})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	open, err := l.talkers(ctx, rooms)
	if err != nil {
		return nil, err
	}
	rate, cost, err := pingpong(ctx, l, open, l.e, o.During)
	return []Figure{{"highest exchange rate in 500 rooms on PostgreSQL", fmt.Sprintf("≥ 0.4 × peer = %.0f/s", .4*theirRate), fmt.Sprintf("%.0f msg/s", rate),
		rate >= .4*theirRate, fmt.Sprintf("peer %.0f msg/s; ratio %.2f; %s of CPU of the node each; the database shares the cores", theirRate, rate/theirRate, us(cost))}}, err
}

// nodes measures two nodes over Redis, seekers on one and counsellors on the other.
func (o Options) nodes(ctx context.Context) ([]Figure, error) {
	l, err := newLotse(ctx, world.Shape{Nodes: 2, Postgres: true, Program: o.Lotse, Staff: o.plan(), Cores: o.ServerCores})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	open, err := l.talkers(ctx, rooms)
	if err != nil {
		return nil, err
	}
	pause(ctx, 2*time.Second)
	s, err := even(ctx, l, open, l.e, talkRate, o.During)
	return []Figure{{"two nodes over Redis, the ends apart, 1,000 msg/s: p99", "≤ 25 ms", ms(s.p99), s.p99 <= 25*time.Millisecond && s.lost == 0,
		fmt.Sprintf("p50 %s, %s; %s of CPU of both nodes each", ms(s.p50), s.came(), us(s.cpu))}}, err
}

// storm lets everybody lose the line at once.
func (o Options) storm(ctx context.Context) ([]Figure, error) {
	l, err := newLotse(ctx, world.Shape{Nodes: 1, Program: o.Lotse, Staff: o.plan(), Cores: o.ServerCores})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	if err := l.staffUp(ctx, rooms); err != nil {
		return nil, err
	}
	if err := l.seek(ctx, o.Connections); err != nil {
		return nil, err
	}
	pause(ctx, 3*time.Second)
	for _, x := range l.seekers {
		x.cut()
	}
	from := time.Now()
	g, ctx2 := errgroup.WithContext(ctx)
	g.SetLimit(256)
	for _, x := range l.seekers {
		g.Go(func() error {
			for {
				err := x.dial(ctx2)
				if err == nil {
					go x.listen(ctx, 0)
					return nil
				}
				if time.Since(from) > time.Minute || errors.Is(err, errElse) {
					return err
				}
				pause(ctx2, 100*time.Millisecond)
			}
		})
	}
	err = g.Wait()
	took := time.Since(from)
	return []Figure{{fmt.Sprintf("%d clients reconnecting at once: all back in their own conversation as it was", o.Connections), "≤ 5 s, none refused for good", fmt.Sprintf("%.2f s", took.Seconds()),
		err == nil && took <= 5*time.Second, "256 dial at a time; each looks at what it is welcomed to"}}, err
}
