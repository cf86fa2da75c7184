package hours

import (
	"fmt"
	"slices"
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

// is reports whether the token is one of texts, and no comment.
func (t token) is(texts ...string) bool {
	return t.kind != comment && slices.Contains(texts, t.text)
}

// lex cuts a text into tokens, the last of kind end.
func lex(s string) ([]token, error) {
	var tokens []token
	for i := 0; i < len(s); {
		if r, size := utf8.DecodeRuneInString(s[i:]); unicode.IsSpace(r) {
			i += size
			continue
		}
		t, size, wrong := lexOne(s[i:])
		if wrong != "" {
			return nil, problem(s, i, wrong)
		}
		t.at = i
		tokens = append(tokens, t)
		i += size
	}
	return append(tokens, token{kind: end, at: len(s)}), nil
}

// lexOne reads the token at the beginning of s and its size in bytes.
func lexOne(s string) (t token, size int, wrong Problem) {
	r, width := utf8.DecodeRuneInString(s)
	switch {
	case r == '"':
		text, _, closed := strings.Cut(s[1:], `"`)
		if !closed {
			return t, 0, Unclosed
		}
		return token{kind: comment, text: text}, len(text) + 2, ""
	case isDigit(r):
		text := prefix(s, isDigit)
		value, _ := strconv.Atoi(text[:min(len(text), 9)])
		return token{kind: number, text: text, value: value}, len(text), ""
	case unicode.IsLetter(r):
		text := prefix(s, unicode.IsLetter)
		return token{kind: word, text: strings.ToLower(text)}, len(text), ""
	case strings.HasPrefix(s, "||"):
		return token{kind: sign, text: "||"}, 2, ""
	case strings.ContainsRune("–—‑", r):
		return token{kind: sign, text: "-"}, width, ""
	case strings.ContainsRune(";,-:/[]+()", r):
		return token{kind: sign, text: string(r)}, width, ""
	}
	return t, 0, Unexpected
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// prefix is the longest beginning of s of such characters.
func prefix(s string, in func(rune) bool) string {
	return s[:len(s)-len(strings.TrimLeftFunc(s, in))]
}

// problem is an Error at a byte of s.
func problem(s string, at int, p Problem) *Error {
	near, _, _ := strings.Cut(strings.TrimSpace(s[at:]), " ")
	if runes := []rune(near); len(runes) > 20 {
		near = string(runes[:20])
	}
	return &Error{Problem: p, At: utf8.RuneCountInString(s[:at]), Near: near}
}
