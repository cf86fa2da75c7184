// Package staff knows the people who work with Lotse: providers, teams, accounts, roles, sign-in, sessions,
// the signed team key chains and the audit log.
//
// What it holds back: it never sees a password, a recovery code, an unwrapped private key or a passkey PRF
// output; it stores only wrapped key blobs, a slow hash of a derived auth secret and hashes of every token.
// Client addresses enter as a prefix, live as a keyed hash in memory for at most a day and are neither stored nor logged.
//
// What it refuses to do: it knows no URL, cookie, page or language text (web does), plans no shift (internal/roster
// does), and decides nothing about conversations (chat does). Roles never imply one another.
//
// Goroutines: constructors start none. [Service.Run] owns one loop that sweeps expired rows and logs audit checkpoints.
package staff
