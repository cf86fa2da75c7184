package hours

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"lotse/internal/fault"
)

// maxText is the longest text that Parse reads, in bytes. OpenStreetMap allows
// 255 characters.
const maxText = 2000

// Problem is the code of what is wrong with a text.
type Problem string

// What can be wrong with a text.
const (
	Empty       Problem = "hours_empty"       // nothing there
	TooLong     Problem = "hours_too_long"    // more than 2000 bytes
	Unexpected  Problem = "hours_unexpected"  // something else should stand here
	Unclosed    Problem = "hours_unclosed"    // a comment without its second quote
	BadTime     Problem = "hours_time"        // no time of the form 09:00-12:00
	BadDate     Problem = "hours_date"        // no such day, month or year
	BadWeek     Problem = "hours_week"        // no week from 1 to 53, or in reverse
	BadWeekday  Problem = "hours_weekday"     // weekdays are Mo Tu We Th Fr Sa Su; PH and SH are holidays
	BadNth      Problem = "hours_nth"         // the nth weekday is 1 to 5 or -1 to -5
	Unsupported Problem = "hours_unsupported" // right, but outside the subset
)

// Error says what is wrong with a text, and where. It is a fault.Invalid.
type Error struct {
	Problem Problem
	At      int    // characters before the place
	Near    string // what stands there; empty at the end
}

// Error describes the problem in English, for the log.
func (e *Error) Error() string {
	if e.Near == "" {
		return fmt.Sprintf("opening hours: %s at the end (character %d)", e.Problem, e.At+1)
	}
	return fmt.Sprintf("opening hours: %s at %q (character %d)", e.Problem, e.Near, e.At+1)
}

// Is reports whether target is the kind fault.Invalid.
func (e *Error) Is(target error) bool { return target == fault.Invalid }

type kind uint8

const (
	end kind = iota
	number
	word
	comment
	sign // one of ; , - : / [ ] + and ||
)

// token is the smallest part of a text. Text is in lower case, save for comments.
type token struct {
	kind  kind
	text  string
	value int // of a number
	at    int // in bytes
}

func (t token) is(texts ...string) bool {
	for _, text := range texts {
		if t.kind != comment && t.text == text {
			return true
		}
	}
	return false
}

const signs = ";,-:/[]+()"

// lex cuts a text into tokens, the last of kind end.
func lex(s string) ([]token, error) {
	var tokens []token
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		t := token{at: i}
		switch {
		case unicode.IsSpace(r):
			i += size
			continue
		case r == '"':
			length := strings.IndexByte(s[i+1:], '"')
			if length < 0 {
				return nil, problem(s, i, Unclosed)
			}
			t.kind, t.text = comment, s[i+1:i+1+length]
			i += length + 2
		case r >= '0' && r <= '9':
			t.kind, t.text = number, prefix(s[i:], func(r rune) bool { return r >= '0' && r <= '9' })
			i += len(t.text)
		case unicode.IsLetter(r):
			original := prefix(s[i:], unicode.IsLetter)
			t.kind, t.text = word, strings.ToLower(original)
			i += len(original)
		case strings.HasPrefix(s[i:], "||"):
			t.kind, t.text = sign, "||"
			i += 2
		case r == '–' || r == '—' || r == '‑':
			t.kind, t.text = sign, "-"
			i += size
		case strings.ContainsRune(signs, r):
			t.kind, t.text = sign, string(r)
			i += size
		default:
			return nil, problem(s, i, Unexpected)
		}
		if t.kind == number {
			t.value, _ = strconv.Atoi(t.text[:min(len(t.text), 9)])
		}
		tokens = append(tokens, t)
	}
	return append(tokens, token{kind: end, at: len(s)}), nil
}

func prefix(s string, in func(rune) bool) string {
	if i := strings.IndexFunc(s, func(r rune) bool { return !in(r) }); i >= 0 {
		return s[:i]
	}
	return s
}

// problem is an Error at a byte of s.
func problem(s string, at int, p Problem) *Error {
	near, _, _ := strings.Cut(strings.TrimSpace(s[at:]), " ")
	if runes := []rune(near); len(runes) > 20 {
		near = string(runes[:20])
	}
	return &Error{Problem: p, At: utf8.RuneCountInString(s[:at]), Near: near}
}
