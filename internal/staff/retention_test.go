package staff

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// keptBy reads how long a provider's conversations are kept.
func (h *house) keptBy(id ProviderID) Retention {
	h.t.Helper()
	all, err := h.Retentions(h.t.Context(), h.db)
	must(h.t, err)
	return all[id]
}

func TestProvidersSetHowLongTheyKeep(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		c := newCast(t, h)
		admin := c.as("admin")
		if got := h.keptBy(h.provider); got != DefaultRetention() {
			t.Errorf("at first %v", got)
		}
		must(t, h.SetKeep(t.Context(), admin, h.provider, Keep{LiveHours: 2, MessageDays: 90}))
		if got, want := h.keptBy(h.provider), (Retention{Live: 2 * time.Hour, Message: 90 * 24 * time.Hour}); got != want {
			t.Errorf("set: %v, want %v", got, want)
		}
		if got := h.keptBy(c.otherProvider); got != DefaultRetention() {
			t.Errorf("another provider: %v", got)
		}
		must(t, h.SetKeep(t.Context(), Operator(), h.provider, Keep{MessageDays: 7}))
		if got, want := h.keptBy(h.provider), (Retention{Live: 24 * time.Hour, Message: 7 * 24 * time.Hour}); got != want {
			t.Errorf("half set: %v, want %v", got, want)
		}
		p, err := h.OwnProvider(t.Context(), admin)
		must(t, err)
		if p.ID != h.provider || p.Keep != (Keep{MessageDays: 7}) {
			t.Errorf("own provider %+v", p)
		}
		entries, err := h.Audit().Entries(t.Context(), c.as("auditor"), AuditQuery{Action: "provider.retention", Limit: 10})
		must(t, err)
		var said []map[string]string
		for _, e := range entries {
			said = append(said, e.Meta)
		}
		want := []map[string]string{{"live_h": "default", "message_d": "7"}, {"live_h": "2", "message_d": "90"}}
		if diff := cmp.Diff(want, said); diff != "" {
			t.Errorf("audit (-want +got):\n%s", diff)
		}
	})
}

func TestRetentionIsRefused(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		c := newCast(t, h)
		for _, name := range []string{"counsellor", "supervisor", "head", "auditor", "nobody", "other admin"} {
			wantCode(t, h.SetKeep(t.Context(), c.as(name), h.provider, Keep{LiveHours: 1}), "forbidden")
		}
		stale := c.as("admin")
		stale.StepUp = stale.StepUp.Add(-StepUpFor)
		wantCode(t, h.SetKeep(t.Context(), stale, h.provider, Keep{LiveHours: 1}), "step_up_required")
		for _, k := range []Keep{{LiveHours: -1}, {LiveHours: 25}, {MessageDays: 366}, {MessageDays: -1}} {
			wantCode(t, h.SetKeep(t.Context(), c.as("admin"), h.provider, k), "invalid_input")
		}
		wantCode(t, h.SetKeep(t.Context(), Operator(), NewProviderID(), Keep{LiveHours: 1}), "provider_unknown")
		if got := h.keptBy(h.provider); got != DefaultRetention() {
			t.Errorf("refused, and yet %v", got)
		}
	})
}
