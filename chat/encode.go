package chat

import (
	"encoding/base64"
	"strconv"
	"time"
)

// The two frames of every message are written by hand: they are most of what a
// node encodes, and encoding/json takes five times as long. Ids, senders and
// bodies hold no character that JSON escapes.

// frame is a message as everybody receives it; it may be shared.
func (m Stored) frame(c ID) []byte {
	return messageFrame{T: "message", C: c, Seq: m.Seq, ID: m.ID, Sender: m.Sender, Epoch: m.Epoch, N: m.N, After: m.After, Body: m.Body, At: m.At}.encode()
}

func (f messageFrame) encode() []byte {
	b := make([]byte, 0, 320+base64.RawURLEncoding.EncodedLen(len(f.Body)))
	b = append(b, `{"t":"message","c":"`...)
	b = append(b, f.C.String()...)
	b = append(b, `","seq":`...)
	b = strconv.AppendUint(b, uint64(f.Seq), 10)
	b = append(b, `,"id":"`...)
	b = append(b, f.ID...)
	b = append(b, `","sender":"`...)
	b = append(b, f.Sender...)
	b = append(b, `","epoch":`...)
	b = strconv.AppendUint(b, uint64(f.Epoch), 10)
	b = append(b, `,"n":`...)
	b = strconv.AppendUint(b, uint64(f.N), 10)
	b = append(b, `,"after":`...)
	b = strconv.AppendUint(b, uint64(f.After), 10)
	b = append(b, `,"body":"`...)
	b = base64.RawURLEncoding.AppendEncode(b, f.Body)
	return f.At.close(append(b, `","at":"`...))
}

func (f ackFrame) encode() []byte {
	b := make([]byte, 0, 160)
	b = append(b, `{"t":"ack","id":"`...)
	b = append(b, f.ID...)
	b = append(b, `","c":"`...)
	b = append(b, f.C.String()...)
	b = append(b, `","seq":`...)
	b = strconv.AppendInt(b, f.Seq, 10)
	return f.At.close(append(b, `,"at":"`...))
}

// close writes an instant as the last field of a frame.
func (m Moment) close(b []byte) []byte {
	b = time.Time(m).UTC().AppendFormat(b, momentLayout)
	return append(b, `"}`...)
}
