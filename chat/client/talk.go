package client

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"lotse/internal/seal"
)

// Talk is a room as one person holds it: it seals what is sent and verifies what
// arrives. It is not safe for concurrent use.
type Talk struct {
	Room       *seal.Room
	Transcript *seal.Transcript
	Sender     string // "seeker" or the own kid
}

// NewTalk makes a room for the readers of a team, as a seeker's browser does. It
// returns the errors of seal.Verify and seal.NewRoom.
func NewTalk(team string, states []seal.SignedState, readers []seal.KID, at time.Time) (*Talk, seal.Epoch, error) {
	chain, err := seal.Verify(team, states, seal.Hash{})
	if err != nil {
		return nil, seal.Epoch{}, err
	}
	key, err := seal.SeekerKey(seal.NewSeed())
	if err != nil {
		return nil, seal.Epoch{}, err
	}
	room, epoch, err := seal.NewRoom(key, chain, readers, at)
	if err != nil {
		return nil, seal.Epoch{}, err
	}
	return &Talk{Room: room, Transcript: seal.NewTranscript(room), Sender: seal.Seeker}, epoch, nil
}

// OpenTalk opens a room as staff.
func OpenTalk(key *seal.PrivateKey, epochs []seal.Epoch) (*Talk, error) {
	room, err := seal.OpenRoom(key, epochs)
	if err != nil {
		return nil, err
	}
	return &Talk{Room: room, Transcript: seal.NewTranscript(room), Sender: key.KID().String()}, nil
}

// Seal makes the next message of this person. Take it into the transcript (Add)
// once it has its seq, before the next one is sealed.
func (t *Talk) Seal(text string) (seal.Message, error) {
	plain, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		return seal.Message{}, err
	}
	h := seal.Header{Sender: t.Sender, ID: newID(), N: t.Transcript.Next(t.Sender), After: t.Transcript.Seq()}
	epoch, body, err := t.Room.Seal(h, plain)
	if err != nil {
		return seal.Message{}, fmt.Errorf("seal: %w", err)
	}
	return seal.Message{ID: h.ID, Sender: h.Sender, Epoch: epoch, N: h.N, After: h.After, Body: body}, nil
}

// Add takes a message in and returns what to show.
func (t *Talk) Add(m seal.Message) []seal.Item { return t.Transcript.Add(m) }

// newID makes a random UUID (version 4).
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
