// Package chat holds anonymous conversations between seekers and counsellors:
// who may take which step, who is offered which conversation, how messages
// become durable and reach the other side, and how everything is destroyed at
// the end. The wire format is docs/protocol.md.
//
// It refuses to read: bodies and wraps are ciphertext made in browsers, and the
// package checks only their form. It refuses to create anything before somebody
// is there or the seeker chooses to leave a message. It knows no URL, cookie,
// language or sentence; refusals are codes.
//
// # Truth and hints
//
// The database is the truth. Each step of a conversation is one compare-and-swap
// on its row (edges.go has the table, store_conversation.go the one statement),
// each message one row with the next seq, and the last of these rows is what is
// known of how far a conversation has come. The bus says what is worth reading
// again, or brings a message that is the next in order anyway; every receiver
// compares positions, so a lost or doubled hint costs nothing but time, which the
// periodic check of all positions bounds.
//
// A message is acknowledged after the commit that holds it. Appends of many
// conversations share commits (append.go).
//
// # Events and audit
//
// Every step writes a row of conversation_event: step, states, who, when, which
// team; never a word of content. The audit chain of internal/staff would grow by
// a dozen entries per chat and tell its readers little, so it gets only what
// changes who can read: a transfer that was carried out and an epoch made by a
// counsellor. What seekers do is never in it.
//
// # Goroutines
//
// New starts none. Run owns the appenders (one on SQLite, two on PostgreSQL),
// the dispatcher, the retention loop, the writer of marks, the reader of the bus,
// the publisher, the fan that tells everybody about the queue, and the pulse that
// sends heartbeats. An idle socket has one goroutine, its reader, with a
// small stack. A frame is handled by a short-lived goroutine of the connection,
// so frames of one connection are handled in order; another one lives while the
// outbox is not empty, one while a conversation is being caught up, and one while
// something that was hinted is being looked at.
// ServeSocket returns as soon as the reader runs.
//
// # Files
//
// Pure rules: conversation.go edges.go guards.go routing.go availability.go
// protocol.go decode.go encode.go view.go. SQL: store_*.go. What callers do:
// open.go recipients.go seat.go epochs.go leave.go desk.go share.go. Steps: step.go
// take.go append.go. Loops: board.go board_queues.go memo.go readers.go dispatch.go
// marks.go retention.go. Sockets: hub.go conn.go
// conn_id.go hello.go handlers.go stream.go sync.go fan.go relay.go pulse.go drain.go.
package chat
