package staff

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"lotse/internal/fault"
	"lotse/internal/store"
)

// AuditEntry is one row of the log as an auditor sees it. Names are those of today; the chain holds ids only. They are
// empty for what is no account, or none of the auditor's provider.
type AuditEntry struct {
	No         int64             `json:"no"`
	At         time.Time         `json:"at"`
	Actor      string            `json:"actor"`
	ActorName  string            `json:"actor_name"`
	Action     string            `json:"action"`
	Object     string            `json:"object"`
	ObjectName string            `json:"object_name"`
	Meta       map[string]string `json:"meta"`
}

// AuditQuery selects rows, newest first.
type AuditQuery struct {
	Before int64  // rows with a smaller number; 0 = from the end
	Limit  int    // 1 to 200; 0 = 50
	Action string // exactly this action, "" = all
	Object string // exactly this object, "" = all
}

// Entries returns the rows of the actor's provider. The operator reads those of all providers and of the installation.
// It returns Forbidden for anybody but an auditor and Invalid for a limit out of range.
func (a *Audit) Entries(ctx context.Context, actor Actor, q AuditQuery) ([]AuditEntry, error) {
	if !actor.MayIn(Auditor, actor.Provider) {
		return nil, errForbidden()
	}
	if q.Limit < 0 || q.Limit > 200 || q.Before < 0 {
		return nil, fault.InvalidInput(map[string]string{"limit": "out_of_range"})
	}
	text, args := q.sql(actor)
	rows, err := readRows(ctx, a.db, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	names, err := readNames(ctx, a.db, actor.Provider)
	if err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	entries := make([]AuditEntry, len(rows))
	for i, r := range rows {
		entries[i] = AuditEntry{No: r.n, At: r.at.UTC(), Actor: r.actor, ActorName: names[r.actor], Action: r.action,
			Object: r.object, ObjectName: names[r.object], Meta: parseMeta(r.meta)}
	}
	return entries, nil
}

// readNames maps the accounts and teams of a provider to their names.
func readNames(ctx context.Context, q store.Queryer, provider ProviderID) (map[string]string, error) {
	const text = `SELECT id, name FROM account WHERE provider = $1 UNION ALL SELECT id, name FROM team WHERE provider = $1`
	rows, err := q.Query(ctx, text, provider)
	pairs, err := store.Collect(rows, err, func(rows *sql.Rows) (pair [2]string, err error) {
		return pair, rows.Scan(&pair[0], &pair[1])
	})
	names := make(map[string]string, len(pairs))
	for _, pair := range pairs {
		names[pair[0]] = pair[1]
	}
	return names, err
}

func (q AuditQuery) sql(actor Actor) (string, []any) {
	var where []string
	var args []any
	add := func(cond string, arg any) {
		args = append(args, arg)
		where = append(where, fmt.Sprintf(cond, len(args)))
	}
	add("n >= $%d", int64(0))
	if !actor.operator {
		add("provider = $%d", actor.Provider.String())
	}
	if q.Before > 0 {
		add("n < $%d", q.Before)
	}
	if q.Action != "" {
		add("action = $%d", q.Action)
	}
	if q.Object != "" {
		add("object = $%d", q.Object)
	}
	if q.Limit == 0 {
		q.Limit = 50
	}
	args = append(args, q.Limit)
	return fmt.Sprintf(`SELECT n, at, provider, actor, action, object, meta, hash FROM audit WHERE %s ORDER BY n DESC LIMIT $%d`,
		strings.Join(where, " AND "), len(args)), args
}

// VerifyAudit is Audit.Verify for an auditor; Forbidden for anybody else.
func (s *Service) VerifyAudit(ctx context.Context, actor Actor) (firstBad int64, err error) {
	if !actor.MayIn(Auditor, actor.Provider) {
		return 0, errForbidden()
	}
	return s.audit.Verify(ctx)
}
