package chat

import (
	"testing"
	"time"

	"lotse/internal/seal"
)

func TestFramesWrittenByHandAreThoseOfTheLibrary(t *testing.T) {
	at := Moment(time.Date(2026, 8, 1, 10, 2, 3, 40e6, time.FixedZone("CEST", 7200)))
	for _, f := range []messageFrame{
		{T: "message", C: NewID(), Seq: 1, ID: NewID().String(), Sender: "seeker", N: 1, Body: seal.Bytes("x"), At: at},
		{T: "message", C: NewID(), Seq: 4294967295, ID: NewID().String(), Sender: "AAAAAAAAAAAAAAAAAAAAAA", Epoch: 7, N: 12, After: 11, Body: make(seal.Bytes, 284), At: at},
	} {
		if got, want := string(f.encode()), string(encodeFrame(f)); got != want {
			t.Errorf("\n%s\n%s", got, want)
		}
		checkFrame(t, false, f.encode())
	}
	f := ackFrame{T: "ack", ID: NewID().String(), C: NewID(), Seq: 1 << 40, At: at}
	if got, want := string(f.encode()), string(encodeFrame(f)); got != want {
		t.Errorf("\n%s\n%s", got, want)
	}
	checkFrame(t, false, f.encode())
}
