//go:build race

package chat

// thinned is by how much the longest tests are thinned out under the race
// detector, which makes the database ten times slower. make test runs them again
// without it, in full.
const thinned = 5
