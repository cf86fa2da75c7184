// Package civil is the only way from a wall clock to an instant.
//
// Rosters are planned in local time ("Monday 08:00 to 12:00"), but everything
// that is stored or compared is an instant. On the two days a year on which
// clocks change a wall-clock time may be missing or may come twice, and
// time.Date picks an answer that leaves duties short or double. Resolve decides
// once for all callers: a missing time is the first instant after the gap, a
// repeated one is the first occurrence for a start and the last for an end, so
// the repeated hour stays covered.
//
// The package knows nothing of shifts, and it holds no state and no goroutine.
package civil
