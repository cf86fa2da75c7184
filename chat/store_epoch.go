package chat

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/store"
)

// sealFor is how far ahead of now wraps are sealed: their day's key is destroyed
// after that day, and the retention loop seals what is still needed anew.
const sealFor = 48 * time.Hour

// epochRow is an epoch as it is written: the wraps apart, sealed for a day.
type epochRow struct {
	number  uint32
	record  []byte
	digest  []byte
	readers string
	day     seal.Day
	wraps   []byte
	by      Who
}

// newEpochRow seals the wraps of an epoch for the day given.
func newEpochRow(keys seal.DayKeys, e seal.Epoch, by Who, day seal.Day) (epochRow, error) {
	whole, err := json.Marshal(e)
	if err != nil {
		return epochRow{}, err
	}
	wraps, err := json.Marshal(e.Wraps)
	if err != nil {
		return epochRow{}, err
	}
	digest := sha256.Sum256(whole)
	row := epochRow{number: e.Number, digest: digest[:], readers: joinReaders(readerText(e.Readers())), day: day, by: by}
	e.Wraps = nil
	if row.record, err = json.Marshal(e); err != nil {
		return epochRow{}, err
	}
	row.wraps, err = keys.Seal(day, wraps)
	if err != nil {
		return epochRow{}, fmt.Errorf("seal wraps: %w", err)
	}
	return row, nil
}

func (r epochRow) insert(ctx context.Context, tx *store.Tx, c ID, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO conversation_epoch (conversation, epoch, record, digest, readers, day, wraps, made_by, made_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, c, r.number, r.record, r.digest, r.readers, r.day, r.wraps, r.by, at)
	return err
}

// loadEpochs reads all epochs with their wraps, oldest first.
func loadEpochs(ctx context.Context, q store.Queryer, keys seal.DayKeys, id ID) ([]seal.Epoch, error) {
	rows, err := q.Query(ctx, `SELECT record, day, wraps FROM conversation_epoch WHERE conversation = $1 ORDER BY epoch`, id)
	type row struct {
		record, wraps []byte
		day           seal.Day
	}
	list, err := store.Collect(rows, err, func(r *sql.Rows) (x row, err error) {
		err = r.Scan(&x.record, &x.day, &x.wraps)
		return x, err
	})
	if err != nil {
		return nil, fmt.Errorf("load epochs of %s: %w", id, err)
	}
	epochs := make([]seal.Epoch, len(list))
	for i, x := range list {
		if err := json.Unmarshal(x.record, &epochs[i]); err != nil {
			return nil, fmt.Errorf("load epoch %d of %s: %w", i, id, err)
		}
		epochs[i].Wraps, err = openWraps(keys, x.day, x.wraps)
		if errors.Is(err, seal.ErrDayGone) || errors.Is(err, seal.ErrDayKey) {
			err = fault.Wrap(fault.Gone, "keys_gone", err) // the database is older than the keys
		}
		if err != nil {
			return nil, fmt.Errorf("open wraps of epoch %d of %s: %w", i, id, err)
		}
	}
	return epochs, nil
}

func openWraps(keys seal.DayKeys, day seal.Day, box []byte) (wraps []seal.Wrap, err error) {
	plain, err := keys.Open(day, box)
	if err != nil {
		return nil, err
	}
	return wraps, json.Unmarshal(plain, &wraps)
}

// epochHead is what must be known of an epoch without opening it.
type epochHead struct {
	record []byte
	digest []byte
}

// loadEpochHead reads one epoch without its wraps; NotFound when there is none.
func loadEpochHead(ctx context.Context, q store.Queryer, id ID, number uint32) (h epochHead, err error) {
	err = q.QueryRow(ctx, `SELECT record, digest FROM conversation_epoch WHERE conversation = $1 AND epoch = $2`, id, number).
		Scan(&h.record, &h.digest)
	return h, store.NotFound(err, "bad_epoch")
}

// loadReadersOf reads who can open an epoch, as one text.
func loadReadersOf(ctx context.Context, q store.Queryer, id ID, number uint32) (readers string, err error) {
	err = q.QueryRow(ctx, `SELECT readers FROM conversation_epoch WHERE conversation = $1 AND epoch = $2`, id, number).Scan(&readers)
	return readers, store.NotFound(err, "bad_epoch")
}

// loadReaders reads the readers of the present epoch of each conversation.
func loadReaders(ctx context.Context, q store.Queryer, ids []any) (map[ID][]string, error) {
	rows, err := q.Query(ctx, `SELECT c.id, e.readers FROM conversation c JOIN conversation_epoch e ON e.conversation = c.id AND e.epoch = c.epoch
		WHERE c.id IN (`+list(1, len(ids))+`)`, ids...)
	out, known := map[ID][]string{}, map[string][]string{} // most share their readers
	_, err = store.Collect(rows, err, func(r *sql.Rows) (struct{}, error) {
		var id ID
		var readers string
		err := r.Scan(&id, &readers)
		if _, ok := known[readers]; !ok {
			known[readers] = strings.Fields(readers)
		}
		out[id] = known[readers]
		return struct{}{}, err
	})
	return out, err
}

// mayRead reports whether a key can open the present epoch.
func mayRead(ctx context.Context, q store.Queryer, c Conversation, kid string) (bool, error) {
	readers, err := loadReadersOf(ctx, q, c.ID, c.Epoch)
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return kid != "" && slices.Contains(strings.Fields(readers), kid), err
}

func readerText(kids []seal.KID) []string {
	out := make([]string, len(kids))
	for i, k := range kids {
		out[i] = k.String()
	}
	return out
}

func joinReaders(kids []string) string {
	sorted := slices.Clone(kids)
	slices.Sort(sorted)
	return strings.Join(slices.Compact(sorted), " ")
}
