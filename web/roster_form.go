package web

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"lotse/internal/fault"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
)

// maxRosterForm is the largest form of the roster in bytes: a shift with its
// note and every box ticked.
const maxRosterForm = 16 << 10

// rosterFields reads the fields of a form and collects a code for each that
// cannot be read.
type rosterFields struct {
	r    *http.Request
	flaw map[string]string
}

func readFields(w http.ResponseWriter, r *http.Request) (*rosterFields, error) {
	if err := parseForm(w, r, maxRosterForm); err != nil {
		return nil, err
	}
	return &rosterFields{r, map[string]string{}}, nil
}

func (f *rosterFields) text(name string) string { return strings.TrimSpace(f.r.PostForm.Get(name)) }

func (f *rosterFields) wrong(name, code string) {
	if f.flaw[name] == "" {
		f.flaw[name] = code
	}
}

// date reads a date; a browser without a date field sends what was typed.
func (f *rosterFields) date(name string) civil.Date {
	d, err := civil.ParseDate(germanDate.ReplaceAllStringFunc(f.text(name), reorder))
	if f.text(name) == "" {
		f.wrong(name, "required")
	} else if err != nil {
		f.wrong(name, "no_date")
	}
	return d
}

var germanDate = regexp.MustCompile(`^\d{1,2}\.\s?\d{1,2}\.\s?\d{4}$`)

// reorder turns 3.11.2026 into 2026-11-03.
func reorder(s string) string {
	parts := strings.Split(strings.ReplaceAll(s, " ", ""), ".")
	for i, p := range parts[:2] {
		parts[i] = strings.Repeat("0", 2-len(p)) + p
	}
	return parts[2] + "-" + parts[1] + "-" + parts[0]
}

var clockPattern = regexp.MustCompile(`^(\d{1,2})(?:[:.](\d{2}))?$`)

// minute reads a time of day as minutes since midnight: 8:30, 08.30 or 8.
func (f *rosterFields) minute(name string) int {
	m := clockPattern.FindStringSubmatch(f.text(name))
	if m == nil {
		if f.text(name) == "" {
			f.wrong(name, "required")
		} else {
			f.wrong(name, "no_time")
		}
		return 0
	}
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2]) // an absent part is 0
	if hour > 24 || minute > 59 || hour == 24 && minute > 0 {
		f.wrong(name, "no_time")
	}
	return 60*hour + minute
}

// number reads a small whole number.
func (f *rosterFields) number(name string) int {
	n, err := strconv.Atoi(f.text(name))
	if f.text(name) == "" {
		f.wrong(name, "required")
	} else if err != nil {
		f.wrong(name, "no_number")
	}
	return n
}

// person reads an account id; empty is nobody.
func (f *rosterFields) person(name string) staff.ID {
	if f.text(name) == "" {
		return staff.ID{}
	}
	id, err := staff.ParseID(f.text(name))
	if err != nil {
		f.wrong(name, "unknown")
	}
	return id
}

// some are the ticked boxes of a name.
func (f *rosterFields) some(name string) []string { return slices.Clone(f.r.PostForm[name]) }

// invalid adds the field codes of an Invalid fault to those of the form and
// reports whether err was one.
func (f *rosterFields) invalid(err error) bool {
	bad, ok := errors.AsType[*fault.Error](err)
	if !ok || bad.Kind != fault.Invalid || bad.Fields == nil {
		return false
	}
	for name, code := range bad.Fields {
		f.wrong(name, code)
	}
	return true
}

// rename blames the part of the page where a field without an input is mended.
func (f *rosterFields) rename(from, to string) {
	if code, ok := f.flaw[from]; ok {
		delete(f.flaw, from)
		f.wrong(to, code)
	}
}

// flawTexts puts the codes of fields into sentences.
func (w *wording) flawTexts(flaws map[string]string) map[string]string {
	texts := map[string]string{}
	for name, code := range flaws {
		key := "roster.flaw." + name + "." + code
		if _, ok := w.texts.lookup(w.voice, key); !ok {
			key = "roster.flaw." + code
		}
		texts[name] = w.t(key)
	}
	return texts
}
