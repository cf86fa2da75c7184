// Package seal is BEK1, the end-to-end encryption of Lotse, as written down in
// docs/encryption.md. Room keys are made by the seeker's browser, wrapped with
// HPKE (RFC 9180) to everybody who may read, and messages are AES-256-GCM with
// padded lengths and bound metadata. Team membership is a signed, append-only
// chain. The browser twin is web/app/seal; golden rooms made by both sides are
// kept in testdata/golden and must open for ever.
//
// The server uses this package to check the form of what it stores (epochs, team
// chains, body sizes) and to shred wraps by day keys. It opens rooms only in
// tests, tools and clients, because it never holds a key that could.
//
// The package has no database, no network, no hidden clock and starts no
// goroutine; only KeyDir touches the file system. Whatever cannot be verified is
// an error with a stable name (type Error); nothing is repaired or skipped.
package seal
