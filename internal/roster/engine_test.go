package roster

import (
	"testing"
	"time"

	"lotse/internal/staff"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func at(hours int) time.Time { return noon.Add(time.Duration(hours) * time.Hour) }

func TestFilter(t *testing.T) {
	team, other := staff.TeamID{UUID: number(1)}, staff.TeamID{UUID: number(2)}
	duty := Duty{Team: team, Channels: []Channel{Chat, Phone}, Topics: []string{"debt"}, Languages: []string{"de", "en"}}
	tests := []struct {
		why  string
		f    Filter
		want bool
	}{
		{"all fits", Filter{[]staff.TeamID{other, team}, Chat, "debt", "en"}, true},
		{"any topic and language", Filter{[]staff.TeamID{team}, Phone, "", ""}, true},
		{"another team", Filter{[]staff.TeamID{other}, Chat, "", ""}, false},
		{"no team may serve", Filter{nil, Chat, "", ""}, false},
		{"another channel", Filter{[]staff.TeamID{team}, Video, "", ""}, false},
		{"no channel asked for", Filter{[]staff.TeamID{team}, "", "", ""}, false},
		{"another topic", Filter{[]staff.TeamID{team}, Chat, "addiction", ""}, false},
		{"another language", Filter{[]staff.TeamID{team}, Chat, "", "tr"}, false},
	}
	for _, tt := range tests {
		if got := tt.f.Match(duty); got != tt.want {
			t.Errorf("%s: Match = %v", tt.why, got)
		}
	}
	duty.Topics, duty.Languages = nil, nil
	if !(Filter{[]staff.TeamID{team}, Chat, "addiction", "tr"}).Match(duty) {
		t.Error("a duty without topics and languages has those of its team")
	}
}

func TestUntil(t *testing.T) {
	anna, ben := staff.ID{UUID: number(1)}, staff.ID{UUID: number(2)}
	team := staff.TeamID{UUID: number(11)}
	duty := func(person staff.ID, from, to int, channels ...Channel) Duty {
		return Duty{Person: person, Team: team, Start: at(from), End: at(to), Channels: channels}
	}
	duties := []Duty{ // sorted by start
		duty(anna, 0, 2, Chat), duty(anna, 1, 3, Chat, Phone), duty(ben, 2, 9, Chat),
		duty(anna, 3, 5, Chat), duty(anna, 5, 6, Phone), duty(anna, 7, 8, Chat),
	}
	tests := []struct {
		person    staff.ID
		channel   Channel
		from, end int
	}{
		{anna, Chat, 0, 5}, {anna, Chat, 4, 5}, {anna, Phone, 1, 3}, {anna, Phone, 5, 6},
		{anna, Chat, 6, 6}, {ben, Chat, 2, 9}, {ben, Phone, 2, 2}, {anna, Chat, 9, 9},
	}
	for _, tt := range tests {
		if got := Until(duties, tt.person, team, tt.channel, at(tt.from)); !got.Equal(at(tt.end)) {
			t.Errorf("Until(%v %s from %d) = %s, want %s", tt.person, tt.channel, tt.from, got, at(tt.end))
		}
	}
}

func TestSnapshot(t *testing.T) {
	team := staff.TeamID{UUID: number(11)}
	p := Plan{Shifts: []Shift{
		{ID: ShiftID{number(1)}, Team: team, Start: at(-1), End: at(1), Channels: []Channel{Chat}, Min: 1},
		{ID: ShiftID{number(2)}, Team: team, Start: at(0).Add(30 * time.Minute), End: at(30), Channels: []Channel{Chat}, Min: 1},
		{ID: ShiftID{number(3)}, Team: team, Start: at(14*24 - 1), End: at(14*24 + 5), Channels: []Channel{Chat}, Min: 1},
	}}
	for _, s := range p.Shifts {
		p.Assignments = append(p.Assignments, Assignment{s.ID, staff.ID{UUID: number(7)}})
	}
	n := newSnapshot(1, noon.Add(20*time.Minute), p)
	for minutes, want := range map[int]int{-61: 0, -60: 1, 0: 1, 29: 1, 30: 2, 59: 2, 60: 1, 30*60 - 1: 1, 30 * 60: 0, (14*24 - 1) * 60: 1} {
		when := noon.Add(time.Duration(minutes) * time.Minute)
		if got := n.onDuty(when); !n.covers(when) || len(got) != want {
			t.Errorf("at %s %d on duty, want %d", when, len(got), want)
		}
	}
	if n.covers(noon.Add(-49*time.Hour)) || n.covers(at(14*24)) {
		t.Error("the snapshot claims to know instants that it does not hold")
	}
}

func BenchmarkDutiesYear(b *testing.B) {
	p := yearPlan()
	for b.Loop() {
		p.Duties(noon, noon.AddDate(1, 0, 0))
	}
}

func BenchmarkOnDuty(b *testing.B) {
	n := newSnapshot(1, noon, yearPlan())
	for b.Loop() {
		n.onDuty(at(5))
	}
}

// yearPlan has 100 people with a shift each weekday for a year, and a hundred
// overrides and absences.
func yearPlan() Plan {
	var p Plan
	for person := range 100 {
		team := staff.TeamID{UUID: number(500 + person/10)}
		id := staff.ID{UUID: number(1 + person)}
		for day := range 365 {
			start := noon.AddDate(0, 0, day).Add(time.Duration(person%3) * 4 * time.Hour)
			s := Shift{ID: ShiftID{number(100000 + person*1000 + day)}, Team: team, Start: start, End: start.Add(4 * time.Hour), Channels: []Channel{Chat}, Min: 1}
			if day%7 < 5 {
				p.Shifts = append(p.Shifts, s)
				p.Assignments = append(p.Assignments, Assignment{s.ID, id})
			}
		}
		away := noon.AddDate(0, 0, 3*person)
		p.Absences = append(p.Absences, Absence{Person: id, Start: away, End: away.AddDate(0, 0, 14)})
		p.Overrides = append(p.Overrides, Override{ID: OverrideID{number(person)}, Team: team, Remove: id,
			Add: staff.ID{UUID: number(1 + (person+1)%100)}, Start: away, End: away.AddDate(0, 0, 2)})
	}
	return p
}
