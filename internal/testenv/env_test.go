package testenv_test

import (
	"testing"

	"lotse/internal/store"
	"lotse/internal/testenv"
)

func TestEachGivesAnEmptyMigratedDatabase(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		all, err := db.Migrations(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			if m.Applied.IsZero() {
				t.Errorf("%s is not applied", m.Name)
			}
		}
	})
}

func TestSchemasAreApart(t *testing.T) {
	one, two := testenv.Open(t, testenv.Postgres(t)), testenv.Open(t, testenv.Postgres(t))
	for _, db := range []*store.DB{one, two} {
		if _, err := db.Exec(t.Context(), "CREATE TABLE same (id TEXT)"); err != nil {
			t.Error(err)
		}
	}
}
