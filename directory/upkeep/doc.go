// Package upkeep keeps the entries of the directory true. Centres are asked by mail
// whether their entry still holds and confirm or change it through the link in the
// mail; what they change is looked through by the provider that keeps the entry.
// Staff edit directly, see the history, take changes back, and settle duplicates.
//
// Who keeps an entry is decided by the operator (docs/adr/0062), never by who
// attaches it to a team. The package refuses to publish what a link says without a
// person of the keeper, to store a token (only its hash), to send the same mail
// twice, and to bring the address of a protected place into a form.
package upkeep
