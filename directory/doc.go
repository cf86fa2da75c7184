// Package directory holds the counselling centres: what they help with, where
// they are, whom they serve, and how a person finds them by topic and postcode.
//
// Every node keeps one read-only index of all centres in memory, built from the
// database and swapped as a whole, so that search is the same on both engines
// and never blocks on a query. [Service.Run] owns the one goroutine that
// rebuilds it, when the bus or the revision in the database says that something
// changed.
//
// A postcode is text of five digits, never a number: a leading zero is part of
// it. The package never logs what somebody searched for, never guesses a
// catchment that its source does not state, and never drops an import row
// without naming the reason.
package directory
