package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"lotse/internal/seal"
	"lotse/internal/staff"
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

// privacyView is the privacy notice: how long conversations are kept, by whom.
type privacyView struct{ Kept []keptBy }

// keptBy are the providers that keep conversations for the same time.
type keptBy struct {
	Providers     []string
	Live, Message keptSpan
}

// keptSpan is how long is kept: days when they are some whole ones, else hours begun.
type keptSpan struct {
	Unit string // ending of the key of the sentence
	N    int
}

func spanOf(d time.Duration) keptSpan {
	const day = 24 * time.Hour
	if d > day && d%day == 0 {
		return keptSpan{"days", int(d / day)}
	}
	return keptSpan{"hours", max(1, int((d+time.Hour-1)/time.Hour))}
}

// privacyPage is the privacy notice.
func (s *Server) privacyPage(w http.ResponseWriter, r *http.Request) error {
	if s.staff == nil {
		return s.render(w, r, http.StatusOK, "datenschutz", privacyView{})
	}
	providers, err := s.staff.Providers(r.Context())
	if err != nil {
		return fmt.Errorf("list providers for what they keep: %w", err)
	}
	return s.render(w, r, http.StatusOK, "datenschutz", privacyView{s.keptBy(providers)})
}

// keptBy groups providers by what they keep, in the order given.
func (s *Server) keptBy(providers []staff.Provider) (list []keptBy) {
	for _, p := range providers {
		kept := s.staff.Retention(p.Keep)
		k := keptBy{Live: spanOf(kept.Live), Message: spanOf(kept.Message)}
		i := slices.IndexFunc(list, func(o keptBy) bool { return o.Live == k.Live && o.Message == k.Message })
		if i < 0 {
			i, list = len(list), append(list, k)
		}
		list[i].Providers = append(list[i].Providers, p.Name)
	}
	return list
}

// imprintPage says who answers for this server.
func (s *Server) imprintPage(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, http.StatusOK, "impressum", nil)
}
