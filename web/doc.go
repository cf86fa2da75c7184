// Package web is the only place that knows URLs, cookies, HTML and languages.
//
// It turns requests into calls of the features and their answers into pages or
// JSON. Every URL stands in routes.go; the middleware around the table sets the
// security headers, refuses cross-origin writes, limits bodies, finds the acting
// person and enforces who may call a route. A handler returns an error and never
// writes one itself; errors.go turns it into a page or a problem+json in the
// language of the reader.
//
// The package sets no cookie and stores nothing in the browser before a chat or
// a sign-in begins, loads nothing from third parties, never logs an address and
// never writes a status page that reveals an internal error. It holds no
// business rule and no SQL.
//
// Server.Run owns one goroutine, which forgets old rate-limit buckets; every
// other goroutine belongs to net/http.
package web

//go:generate go run ./build
