// Package client speaks the chat protocol of docs/protocol.md from the outside:
// frames over a socket (Conn), a line that reconnects and resumes (Line), the HTTP
// API (API), and a room with its encryption (Talk). Tests, load generators and
// bridges to other systems use it; it shares no code with the server but
// the encryption, so that each checks the other.
//
// A Conn starts no goroutine. Line.Run is one goroutine plus one per connection
// while it reads.
package client
