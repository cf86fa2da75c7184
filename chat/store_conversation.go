package chat

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// A conversation is its row and what is known from the rows that come with every
// message: the last message, and the marks of the seeker's page. Messages of a
// purged one count no more, though they are deleted a moment after it.
const (
	conversationColumns = `id, room, kind, state, rev, provider, team, topic, language, on_gone, urgent, epoch, ` + seqOf + `,
		(SELECT k.delivered FROM conversation_mark k WHERE k.conversation = conversation.id),
		(SELECT k.seen FROM conversation_mark k WHERE k.conversation = conversation.id),
		counsellor, counsellor_kid, prefer, head, created_at, since, queued_at, ` + lastAtOf + `,
		` + lastByOf + `, offer_until, active_at, warn_at, closed_at, closed_by, purge_at, gone_at, transfer_team, transfer_person, transfer_at`
	seqOf    = `(SELECT max(m.seq) FROM message m WHERE m.conversation = conversation.id AND conversation.state <> 'purged')`
	hasWords = `EXISTS (SELECT 1 FROM message m WHERE m.conversation = conversation.id)`
	lastByOf = `coalesce((SELECT m.sender FROM message m WHERE m.conversation = conversation.id ORDER BY m.seq DESC LIMIT 1), 'seeker')` // whoever opened it
	lastAtOf = `coalesce((SELECT m.at FROM message m WHERE m.conversation = conversation.id ORDER BY m.seq DESC LIMIT 1), conversation.created_at)`
)

// instant scans a column that may be NULL into a time that may be zero.
type instant struct{ t *time.Time }

func (i instant) Scan(v any) error {
	var n sql.NullTime
	err := n.Scan(v)
	*i.t = n.Time.UTC()
	if !n.Valid {
		*i.t = time.Time{}
	}
	return err
}

// text scans a column that may be NULL into a string type.
type text[S ~string] struct{ s *S }

func (x text[S]) Scan(v any) error {
	var n sql.NullString
	err := n.Scan(v)
	*x.s = S(n.String)
	return err
}

// number scans a column that may be NULL into a number that may be zero.
type number struct{ n *int64 }

func (x number) Scan(v any) error {
	var n sql.NullInt64
	err := n.Scan(v)
	*x.n = n.Int64
	return err
}

func orNull[T comparable](v T) any {
	if v == *new(T) {
		return nil
	}
	return v
}

func scanConversation(row interface{ Scan(...any) error }) (c Conversation, err error) {
	var room string
	var last Who
	err = row.Scan(&c.ID, text[string]{&room}, &c.Kind, &c.State, &c.Rev, &c.Provider, &c.Team, &c.Topic, &c.Language, &c.OnGone, &c.Urgent,
		&c.Epoch, number{&c.Seq}, number{&c.Delivered}, number{&c.Seen}, &c.Counsellor, text[string]{&c.KID}, &c.Prefer, &c.Head,
		instant{&c.CreatedAt}, instant{&c.Since}, instant{&c.QueuedAt}, instant{&c.LastAt}, &last, instant{&c.OfferUntil},
		instant{&c.ActiveAt}, instant{&c.WarnAt}, instant{&c.ClosedAt}, text[Who]{&c.ClosedBy}, instant{&c.PurgeAt}, instant{&c.GoneAt},
		&c.Transfer.Team, &c.Transfer.Person, instant{&c.Transfer.At})
	c.LastBySeeker = last == Seeker
	if err == nil && room != "" {
		c.Room, err = seal.ParseRoomID(room)
	}
	return c, err
}

func scanConversations(rows *sql.Rows) (Conversation, error) { return scanConversation(rows) }

// loadConversation reads one row. It returns NotFound.
func loadConversation(ctx context.Context, q store.Queryer, id ID) (Conversation, error) {
	return oneConversation(ctx, q, `id = $1`, id)
}

func oneConversation(ctx context.Context, q store.Queryer, where string, args ...any) (Conversation, error) {
	c, err := scanConversation(q.QueryRow(ctx, `SELECT `+conversationColumns+` FROM conversation WHERE `+where, args...))
	if err != nil {
		return c, fmt.Errorf("load conversation: %w", store.NotFound(err, "not_found"))
	}
	return c, nil
}

func manyConversations(ctx context.Context, q store.Queryer, where string, args ...any) ([]Conversation, error) {
	rows, err := q.Query(ctx, `SELECT `+conversationColumns+` FROM conversation WHERE `+where, args...)
	list, err := store.Collect(rows, err, scanConversations)
	if err != nil {
		return nil, fmt.Errorf("load conversations: %w", err)
	}
	return list, nil
}

// insertConversation writes a new row, and what migration 0013 says of five columns.
func insertConversation(ctx context.Context, tx *store.Tx, c Conversation, token Token) error {
	_, err := tx.Exec(ctx, `INSERT INTO conversation (id, room, token_hash, kind, state, rev, provider, team, topic, language, on_gone,
		urgent, epoch, seq, delivered, seen, head, created_at, since, queued_at, last_at, last_by_seeker, gone_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, 0, 0, $13, $14, $14, $14, $14, TRUE, $15)`,
		c.ID, c.Room.String(), token.hash(), c.Kind, c.State, c.Rev, c.Provider, c.Team, c.Topic, c.Language, c.OnGone,
		c.Urgent, c.Head, c.CreatedAt, orNull(c.GoneAt))
	return err
}

// swap is the compare-and-swap of every edge: it writes after where the row still
// has the revision of before. It returns Conflict (not_now) when it does not.
// Messages and marks are not part of it.
func swap(ctx context.Context, tx *store.Tx, before, after Conversation) error {
	var room any
	if after.State != Purged {
		room = after.Room.String()
	}
	res, err := tx.Exec(ctx, `UPDATE conversation SET kind = $3, state = $4, rev = $5, provider = $6, team = $7, topic = $8, language = $9,
		on_gone = $10, urgent = $11, epoch = $12, counsellor = $13, counsellor_kid = $14, prefer = $15, head = $16, since = $17,
		queued_at = $18, offer_until = $19, active_at = $20, warn_at = $21, closed_at = $22, closed_by = $23, purge_at = $24, gone_at = $25,
		transfer_team = $26, transfer_person = $27, transfer_at = $28, room = $29 WHERE id = $1 AND rev = $2`,
		before.ID, before.Rev, after.Kind, after.State, after.Rev, after.Provider, after.Team, after.Topic, after.Language,
		after.OnGone, after.Urgent, after.Epoch, orNull(after.Counsellor), orNull(after.KID), orNull(after.Prefer), after.Head, after.Since,
		after.QueuedAt, orNull(after.OfferUntil), orNull(after.ActiveAt), orNull(after.WarnAt), orNull(after.ClosedAt), orNull(after.ClosedBy),
		orNull(after.PurgeAt), orNull(after.GoneAt), orNull(after.Transfer.Team), orNull(after.Transfer.Person), orNull(after.Transfer.At), room)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return fault.Wrap(fault.Conflict, "not_now", err)
	}
	return nil
}

// insertEvent records an edge.
func insertEvent(ctx context.Context, tx *store.Tx, before, after Conversation, st Step) error {
	_, err := tx.Exec(ctx, `INSERT INTO conversation_event (conversation, rev, at, act, from_state, to_state, who, staff, team)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		after.ID, after.Rev, st.At, st.Act, before.State, after.State, st.Who, orNull(cmpOr(st.Staff, st.To)), after.Team)
	return err
}

func cmpOr(a, b staff.ID) staff.ID {
	if a.IsZero() {
		return b
	}
	return a
}

// loadOf sums the weights of what a counsellor holds or is offered.
func loadOf(ctx context.Context, q store.Queryer, id staff.ID) (int, error) {
	rows, err := q.Query(ctx, `SELECT kind FROM conversation WHERE counsellor = $1 AND state IN ('offered', 'active')`, id)
	kinds, err := store.Collect(rows, err, store.Value[Kind])
	load := 0
	for _, k := range kinds {
		load += k.Weight()
	}
	return load, err
}

// Token is what proves a seeker's seat. The server keeps its SHA-256.
type Token string

func (t Token) hash() []byte {
	sum := sha256.Sum256([]byte(t))
	return sum[:]
}

// String keeps the token out of every print and log.
func (Token) String() string { return "[token]" }

// parseToken accepts 32 bytes in base64url without padding.
func parseToken(s string) (Token, error) {
	var b seal.Bytes
	if err := b.UnmarshalText([]byte(s)); err != nil || len(b) != 32 {
		return "", fault.New(fault.Unauthenticated, "unauthenticated")
	}
	return Token(s), nil
}

// list makes "$from, $from+1, …" for n arguments.
func list(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", from+i)
	}
	return b.String()
}
