// Package check finds out whether the links, telephone numbers and mail
// addresses of centres are still good: links by asking for them, numbers and
// addresses by their form alone. It calls nobody and writes to nobody.
//
// A link comes from an import or a form, so it may lead anywhere. [Prober] asks
// for http and https on their own ports and for nothing else; it connects only to
// addresses of the public internet, looks at the address it really connects to,
// and looks again at every redirect. It sends no cookie, no referrer, no
// credentials and no proxy's name, reads a few kilobytes and waits between two
// questions to the same host. Where robots.txt says no, it does not ask.
//
// One failure says little. A link counts as broken after three failures on three
// days ([State.After]); one good answer makes it whole again. Nothing here changes
// or deletes what a centre says: the result is a mark beside it.
//
// [Service.Run] owns the one goroutine that asks. Of several nodes one has the
// turn; the database says which.
package check
