package roster

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"lotse/internal/fault"
	"lotse/internal/store"
)

// How far from the present a shift may be planned, so that a slip of the year
// does not plan a week that nobody will look at.
const (
	planPast   = 366 * 24 * time.Hour
	planFuture = 2 * 366 * 24 * time.Hour
)

// flaws collects what is wrong with which field.
type flaws map[string]string

// add notes the first flaw of a field.
func (f flaws) add(bad bool, field, code string) {
	if _, known := f[field]; bad && !known {
		f[field] = code
	}
}

func (f flaws) err() error {
	if len(f) == 0 {
		return nil
	}
	return fault.InvalidInput(f)
}

// tidy brings a shift into the one form in which it is stored: whole minutes in
// UTC, lists in order, the note in one line without spaces around it.
func (s Shift) tidy() Shift {
	s.Start, s.End = s.Start.UTC().Truncate(time.Minute), s.End.UTC().Truncate(time.Minute)
	s.Channels = ordered(s.Channels)
	s.Topics = slices.Compact(slices.Sorted(slices.Values(s.Topics)))
	s.Languages = slices.Compact(slices.Sorted(slices.Values(s.Languages)))
	s.Note = strings.Join(strings.FieldsFunc(s.Note, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	s.State = Draft
	return s
}

// check returns Invalid with a code for each wrong field of a tidy shift:
// start, end, channels, topics, languages, min, opt, note.
func (s Shift) check(ctx context.Context, tx *store.Tx) error {
	f := flaws{}
	f.add(s.Start.Before(tx.Now.Add(-planPast)) || s.Start.After(tx.Now.Add(planFuture)), "start", "span_far")
	f.add(!s.Start.Before(s.End), "end", "span_empty")
	f.add(s.End.Sub(s.Start) > MaxShift+time.Hour, "end", "span_long") // 24 h by the clock may be 25
	f.add(len(s.Channels) == 0, "channels", "required")
	f.add(s.Min < 0 || s.Min > MaxStaff, "min", "out_of_range")
	f.add(s.Opt < 0 || s.Opt > MaxStaff, "opt", "out_of_range")
	f.add(s.Opt < s.Min, "opt", "opt_below_min")
	f.add(s.Opt == 0, "opt", "out_of_range")
	f.add(!utf8.ValidString(s.Note) || utf8.RuneCountInString(s.Note) > MaxNote, "note", "too_long")
	if err := s.checkTags(ctx, tx, f); err != nil {
		return err
	}
	return f.err()
}

// checkTags allows only topics and languages that the team has.
func (s Shift) checkTags(ctx context.Context, q store.Queryer, f flaws) error {
	topics, err := teamTags(ctx, q, s.Team, "topic")
	if err != nil {
		return err
	}
	languages, err := teamTags(ctx, q, s.Team, "language")
	f.add(!subset(s.Topics, topics), "topics", "not_in_team")
	f.add(!subset(s.Languages, languages), "languages", "not_in_team")
	return err
}

func subset(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}
