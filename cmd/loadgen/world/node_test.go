package world

import (
	"testing"
	"time"
)

func TestErrorsCountWhenNothingIsBrokenAnyMore(t *testing.T) {
	whole := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	for line, counts := range map[string]bool{
		`time=2026-11-27T12:00:01.000Z level=ERROR msg="handle frame"`: true,
		`time=2026-11-27T13:00:00.000+01:00 level=ERROR msg=dispatch`:  true,
		`time=2026-11-27T11:59:59.999Z level=ERROR msg=dispatch`:       false,
		`time=2026-11-27T12:00:01.000Z level=WARN msg="level=ERROR "`:  false,
		"\tgoroutine 7": false,
		"":              false,
	} {
		if errorFrom(line, whole) != counts {
			t.Errorf("%q: %t", line, !counts)
		}
	}
}
