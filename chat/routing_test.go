package chat

import (
	"slices"
	"testing"
	"time"

	"lotse/internal/roster"
	"lotse/internal/staff"
)

var noon = time.Date(2026, 8, 3, 12, 0, 0, 0, time.UTC)

func TestTiersGoFromNearToFar(t *testing.T) {
	caritas, diakonie := staff.NewProviderID(), staff.NewProviderID()
	team := func(name string, p staff.ProviderID, reach staff.Reach, centres ...string) staff.Team {
		return staff.Team{ID: staff.NewTeamID(), Name: name, Provider: p, Reach: reach, Centres: centres, Topics: []string{"schulden"}, Languages: []string{"de"}}
	}
	near := team("near", caritas, staff.Catchment, "c1")
	sister := team("sister", caritas, staff.Catchment, "c2")
	pool := team("pool", diakonie, staff.Pool)
	far := team("far", diakonie, staff.Nationwide)
	other := team("other", diakonie, staff.Catchment, "c9")
	russian := team("russian", caritas, staff.Catchment, "c1")
	russian.Languages = []string{"ru"}
	all := []staff.Team{far, pool, other, sister, near, russian}

	for _, c := range []struct {
		name     string
		ask      Ask
		covering []string
		want     [][]string
	}{
		{"centre", Ask{Topic: "schulden", Language: "de", Centre: "c1"}, nil, [][]string{{"near"}, {"sister"}, {"pool"}, {"far"}}},
		{"postcode", Ask{Topic: "schulden", Language: "de", Postcode: "01067"}, []string{"c2"}, [][]string{{"sister"}, {"near"}, {"pool"}, {"far"}}},
		{"white spot", Ask{Topic: "schulden", Language: "de", Postcode: "99999"}, nil, [][]string{{"pool"}, {"far"}}},
		{"nothing said", Ask{}, nil, [][]string{{"pool"}, {"far"}}},
		{"another language", Ask{Topic: "schulden", Language: "ru", Centre: "c1"}, nil, [][]string{{"russian"}}},
		{"another topic", Ask{Topic: "sucht", Language: "de", Centre: "c1"}, nil, nil},
	} {
		var got [][]string
		for _, tier := range Tiers(all, c.ask, c.covering) {
			var names []string
			for _, t := range tier {
				names = append(names, t.Name)
			}
			got = append(got, names)
		}
		if !slices.EqualFunc(got, c.want, slices.Equal) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// aDesk is a desk that can take anything.
func aDesk(change func(*Desk)) Desk {
	d := Desk{Person: staff.NewID(), KID: "k1", Channels: roster.Channels(), Ready: true, Here: true, Places: 2, Idle: noon.Add(-time.Hour),
		Until: noon.Add(2 * time.Hour)}
	change(&d)
	return d
}

func TestWhoCanBeOfferedAChat(t *testing.T) {
	need := Need{Kind: Live, Topic: "schulden", Language: "de", Readers: []string{"k1"}, Guard: 20 * time.Minute}
	for _, c := range []struct {
		name   string
		change func(*Desk)
		need   func(*Need)
		want   bool
	}{
		{"anybody fit", func(*Desk) {}, nil, true},
		{"paused", func(d *Desk) { d.Ready = false }, nil, false},
		{"an appointment soon", func(d *Desk) { d.Busy = true }, nil, false},
		{"on duty for the phone only", func(d *Desk) { d.Channels = []roster.Channel{roster.Phone} }, nil, false},
		{"duty for another topic", func(d *Desk) { d.Topics = []string{"sucht"} }, nil, false},
		{"skilled in another topic", func(d *Desk) { d.Skills.Topics = []string{"sucht"} }, nil, false},
		{"duty in another language", func(d *Desk) { d.Languages = []string{"ru"} }, nil, false},
		{"speaks another language", func(d *Desk) { d.Skills.Languages = []string{"ru"} }, nil, false},
		{"speaks this too", func(d *Desk) { d.Skills.Languages = []string{"ru", "de"} }, nil, true},
		{"no key for it", func(d *Desk) { d.KID = "k2" }, nil, false},
		{"last minutes of the shift", func(d *Desk) { d.Until = noon.Add(20 * time.Minute) }, nil, false},
		{"just before them", func(d *Desk) { d.Until = noon.Add(20*time.Minute + time.Millisecond) }, nil, true},
		{"one place left", func(d *Desk) { d.Load = 1 }, nil, true},
		{"no place left", func(d *Desk) { d.Load = 2 }, nil, false},
		{"a video call needs two", func(d *Desk) { d.Load = 1 }, func(n *Need) { n.Kind = Video }, false},
		{"a video call has two", func(*Desk) {}, func(n *Need) { n.Kind = Video }, true},
		{"a message takes no place", func(d *Desk) { d.Load = 2 }, func(n *Need) { n.Kind = Message }, true},
	} {
		n := need
		if c.need != nil {
			c.need(&n)
		}
		if _, got := Choose([]Desk{aDesk(c.change)}, n, noon, staff.ID{}, nil); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestWhoComesFirst(t *testing.T) {
	busy := aDesk(func(d *Desk) { d.Load = 1; d.Idle = noon.Add(-9 * time.Hour) })
	rested := aDesk(func(d *Desk) { d.Idle = noon.Add(-3 * time.Hour) })
	fresh := aDesk(func(d *Desk) { d.Idle = noon.Add(-time.Minute) })
	desks := []Desk{busy, fresh, rested}
	choose := func(prefer staff.ID, passed ...Desk) staff.ID {
		gone := map[staff.ID]bool{}
		for _, d := range passed {
			gone[d.Person] = true
		}
		d, _ := Choose(desks, Need{Kind: Live}, noon, prefer, gone)
		return d.Person
	}
	for _, c := range []struct {
		name      string
		got, want staff.ID
	}{
		{"least loaded, then longest idle", choose(staff.ID{}), rested.Person},
		{"who let it pass is not asked again", choose(staff.ID{}, rested), fresh.Person},
		{"then the next", choose(staff.ID{}, rested, fresh), busy.Person},
		{"then nobody", choose(staff.ID{}, rested, fresh, busy), staff.ID{}},
		{"whom it was handed to", choose(busy.Person), busy.Person},
		{"unless they let it pass", choose(busy.Person, busy), rested.Person},
	} {
		if c.got != c.want {
			t.Errorf("%s: wrong choice", c.name)
		}
	}
}

func TestTurnInTheQueue(t *testing.T) {
	at := func(min int, head, urgent bool) Conversation {
		return Conversation{ID: NewID(), Head: head, Urgent: urgent, QueuedAt: noon.Add(time.Duration(min) * time.Minute)}
	}
	first, second := at(1, false, false), at(2, false, false)
	urgent, back, backLater := at(3, false, true), at(4, true, false), at(5, true, false)
	q := []Conversation{second, urgent, backLater, first, back}
	slices.SortFunc(q, func(a, b Conversation) int { return byTurn(&a, &b) })
	if !slices.Equal(q, []Conversation{back, backLater, urgent, first, second}) {
		t.Errorf("order %v", q)
	}
}

func TestOpennessOfALine(t *testing.T) {
	for _, c := range []struct {
		line Line
		want Openness
	}{
		{Line{}, LineClosed},
		{Line{Waiting: 3, QueueMax: 10}, LineClosed},
		{Line{Places: 2, Free: 1, QueueMax: 3}, LineFree},
		{Line{Places: 2, Free: 2, Waiting: 1, QueueMax: 3}, LineFree},
		{Line{Places: 2, Free: 1, Waiting: 1, QueueMax: 3}, LineQueue},
		{Line{Places: 2, Waiting: 2, QueueMax: 3}, LineQueue},
		{Line{Places: 2, Waiting: 3, QueueMax: 3}, LineFull},
		{Line{Places: 2, Free: 4, Waiting: 3, QueueMax: 3}, LineFree},
	} {
		if got := c.line.Openness(); got != c.want {
			t.Errorf("%+v: %s, want %s", c.line, got, c.want)
		}
	}
}

func TestBestLine(t *testing.T) {
	line := func(name string, places, free, waiting int) Line {
		id := staff.TeamID{}
		id.UUID[0] = name[0]
		return Line{Team: id, Places: places, Free: free, Waiting: waiting, QueueMax: 3}
	}
	for _, c := range []struct {
		name  string
		tiers [][]Line
		want  string
	}{
		{"free nearby beats free afar", [][]Line{{line("a", 2, 1, 0)}, {line("b", 9, 9, 0)}}, "a"},
		{"free afar beats a queue nearby", [][]Line{{line("a", 2, 0, 1)}, {line("b", 1, 1, 0)}}, "b"},
		{"of two free the freer", [][]Line{{line("a", 2, 1, 0), line("b", 3, 3, 0)}}, "b"},
		{"of two queues the shorter", [][]Line{{line("a", 2, 0, 2), line("b", 2, 0, 1)}}, "b"},
		{"a queue nearby beats a queue afar", [][]Line{{line("a", 1, 0, 2)}, {line("b", 5, 0, 0)}}, "a"},
		{"a queue beats a full line", [][]Line{{line("a", 1, 0, 3)}, {line("b", 1, 0, 2)}}, "b"},
		{"full rather than closed", [][]Line{{line("a", 0, 0, 0)}, {line("b", 1, 0, 3)}}, "b"},
		{"all closed", [][]Line{{line("a", 0, 0, 0)}}, ""},
		{"no team at all", nil, ""},
	} {
		best, ok := Best(c.tiers)
		if ok != (c.want != "") || ok && best.Team.UUID[0] != c.want[0] {
			t.Errorf("%s: %+v %v", c.name, best, ok)
		}
	}
}

func TestEstimateIsAHonestRange(t *testing.T) {
	for _, c := range []struct {
		ahead  int
		mean   time.Duration
		places int
		want   Wait
	}{
		{0, 20 * time.Minute, 4, Wait{120, 480}},
		{3, 30 * time.Minute, 2, Wait{1800, 5400}},
		{0, 0, 1, Wait{900, 2700}}, // half an hour is assumed
		{0, time.Second, 5, Wait{60, 120}},
		{2, 30 * time.Minute, 0, Wait{2700, 8100}},
	} {
		if got := Estimate(c.ahead, c.mean, c.places); got != c.want {
			t.Errorf("%d ahead, %v, %d places: %+v, want %+v", c.ahead, c.mean, c.places, got, c.want)
		}
	}
	for ahead := range 40 {
		for places := range 9 {
			w := Estimate(ahead, 37*time.Minute, places)
			if w.Low < 60 || w.High <= w.Low || w.Low%60 != 0 || w.High%60 != 0 {
				t.Errorf("%d ahead, %d places: %+v", ahead, places, w)
			}
		}
	}
}

func TestMeanOfServiceFollowsTheLastTwenty(t *testing.T) {
	if got := served(0, 0, 40*time.Minute); got != 40*time.Minute {
		t.Errorf("after one: %v", got)
	}
	if got := served(40*time.Minute, 1, 20*time.Minute); got != 30*time.Minute {
		t.Errorf("after two: %v", got)
	}
	mean := time.Hour
	for n := range int64(60) {
		mean = served(mean, 100+n, 20*time.Minute)
	}
	if mean < 20*time.Minute || mean > 21*time.Minute {
		t.Errorf("after sixty short ones: %v", mean)
	}
}
