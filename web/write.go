package web

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
)

// write answers with a whole body. Pages are compressed when the browser takes
// it; JSON is not, for its weight is ciphertext.
func (s *Server) write(w http.ResponseWriter, r *http.Request, status int, contentType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	if strings.HasPrefix(contentType, "text/html") {
		h.Add("Vary", "Accept-Encoding")
		if acceptsGzip(r) {
			body = compress(body, gzip.BestSpeed)
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader may be gone; nothing to be done about it
	}
}

// acceptsGzip reports whether the browser takes gzip.
func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(name, "gzip") {
			return strings.ReplaceAll(q, " ", "") != "q=0"
		}
	}
	return false
}

// compress returns b as one gzip member without a time stamp.
func compress(b []byte, level int) []byte {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, level)
	if err != nil {
		panic(err) // only a wrong level can fail
	}
	_, _ = z.Write(b) // writing to a buffer cannot fail
	_ = z.Close()
	return out.Bytes()
}
