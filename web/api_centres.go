package web

import (
	"net/http"
	"strconv"

	"lotse/directory"
	"lotse/internal/fault"
)

// centreJSON is a centre in a list of the API.
type centreJSON struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	Place      string   `json:"place"`
	Topics     []string `json:"topics"`
	Tier       string   `json:"tier"`
	DistanceKM *float64 `json:"distance_km"` // null when unknown
}

// centresJSON is the answer to GET /api/v1/centres.
type centresJSON struct {
	Results   []centreJSON `json:"results"`
	Total     int          `json:"total"`
	WhiteSpot bool         `json:"white_spot"`
}

// centresAPI answers topic, postcode, q and limit (1 to 100, default 20).
func (s *Server) centresAPI(w http.ResponseWriter, r *http.Request) error {
	values := r.URL.Query()
	limit := 0
	if text := values.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > directory.MaxResults {
			return fault.InvalidInput(map[string]string{"limit": "out_of_range"})
		}
		limit = n
	}
	found, err := s.directory.Find(r.Context(), centreQuery(values, limit))
	if err != nil {
		return err
	}
	answer := centresJSON{Results: []centreJSON{}, Total: found.Total, WhiteSpot: found.WhiteSpot}
	for _, hit := range found.Results {
		answer.Results = append(answer.Results, toCentreJSON(hit))
	}
	return s.json(w, r, http.StatusOK, answer)
}

func toCentreJSON(hit directory.Hit) centreJSON {
	c := centreJSON{ID: hit.ID, Name: hit.Name, Place: hit.City, Topics: hit.Topics, Tier: string(hit.Tier)}
	if c.Topics == nil {
		c.Topics = []string{}
	}
	if hit.DistanceKM >= 0 {
		c.DistanceKM = &hit.DistanceKM
	}
	return c
}
