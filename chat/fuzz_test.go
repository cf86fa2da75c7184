package chat

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"lotse/internal/fault"
)

// FuzzFrame hands anything to the table of handlers, from both seats. Nothing may
// panic or end as an internal error, and what the schema allows is never
// malformed.
func FuzzFrame(f *testing.F) {
	id := NewID().String()
	for _, seed := range []string{
		`{}`, `{"t":"hello","v":"lotse.chat.v1","token":"x","last":{"` + id + `":3}}`, `{"t":"accept"}`, `{"t":"close","c":"` + id + `"}`,
		`{"t":"send","c":"` + id + `","id":"` + id + `","epoch":0,"n":1,"after":0,"body":"` + strings.Repeat("A", 379) + `"}`,
		`{"t":"typing","c":"` + id + `","on":true}`, `{"t":"read","c":"` + id + `","seq":1,"delivered":2}`, `{"t":"decline","c":"` + id + `"}`,
		`{"t":"release","c":"` + id + `","as":"message"}`, `{"t":"transfer","c":"` + id + `","step":"ask","team":"` + id + `"}`,
		`{"t":"status","state":"ready","limit":2}`, `{"t":"status","c":"` + id + `","on_gone":"keep","urgent":true}`,
		`{"t":"signal","c":"` + id + `","body":"AAAA"}`, `{"t":7}`, `[{"t":"send"}]`, `{"t":"send","t":"close"}`, "\xff\xfe", `{"t":"` + strings.Repeat("a", 99),
	} {
		f.Add([]byte(seed))
	}
	schema, err := protocolSchema()
	if err != nil {
		f.Fatal(err)
	}
	r := memoryRig(f)
	team := r.w.addTeam(f, nil)
	p := r.w.hire(f, "Mira", team)
	f.Fuzz(func(t *testing.T, data []byte) {
		name, ok := frameType(data)
		h, known := r.handlers[name]
		if !ok || !known {
			return
		}
		valid := false
		if v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data)); err == nil {
			valid = schema.fromClient.Validate(v) == nil
		}
		for _, seat := range []Seat{{Conversation: NewID(), Who: Seeker}, {Who: Counsellor, Actor: p.actor}} {
			c := &conn{s: r.Service, id: r.hub.ids.next(), side: seat.Who, conversation: seat.Conversation, actor: &seat.Actor, closing: true}
			c.greeted.Store(true)
			_, _, err := h.run(context.Background(), c, data)
			if err != nil && fault.KindOf(err) == "" {
				t.Errorf("%s: internal error %v", data, err)
			}
			if valid && fault.CodeOf(err) == "malformed" {
				t.Errorf("%s is in the schema and malformed", data)
			}
		}
	})
}

// FuzzToken checks that only canonical tokens are taken.
func FuzzToken(f *testing.F) {
	f.Add(string(newToken()))
	f.Add("")
	f.Add(strings.Repeat("A", 43))
	f.Add(strings.Repeat("A", 42) + "B")
	f.Fuzz(func(t *testing.T, s string) {
		token, err := parseToken(s)
		if err == nil && (string(token) != s || len(s) != 43) {
			t.Errorf("%q was taken as %d bytes", s, len(token))
		}
		if err != nil && !bytes.Contains([]byte(fault.CodeOf(err)), []byte("unauthenticated")) {
			t.Errorf("%q: %v", s, err)
		}
	})
}
