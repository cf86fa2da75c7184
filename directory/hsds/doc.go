// Package hsds writes entries of the directory as objects of the Human Services
// Data Specification 3.0 (openreferral.org, CC BY-SA 4.0): services,
// organizations, services at locations, taxonomy terms, and pages of them.
//
// The objects of one entry are a pure function of it. What came from an HSDS
// source goes out as it came, as long as nobody has changed the fact since; what
// the specification has no word for is an additional member or an attribute of
// the German profile (docs/directory.md). Every object validates against the
// published schemas.
//
// A protected place goes out without addresses, coordinates or a name: it has the
// Kreis, and an attribute that says why.
package hsds
