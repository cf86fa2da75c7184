//go:build !race

package chat

// thinned: see race_on_test.go.
const thinned = 1
