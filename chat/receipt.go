package chat

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"lotse/internal/seal"
	"lotse/internal/store"
)

// ReceiptDigest is what a receipt proves: which room with which keys and how many
// messages was destroyed when. A page that kept its epochs can compute it too.
func ReceiptDigest(id ID, room seal.RoomID, commits []seal.Bytes, seq int64, at time.Time) seal.Hash {
	fields := [][]byte{[]byte("lotse receipt 1"), []byte(id.String()), room[:], u32(uint32(len(commits)))}
	for _, c := range commits {
		fields = append(fields, c)
	}
	when, _ := Moment(at).MarshalText() // cannot fail
	fields = append(fields, u32(uint32(seq)), when)
	h := sha256.New()
	for _, f := range fields {
		h.Write(u32(uint32(len(f))))
		h.Write(f)
	}
	return seal.Hash(h.Sum(nil))
}

func u32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// receipt describes a conversation just before it is destroyed.
func receipt(ctx context.Context, q store.Queryer, c Conversation, at time.Time) (Receipt, error) {
	rows, err := q.Query(ctx, `SELECT record FROM conversation_epoch WHERE conversation = $1 ORDER BY epoch`, c.ID)
	commits, err := store.Collect(rows, err, func(r *sql.Rows) (seal.Bytes, error) {
		var record []byte
		if err := r.Scan(&record); err != nil {
			return nil, err
		}
		var e struct {
			Commit seal.Bytes `json:"commit"`
		}
		err := json.Unmarshal(record, &e)
		return e.Commit, err
	})
	if err != nil {
		return Receipt{}, fmt.Errorf("receipt of %s: %w", c.ID, err)
	}
	return Receipt{ID: c.ID, At: Moment(at), Digest: ReceiptDigest(c.ID, c.Room, commits, c.Seq, at)}, nil
}
