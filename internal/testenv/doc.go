// Package testenv gives tests real databases, buses and mail servers. Only tests import it.
//
// A private PostgreSQL and a private Redis are started at most once per test
// binary, when first asked for, on loopback and a free port; each test gets a
// schema or a key prefix of its own. TEST_POSTGRES and TEST_REDIS name servers
// to use instead (make test starts one of each for all packages).
//
// A started server runs under a small shell that waits for the end of the test
// binary, in whatever way it ends, and then stops the server and deletes its
// files. A missing program fails the test and says what to install; nothing is
// skipped.
package testenv
