package web

import (
	"net/http"
	"net/url"
	"strconv"

	"lotse/internal/fault"
	"lotse/internal/staff"
)

func (s *Server) staffAudit(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	q, err := auditQuery(r.URL.Query())
	if err != nil {
		return err
	}
	entries, err := s.staff.Audit().Entries(r.Context(), actor, q)
	if err != nil {
		return err
	}
	page := struct {
		Entries []staff.AuditEntry `json:"entries"`
		Next    *int64             `json:"next"` // value of before for the next page; nil at the end
	}{Entries: entries}
	if len(entries) == q.Limit {
		page.Next = &entries[len(entries)-1].No
	}
	return s.json(w, r, http.StatusOK, page)
}

// auditPage is the number of entries of a page unless the query says otherwise.
const auditPage = 50

func auditQuery(v url.Values) (staff.AuditQuery, error) {
	q := staff.AuditQuery{Action: v.Get("action"), Object: v.Get("object"), Limit: auditPage}
	wrong := map[string]string{}
	if text := v.Get("before"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 {
			wrong["before"] = "out_of_range"
		}
		q.Before = n
	}
	if text := v.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 200 {
			wrong["limit"] = "out_of_range"
		}
		q.Limit = n
	}
	if len(wrong) > 0 {
		return q, fault.InvalidInput(wrong)
	}
	return q, nil
}

func (s *Server) staffAuditVerify(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	bad, err := s.staff.VerifyAudit(r.Context(), actor)
	if err != nil {
		return err
	}
	answer := struct {
		OK       bool   `json:"ok"`
		FirstBad *int64 `json:"first_bad"`
	}{OK: bad == 0}
	if bad != 0 {
		answer.FirstBad = &bad
	}
	return s.json(w, r, http.StatusOK, answer)
}
