package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"lotse/internal/fault"
)

func TestKindsAreToldApart(t *testing.T) {
	err := fmt.Errorf("take shift: %w", fault.Wrap(fault.Conflict, "shift_taken", io.EOF))
	for _, target := range []error{fault.Conflict, fault.New(fault.Conflict, "shift_taken"), io.EOF} {
		if !errors.Is(err, target) {
			t.Errorf("not %v", target)
		}
	}
	for _, target := range []error{fault.NotFound, fault.New(fault.Conflict, "other"), fault.New(fault.Gone, "shift_taken")} {
		if errors.Is(err, target) {
			t.Errorf("wrongly %v", target)
		}
	}
	if fault.KindOf(err) != fault.Conflict || fault.CodeOf(err) != "shift_taken" {
		t.Errorf("kind %q code %q", fault.KindOf(err), fault.CodeOf(err))
	}
}

func TestInternalErrorsHaveNoKind(t *testing.T) {
	for _, err := range []error{nil, io.EOF} {
		if fault.KindOf(err) != "" || fault.CodeOf(err) != "" {
			t.Errorf("%v has kind %q", err, fault.KindOf(err))
		}
	}
	if fault.KindOf(fmt.Errorf("x: %w", fault.Gone)) != fault.Gone {
		t.Error("a bare kind is not found")
	}
}

func TestErrorText(t *testing.T) {
	for _, test := range []struct {
		err  *fault.Error
		want string
	}{
		{fault.New(fault.NotFound, "centre"), "not_found (centre)"},
		{fault.Wrap(fault.Unavailable, "busy", io.EOF), "unavailable (busy): EOF"},
		{fault.InvalidInput(map[string]string{"b": "too_long", "a": "missing"}), "invalid (invalid_input) a=missing b=too_long"},
		{fault.RetryAfter(fault.TooMany, "slow_down", time.Second), "too_many (slow_down)"},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
