// Package world runs servers of Lotse as a load test needs them: real processes
// of the real program on one SQLite file, or several on one PostgreSQL and one
// Redis, each behind a proxy of our own that can cut, slow and hold connections.
// Everything listens on loopback, lies in one temporary directory and ends with
// this process, in whatever way it ends.
//
// It breaks things on purpose: kill, stop and restart of each server, a full disk,
// a clock that jumps. It judges nothing; package history does.
package world
