package seal

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestSameRefusals gives both sides the same changed objects: they must refuse
// the same ones for the same reason.
func TestSameRefusals(t *testing.T) {
	t.Run("epochs", func(t *testing.T) { t.Parallel(); sameEpochs(t) })
	t.Run("chains", func(t *testing.T) { t.Parallel(); sameChains(t) })
	t.Run("codes", func(t *testing.T) { t.Parallel(); sameCodes(t) })
}

func sameEpochs(t *testing.T) {
	w := newWorld(t)
	seed := NewSeed()
	w.seeker = must(SeekerKey(seed))
	seeker, ben := w.room(t)
	e1 := must(seeker.Next(Change{Chain: w.chain, Readers: []KID{w.ben.KID(), w.cem.KID()}, History: true, At: noon}))
	var changed []json.RawMessage
	var want [][]string
	for _, m := range sampled(mutations(t, e1), 11) {
		changed = append(changed, m.json)
		want = append(want, []string{reason(w.accept(ben.Current(), m.json))})
	}
	got := browser[[][]string](t, "epochs", map[string]any{
		"seeds": []Bytes{seed}, "team": "team-1", "chain": w.signed, "first": ben.Current(), "changed": changed,
	})
	for i := range want {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("%s\nGo: %q, browser: %q", changed[i], want[i], got[i])
		}
	}
}

func (w *world) accept(first Epoch, data []byte) error {
	e, err := ParseEpoch(data)
	if err != nil {
		return err
	}
	if _, err := OpenRoom(w.seeker, []Epoch{first, e}); err != nil {
		return err
	}
	return w.chain.CheckCurrent(e, noon)
}

func sameChains(t *testing.T) {
	w := newWorld(t)
	second := sign(t, w.ada, NewState("team-1", &w.signed[0].State, w.signed[0].Members))
	var chains [][]json.RawMessage
	var want []string
	for i, s := range []SignedState{w.signed[0], second} {
		for _, m := range sampled(mutations(t, s), 7) {
			chain := []json.RawMessage{must(json.Marshal(w.signed[0])), must(json.Marshal(second))}
			chain[i] = m.json
			chains = append(chains, chain)
			want = append(want, reason(verifyJSON(chain)))
		}
	}
	got := browser[[]string](t, "chains", map[string]any{"team": "team-1", "chains": chains})
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s\nGo: %q, browser: %q", chains[i], want[i], got[i])
		}
	}
}

func verifyJSON(chain []json.RawMessage) error {
	var states []SignedState
	for _, data := range chain {
		s, err := ParseSigned(data)
		if err != nil {
			return err
		}
		states = append(states, s)
	}
	_, err := Verify("team-1", states, Hash{})
	return err
}

func sameCodes(t *testing.T) {
	text := NewCode().Text()
	typed := []string{text, strings.ToLower(text), "", "x", text + "1", strings.Replace(text, "-", "\u2011", 3), text + "Ü", "ſ" + text[1:], "ı" + text[1:], strings.Repeat("0", 27), strings.Repeat("Z", 27)}
	for i := range text {
		typed = append(typed, text[:i]+"7"+text[i+1:], text[:i]+text[i+1:], text[:i]+"u"+text[i+1:])
	}
	got := browser[[]string](t, "codes", typed)
	for i, s := range typed {
		code, err := ParseCode(s)
		want := reason(err)
		if err == nil {
			want = encode64([]byte(code.Text()))
		}
		if got[i] != want {
			t.Errorf("%q: Go: %q, browser: %q", s, want, got[i])
		}
	}
}

func sampled(all []mutation, step int) (out []mutation) {
	for i, m := range all {
		if i%step == 0 || !strings.HasSuffix(m.path, "]") {
			out = append(out, m)
		}
	}
	return out
}

func reason(err error) string {
	if err == nil {
		return ""
	}
	var e Error
	if !errors.As(err, &e) {
		return "not named: " + err.Error()
	}
	return string(e)
}
