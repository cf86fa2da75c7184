package staff

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"lotse/internal/fault"
	"lotse/internal/store"
)

// Retention is how long a conversation is kept after its end.
type Retention struct {
	Live    time.Duration // live and video chats
	Message time.Duration // message threads
}

// DefaultRetention keeps everything for a day after its end.
func DefaultRetention() Retention { return Retention{Live: 24 * time.Hour, Message: 24 * time.Hour} }

// Keep is what a provider has set about retention; a zero field follows the
// operator's settings.
type Keep struct {
	LiveHours   int `json:"live_h"`    // 1 to MaxLiveHours
	MessageDays int `json:"message_d"` // 1 to MaxMessageDays
}

// The longest a provider may keep what has ended.
const (
	MaxLiveHours   = 24
	MaxMessageDays = 365
)

// over is the retention where k says nothing else than r.
func (k Keep) over(r Retention) Retention {
	if k.LiveHours != 0 {
		r.Live = time.Duration(k.LiveHours) * time.Hour
	}
	if k.MessageDays != 0 {
		r.Message = time.Duration(k.MessageDays) * 24 * time.Hour
	}
	return r
}

func (k Keep) check() error {
	bad := fields{}
	bad.need(k.LiveHours >= 0 && k.LiveHours <= MaxLiveHours, "live_h", "out_of_range")
	bad.need(k.MessageDays >= 0 && k.MessageDays <= MaxMessageDays, "message_d", "out_of_range")
	return bad.err()
}

// meta is what the audit log says of k.
func (k Keep) meta() map[string]string {
	say := func(n int) string {
		if n == 0 {
			return "default"
		}
		return strconv.Itoa(n)
	}
	return map[string]string{"live_h": say(k.LiveHours), "message_d": say(k.MessageDays)}
}

// Retention is how long the conversations of a provider that has set k are kept.
func (s *Service) Retention(k Keep) Retention { return k.over(s.retention) }

// Retentions is how long the conversations of each provider are kept. Within a transaction that ends a
// conversation the answer holds until its commit.
func (s *Service) Retentions(ctx context.Context, q store.Queryer) (map[ProviderID]Retention, error) {
	list, err := readProviders(ctx, q)
	if err != nil {
		return nil, err
	}
	all := map[ProviderID]Retention{}
	for _, p := range list {
		all[p.ID] = s.Retention(p.Keep)
	}
	return all, nil
}

// SetKeep sets how long a provider keeps what ends from now on; what has ended is shortened where it would
// be kept longer (package chat). It returns Invalid for a number out of range, Forbidden for anybody but the provider's
// admin and the operator (also step_up_required), and NotFound (provider_unknown).
func (s *Service) SetKeep(ctx context.Context, actor Actor, id ProviderID, k Keep) error {
	if !actor.MayIn(Admin, id) {
		return errForbidden()
	}
	if err := s.needFresh(actor); err != nil {
		return err
	}
	if err := k.check(); err != nil {
		return err
	}
	return s.db.Transact(ctx, func(tx *store.Tx) error {
		n, err := affected(tx.Exec(ctx, `UPDATE provider SET keep_live_h = $1, keep_message_d = $2 WHERE id = $3`,
			orNull(k.LiveHours), orNull(k.MessageDays), id))
		if err != nil {
			return fmt.Errorf("retention of provider %s: %w", id, err)
		}
		if n == 0 {
			return errProviderUnknown()
		}
		return s.audit.Append(ctx, tx, Entry{Actor: actor.Ref(), Provider: id, Action: "provider.retention", Object: id.String(), Meta: k.meta()})
	})
}

func errProviderUnknown() error { return fault.New(fault.NotFound, "provider_unknown") }

func orNull(n int) sql.NullInt64 { return sql.NullInt64{Int64: int64(n), Valid: n != 0} }
