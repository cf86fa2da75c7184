package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	"lotse/internal/seal"
)

// Fingerprint is the six words by which people recognise a team's keys.
type Fingerprint struct {
	Team  string
	Words []string
}

// securityView is the page on what the server sees.
type securityView struct{ Teams []Fingerprint }

// securityPage says what the server sees and what encryption does not protect
// against, and shows the words of each team.
func (s *Server) securityPage(w http.ResponseWriter, r *http.Request) error {
	teams, err := s.fingerprints(r.Context())
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, "sicherheit", securityView{teams})
}

// fingerprints returns the words of each team that has keys, by name. A chain
// that does not verify has no words: nobody should compare them.
func (s *Server) fingerprints(ctx context.Context) ([]Fingerprint, error) {
	if s.staff == nil {
		return nil, nil
	}
	teams, err := s.staff.Teams(ctx)
	if err != nil {
		return nil, fmt.Errorf("list teams for their words: %w", err)
	}
	var out []Fingerprint
	for _, team := range teams {
		states, err := s.staff.Chain(ctx, team.ID)
		if err != nil {
			return nil, fmt.Errorf("words of team %s: %w", team.ID, err)
		}
		if len(states) == 0 {
			continue
		}
		if chain, err := seal.Verify(team.ID.String(), states, seal.Hash{}); err == nil {
			out = append(out, Fingerprint{team.Name, seal.Fingerprint(chain.Genesis())})
		}
	}
	slices.SortFunc(out, func(a, b Fingerprint) int { return cmp.Compare(a.Team, b.Team) })
	return out, nil
}

// privacyPage is the privacy notice.
func (s *Server) privacyPage(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, http.StatusOK, "datenschutz", nil)
}

// imprintPage says who answers for this server.
func (s *Server) imprintPage(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, http.StatusOK, "impressum", nil)
}
