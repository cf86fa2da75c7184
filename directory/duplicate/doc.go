// Package duplicate finds entries that speak of the same place. It only proposes:
// a person decides, and nothing here merges anything.
//
// Entries are compared when they share a key: the street in a postcode or town,
// a telephone number, a mail address, a domain, or a rare word of the name in the
// same town. A pair is scored by what agrees and what contradicts. The package is
// pure and knows nothing of databases.
package duplicate
