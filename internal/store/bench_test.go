package store_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"lotse/internal/store"
	"lotse/internal/testenv"
)

// BenchmarkTransact is the time of one durable write, by one writer and by many.
// PostgreSQL here runs without fsync, as for all tests.
func BenchmarkTransact(b *testing.B) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": testenv.SQLite, "postgres": testenv.Postgres} {
		for _, parallel := range []int{1, 32} {
			b.Run(fmt.Sprintf("%s/writers=%d", name, parallel), func(b *testing.B) {
				db := testenv.Open(b, url(b))
				if err := db.Raw(b.Context(), "CREATE TABLE thing (id TEXT PRIMARY KEY, n INTEGER)"); err != nil {
					b.Fatal(err)
				}
				benchmarkTransact(b, db, parallel)
			})
		}
	}
}

func benchmarkTransact(b *testing.B, db *store.DB, parallel int) {
	var id atomic.Int64
	write := func() error {
		return db.Transact(b.Context(), func(tx *store.Tx) error {
			n := id.Add(1)
			_, err := tx.Exec(b.Context(), "INSERT INTO thing (id, n) VALUES ($1, $2)", fmt.Sprint(n), n)
			return err
		})
	}
	if parallel == 1 {
		for b.Loop() {
			if err := write(); err != nil {
				b.Fatal(err)
			}
		}
		return
	}
	b.SetParallelism(parallel)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := write(); err != nil {
				b.Error(err)
			}
		}
	})
}
