package staff

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"lotse/internal/store"
)

// TicketLife is how long a ticket for the socket waits to be used.
const TicketLife = 30 * time.Second

// Ticket issues a single-use ticket with which the actor's browser opens a socket on any node. A limited session gets
// none: Forbidden.
func (s *Service) Ticket(ctx context.Context, actor Actor) (string, error) {
	if actor.Limited {
		return "", errForbidden()
	}
	token := NewToken()
	_, err := s.db.Exec(ctx, `INSERT INTO staff_ticket (hash, session, expires_at) VALUES ($1, $2, $3)`,
		token.hash(), actor.Session, s.now().Add(TicketLife))
	if err != nil {
		return "", fmt.Errorf("issue ticket: %w", err)
	}
	return token.Reveal(), nil
}

// RedeemTicket uses up a ticket and returns who it was issued to. It returns Unauthenticated (signed_out) for a
// ticket that is unknown, used or too old, and when the session has ended meanwhile.
func (s *Service) RedeemTicket(ctx context.Context, ticket string) (Actor, error) {
	token, err := ParseToken(ticket)
	if err != nil {
		return Actor{}, errSignedOut()
	}
	var session SessionID
	err = s.db.Transact(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `DELETE FROM staff_ticket WHERE hash = $1 AND expires_at > $2 RETURNING session`,
			token.hash(), s.now()).Scan(&session)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Actor{}, errSignedOut()
	}
	if err != nil {
		return Actor{}, fmt.Errorf("redeem ticket: %w", err)
	}
	actor, _, err := s.readActor(ctx, `id = $1`, session)
	return actor, err
}
