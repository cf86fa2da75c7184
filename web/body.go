package web

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"lotse/internal/fault"
)

// decode reads the JSON body of r into v. It refuses another media type
// (unsupported_media), unknown fields, trailing data and broken JSON
// (malformed), and a body beyond the limit (too_large).
func decode(r *http.Request, v any) error {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" || (params["charset"] != "" && params["charset"] != "utf-8") {
		return fault.New(fault.Invalid, "unsupported_media")
	}
	if r.Header.Get("Content-Encoding") != "" {
		return fault.New(fault.Invalid, "unsupported_media")
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return malformed(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return malformed(err)
	}
	return nil
}

// parseForm reads a urlencoded form of at most max bytes.
func parseForm(w http.ResponseWriter, r *http.Request, max int64) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return fault.New(fault.Invalid, "unsupported_media")
	}
	r.Body = http.MaxBytesReader(w, r.Body, max)
	if err := r.ParseForm(); err != nil {
		return malformed(err)
	}
	return nil
}

// malformed is the fault for a body that cannot be read.
func malformed(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.Wrap(fault.TooLarge, "too_large", err)
	}
	return fault.Wrap(fault.Invalid, "malformed", err)
}

// encode returns v as JSON. Its values are structs of this module; one that
// cannot be encoded is a programming error.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return append(b, '\n')
}

// json answers with v.
func (s *Server) json(w http.ResponseWriter, r *http.Request, status int, v any) error {
	s.write(w, r, status, "application/json", encode(v))
	return nil
}
