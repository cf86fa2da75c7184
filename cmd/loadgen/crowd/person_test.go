package crowd

import (
	"errors"
	"testing"
	"time"

	"lotse/chat/client"
	"lotse/cmd/loadgen/history"
)

func somebody(whole chan struct{}) *person {
	town := &Town{Nodes: []string{"http://127.0.0.1:1"}, Log: &history.Log{}, Pace: time.Millisecond, Whole: whole, Trouble: func(string, error) {}}
	return newPerson(town, "somebody", 1, "", 1)
}

// A fault of the server's own is excused as long as something is broken.
func TestFaultsOfTheServerAreWrittenDownWhenNothingIsBroken(t *testing.T) {
	whole := make(chan struct{})
	p := somebody(whole)
	faults := func() int {
		answers := []error{&client.Problem{Status: 500}, &client.Problem{Status: 503}, errors.New("refused"), nil}
		if err := p.again(t.Context(), func() (err error) {
			err, answers = answers[0], answers[1:]
			return err
		}); err != nil {
			t.Fatal(err)
		}
		p.trace(false, []byte(`{"t":"error","re":"send","c":"c","code":"internal"}`))
		p.trace(false, []byte(`{"t":"error","re":"send","c":"c","code":"unavailable"}`))
		return p.town.Log.Count(history.Odd)
	}
	if n := faults(); n != 0 {
		t.Errorf("%d written down while something is broken", n)
	}
	close(whole)
	if n := faults(); n != 2 {
		t.Errorf("%d written down, want the 500 and the frame", n)
	}
}

// That a conversation came into these hands is written down before anything is read.
func TestHolderIsWrittenDown(t *testing.T) {
	p := somebody(nil)
	p.key = "kid-1"
	for _, text := range []string{
		`{"t":"state","c":"c","rev":3,"state":"active","counsellor":{"kid":"kid-2"}}`,
		`{"t":"state","c":"c","rev":4,"state":"closed","counsellor":{"kid":"kid-1"}}`,
	} {
		p.trace(false, []byte(text))
	}
	if n := p.town.Log.Count(history.Held); n != 0 {
		t.Errorf("%d times a holder without holding", n)
	}
	p.trace(false, []byte(`{"t":"welcome","conversations":[{"c":"c","rev":5,"state":"active","counsellor":{"kid":"kid-1"}}]}`))
	if n := p.town.Log.Count(history.Held); n != 1 {
		t.Errorf("written down %d times", n)
	}
}
