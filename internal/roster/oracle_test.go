package roster

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"lotse/internal/roster/civil"
	"lotse/internal/staff"
)

// The oracle knows no spans. For one instant it asks of each value whether it
// holds, and keeps a set of facts "person has channel of shift in team".
type fact struct {
	person  staff.ID
	team    staff.TeamID
	shift   ShiftID
	channel Channel
}

func (p Plan) factsAt(at time.Time) map[fact]bool {
	facts := map[fact]bool{}
	holds := func(start, end time.Time) bool { return !at.Before(start) && at.Before(end) }
	for _, s := range p.Shifts {
		for _, a := range p.Assignments {
			for _, c := range s.Channels {
				if a.Shift == s.ID && holds(s.Start, s.End) {
					facts[fact{a.Person, s.Team, s.ID, c}] = true
				}
			}
		}
	}
	overrides := slices.SortedFunc(slices.Values(p.Overrides), func(a, b Override) int { return a.Created.Compare(b.Created) })
	for _, o := range overrides {
		if holds(o.Start, o.End) {
			o.changeFacts(facts)
		}
	}
	for _, a := range p.Absences {
		maps.DeleteFunc(facts, func(f fact, _ bool) bool { return f.person == a.Person && holds(a.Start, a.End) })
	}
	return facts
}

func (o Override) changeFacts(facts map[fact]bool) {
	if o.Remove.IsZero() {
		for _, c := range Channels() {
			if !o.Add.IsZero() && (o.Channel == "" || o.Channel == c) {
				facts[fact{o.Add, o.Team, ShiftID{}, c}] = true
			}
		}
		return
	}
	for f := range maps.Clone(facts) {
		if f.person == o.Remove && f.team == o.Team && (o.Channel == "" || o.Channel == f.channel) {
			delete(facts, f)
			if f.person = o.Add; !o.Add.IsZero() {
				facts[f] = true
			}
		}
	}
}

func factsOf(duties []Duty, at time.Time) map[fact]bool {
	facts := map[fact]bool{}
	for _, d := range duties {
		for _, c := range d.Channels {
			if !at.Before(d.Start) && at.Before(d.End) {
				facts[fact{d.Person, d.Team, d.Shift, c}] = true
			}
		}
	}
	return facts
}

// world is what random plans are made of: few people and teams, so that they
// meet, around a day on which clocks change or not.
type world struct {
	zone   *time.Location
	day    civil.Date
	people []staff.ID
	teams  []staff.TeamID
}

// number makes an id that prints as the number it was made from.
func number(n int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("00000000-0000-7000-8000-%012d", n))
}

func drawWorld(t *rapid.T) world {
	zones := []string{"Europe/Berlin", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"}
	z, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	days := []civil.Date{{Year: 2026, Month: 3, Day: 29}, {Year: 2026, Month: 10, Day: 25}, {Year: 2026, Month: 4, Day: 5}, {Year: 2026, Month: 11, Day: 23}}
	w := world{zone: z, day: rapid.SampledFrom(days).Draw(t, "day")}
	for n := range 4 {
		w.people = append(w.people, staff.ID{UUID: number(n + 1)})
	}
	for n := range 2 {
		w.teams = append(w.teams, staff.TeamID{UUID: number(n + 101)})
	}
	return w
}

func (w world) window() (from, to time.Time) {
	return civil.Resolve(w.day.Add(-1), 0, w.zone, civil.Start), civil.Resolve(w.day.Add(2), 0, w.zone, civil.End)
}

func (w world) span(t *rapid.T) (start, end time.Time) {
	from := rapid.IntRange(-6, 36).Draw(t, "start")
	length := rapid.IntRange(1, 20).Draw(t, "half hours")
	return civil.Resolve(w.day, 30*from, w.zone, civil.Start), civil.Resolve(w.day, 30*(from+length), w.zone, civil.End)
}

func (w world) person(t *rapid.T) staff.ID   { return rapid.SampledFrom(w.people).Draw(t, "person") }
func (w world) team(t *rapid.T) staff.TeamID { return rapid.SampledFrom(w.teams).Draw(t, "team") }

func (w world) plan(t *rapid.T) Plan {
	var p Plan
	for n := range rapid.IntRange(0, 5).Draw(t, "shifts") {
		s := Shift{ID: ShiftID{number(n + 201)}, Team: w.team(t), Min: rapid.IntRange(0, 2).Draw(t, "min")}
		s.Start, s.End = w.span(t)
		s.Opt = s.Min + rapid.IntRange(0, 1).Draw(t, "more")
		s.Channels = rapid.SliceOfNDistinct(rapid.SampledFrom(Channels()), 1, 3, rapid.ID).Draw(t, "channels")
		p.Shifts = append(p.Shifts, s)
		for _, person := range rapid.SliceOfNDistinct(rapid.SampledFrom(w.people), 0, 3, rapid.ID).Draw(t, "people") {
			p.Assignments = append(p.Assignments, Assignment{s.ID, person})
		}
	}
	for n := range rapid.IntRange(0, 5).Draw(t, "overrides") {
		p.Overrides = append(p.Overrides, w.override(t, n))
	}
	for n := range rapid.IntRange(0, 2).Draw(t, "absences") {
		a := Absence{ID: AbsenceID{number(n + 401)}, Person: w.person(t), Class: Sick}
		a.Start, a.End = w.span(t)
		p.Absences = append(p.Absences, a)
	}
	return p
}

func (w world) override(t *rapid.T, n int) Override {
	o := Override{ID: OverrideID{number(n + 301)}, Team: w.team(t), Class: Swap, Created: time.Unix(int64(n), 0)}
	o.Start, o.End = w.span(t)
	o.Channel = rapid.SampledFrom(append(Channels(), "", "")).Draw(t, "channel")
	switch rapid.IntRange(0, 2).Draw(t, "form") {
	case 0:
		o.Add = w.person(t)
	case 1:
		o.Remove = w.person(t)
	default:
		o.Add, o.Remove = w.person(t), w.person(t)
	}
	return o
}

func TestDutiesMatchEveryMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		p := w.plan(t)
		from, to := w.window()
		duties := p.Duties(from, to)
		for at := from; at.Before(to); at = at.Add(time.Minute) {
			want, got := p.factsAt(at), factsOf(duties, at)
			if !maps.Equal(want, got) {
				t.Fatalf("at %s:\n got %v\nwant %v", at.In(w.zone), got, want)
			}
		}
	})
}

func TestDutiesAreSortedMergedAndInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		p := w.plan(t)
		from, to := w.window()
		duties := p.Duties(from, to)
		if !slices.IsSortedFunc(duties, byStart) {
			t.Fatal("not sorted")
		}
		for i, d := range duties {
			if !d.Start.Before(d.End) || d.Start.Before(from) || d.End.After(to) || len(d.Channels) == 0 {
				t.Fatalf("duty %+v is empty or outside the window", d)
			}
			for _, e := range duties[i+1:] {
				if d.Person == e.Person && d.Team == e.Team && joins(d, e) {
					t.Fatalf("%+v and %+v are not merged", d, e)
				}
			}
		}
	})
}

// TestDutiesOfSplitWindow: what is true at an instant does not depend on the
// window one looks through, nor on the order of the values.
func TestDutiesOfSplitWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		p := w.plan(t)
		from, to := w.window()
		mid := from.Add(time.Duration(rapid.IntRange(0, 72*60).Draw(t, "cut")) * time.Minute)
		shuffled := Plan{
			Shifts:      rapid.Permutation(p.Shifts).Draw(t, "shifts'"),
			Assignments: rapid.Permutation(p.Assignments).Draw(t, "assignments'"),
			Overrides:   rapid.Permutation(p.Overrides).Draw(t, "overrides'"),
			Absences:    rapid.Permutation(p.Absences).Draw(t, "absences'"),
		}
		whole := p.Duties(from, to)
		halves := slices.Concat(shuffled.Duties(from, mid), shuffled.Duties(mid, to))
		for at := from; at.Before(to); at = at.Add(15 * time.Minute) {
			if a, b := factsOf(whole, at), factsOf(halves, at); !maps.Equal(a, b) {
				t.Fatalf("at %s: %v in the whole window, %v in halves", at.In(w.zone), a, b)
			}
		}
	})
}

// TestAddThenRemove: taking away what was just added leaves the others' duties
// as they were and the person off duty.
func TestAddThenRemove(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		p := w.plan(t)
		from, to := w.window()
		o := Override{ID: OverrideID{number(391)}, Team: w.team(t), Add: staff.ID{UUID: number(99)}, Created: time.Unix(100, 0)}
		o.Start, o.End = w.span(t)
		undo := Override{ID: OverrideID{number(392)}, Team: o.Team, Remove: o.Add, Start: o.Start, End: o.End, Created: time.Unix(101, 0)}
		before := p.Duties(from, to)
		p.Overrides = append(p.Overrides, o, undo)
		if after := p.Duties(from, to); !slices.EqualFunc(before, after, sameDuty) {
			t.Fatalf("add and remove changed\n%v to\n%v", before, after)
		}
	})
}

// TestReplaceKeepsCover: handing duties over changes who, never how many.
func TestReplaceKeepsCover(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		p := w.plan(t)
		p.Absences = nil
		from, to := w.window()
		newcomer := staff.ID{UUID: number(99)}
		o := Override{ID: OverrideID{number(391)}, Team: w.team(t), Remove: w.person(t), Add: newcomer, Created: time.Unix(100, 0)}
		o.Start, o.End = w.span(t)
		before := p.Duties(from, to)
		p.Overrides = append(p.Overrides, o)
		after := p.Duties(from, to)
		for at := from; at.Before(to); at = at.Add(15 * time.Minute) {
			if a, b := len(factsOf(before, at)), len(factsOf(after, at)); a != b {
				t.Fatalf("at %s: %d before, %d after", at.In(w.zone), a, b)
			}
		}
	})
}

func sameDuty(a, b Duty) bool {
	return a.Person == b.Person && a.Team == b.Team && a.Shift == b.Shift && a.Start.Equal(b.Start) && a.End.Equal(b.End) &&
		slices.Equal(a.Channels, b.Channels) && a.Reserve == b.Reserve
}

func TestNextOpeningMatchesEveryMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		p := w.plan(t)
		from, to := w.window()
		f := Filter{Teams: []staff.TeamID{w.team(t)}, Channel: rapid.SampledFrom(Channels()).Draw(t, "wanted")}
		after := from.Add(time.Duration(rapid.IntRange(0, 72*60).Draw(t, "after")) * time.Minute)
		got, ok := NextOpening(p.Duties(from, to), f, after)
		want, found := p.openingByMinute(f, after, to)
		if ok != found || !got.Equal(want) {
			t.Fatalf("NextOpening = %s %v, want %s %v", got.In(w.zone), ok, want.In(w.zone), found)
		}
	})
}

func (p Plan) openingByMinute(f Filter, after, to time.Time) (time.Time, bool) {
	reserve := map[ShiftID]bool{}
	for _, s := range p.Shifts {
		reserve[s.ID] = s.Min == 0
	}
	for at := after; at.Before(to); at = at.Add(time.Minute) {
		for fact := range p.factsAt(at) {
			if slices.Contains(f.Teams, fact.team) && fact.channel == f.Channel && !reserve[fact.shift] {
				return at, true
			}
		}
	}
	return time.Time{}, false
}

func TestFindingsMatchEveryMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		p := w.plan(t)
		from, to := w.window()
		findings := p.Findings(from, to)
		for at := from; at.Before(to); at = at.Add(5 * time.Minute) {
			facts := p.factsAt(at)
			for _, s := range p.Shifts {
				if want, got := gapAt(s, facts, at), gapIn(findings, s.ID, at); want != got {
					t.Fatalf("at %s shift %s: found %q, want %q", at.In(w.zone), s.ID, got, want)
				}
			}
			for _, person := range w.people {
				if want, got := doubleAt(person, facts), doubleIn(findings, person, at); want != got {
					t.Fatalf("at %s person %s: double %v, want %v", at.In(w.zone), person, got, want)
				}
			}
		}
	})
}

func gapAt(s Shift, facts map[fact]bool, at time.Time) Kind {
	if at.Before(s.Start) || !at.Before(s.End) {
		return ""
	}
	fewest := 99
	for _, c := range s.Channels {
		people := map[staff.ID]bool{}
		for f := range facts {
			if f.team == s.Team && f.channel == c && (f.shift == s.ID || f.shift.IsZero()) {
				people[f.person] = true
			}
		}
		fewest = min(fewest, len(people))
	}
	switch {
	case fewest < s.Min:
		return BelowMinimum
	case fewest < s.Opt:
		return BelowOptimum
	}
	return ""
}

func gapIn(findings []Finding, shift ShiftID, at time.Time) Kind {
	for _, f := range findings {
		if f.Shift == shift && f.Person.IsZero() && !at.Before(f.Start) && at.Before(f.End) {
			return f.Kind
		}
	}
	return ""
}

func doubleAt(person staff.ID, facts map[fact]bool) bool {
	teams, shifts := map[staff.TeamID]bool{}, map[ShiftID]bool{}
	for f := range facts {
		if f.person == person {
			teams[f.team] = true
			if !f.shift.IsZero() {
				shifts[f.shift] = true
			}
		}
	}
	return len(teams) > 1 || len(shifts) > 1
}

func doubleIn(findings []Finding, person staff.ID, at time.Time) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool {
		return f.Kind == Double && f.Person == person && !at.Before(f.Start) && at.Before(f.End)
	})
}
