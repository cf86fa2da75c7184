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
		{"Mo,Tu,We,Th,Fr,Sa,Su 00:00-24:00", "[{[mo tu we th fr sa su] [00:00–24:00]}]"},
		{"", "no"}, {"24/7", "no"}, {"We[1] 10:00-12:00", "no"}, {"Mo 9-12", "no"}, {"Fr-Mo 10:00-11:00", "no"}, {"Mo 10:00-12:00 \"nach Vereinbarung\"", "no"},
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
