// Package roster plans who is on duty when, and answers who is on duty now.
//
// A supervisor plans shifts of a team as drafts and publishes them; until then
// the published plan stays in force beside the drafts. Overrides (add, remove,
// replace for a span) and absences act at once. From these values the pure
// function Plan.Duties derives the spans of duty that chat routing, the promise
// of the entry page and booking rely on: published shifts ⊕ overrides −
// absences. Every span is half-open, [Start, End), and every time an instant;
// wall clocks are resolved by package civil alone.
//
// The package refuses to judge presence (whether somebody on duty really sits
// there is known by heartbeat, in chat), to keep reasons in words (an absence
// has a class, never a text) and to change a plan by itself.
//
// A Service starts no goroutine. Its Run keeps the snapshot that OnDuty and
// NextOpening read: swapped atomically, made anew on bus topics and each
// minute. When the database is away the last snapshot keeps serving and is
// marked stale.
package roster
