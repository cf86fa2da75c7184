package web

import (
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
	Unread  bool // hours that cannot be read back
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

// entryParts are the parts of the form and the kind of each field.
var entryParts = []struct {
	name   string
	fields []struct{ name, kind, inputType string }
}{
	{"who", []struct{ name, kind, inputType string }{{"name", "text", "text"}, {"description", "lines", ""}, {"topics", "boxes", ""},
		{"status", "select", ""}, {"alert", "lines", ""}}},
	{"reach", []struct{ name, kind, inputType string }{{"phones", "lines", ""}, {"email", "text", "email"}, {"url", "text", "url"},
		{"street", "text", "text"}, {"postcode", "text", "text"}, {"city", "text", "text"}, {"transport", "lines", ""}, {"accessibility", "boxes", ""}}},
	{"when", []struct{ name, kind, inputType string }{{"hours", "text", "text"}, {"hint", "lines", ""}, {"channels", "boxes", ""},
		{"walk_in", "tick", ""}, {"anonymous", "tick", ""}}},
	{"whom", []struct{ name, kind, inputType string }{{"languages", "boxes", ""}, {"target", "lines", ""}, {"min_age", "text", "text"}, {"max_age", "text", "text"},
		{"free", "tick", ""}, {"fees", "lines", ""}}},
	{"how", []struct{ name, kind, inputType string }{{"application", "lines", ""}, {"waiting", "lines", ""}, {"next_steps", "lines", ""}, {"documents", "lines", ""}}},
}

// hiddenFields are those that the form of a protected place does not have.
var hiddenFields = []string{"street", "postcode", "city", "transport"}

// entryFields fills the form from a sheet.
func (s *Server) entryFields(v voice, sheet upkeep.Sheet, e *directory.Entry, flaws map[string]string) ([]entryPart, error) {
	var parts []entryPart
	for _, p := range entryParts {
		part := entryPart{Name: p.name}
		for _, f := range p.fields {
			if e.Location.Type == directory.Protected && slices.Contains(hiddenFields, f.name) {
				continue
			}
			_, hint := s.texts.lookup(v, "upkeep.hint."+f.name)
			field := entryField{Name: f.name, Kind: f.kind, Type: f.inputType, Flaw: flaws[f.name], Hint: hint, Value: sheetText(sheet, f.name)}
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
	case "status":
		return optionsOf([]string{"", "temporarily closed"}, []string{strings.Replace(sheet.Status, "active", "", 1)}, func(status string) string {
			return s.named(v, "upkeep.status.")(strings.ReplaceAll(first([]string{status, "active"}), " ", "_"))
		})
	}
	return nil
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

func (f *formReader) number(name string) int {
	text := f.text(name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		f.flaws[name] = "invalid_age"
	}
	return n
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
func (f *formReader) sheet(kind directory.LocationType) upkeep.Sheet {
	topics := f.ticked("topics", f.was.Topics)
	slices.Sort(topics)
	s := upkeep.Sheet{
		Name: f.line("name"), Description: f.text("description"), Alert: f.text("alert"), Topics: topics,
		Phones: f.phones(), Email: f.line("email"), URL: f.line("url"), Accessibility: f.ticked("accessibility", f.was.Accessibility),
		Hours: f.line("hours"), Hint: f.text("hint"), Channels: f.ticked("channels", f.was.Channels),
		WalkIn: f.text("walk_in") != "", Anonymous: f.text("anonymous") != "", Free: f.text("free") != "",
		Languages: f.ticked("languages", f.was.Languages), Target: f.lines("target"), MinAge: f.number("min_age"), MaxAge: f.number("max_age"),
		Fees: f.text("fees"), Application: f.text("application"), Waiting: f.text("waiting"), NextSteps: f.lines("next_steps"), Documents: f.lines("documents"),
	}
	if s.Status = f.text("status"); s.Status == "" && f.was.Status == "active" {
		s.Status = "active"
	}
	if kind != directory.Protected {
		s.Street, s.Postcode, s.City, s.Transport = f.line("street"), f.line("postcode"), f.line("city"), f.text("transport")
	}
	return s
}
