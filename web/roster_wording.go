package web

import (
	"strconv"
	"strings"
	"time"

	"lotse/internal/roster"
	"lotse/internal/roster/civil"
)

// wording puts the roster's values into the reader's words. The first text that
// is missing stays in err, which the handler returns instead of the page.
type wording struct {
	texts *texts
	voice voice
	zone  *time.Location
	err   error
}

func (w *wording) t(key string, args ...any) string {
	text, err := w.texts.text(w.voice, key, args...)
	if err != nil && w.err == nil {
		w.err = err
	}
	return text
}

// known is the text of a key, or fallback where the language has none.
func (w *wording) known(key, fallback string) string {
	if text, ok := w.texts.lookup(w.voice, key); ok {
		return text
	}
	return fallback
}

func (w *wording) weekday(d civil.Date) string {
	return w.t("common.weekday." + strconv.Itoa((d.Weekday()+1)%7)) // there 0 is Sunday
}

// day is short: Mo 23.11.
func (w *wording) day(d civil.Date) string {
	return w.t("roster.day.short", "weekday", w.t("roster.weekday."+strconv.Itoa(d.Weekday())), "day", d.Day, "month", int(d.Month))
}

// longDay is Montag, 23. November 2026.
func (w *wording) longDay(d civil.Date) string {
	return w.t("roster.day.long", "weekday", w.weekday(d), "day", d.Day, "month", w.month(d), "year", d.Year)
}

func (w *wording) month(d civil.Date) string {
	return w.t("roster.month." + strconv.Itoa(int(d.Month)))
}

// date is 23. November 2026.
func (w *wording) date(d civil.Date) string {
	return w.t("roster.day.plain", "day", d.Day, "month", w.month(d), "year", d.Year)
}

// week is KW 48; dates is its days from first to last.
func (w *wording) week(week civil.Week) string {
	return w.t("roster.week.name", "number", week.Number)
}

func (w *wording) dates(week civil.Week) string {
	first, last := week.Monday(), week.Monday().Add(6)
	if first.Month == last.Month {
		return w.t("roster.week.dates", "from", first.Day, "to", last.Day, "month", w.month(last), "year", last.Year)
	}
	return w.t("roster.period", "from", w.date(first), "to", w.date(last))
}

func (w *wording) clock(t time.Time) string { return t.In(w.zone).Format("15:04") }

// end is the day and the time at which a span ends: midnight is 24:00 of the
// day before.
func (w *wording) end(t time.Time) (civil.Date, string) {
	date := civil.DateOf(t, w.zone)
	if civil.Clock(t, w.zone) == 0 {
		return date.Add(-1), "24:00"
	}
	return date, w.clock(t)
}

// hours is 08:00–12:00; an end on a later day names it.
func (w *wording) hours(start, end time.Time) string {
	last, clock := w.end(end)
	text := w.clock(start) + "–" + clock
	switch civil.Days(civil.DateOf(start, w.zone), last) {
	case 0:
		return text
	case 1:
		return w.t("roster.hours.overnight", "hours", text)
	}
	return w.clock(start) + " – " + w.t("roster.moment", "day", w.day(last), "time", clock)
}

// moment is Mo 23.11., 14:02.
func (w *wording) moment(t time.Time) string {
	return w.t("roster.moment", "day", w.day(civil.DateOf(t, w.zone)), "time", w.clock(t))
}

// span is Mo 23.11., 08:00–12:00.
func (w *wording) span(start, end time.Time) string {
	return w.t("roster.moment", "day", w.day(civil.DateOf(start, w.zone)), "time", w.hours(start, end))
}

// period is a span of days or hours: whole days by their dates alone.
func (w *wording) period(start, end time.Time) string {
	first := civil.DateOf(start, w.zone)
	last, clock := w.end(end)
	whole := civil.Clock(start, w.zone) == 0 && clock == "24:00"
	switch {
	case whole && first == last:
		return w.t("roster.period.day", "day", w.day(first))
	case whole:
		return w.t("roster.period", "from", w.day(first), "to", w.day(last))
	case first == last:
		return w.span(start, end)
	}
	return w.t("roster.period", "from", w.moment(start), "to", w.t("roster.moment", "day", w.day(last), "time", clock))
}

// duration is 12:30 h.
func (w *wording) duration(d time.Duration) string {
	minutes := int(d.Round(time.Minute) / time.Minute)
	return w.t("roster.duration", "hours", minutes/60, "minutes", strconv.Itoa(100 + minutes%60)[1:])
}

func (w *wording) channels(list []roster.Channel) string {
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = w.t("roster.channel." + string(c))
	}
	return w.Join(names)
}

// language names a language by its code, which stands for itself where the
// locale has no name for it.
func (w *wording) language(code string) string { return w.known("roster.language."+code, code) }

// Join lists things in one line, with the comma of the language.
func (w *wording) Join(items []string) string { return strings.Join(items, w.t("roster.comma")+" ") }
