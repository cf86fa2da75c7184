// Package bench measures a server of Lotse and, in the same run, the minimal peer
// of bench/peer: memory of idle connections, latency and cost of messages, the
// highest rate, storms, slow readers. It counts and compares; what must be
// reached stands in figures.go.
//
// Both servers run on core 0 and this process on core 1, over loopback. Costs are
// processor time of the server's processes and resident memory, which repeat
// within a few per cent; latencies mean something only on a machine that is quiet
// otherwise.
package bench
