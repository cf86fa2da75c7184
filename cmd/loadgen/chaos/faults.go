package chaos

import (
	"fmt"
	"os/exec"
	"slices"
	"time"

	"lotse/cmd/loadgen/world"
)

// fault is one way to break a world. do breaks it and says how; heal, if there is
// one, is called after hold.
type fault struct {
	name  string
	needs need
	hold  time.Duration // up to twice as long
	do    func(*run) (what string, heal func() error, err error)
}

// need is what a world must have for a fault.
type need struct{ postgres, disk, steps, next bool }

// faults is everything that is broken, each as often as the others.
var faults = []fault{
	{"kill", need{}, time.Second, (*run).kill},
	{"drain", need{}, 0, (*run).drain},
	{"redis", need{postgres: true}, 0, func(r *run) (string, func() error, error) { return "Redis restarts", nil, r.world.RestartRedis() }},
	{"postgres", need{postgres: true}, 0, func(r *run) (string, func() error, error) {
		return "PostgreSQL crashes", nil, r.world.RestartPostgres()
	}},
	{"cut", need{}, 0, func(r *run) (string, func() error, error) {
		n, share := r.node(), r.share()
		n.Proxy.Cut(r.rand, share)
		return fmt.Sprintf("%.0f %% of the connections are cut", 100*share), nil, nil
	}},
	{"slow", need{}, 2 * time.Second, func(r *run) (string, func() error, error) {
		n, share, by := r.node(), r.share(), time.Duration(10+r.rand.IntN(90))*time.Millisecond
		n.Proxy.Slow(r.rand, share, by)
		return fmt.Sprintf("%.0f %% of the connections are slow by %v", 100*share, by), healed(n.Proxy), nil
	}},
	{"half-open", need{}, 4 * time.Second, func(r *run) (string, func() error, error) {
		n, share := r.node(), r.share()
		n.Proxy.Hold(r.rand, share)
		return fmt.Sprintf("%.0f %% of the connections are half-open", 100*share), healed(n.Proxy), nil
	}},
	{"link", need{postgres: true}, 0, func(r *run) (string, func() error, error) {
		share := r.share()
		r.link().Cut(r.rand, share)
		return fmt.Sprintf("%.0f %% of the connections to a server behind are cut", 100*share), nil, nil
	}},
	{"link held", need{postgres: true}, 4 * time.Second, func(r *run) (string, func() error, error) {
		link := r.link()
		link.Hold(r.rand, 1)
		return "the connections to a server behind are half-open", healed(link), nil
	}},
	{"disk", need{disk: true}, 2 * time.Second, func(r *run) (string, func() error, error) {
		free, err := r.world.FillDisk()
		return "the disk is full", free, err
	}},
	{"clock", need{steps: true}, 3 * time.Second, func(r *run) (string, func() error, error) {
		n, by := r.node(), time.Duration(r.rand.IntN(1200)-600)*time.Second
		return fmt.Sprintf("a clock is off by %v", by), func() error { return n.StepClock(0) }, n.StepClock(by)
	}},
	{"migrate", need{next: true}, 0, (*run).migrate},
}

func healed(p *world.Proxy) func() error {
	return func() error {
		p.Heal()
		return nil
	}
}

func (r *run) node() *world.Node { return r.world.Nodes[r.rand.IntN(len(r.world.Nodes))] }

func (r *run) link() *world.Proxy { return r.world.Links()[r.rand.IntN(len(r.world.Links()))] }

func (r *run) share() float64 { return 0.2 + 0.8*r.rand.Float64() }

func (r *run) kill() (string, func() error, error) {
	n := r.node()
	return "a node is killed", n.Launch, n.Kill()
}

func (r *run) drain() (string, func() error, error) {
	n := r.node()
	if err := n.Stop(); err != nil {
		return "", nil, err
	}
	return "a node is drained and restarted", nil, n.Launch()
}

// migrate applies the migration of the next version while this one serves; from
// then on nodes that start are of the next version.
func (r *run) migrate() (string, func() error, error) {
	if r.migrated {
		return "", nil, nil
	}
	r.migrated = true
	cmd := exec.Command(r.o.Next, "migrate")
	cmd.Env = r.world.Nodes[0].Env()
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", nil, fmt.Errorf("migrate: %w\n%s", err, out)
	}
	for _, n := range r.world.Nodes {
		n.Upgrade(r.o.Next)
	}
	return "the next version migrates", nil, nil
}

// pick deals the next fault that this world can have. The deck is shuffled anew
// when it is used up, so that no fault stays away from a run that is long enough.
func (r *run) pick() fault {
	for {
		if len(r.deck) == 0 {
			r.deck = slices.Clone(faults)
			r.rand.Shuffle(len(r.deck), func(i, j int) { r.deck[i], r.deck[j] = r.deck[j], r.deck[i] })
		}
		f := r.deck[0]
		r.deck = r.deck[1:]
		if r.can(f.needs) {
			return f
		}
	}
}

func (r *run) can(n need) bool {
	return (!n.postgres || r.o.Shape.Postgres) && (!n.disk || r.o.Shape.DiskMB > 0) &&
		(!n.steps || r.o.Shape.Steps) && (!n.next || r.o.Next != "" && !r.migrated)
}

// breakOne breaks one thing, waits, and heals it.
func (r *run) breakOne() error {
	f := r.pick()
	began := time.Since(r.began)
	what, heal, err := f.do(r)
	if err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	r.faults[f.name]++
	r.say("%6.1fs %s", began.Seconds(), what)
	if heal == nil {
		return nil
	}
	r.sleep(f.hold + time.Duration(r.rand.Int64N(int64(f.hold)+1)))
	if err := heal(); err != nil {
		return fmt.Errorf("heal %s: %w", f.name, err)
	}
	return r.world.Revive()
}
