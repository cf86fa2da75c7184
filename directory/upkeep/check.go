package upkeep

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lotse/directory"
	"lotse/directory/check"
	"lotse/directory/hours"
	"lotse/internal/fault"
)

// Limits of a sheet: letters of a line and of a text, members of a list.
const (
	maxLine = 200
	maxText = 4000
	maxList = 40
	// Some catchments are hundreds of single postcodes; there are 8,309 in all.
	maxAreas = 2000
)

var languagePattern = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// Check reports what is wrong with a sheet: an Invalid fault with a code for each
// field, after a colon the part of the field that is meant. known tells the topics
// that there are, places the postcodes. A fact that is as it was in was is not
// looked at, so that an old flaw of a source does not stop a person from mending
// something else.
func (s Sheet) Check(was Sheet, known func(topic string) bool, places *directory.Places) error {
	wrong := map[string]string{}
	for _, d := range Compare(was, s) {
		if code := wrongArea(s.Areas, places); d.Field == "areas" && code != "" {
			wrong[d.Field] = code
		}
		for _, rule := range rules {
			if (rule.field == d.Field || rule.field == partOf[d.Field]) && !rule.holds(s, known) {
				wrong[rule.field] = rule.code
			}
		}
	}
	s.checkSizes(was, wrong)
	if len(wrong) == 0 {
		return nil
	}
	return fault.InvalidInput(wrong)
}

// rules are what a fact has to fulfil, with the code of the one that does not.
var rules = []struct {
	field, code string
	holds       func(s Sheet, known func(string) bool) bool
}{
	{"name", "required", func(s Sheet, _ func(string) bool) bool { return s.Name != "" }},
	{"topics", "topic_unknown", func(s Sheet, known func(string) bool) bool {
		return !slices.ContainsFunc(s.Topics, func(id string) bool { return !known(id) })
	}},
	{"status", "malformed", func(s Sheet, _ func(string) bool) bool {
		return s.Status == "" || s.Status == "active" || s.Status == "temporarily closed"
	}},
	{"phones", "invalid_phone", func(s Sheet, _ func(string) bool) bool {
		return !slices.ContainsFunc(s.Phones, func(l Line) bool { return !dialable(l.Number) })
	}},
	{"email", "invalid_email", func(s Sheet, _ func(string) bool) bool { return s.Email == "" || check.Mail(s.Email) }},
	{"url", "invalid_url", func(s Sheet, _ func(string) bool) bool { return s.URL == "" || validURL(s.URL) }},
	{"booking", "invalid_url", func(s Sheet, _ func(string) bool) bool {
		return s.Booking == "" || validURL(s.Booking) && strings.HasPrefix(s.Booking, "https://")
	}},
	{"type", "malformed", func(s Sheet, _ func(string) bool) bool { return slices.Contains(Types, directory.LocationType(s.Type)) }},
	{"slot_day", "invalid_day", slotHasDay},
	{"slot_time", "invalid_time", func(s Sheet, _ func(string) bool) bool {
		_, err := time.Parse("15:04", s.SlotTime)
		return s.SlotTime == "" || err == nil
	}},
	{"slot_day", "slot_over", func(s Sheet, _ func(string) bool) bool { return s.SlotDay == "" || s.SlotStated <= s.SlotDay }},
	{"places_free", "invalid_places", placesFit},
	{"postcode", "invalid_postcode", func(s Sheet, _ func(string) bool) bool {
		return s.Postcode == "" || directory.ValidPostcode(s.Postcode)
	}},
	{"hours", "invalid_hours", func(s Sheet, _ func(string) bool) bool {
		_, err := hours.Parse(s.Hours)
		return s.Hours == "" || err == nil
	}},
	{"languages", "invalid_language", func(s Sheet, _ func(string) bool) bool {
		return !slices.ContainsFunc(s.Languages, func(code string) bool { return !languagePattern.MatchString(code) })
	}},
	{"channels", "malformed", func(s Sheet, _ func(string) bool) bool {
		return !slices.ContainsFunc(s.Channels, func(c string) bool { return !slices.Contains(Channels, directory.Channel(c)) })
	}},
	{"min_age", "invalid_age", func(s Sheet, _ func(string) bool) bool { return s.MinAge >= 0 && s.MinAge <= 120 }},
	{"max_age", "invalid_age", func(s Sheet, _ func(string) bool) bool {
		return s.MaxAge >= 0 && s.MaxAge <= 120 && (s.MaxAge == 0 || s.MaxAge >= s.MinAge)
	}},
}

// Channels are the ways of being counselled, in the order of the form.
var Channels = []directory.Channel{directory.OnSite, directory.ByPhone, directory.ByMail, directory.ByChat, directory.ByVideo, directory.Outreach}

// partOf are the fields that say something together with another one, beside which
// their flaws are shown.
var partOf = map[string]string{"slot_time": "slot_day", "slot_walk_in": "slot_day", "slot_stated": "slot_day", "places_all": "places_free", "places_unit": "places_free"}

// slotHasDay reports whether an appointment has a day, if anything of it is stated.
func slotHasDay(s Sheet, _ func(string) bool) bool {
	_, ok := directory.Slot{Day: s.SlotDay}.Start(time.UTC)
	return ok || s.SlotDay == "" && s.SlotTime == "" && !s.SlotWalkIn
}

// maxPlaces is more places than one centre has.
const maxPlaces = 10_000

// placesFit reports whether free places are a number, and no more than there are.
func placesFit(s Sheet, _ func(string) bool) bool {
	if s.PlacesFree == nil {
		return s.PlacesAll == 0 && s.PlacesUnit == ""
	}
	free, all := *s.PlacesFree, s.PlacesAll
	return free >= 0 && all >= 0 && max(free, all) <= maxPlaces && (all == 0 || free <= all)
}

// Types are the kinds of places, in the order of the form.
var Types = []directory.LocationType{directory.Physical, directory.Virtual, directory.Protected}

// wrongArea names the first line that is no area, with the code of what is wrong
// with it; empty: there is none.
func wrongArea(lines []string, places *directory.Places) string {
	for _, line := range lines {
		area, ok := directory.ReadArea(line)
		switch {
		case !ok:
			return "area_unread:" + line
		case area.Low > area.High:
			return "area_inverted:" + line
		case !places.Known(area):
			return "area_unknown:" + line
		}
	}
	return ""
}

func (s Sheet) checkSizes(was Sheet, wrong map[string]string) {
	texts := map[string]struct {
		old, text string
		most      int
	}{
		"name": {was.Name, s.Name, maxLine}, "street": {was.Street, s.Street, maxLine}, "city": {was.City, s.City, maxLine},
		"description": {was.Description, s.Description, maxText}, "alert": {was.Alert, s.Alert, maxText},
		"fees": {was.Fees, s.Fees, maxText}, "transport": {was.Transport, s.Transport, maxText}, "hint": {was.Hint, s.Hint, maxText},
		"application": {was.Application, s.Application, maxText}, "waiting": {was.Waiting, s.Waiting, maxText},
		"kind": {was.Kind, s.Kind, maxLine}, "place": {was.Place, s.Place, maxLine}, "places_unit": {was.PlacesUnit, s.PlacesUnit, maxLine},
		"eligibility": {was.Eligibility, s.Eligibility, maxText}, "interpreter": {was.Interpreter, s.Interpreter, maxText},
	}
	for field, t := range texts {
		if t.text != t.old && utf8.RuneCountInString(t.text) > t.most {
			wrong[field] = "too_long"
		}
	}
	lists := map[string][]string{"target": s.Target, "accessibility": s.Accessibility, "next_steps": s.NextSteps, "documents": s.Documents,
		"topics": s.Topics, "languages": s.Languages}
	for field, list := range lists {
		if len(list) > maxList || slices.ContainsFunc(list, func(line string) bool { return utf8.RuneCountInString(line) > maxText/4 }) {
			wrong[field] = "too_long"
		}
	}
	if len(s.Areas) > maxAreas && !slices.Equal(s.Areas, was.Areas) {
		wrong["areas"] = "too_long"
	}
	if len(s.Phones) > maxList {
		wrong["phones"] = "too_long"
	}
}

// dialable reports whether a person can dial a number. What is only unlikely stands
// on the board of data quality and stops nobody here.
func dialable(number string) bool {
	switch check.Phone(number) {
	case check.PhoneWords, check.PhoneNoCode, check.PhoneFiller:
		return false
	}
	return len(number) <= maxLine
}

func validURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= 500 && u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http") && strings.Contains(u.Host, ".")
}
