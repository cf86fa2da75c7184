package chat

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"

	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/store"
)

// authSize is the length of the auth part of a return code.
const authSize = 32

// SetReturn keeps the hash of a return code's auth part; a later one replaces it.
// It returns Invalid for another length.
func (s *Service) SetReturn(ctx context.Context, seat Seat, auth seal.Bytes) error {
	if len(auth) != authSize {
		return fault.InvalidInput(map[string]string{"auth": "invalid"})
	}
	c, err := s.recheck(ctx, seat)
	if err != nil {
		return err
	}
	if seat.Who != Seeker {
		return fault.New(fault.Forbidden, "forbidden")
	}
	_, err = s.db.Exec(ctx, `UPDATE conversation SET return_hash = $2 WHERE id = $1 AND state <> 'purged'`, c.ID, authHash(auth))
	if store.IsUnique(err) {
		return fault.New(fault.Conflict, "return_used")
	}
	return err
}

// authHash is told apart from the hash of a token, so that neither can stand for
// the other.
func authHash(auth []byte) []byte {
	sum := sha256.Sum256(append([]byte("lotse return\x00"), auth...))
	return sum[:]
}

// Return gives the seat back to somebody with its return code: a new token, and
// the old one is void. It returns Unauthenticated (return_unknown).
func (s *Service) Return(ctx context.Context, auth seal.Bytes) (Opened, error) {
	token := newToken()
	var c Conversation
	var seat sql.NullString
	err := s.db.Transact(ctx, func(tx *store.Tx) (err error) {
		c, err = oneConversation(ctx, tx, `return_hash = $1`, authHash(auth))
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, `UPDATE conversation SET token_hash = $2 WHERE id = $1 RETURNING seat`, c.ID, token.hash()).Scan(&seat)
	})
	if fault.KindOf(err) == fault.NotFound {
		return Opened{}, fault.New(fault.Unauthenticated, "return_unknown")
	}
	if err != nil {
		return Opened{}, fmt.Errorf("return: %w", err)
	}
	s.hub.relay(c.ID, relayed{Kind: relaySeat, From: s.hub.ids.after("", seat.String)})
	return Opened{ID: c.ID, Token: string(token), State: c.State}, nil
}

// Delete destroys a conversation at once: keys first, then ciphertext. It returns
// a receipt, or Forbidden for a counsellor's seat.
func (s *Service) Delete(ctx context.Context, seat Seat) (Receipt, error) {
	if seat.Who != Seeker {
		return Receipt{}, fault.New(fault.Forbidden, "forbidden")
	}
	return s.destroy(ctx, seat.Conversation, Step{Act: ActDelete, Who: Seeker})
}

// destroy takes a conversation to purged and removes its messages.
func (s *Service) destroy(ctx context.Context, id ID, st Step) (r Receipt, err error) {
	_, err = s.step(ctx, id, func(ctx context.Context, tx *store.Tx, c Conversation) (Step, error) {
		st.At = s.now()
		r, err = receipt(ctx, tx, c, st.At)
		return st, err
	})
	if err != nil {
		return Receipt{}, err
	}
	if err := s.dropMessages(ctx, id); err != nil {
		s.log.Error("messages of a purged conversation remain until the next sweep", "err", err)
	}
	return r, nil
}

func (s *Service) dropMessages(ctx context.Context, id ID) error {
	if _, err := s.db.Exec(ctx, `DELETE FROM message WHERE conversation = $1`, id); err != nil {
		return fmt.Errorf("delete messages of %s: %w", id, err)
	}
	return nil
}
