package web

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"lotse/directory"
	"lotse/directory/hours"
	"lotse/directory/upkeep"
)

// entryField is one field of an entry's form.
type entryField struct {
	Name    string
	Kind    string // text, lines, tick, boxes or select
	Type    string // of the input of a text
	Value   string
	Ticked  bool
	Choices []choice
	Flaw    string // what is wrong with it, or empty
	Hint    bool   // has a hint
	Week    []weekDay
	Unread  bool   // hours that cannot be read back
	From    string // who stands behind what is published; empty: nobody says anything
	Told    string // what was understood, or whether it is shown; empty: nothing
}

// Described lists the ids of hint and error for aria-describedby.
func (f entryField) Described() string {
	var ids []string
	if f.Hint {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Flaw != "" {
		ids = append(ids, f.Name+"-error")
	}
	return strings.Join(ids, " ")
}

// entryPart is a group of fields under a heading.
type entryPart struct {
	Name   string
	Fields []entryField
}

// entryInput is a field of the form: its name, its kind and the type of its input.
type entryInput struct{ name, kind, inputType string }

// entryParts are the parts of the form and the kind of each field.
var entryParts = []struct {
	name   string
	fields []entryInput
}{
	{"who", []entryInput{{"name", "text", "text"}, {"kind", "text", "text"}, {"description", "lines", ""}, {"topics", "boxes", ""},
		{"status", "select", ""}, {"alert", "lines", ""}}},
	{"reach", []entryInput{{"phones", "lines", ""}, {"email", "text", "email"}, {"url", "text", "url"}, {"booking", "text", "url"}, {"type", "select", ""},
		{"place", "text", "text"}, {"street", "text", "text"}, {"postcode", "text", "text"}, {"city", "text", "text"}, {"transport", "lines", ""},
		{"accessibility", "boxes", ""}}},
	{"when", []entryInput{{"hours", "text", "text"}, {"hint", "lines", ""}, {"channels", "boxes", ""}, {"walk_in", "tick", ""}, {"anonymous", "tick", ""}}},
	{"soon", []entryInput{{"slot_day", "text", "date"}, {"slot_time", "text", "time"}, {"slot_walk_in", "tick", ""}, {"places_free", "text", "text"},
		{"places_all", "text", "text"}, {"places_unit", "text", "text"}, {again, "tick", ""}, {"waiting", "lines", ""}}},
	{"whom", []entryInput{{"areas", "lines", ""}, {"languages", "boxes", ""}, {"interpreter", "lines", ""}, {"target", "lines", ""}, {"eligibility", "lines", ""},
		{"min_age", "text", "text"}, {"max_age", "text", "text"}, {"free", "tick", ""}, {"fees", "lines", ""}}},
	{"how", []entryInput{{"application", "lines", ""}, {"next_steps", "lines", ""}, {"documents", "lines", ""}}},
}

// again is the box that says that what is stated by the day still holds today. It is
// there when something is.
const again = "again"

// left reports whether the form of an entry goes without a field.
func left(e *directory.Entry, sheet upkeep.Sheet, name string) bool {
	if name == again {
		return sheet.SlotStated == "" && sheet.PlacesAt == ""
	}
	return e.Location.Type == directory.Protected && slices.Contains(upkeep.Address, name)
}

// entryFields fills the form from a sheet.
func (s *Server) entryFields(v voice, sheet upkeep.Sheet, desk *upkeep.Desk, flaws map[string]string) ([]entryPart, error) {
	e, origins := desk.Entry, desk.Origins()
	told, err := s.told(v, sheet)
	if err != nil {
		return nil, err
	}
	var parts []entryPart
	for _, p := range entryParts {
		part := entryPart{Name: p.name}
		for _, f := range p.fields {
			if left(e, sheet, f.name) {
				continue
			}
			_, hint := s.texts.lookup(v, "upkeep.hint."+f.name)
			field := entryField{Name: f.name, Kind: f.kind, Type: f.inputType, Flaw: flaws[f.name], Hint: hint, Value: sheetText(sheet, f.name), Told: told[f.name]}
			if origin, ok := origins[f.name]; ok {
				field.From = s.fromText(v, origin)
			}
			field.Ticked = field.Value == "true"
			field.Choices = s.entryChoices(v, sheet, f.name)
			if f.name == "hours" && sheet.Hours != "" {
				if err := s.readBack(v, sheet.Hours, e.Location.State, e.Location.AGS, &field); err != nil {
					return nil, err
				}
			}
			part.Fields = append(part.Fields, field)
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// fromText says who stands behind a fact.
func (s *Server) fromText(v voice, o directory.Origin) string {
	key := map[string]string{directory.ByHand: "person", directory.Derived: "derived", "merge": "merge"}[o.By]
	return s.texts.say(v.lang, "upkeep.from."+cmp.Or(key, "import"), "source", o.By, "date", o.At.In(s.zone).Format("2.1.2006"))
}

// told says what was understood of the catchment, and whether what is stated by the
// day is shown.
func (s *Server) told(v voice, sheet upkeep.Sheet) (map[string]string, error) {
	told := map[string]string{}
	var err error
	if told["areas"], err = s.toldAreas(v, sheet.Areas); err != nil {
		return nil, err
	}
	e := &directory.Entry{}
	sheet.Put(e)
	if slot := e.Venue.Slot; slot != nil {
		told["slot_day"], err = s.toldSlot(v, *slot)
	}
	if sheet.PlacesAt != "" && err == nil {
		told["places_free"], err = s.texts.text(v, "upkeep.told.places", "date", dayIn(sheet.PlacesAt))
	}
	return told, err
}

// toldAreas counts the postcodes of a catchment; empty when a line cannot be read.
func (s *Server) toldAreas(v voice, lines []string) (string, error) {
	var areas []directory.Area
	for _, line := range lines {
		area, ok := directory.ReadArea(line)
		if !ok {
			return "", nil
		}
		areas = append(areas, area)
	}
	if _, nationwide := s.directory.Places.Ranges(areas); nationwide {
		return s.texts.text(v, "upkeep.told.nationwide")
	}
	return s.texts.text(v, "upkeep.told.areas", "n", s.directory.Places.Count(areas))
}

// toldSlot says until when a stated appointment is shown, or that it is not.
func (s *Server) toldSlot(v voice, slot directory.Slot) (string, error) {
	stated, err := time.Parse(time.DateOnly, slot.Stated)
	if err != nil || !slot.Holds(time.Now().In(s.zone)) {
		return s.texts.text(v, "upkeep.told.slot_over", "date", dayIn(slot.Stated))
	}
	last := min(stated.AddDate(0, 0, directory.SlotFresh).Format(time.DateOnly), slot.Day)
	return s.texts.text(v, "upkeep.told.slot", "date", dayIn(slot.Stated), "last", dayIn(last))
}

// readBack puts opening hours into a table of the week that begins today.
func (s *Server) readBack(v voice, text, state, ags string, field *entryField) error {
	plan, err := hours.Parse(text)
	if err != nil {
		field.Unread = true
		return nil
	}
	var place hours.Place
	if s.directory.Around != nil {
		place = s.directory.Around(state, ags)
	}
	field.Week, err = s.texts.week(v, plan, place, time.Now().In(s.zone))
	return err
}

// sheetText is a fact as the form shows it: a list has a line for each member.
func sheetText(sheet upkeep.Sheet, name string) string {
	raw, ok := sheet.Facts()[name]
	if !ok {
		return ""
	}
	if name == "phones" {
		var lines []string
		for _, p := range sheet.Phones {
			line := p.Number
			if p.Note != "" {
				line += "; " + p.Note
			}
			lines = append(lines, line)
		}
		return strings.Join(lines, "\n")
	}
	var value any
	if json.Unmarshal(raw, &value) != nil {
		return "" // a sheet writes nothing that cannot be read
	}
	switch value := value.(type) {
	case string:
		return value
	case []any:
		lines := make([]string, len(value))
		for i, line := range value {
			lines[i], _ = line.(string)
		}
		return strings.Join(lines, "\n")
	}
	return string(raw)
}

// entryChoices are the options of a field: what there is to choose, and what a source
// has written that is none of it.
func (s *Server) entryChoices(v voice, sheet upkeep.Sheet, name string) []choice {
	switch name {
	case "topics":
		var ids []string
		for _, topic := range s.directory.Topics() {
			ids = append(ids, topic.ID)
		}
		return optionsOf(ids, sheet.Topics, func(id string) string { return s.topicLabel(id, string(v.lang)) })
	case "languages":
		return optionsOf(spokenFilter, sheet.Languages, func(code string) string { return s.languageName(v.lang, code) })
	case "accessibility":
		return optionsOf(directory.Accessibilities, sheet.Accessibility, s.named(v, "centres.access."))
	case "channels":
		var all []string
		for _, channel := range upkeep.Channels {
			all = append(all, string(channel))
		}
		return optionsOf(all, sheet.Channels, s.named(v, "centres.channel."))
	case "type":
		return optionsOf(types(), []string{sheet.Type}, s.named(v, "upkeep.type."))
	case "status":
		return optionsOf([]string{"", "temporarily closed"}, []string{strings.Replace(sheet.Status, "active", "", 1)}, func(status string) string {
			return s.named(v, "upkeep.status.")(strings.ReplaceAll(cmp.Or(status, "active"), " ", "_"))
		})
	}
	return nil
}

// types are the kinds of places.
func types() (all []string) {
	for _, kind := range upkeep.Types {
		all = append(all, string(kind))
	}
	return all
}

// named puts a code into words; one that has none stays as it is.
func (s *Server) named(v voice, prefix string) func(string) string {
	return func(code string) string {
		if text, ok := s.texts.lookup(v, prefix+code); ok {
			return text
		}
		return code
	}
}

func optionsOf(all, chosen []string, label func(string) string) []choice {
	var list []choice
	for _, value := range all {
		list = append(list, choice{value, label(value), slices.Contains(chosen, value)})
	}
	for _, value := range chosen {
		if !slices.Contains(all, value) {
			list = append(list, choice{value, label(value), true})
		}
	}
	return list
}

// formReader reads the form of an entry back into a sheet.
type formReader struct {
	values map[string][]string
	was    upkeep.Sheet
	today  string // 2006-01-02
	flaws  map[string]string
}

func (f *formReader) text(name string) string {
	if len(f.values[name]) == 0 {
		return ""
	}
	text := strings.ReplaceAll(f.values[name][0], "\r\n", "\n")
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, text)
	return strings.TrimSpace(text)
}

// line is a text that has no lines.
func (f *formReader) line(name string) string { return strings.Join(strings.Fields(f.text(name)), " ") }

func (f *formReader) lines(name string) []string {
	var list []string
	for line := range strings.SplitSeq(f.text(name), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// ticked are the boxes of a name: first those that were ticked, in their order.
func (f *formReader) ticked(name string, was []string) []string {
	var list []string
	for _, value := range append(slices.Clone(was), f.values[name]...) {
		if slices.Contains(f.values[name], value) && !slices.Contains(list, value) {
			list = append(list, value)
		}
	}
	return list
}

// number reads a whole number, nil when there is none; code names what is wrong with
// anything else.
func (f *formReader) number(name, code string) *int {
	text := f.text(name)
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		f.flaws[name] = code
	}
	return &n
}

// whole is number where none is zero.
func (f *formReader) whole(name, code string) int {
	if n := f.number(name, code); n != nil {
		return *n
	}
	return 0
}

// areas reads a catchment: one area in a line, or several parted by commas.
func (f *formReader) areas() []string {
	var list []string
	for _, line := range f.lines("areas") {
		for part := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == ',' || r == ';' }) {
			if part = areaWord(strings.TrimSpace(part)); part != "" && !slices.Contains(list, part) {
				list = append(list, part)
			}
		}
	}
	return list
}

// areaWord writes an area as directory.Stated does, when it can be read and the ends
// of a range are the right way round.
func areaWord(text string) string {
	if area, ok := directory.ReadArea(text); ok {
		return directory.Stated([]directory.Area{area})[0]
	}
	return text
}

func (f *formReader) phones() []upkeep.Line {
	var list []upkeep.Line
	for _, line := range f.lines("phones") {
		number, note, _ := strings.Cut(line, ";")
		list = append(list, upkeep.Line{Number: strings.TrimSpace(number), Note: strings.TrimSpace(note)})
	}
	return list
}

// sheet is what the form says. A protected place keeps to have no address.
func (f *formReader) sheet() upkeep.Sheet {
	topics := f.ticked("topics", f.was.Topics)
	slices.Sort(topics)
	s := upkeep.Sheet{
		Name: f.line("name"), Kind: f.line("kind"), Description: f.text("description"), Alert: f.text("alert"), Topics: topics,
		Phones: f.phones(), Email: f.line("email"), URL: f.line("url"), Booking: f.line("booking"), Accessibility: f.ticked("accessibility", f.was.Accessibility),
		Hours: f.line("hours"), Hint: f.text("hint"), Channels: f.ticked("channels", f.was.Channels),
		WalkIn: f.text("walk_in") != "", Anonymous: f.text("anonymous") != "", Free: f.text("free") != "",
		Areas: f.areas(), Languages: f.ticked("languages", f.was.Languages), Interpreter: f.text("interpreter"),
		Target: f.lines("target"), Eligibility: f.text("eligibility"), MinAge: f.whole("min_age", "invalid_age"), MaxAge: f.whole("max_age", "invalid_age"),
		Fees: f.text("fees"), Application: f.text("application"), Waiting: f.text("waiting"), NextSteps: f.lines("next_steps"), Documents: f.lines("documents"),
	}
	if s.Status = f.text("status"); s.Status == "" && f.was.Status == "active" {
		s.Status = "active"
	}
	f.readDated(&s)
	if s.Type = cmp.Or(f.line("type"), f.was.Type); !f.was.Protected() {
		s.Place, s.Street, s.Postcode, s.City, s.Transport = f.line("place"), f.line("street"), f.line("postcode"), f.line("city"), f.text("transport")
	}
	return s
}

// readDated reads what is stated by the day.
func (f *formReader) readDated(s *upkeep.Sheet) {
	s.SlotDay, s.SlotTime, s.SlotWalkIn = f.line("slot_day"), f.line("slot_time"), f.text("slot_walk_in") != ""
	s.PlacesFree, s.PlacesAll, s.PlacesUnit = f.number("places_free", "invalid_places"), f.whole("places_all", "invalid_places"), f.line("places_unit")
	s.Date(f.was, f.today, f.text(again) != "")
}
