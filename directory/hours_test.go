package directory

import (
	"fmt"
	"testing"
)

func TestParseHours(t *testing.T) {
	tests := []struct{ in, want string }{
		{"Mo,Tu 09:00-12:00", "[{[mo tu] [09:00–12:00]}]"},
		{"Mo-Fr 09:00-12:00,13:00-16:00; Su,PH 10:00-15:00", "[{[mo tu we th fr] [09:00–12:00 13:00–16:00]} {[su ph] [10:00–15:00]}]"},
		{"Mo 22:00-07:00", "[{[mo] [22:00–07:00]}]"},
		{"Fr-Mo 10:00-11:00", "[{[mo fr sa su] [10:00–11:00]}]"},
		{"24/7", "[{[mo tu we th fr sa su] [00:00–24:00]}]"},
		{"Mo-Th 08:00-16:00; Tu 09:00-12:00", "[{[mo we th] [08:00–16:00]} {[tu] [09:00–12:00]}]"},
		{"Mo 08:00-15:00 Uhr", "[{[mo] [08:00–15:00]}]"},
		{"", "no"}, {"We[1] 10:00-12:00", "no"}, {"Mo 9-12", "no"}, {"Mo 10:00-12:00; PH off", "no"}, {"off", "no"},
		{`Mo 10:00-12:00 "nach Vereinbarung"`, "no"},
	}
	for _, tt := range tests {
		rules, ok := ParseHours(tt.in)
		got := fmt.Sprint(rules)
		if !ok {
			got = "no"
		}
		if got != tt.want {
			t.Errorf("ParseHours(%q) = %s, want %s", tt.in, got, tt.want)
		}
	}
}
