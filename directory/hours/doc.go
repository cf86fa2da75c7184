// Package hours says when a place is open: it reads and writes opening hours
// in the OpenStreetMap syntax and as HSDS schedule rows, and evaluates them.
//
// It is pure. Nothing here reads a clock or a database; the moment and the place
// are parameters. Two things a rule may depend on are not always known: school
// holidays, which no law fixes, and holidays of single municipalities. Where
// the answer would depend on them, the state is Unknown, never a guess.
//
// The syntax is a subset of the OpenStreetMap specification 0.7.2
// (wiki.openstreetmap.org/wiki/Key:opening_hours/specification): years, months,
// dates, weeks, weekdays, the nth weekday of a month, public and school holidays,
// times also past midnight, off, open, unknown, comments, and the three
// separators. Sunrise, easter, open ends and offsets in days are refused with
// an error that says so.
package hours
