package staff

import (
	"testing"
	"time"

	"lotse/internal/store"
	"lotse/internal/testenv"
)

// BenchmarkAudit shows what the single chain costs when many transactions append at once.
func BenchmarkAudit(b *testing.B) {
	for name, url := range map[string]string{"sqlite": testenv.SQLite(b), "postgres": testenv.Postgres(b)} {
		b.Run(name, func(b *testing.B) {
			db := testenv.Migrated(b, url)
			a := &Audit{db: db, key: testSecret, now: time.Now}
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					err := db.Transact(b.Context(), func(tx *store.Tx) error {
						return a.Append(b.Context(), tx, Entry{Actor: "system", Action: "event"})
					})
					if err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// BenchmarkHash is what one attempt to sign in costs.
func BenchmarkHash(b *testing.B) {
	salt, secret := random(16), random(32)
	for b.Loop() {
		argonDefault.key(secret, salt)
	}
}
