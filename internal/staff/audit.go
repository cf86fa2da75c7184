package staff

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"lotse/internal/store"
)

// Audit is the log of who did what to which object, without any content: a chain of keyed hashes with a keyed
// record of its two ends.
//
// It finds rows that were edited, deleted, reordered or cut off by somebody who can write the database but does not
// hold the server's key. Somebody who puts back an older copy of the whole log, end record included, is found by
// comparing with a checkpoint, which Service.Run logs every hour.
//
// Appends are serialised by the one row of audit_head: SQLite has one writer anyway, and PostgreSQL, which runs
// transactions serialisable, makes all but one of those that append at the same time start again.
type Audit struct {
	db  *store.DB
	key []byte
	now func() time.Time
}

// Entry is one event. Every string is an identifier of a closed vocabulary; Append refuses free text, so that no
// name, address or message can get into the log by mistake.
type Entry struct {
	Actor    string     // Actor.Ref(), or "seeker", "system"
	Provider ProviderID // whose auditors may read it; zero = the installation's
	Action   string     // such as "account.disabled"
	Object   string     // id of what was acted on, may be empty
	Meta     map[string]string
}

// auditHead is where the log ends (n, hash) and begins after pruning.
type auditHead struct {
	n, baseN       int64
	hash, baseHash []byte
	mac            []byte
}

// Append adds an entry within the caller's transaction: it becomes part of the log exactly if the transaction
// commits. It fails for an entry that is not made of identifiers, which is an error of the program.
func (a *Audit) Append(ctx context.Context, tx *store.Tx, e Entry) error {
	if err := e.check(); err != nil {
		return fmt.Errorf("audit %q: %w", e.Action, err)
	}
	head, err := readHead(ctx, tx)
	if err != nil {
		return fmt.Errorf("audit %q: %w", e.Action, err)
	}
	row := auditRow{
		n: head.n + 1, at: a.now().UTC().Truncate(time.Millisecond), provider: providerText(e.Provider),
		actor: e.Actor, action: e.Action, object: e.Object, meta: metaText(e.Meta),
	}
	head.n, head.hash = row.n, a.chain(head.hash, row)
	// The end record first: of two appends PostgreSQL then lets one start again, instead of failing on the same number.
	if err = a.writeHead(ctx, tx, head); err == nil {
		_, err = tx.Exec(ctx, `INSERT INTO audit (n, at, provider, actor, action, object, meta, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			row.n, row.at, row.provider, row.actor, row.action, row.object, row.meta, head.hash)
	}
	if err != nil {
		return fmt.Errorf("audit %q: %w", e.Action, err)
	}
	return nil
}

// auditRow is a row as stored: the hash covers the very bytes of each column.
type auditRow struct {
	n                                     int64
	at                                    time.Time
	provider, actor, action, object, meta string
	hash                                  []byte
}

// chain is the hash of a row that follows one with the hash prev.
func (a *Audit) chain(prev []byte, r auditRow) []byte {
	mac := hmac.New(sha256.New, a.key)
	for _, f := range [][]byte{
		[]byte("audit row"), prev, binary.BigEndian.AppendUint64(nil, uint64(r.n)),
		binary.BigEndian.AppendUint64(nil, uint64(r.at.UnixMilli())), []byte(r.provider),
		[]byte(r.actor), []byte(r.action), []byte(r.object), []byte(r.meta),
	} {
		writeField(mac, f)
	}
	return mac.Sum(nil)
}

func (a *Audit) headMAC(h auditHead) []byte {
	mac := hmac.New(sha256.New, a.key)
	for _, f := range [][]byte{
		[]byte("audit head"), binary.BigEndian.AppendUint64(nil, uint64(h.n)), h.hash,
		binary.BigEndian.AppendUint64(nil, uint64(h.baseN)), h.baseHash,
	} {
		writeField(mac, f)
	}
	return mac.Sum(nil)
}

// writeField writes a length and the bytes, so that no two lists of fields look alike.
func writeField(w interface{ Write([]byte) (int, error) }, field []byte) {
	_, _ = w.Write(binary.BigEndian.AppendUint32(nil, uint32(len(field)))) // a hash takes every write
	_, _ = w.Write(field)
}

func readHead(ctx context.Context, q store.Queryer) (h auditHead, err error) {
	err = q.QueryRow(ctx, `SELECT n, hash, base_n, base_hash, mac FROM audit_head WHERE id = 1`).
		Scan(&h.n, &h.hash, &h.baseN, &h.baseHash, &h.mac)
	return h, err
}

func (a *Audit) writeHead(ctx context.Context, tx *store.Tx, h auditHead) error {
	_, err := tx.Exec(ctx, `UPDATE audit_head SET n = $1, hash = $2, base_n = $3, base_hash = $4, mac = $5 WHERE id = 1`,
		h.n, h.hash, h.baseN, nonNil(h.baseHash), a.headMAC(h))
	return err
}

// nonNil keeps an empty value from becoming NULL.
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

var errNotIdentifier = errors.New("not an identifier")

func (e Entry) check() error {
	if !identifier(e.Actor) || !identifier(e.Action) || (e.Object != "" && !identifier(e.Object)) {
		return errNotIdentifier
	}
	for k, v := range e.Meta {
		if !identifier(k) || !identifier(v) {
			return fmt.Errorf("meta %d bytes: %w", len(v), errNotIdentifier)
		}
	}
	return nil
}

// identifier accepts what ids, codes, numbers and instants are made of: no spaces, no "@", no letters beyond ASCII.
func identifier(s string) bool {
	const more = "_-.:/+"
	return s != "" && len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool {
		alnum := r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		return !alnum && !strings.ContainsRune(more, r)
	})
}

func metaText(meta map[string]string) string {
	var lines []string
	for _, k := range slices.Sorted(maps.Keys(meta)) {
		lines = append(lines, k+"="+meta[k])
	}
	return strings.Join(lines, "\n")
}

func parseMeta(text string) map[string]string {
	meta := map[string]string{}
	for line := range strings.Lines(text) {
		k, v, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		meta[k] = v
	}
	return meta
}

func providerText(id ProviderID) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}
