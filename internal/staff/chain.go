package staff

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/store"
)

// ChainHead is where a team's key chain ends.
type ChainHead struct {
	N    uint32    `json:"n"`
	Hash seal.Hash `json:"hash"`
}

// Chain returns the signed states of a team from the genesis on, empty before the first. Whoever uses them verifies them;
// NotFound (team_unknown).
func (s *Service) Chain(ctx context.Context, team TeamID) ([]seal.SignedState, error) {
	var chain []seal.SignedState
	err := s.db.View(ctx, func(tx *store.Tx) (err error) {
		if _, err = teamProvider(ctx, tx, team); err == nil {
			chain, err = readChain(ctx, tx, team)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read chain of team %s: %w", team, err)
	}
	return chain, nil
}

// OwnChain is Chain for the people of the team's provider; to others the team is NotFound (team_unknown).
func (s *Service) OwnChain(ctx context.Context, actor Actor, team TeamID) ([]seal.SignedState, error) {
	provider, err := teamProvider(ctx, s.db, team)
	if err != nil {
		return nil, err
	}
	if provider != actor.Provider || actor.Limited {
		return nil, errTeamUnknown()
	}
	return s.Chain(ctx, team)
}

func teamProvider(ctx context.Context, q store.Queryer, team TeamID) (p ProviderID, err error) {
	err = q.QueryRow(ctx, `SELECT provider FROM team WHERE id = $1`, team).Scan(&p)
	return p, store.NotFound(err, "team_unknown")
}

func readChain(ctx context.Context, q store.Queryer, team TeamID) ([]seal.SignedState, error) {
	rows, err := q.Query(ctx, `SELECT body FROM team_state WHERE team = $1 ORDER BY n`, team)
	chain, err := store.Collect(rows, err, func(rows *sql.Rows) (st seal.SignedState, err error) {
		var body string
		if err := rows.Scan(&body); err != nil {
			return st, err
		}
		return seal.ParseSigned([]byte(body))
	})
	return append([]seal.SignedState{}, chain...), err
}

// Heads returns where the chain of each team ends; teams without a chain are missing.
func (s *Service) Heads(ctx context.Context) (map[TeamID]ChainHead, error) {
	heads := map[TeamID]ChainHead{}
	rows, err := s.db.Query(ctx, `SELECT team, n, hash FROM team_state t WHERE n = (SELECT max(n) FROM team_state x WHERE x.team = t.team)`)
	_, err = store.Collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
		var team TeamID
		var n int64
		var hash []byte
		err := rows.Scan(&team, &n, &hash)
		head := ChainHead{N: uint32(n)}
		copy(head.Hash[:], hash)
		heads[team] = head
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("read chain heads: %w", err)
	}
	return heads, nil
}

// AppendState adds a state signed by the actor to the key chain of a team. The chain is verified as every browser will
// verify it; beyond that each newcomer must be an enabled account with a grant on the team and these very keys.
//
// Errors: Forbidden (forbidden for anybody but a supervisor or admin of the team, step_up_required, chain_signer when the
// state is not signed by the actor's own keys), NotFound (team_unknown), Conflict (chain_conflict: somebody else appended
// first; read the chain again), Invalid (chain_invalid, or chain_member for a newcomer who does not belong).
func (s *Service) AppendState(ctx context.Context, actor Actor, team TeamID, st seal.SignedState) (ChainHead, error) {
	if err := s.mayAdmit(ctx, actor, team); err != nil {
		return ChainHead{}, err
	}
	if err := s.needFresh(actor); err != nil {
		return ChainHead{}, err
	}
	if actor.KID == "" || st.By.String() != actor.KID {
		return ChainHead{}, fault.New(fault.Forbidden, "chain_signer")
	}
	head := ChainHead{N: st.N, Hash: st.Hash()}
	err := s.db.Transact(ctx, func(tx *store.Tx) error {
		if err := s.appendState(ctx, tx, team, st); err != nil {
			return fmt.Errorf("append to chain of team %s: %w", team, err)
		}
		return s.audit.Append(ctx, tx, s.entry(actor, "team.chain", team.String(),
			map[string]string{"n": strconv.Itoa(int(st.N)), "hash": head.Hash.String(), "members": strconv.Itoa(len(st.Members))}))
	})
	if err != nil {
		return ChainHead{}, err
	}
	s.hint(ctx, "team/"+team.String(), "chain")
	return head, nil
}

// mayAdmit allows supervisors and admins of the team. To others of the same provider the team exists, but not for them.
func (s *Service) mayAdmit(ctx context.Context, actor Actor, team TeamID) error {
	provider, err := teamProvider(ctx, s.db, team)
	switch {
	case err != nil:
		return err
	case provider != actor.Provider:
		return errTeamUnknown()
	case !actor.May(Supervisor, team) && !actor.May(Admin, team):
		return errForbidden()
	}
	return nil
}

func (s *Service) appendState(ctx context.Context, tx *store.Tx, team TeamID, st seal.SignedState) error {
	chain, err := readChain(ctx, tx, team)
	if err != nil {
		return err
	}
	if int64(st.N) < int64(len(chain)) {
		return fault.New(fault.Conflict, "chain_conflict")
	}
	verified, err := seal.Verify(team.String(), append(chain, st), seal.Hash{})
	if err != nil {
		return fault.Wrap(fault.Invalid, "chain_invalid", err)
	}
	if err := s.checkNewcomers(ctx, tx, team, chain, st); err != nil {
		return err
	}
	body, err := json.Marshal(st)
	if err != nil {
		return err
	}
	hash := verified.HeadHash()
	_, err = tx.Exec(ctx, `INSERT INTO team_state (team, n, hash, body, created_at) VALUES ($1, $2, $3, $4, $5)`,
		team, int64(st.N), hash[:], string(body), s.now())
	if store.IsUnique(err) {
		return fault.Wrap(fault.Conflict, "chain_conflict", err)
	}
	return err
}

// checkNewcomers refuses members that were not in the last state, or did not read then, unless they are people of the
// team with these keys. The team's offline recovery key has no account.
func (s *Service) checkNewcomers(ctx context.Context, tx *store.Tx, team TeamID, chain []seal.SignedState, st seal.SignedState) error {
	people, err := readKeyHolders(ctx, tx, team)
	if err != nil {
		return err
	}
	for _, m := range st.Members {
		if m.Recovery || wasMember(chain, m) {
			continue
		}
		i := holderOf(people, m)
		if i < 0 || !people[i].fits(m) || !slices.Equal(people[i].SigPub, m.SigPub) {
			return fault.New(fault.Invalid, "chain_member")
		}
	}
	return nil
}

func wasMember(chain []seal.SignedState, m seal.Member) bool {
	if len(chain) == 0 {
		return false
	}
	old, ok := chain[len(chain)-1].Member(m.KID)
	return ok && slices.Equal(old.SigPub, m.SigPub) && (old.Reads || !m.Reads)
}
