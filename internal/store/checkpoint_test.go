package store

import (
	"path/filepath"
	"testing"
)

func TestCalmBeginsOncePerRest(t *testing.T) {
	var c calm
	begun := 0
	for look := range 4 * calmLooks {
		if c.begins(7) {
			begun++
			if look != calmLooks {
				t.Errorf("calm after %d looks", look)
			}
		}
	}
	if begun != 1 {
		t.Errorf("began %d times", begun)
	}
	if c.begins(8) {
		t.Error("calm at once after a write")
	}
	for range calmLooks {
		if c.begins(8) {
			begun++
		}
	}
	if begun != 2 {
		t.Error("a second rest is not noticed")
	}
}

func TestShrinkLeavesTheWriterUsable(t *testing.T) {
	db, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	insert := func(n int) {
		t.Helper()
		err := db.Transact(t.Context(), func(tx *Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO number (n) VALUES ($1)`, n)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec(t.Context(), `CREATE TABLE number (n INTEGER)`); err != nil {
		t.Fatal(err)
	}
	for n := range 5 { // often enough to be kept prepared
		insert(n)
	}
	before := db.writes.Load()
	db.shrink(t.Context())
	if len(db.turn) > 0 || db.writes.Load() != before {
		t.Error("shrinking counts as a write or keeps the turn")
	}
	insert(5)
	var sum int
	if err := db.QueryRow(t.Context(), `SELECT sum(n) FROM number`).Scan(&sum); err != nil || sum != 15 {
		t.Errorf("%d, %v", sum, err)
	}
}
