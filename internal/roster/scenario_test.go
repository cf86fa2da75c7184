package roster

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/tools/txtar"

	"lotse/internal/roster/civil"
	"lotse/internal/staff"
)

// TestScenarios runs the stories in testdata: a plan in words, and what has to
// come of it.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scenarios", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			runScenario(t, archive)
		})
	}
}

func runScenario(t *testing.T, archive *txtar.Archive) {
	s := newStory(t)
	section := map[string][]string{}
	for _, f := range archive.Files {
		section[f.Name] = strings.FieldsFunc(string(f.Data), func(r rune) bool { return r == '\n' })
	}
	for _, line := range section["plan"] {
		s.read(line)
	}
	from, to := s.first.AddDate(0, 0, -2), s.first.AddDate(0, 0, 14)
	duties := s.plan.Duties(from, to)
	s.compare("on duty", section["on duty"], mapped(duties, s.duty))
	s.compare("findings", section["findings"], mapped(s.plan.Findings(from, to), s.finding))
	var openings []string
	for _, line := range section["openings"] {
		openings = append(openings, s.opening(line, duties))
	}
	s.compare("openings", section["openings"], openings)
}

func mapped[T any](list []T, text func(T) string) (lines []string) {
	for _, item := range list {
		lines = append(lines, text(item))
	}
	return lines
}

// story reads a scenario and gives every name in it an id.
type story struct {
	t      *testing.T
	zone   *time.Location
	plan   Plan
	names  []string // index+1 is the number of the id
	labels map[ShiftID]string
	first  time.Time
}

func newStory(t *testing.T) *story {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return &story{t: t, zone: zone, labels: map[ShiftID]string{}}
}

var (
	shiftLine    = regexp.MustCompile(`^shift (\S+) of (\S+) on (\S+) (\S+)-(\S+) for (.+) needs (\d+) to (\d+):(.*)$`)
	absentLine   = regexp.MustCompile(`^absent (\S+) from (\S+ \S+) to (\S+ \S+)$`)
	overrideLine = regexp.MustCompile(`^override in (\S+)(?: for (\S+))? from (\S+ \S+) to (\S+ \S+): (.+)$`)
	openingLine  = regexp.MustCompile(`^(\S+) by (\S+) after (\S+ \S+): .+$`)
)

func (s *story) read(line string) {
	if m := shiftLine.FindStringSubmatch(line); m != nil {
		s.readShift(m)
	} else if m := absentLine.FindStringSubmatch(line); m != nil {
		s.plan.Absences = append(s.plan.Absences, Absence{
			Person: s.person(m[1]), Start: s.at(m[2], civil.Start), End: s.at(m[3], civil.End), Class: Sick})
	} else if m := overrideLine.FindStringSubmatch(line); m != nil {
		s.readOverride(m)
	} else {
		s.t.Fatalf("cannot read %q", line)
	}
}

func (s *story) readShift(m []string) {
	date, start, end := s.date(m[3]), s.minute(m[4]), s.minute(m[5])
	if end <= start {
		end += 1440
	}
	shift := Shift{
		ID: ShiftID{number(1000 + len(s.plan.Shifts))}, Team: s.team(m[2]), Min: s.number(m[7]), Opt: s.number(m[8]),
		Start: civil.Resolve(date, start, s.zone, civil.Start), End: civil.Resolve(date, end, s.zone, civil.End),
	}
	for channel := range strings.SplitSeq(m[6], ", ") {
		shift.Channels = append(shift.Channels, Channel(channel))
	}
	if s.first.IsZero() {
		s.first = shift.Start
	}
	s.labels[shift.ID] = m[2] + " " + m[1]
	s.plan.Shifts = append(s.plan.Shifts, shift)
	for _, name := range strings.FieldsFunc(m[9], func(r rune) bool { return r == ',' || r == ' ' }) {
		s.plan.Assignments = append(s.plan.Assignments, Assignment{shift.ID, s.person(name)})
	}
}

func (s *story) readOverride(m []string) {
	o := Override{
		Team: s.team(m[1]), Channel: Channel(m[2]), Start: s.at(m[3], civil.Start), End: s.at(m[4], civil.End),
		Created: time.Unix(int64(len(s.plan.Overrides)), 0), Class: Swap,
	}
	switch words := strings.Fields(m[5]); {
	case len(words) == 2 && words[0] == "with":
		o.Add = s.person(words[1])
	case len(words) == 2 && words[0] == "without":
		o.Remove = s.person(words[1])
	case len(words) == 4 && words[1] == "replaced" && words[2] == "by":
		o.Remove, o.Add = s.person(words[0]), s.person(words[3])
	default:
		s.t.Fatalf("cannot read %q", m[0])
	}
	s.plan.Overrides = append(s.plan.Overrides, o)
}

func (s *story) id(name string) int {
	if i := slices.Index(s.names, name); i >= 0 {
		return i + 1
	}
	s.names = append(s.names, name)
	return len(s.names)
}

func (s *story) person(name string) staff.ID   { return staff.ID{UUID: number(s.id(name))} }
func (s *story) team(name string) staff.TeamID { return staff.TeamID{UUID: number(s.id(name))} }

func (s *story) name(id fmt.Stringer) string {
	text := id.String()
	return s.names[s.number(strings.TrimLeft(text[24:], "0"))-1]
}

func (s *story) number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *story) date(text string) civil.Date {
	d, err := civil.ParseDate(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

func (s *story) minute(text string) int {
	hour, minute, _ := strings.Cut(text, ":")
	return 60*s.number(hour) + s.number(minute)
}

func (s *story) at(text string, edge civil.Edge) time.Time {
	date, clock, _ := strings.Cut(text, " ")
	return civil.Resolve(s.date(date), s.minute(clock), s.zone, edge)
}

// span prints a span; a star marks an end that the wall clock shows the second
// time.
func (s *story) span(start, end time.Time) string {
	text := start.In(s.zone).Format("2006-01-02 15:04-") + end.In(s.zone).Format("15:04")
	date := civil.DateOf(end, s.zone)
	if !civil.Resolve(date, civil.Clock(end, s.zone), s.zone, civil.Start).Equal(end) {
		text += "*"
	}
	return text
}

func (s *story) place(team staff.TeamID, shift ShiftID) string {
	if label, ok := s.labels[shift]; ok {
		return label
	}
	return s.name(team)
}

func (s *story) duty(d Duty) string {
	var channels []string
	for _, c := range d.Channels {
		channels = append(channels, string(c))
	}
	return fmt.Sprintf("%s %s, %s (%s)", s.span(d.Start, d.End), s.name(d.Person), s.place(d.Team, d.Shift), strings.Join(channels, ", "))
}

func (s *story) finding(f Finding) string {
	text := fmt.Sprintf("%s %s: ", s.span(f.Start, f.End), f.Kind)
	switch place := s.place(f.Team, f.Shift); f.Kind {
	case Double:
		return text + fmt.Sprintf("%s, %s and %s", s.name(f.Person), place, s.place(f.OtherTeam, f.OtherShift))
	case Away:
		return text + fmt.Sprintf("%s, %s", s.name(f.Person), place)
	default:
		return text + fmt.Sprintf("%s has %d of %d", place, f.Have, f.Want)
	}
}

func (s *story) opening(line string, duties []Duty) string {
	m := openingLine.FindStringSubmatch(line)
	if m == nil {
		s.t.Fatalf("cannot read %q", line)
	}
	f := Filter{Teams: []staff.TeamID{s.team(m[1])}, Channel: Channel(m[2])}
	at, ok := NextOpening(duties, f, s.at(m[3], civil.Start))
	answer := "none"
	if ok {
		answer = at.In(s.zone).Format("2006-01-02 15:04")
	}
	return fmt.Sprintf("%s by %s after %s: %s", m[1], m[2], m[3], answer)
}

func (s *story) compare(what string, want, got []string) {
	s.t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		s.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
