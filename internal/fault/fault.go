// Package fault names the ways in which an operation can fail that the caller
// is expected to tell apart: not found, conflict, forbidden and so on.
//
// A fault carries a kind for the program, a stable code for the reader (the
// problem+json code and the locale key "error.<code>") and, for bad input, a
// code per field. It never carries prose: texts belong to the locale files. An
// error that holds no fault is an internal error; its text is for the log only.
package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Kind is the class of a fault. It is itself an error so that
// errors.Is(err, fault.NotFound) reads as a sentence.
type Kind string

// The kinds, each with the HTTP status that web gives it.
const (
	NotFound        Kind = "not_found"       // 404: nothing there, or nothing this caller may know of
	Conflict        Kind = "conflict"        // 409: somebody else was first, or the state has moved on
	Forbidden       Kind = "forbidden"       // 403: known caller, not allowed
	Unauthenticated Kind = "unauthenticated" // 401: no caller, or no longer
	Gone            Kind = "gone"            // 410: was there, is deleted or expired for good
	TooMany         Kind = "too_many"        // 429: try again after Error.Retry
	TooLarge        Kind = "too_large"       // 413: the input is beyond a fixed limit
	Unavailable     Kind = "unavailable"     // 503: not now; a dependency is away or the server drains
	Invalid         Kind = "invalid"         // 422: the input is wrong; Error.Fields says where
)

// Error returns the kind as text.
func (k Kind) Error() string { return string(k) }

// Error is a fault with everything a caller may show or act on.
type Error struct {
	Kind   Kind
	Code   string            // stable snake_case; problem+json code and locale key "error.<code>"
	Fields map[string]string // field name → code, for Invalid; nil otherwise
	Retry  time.Duration     // when it makes sense to try again; 0 = unknown
	Err    error             // the cause, for the log; may be nil
}

// New returns a fault without a cause.
func New(kind Kind, code string) *Error { return &Error{Kind: kind, Code: code} }

// Wrap returns a fault caused by err.
func Wrap(kind Kind, code string, err error) *Error {
	return &Error{Kind: kind, Code: code, Err: err}
}

// InvalidInput returns an Invalid fault with the code "invalid_input" and a
// code for each field that is wrong.
func InvalidInput(fields map[string]string) *Error {
	return &Error{Kind: Invalid, Code: "invalid_input", Fields: fields}
}

// RetryAfter returns a fault that says when to try again.
func RetryAfter(kind Kind, code string, after time.Duration) *Error {
	return &Error{Kind: kind, Code: code, Retry: after}
}

// Error returns kind, code, the names of wrong fields and the cause. It is
// written for the log; field values are never part of it.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)", e.Kind, e.Code)
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		fmt.Fprintf(&b, " %s=%s", name, e.Fields[name])
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is the kind of e, or a fault of the same kind and
// code.
func (e *Error) Is(target error) bool {
	switch t := target.(type) {
	case Kind:
		return e.Kind == t
	case *Error:
		return e.Kind == t.Kind && e.Code == t.Code
	}
	return false
}

// KindOf returns the kind of the outermost fault in err, or "" when err holds
// none, which means an internal error.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	if k, ok := errors.AsType[Kind](err); ok {
		return k
	}
	return ""
}

// CodeOf returns the code of the outermost fault in err, or "".
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}
