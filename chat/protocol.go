package chat

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"

	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/staff"
)

// Protocol is the version a client names in hello.
const Protocol = "lotse.chat.v1"

// Limits of the socket.
const (
	maxFrame   = 64 << 10 // bytes of a frame that is handled
	maxMessage = 1 << 20  // bytes that are read and dropped before the socket is closed
	maxSignal  = 16 << 10 // bytes of a signal's body
	maxLast    = 256      // conversations in hello.last
)

// Close codes of docs/protocol.md.
const (
	closeAuth      = 4001
	closeForbidden = 4003
	closeSlow      = 4008
	closeReplaced  = 4009
	closeResync    = 4010
	closeDraining  = 4012
	closeRate      = 4029
)

// mayReconnect reports whether a client should come back after a close code.
func mayReconnect(code int) bool {
	return code != closeAuth && code != closeForbidden && code != closeReplaced
}

// Frames from clients. Field names are those of docs/protocol.md.
type (
	helloFrame struct {
		T      string       `json:"t"`
		V      string       `json:"v"`
		Token  string       `json:"token"`
		Ticket string       `json:"ticket"`
		Last   map[ID]int64 `json:"last"`
	}
	sendFrame struct {
		T string `json:"t"`
		C ID     `json:"c"`
		Sealed
	}
	typingFrame struct {
		T  string `json:"t"`
		C  ID     `json:"c"`
		On bool   `json:"on"`
	}
	readFrame struct {
		T         string `json:"t"`
		C         ID     `json:"c"`
		Seq       int64  `json:"seq"`
		Delivered int64  `json:"delivered"`
	}
	takeFrame struct { // accept, decline, close
		T string `json:"t"`
		C ID     `json:"c"`
	}
	releaseFrame struct {
		T  string `json:"t"`
		C  ID     `json:"c"`
		As string `json:"as"`
	}
	transferFrame struct {
		T      string       `json:"t"`
		C      ID           `json:"c"`
		Step   string       `json:"step"`
		Team   staff.TeamID `json:"team"`
		Person staff.ID     `json:"person"`
	}
	statusFrame struct {
		T      string  `json:"t"`
		C      ID      `json:"c"`
		State  string  `json:"state"`
		Limit  int     `json:"limit"`
		OnGone *OnGone `json:"on_gone"`
		Urgent *bool   `json:"urgent"`
	}
	signalFrame struct {
		T    string     `json:"t"`
		C    ID         `json:"c"`
		Body seal.Bytes `json:"body"`
	}
)

// ref names what an error answers: conversation and message id.
func (f helloFrame) ref() (ID, string)    { return ID{}, "" }
func (f sendFrame) ref() (ID, string)     { return f.C, f.ID }
func (f typingFrame) ref() (ID, string)   { return f.C, "" }
func (f readFrame) ref() (ID, string)     { return f.C, "" }
func (f takeFrame) ref() (ID, string)     { return f.C, "" }
func (f releaseFrame) ref() (ID, string)  { return f.C, "" }
func (f transferFrame) ref() (ID, string) { return f.C, "" }
func (f statusFrame) ref() (ID, string)   { return f.C, "" }
func (f signalFrame) ref() (ID, string)   { return f.C, "" }

// Frames to clients.
type (
	welcomeFrame struct {
		T          string `json:"t"`
		Seat       string `json:"seat"`
		C          *ID    `json:"c,omitempty"`
		Now        Moment `json:"now"`
		HeartbeatS int    `json:"heartbeat_s"`
		States     []View `json:"conversations"`
	}
	ackFrame struct {
		T   string `json:"t"`
		ID  string `json:"id"`
		C   ID     `json:"c"`
		Seq int64  `json:"seq"`
		At  Moment `json:"at"`
	}
	messageFrame struct {
		T      string     `json:"t"`
		C      ID         `json:"c"`
		Seq    uint32     `json:"seq"`
		ID     string     `json:"id"`
		Sender string     `json:"sender"`
		Epoch  uint32     `json:"epoch"`
		N      uint32     `json:"n"`
		After  uint32     `json:"after"`
		Body   seal.Bytes `json:"body"`
		At     Moment     `json:"at"`
	}
	queueFrame struct {
		T        string `json:"t"`
		C        ID     `json:"c"`
		Position int    `json:"position"`
		Low      int    `json:"low_s"`
		High     int    `json:"high_s"`
	}
	itemsFrame struct {
		T     string `json:"t"`
		Items []Item `json:"items"`
	}
	offerFrame struct {
		T string `json:"t"`
		Offer
	}
	readersFrame struct {
		T         string    `json:"t"`
		C         ID        `json:"c"`
		Team      string    `json:"team"`
		StateHash seal.Hash `json:"state_hash"`
		Readers   []string  `json:"readers"`
	}
	dutiesFrame struct {
		T      string     `json:"t"`
		Duties []DutySpan `json:"duties"`
	}
	showTypingFrame struct {
		T   string `json:"t"`
		C   ID     `json:"c"`
		Who string `json:"who"`
		On  bool   `json:"on"`
	}
	showReadFrame struct {
		T         string `json:"t"`
		C         ID     `json:"c"`
		Who       string `json:"who"`
		Delivered int64  `json:"delivered"`
		Read      int64  `json:"read"`
	}
	showSignalFrame struct {
		T    string     `json:"t"`
		C    ID         `json:"c"`
		Who  string     `json:"who"`
		Body seal.Bytes `json:"body"`
	}
	deskFrame struct {
		T string `json:"t"`
		Status
	}
	errorFrame struct {
		T      string `json:"t"`
		Code   string `json:"code"`
		Re     string `json:"re,omitempty"`
		C      string `json:"c,omitempty"`
		ID     string `json:"id,omitempty"`
		RetryS int    `json:"retry_s,omitempty"`
	}
	byeFrame struct {
		T         string `json:"t"`
		Code      int    `json:"code"`
		Reconnect bool   `json:"reconnect"`
		RetryMS   int    `json:"retry_ms"`
	}
)

// heartbeat is the whole heartbeat frame, in both directions.
var heartbeat = []byte("{}")

// Moment is an instant on the wire: RFC 3339, UTC, milliseconds.
type Moment time.Time

const momentLayout = "2006-01-02T15:04:05.000Z"

// MarshalText writes the instant.
func (m Moment) MarshalText() ([]byte, error) {
	return time.Time(m).UTC().AppendFormat(make([]byte, 0, len(momentLayout)), momentLayout), nil
}

// momentOrNil returns t for the wire, nil for the zero instant.
func momentOrNil(t time.Time) *Moment {
	if t.IsZero() {
		return nil
	}
	m := Moment(t)
	return &m
}

// UnmarshalText reads an RFC 3339 instant.
func (m *Moment) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.RFC3339, string(text))
	*m = Moment(t.UTC())
	return err
}

// UnmarshalText accepts the canonical lower-case form only.
func (id *ID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseID(string(text))
	return err
}

// frameType finds the value of t. It returns "" with ok for a heartbeat, and
// not ok for what is not a JSON object or has no text in t.
func frameType(data []byte) (t string, ok bool) {
	if rest, found := bytes.CutPrefix(data, []byte(`{"t":"`)); found {
		if end := bytes.IndexByte(rest, '"'); end > 0 && end <= 16 {
			return string(rest[:end]), true
		}
	}
	var head struct {
		T *string `json:"t"`
	}
	if json.Unmarshal(data, &head) != nil {
		return "", false
	}
	if head.T == nil {
		return "", bytes.Equal(bytes.TrimSpace(data), heartbeat)
	}
	return *head.T, *head.T != ""
}

// parseFrame decodes strictly: unknown fields, other types and trailing data are
// refused with Invalid (malformed).
func parseFrame[F any](data []byte) (F, error) {
	var f F
	if quick, ok := any(&f).(scanner); ok {
		if quick.scan(data) {
			return f, nil
		}
		f = *new(F)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return f, fault.New(fault.Invalid, "malformed")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return f, fault.New(fault.Invalid, "malformed")
	}
	return f, nil
}

// encodeFrame returns a frame as text. Frames are structs of this file; one that
// cannot be encoded is an error of the program.
func encodeFrame(frame any) []byte {
	data, err := json.Marshal(frame)
	if err != nil {
		panic(err)
	}
	return data
}

// errorOf turns an error into a frame. What is not a fault is "internal": its
// text is for the log only.
func errorOf(err error, re, c, id string) errorFrame {
	f := errorFrame{T: "error", Code: "internal", Re: re, C: c, ID: id}
	if e, ok := errors.AsType[*fault.Error](err); ok {
		f.Code = e.Code
		if e.Retry > 0 {
			f.RetryS = int((e.Retry + time.Second - 1) / time.Second)
		}
	}
	return f
}
