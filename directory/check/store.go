package check

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"lotse/internal/store"
)

const columns = `link, strikes, struck, reason, tried_at, good_at`

func scanState(rows *sql.Rows) (s State, err error) {
	var good sql.Null[time.Time]
	err = rows.Scan(&s.Link, &s.Strikes, &s.Struck, &s.Reason, &s.Tried, &good)
	s.Good = good.V
	return s, err
}

// Results returns what is known of the links, by link. One that was never asked
// for is not in it.
func (s *Service) Results(ctx context.Context, links []string) (map[string]State, error) {
	found := map[string]State{}
	for batch := range slices.Chunk(links, 200) {
		marks, args := make([]string, len(batch)), make([]any, len(batch))
		for i, link := range batch {
			marks[i], args[i] = fmt.Sprintf("$%d", i+1), link
		}
		rows, err := s.DB.Query(ctx, `SELECT `+columns+` FROM directory_link WHERE link IN (`+strings.Join(marks, ", ")+`)`, args...)
		states, err := store.Collect(rows, err, scanState)
		if err != nil {
			return nil, fmt.Errorf("read checked links: %w", err)
		}
		for _, one := range states {
			found[one.Link] = one
		}
	}
	return found, nil
}

func (s *Service) all(ctx context.Context) (map[string]State, error) {
	rows, err := s.DB.Query(ctx, `SELECT `+columns+` FROM directory_link`)
	states, err := store.Collect(rows, err, scanState)
	if err != nil {
		return nil, fmt.Errorf("read checked links: %w", err)
	}
	found := make(map[string]State, len(states))
	for _, one := range states {
		found[one.Link] = one
	}
	return found, nil
}

// note adds the result of a try to what is stored now.
func (s *Service) note(ctx context.Context, link string, r Reason, at time.Time) error {
	return s.DB.Transact(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+columns+` FROM directory_link WHERE link = $1`, link)
		before, err := store.Collect(rows, err, scanState)
		if err != nil {
			return err
		}
		state := State{Link: link}
		if len(before) > 0 {
			state = before[0]
		}
		state = state.After(r, at)
		good := sql.Null[time.Time]{V: state.Good, Valid: !state.Good.IsZero()}
		_, err = tx.Exec(ctx, `INSERT INTO directory_link (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (link) DO UPDATE SET strikes = excluded.strikes, struck = excluded.struck, reason = excluded.reason,
				tried_at = excluded.tried_at, good_at = excluded.good_at`,
			link, state.Strikes, state.Struck, string(state.Reason), state.Tried, good)
		return err
	})
}

// forget removes the results of links that no centre has any more.
func (s *Service) forget(ctx context.Context, links []string) error {
	return s.DB.Transact(ctx, func(tx *store.Tx) error {
		for _, link := range links {
			if _, err := tx.Exec(ctx, `DELETE FROM directory_link WHERE link = $1`, link); err != nil {
				return err
			}
		}
		return nil
	})
}

// turnFor is how long a turn lasts when nobody renews it: longer than the slowest
// link takes.
const turnFor = 5 * time.Minute

// takeTurn takes or renews the turn and reports whether it is this node's.
func (s *Service) takeTurn(ctx context.Context) (mine bool, err error) {
	err = s.DB.Transact(ctx, func(tx *store.Tx) error {
		result, err := tx.Exec(ctx, `INSERT INTO directory_turn (name, holder, ends_at) VALUES ('check', $1, $2)
			ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at
			WHERE directory_turn.holder = excluded.holder OR directory_turn.ends_at < $3`, s.node, tx.Now.Add(turnFor), tx.Now)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		mine = n > 0
		return err
	})
	return mine, err
}

// endTurn gives the turn back.
func (s *Service) endTurn(ctx context.Context) error {
	_, err := s.DB.Exec(ctx, `DELETE FROM directory_turn WHERE name = 'check' AND holder = $1`, s.node)
	return err
}
