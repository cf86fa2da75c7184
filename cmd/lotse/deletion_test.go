package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lotse/chat/client"
	"lotse/configs"
	"lotse/internal/seal"
	"lotse/internal/store"
)

// TestOldBackupStaysShutAfterThePurge deletes a conversation that an earlier
// backup still holds, and restores that backup. As long as the key of its day
// exists it can be read, which shows that the test looks at the right thing;
// when the day is over, nobody can, neither the seeker nor a counsellor with
// valid keys. That the housekeeping does destroy the keys by the clock is
// TestOldBackupCannotBeReadAfterThePurge in chat.
func TestOldBackupStaysShutAfterThePurge(t *testing.T) {
	environs(t, func(t *testing.T, environ []string) {
		d := demoIn(t, environ)
		before := start(t, environ, "serve")
		seeker := talkOnce(t, before.url, d)
		file := filepath.Join(t.TempDir(), "backup")
		if got := lotse(t, environ, "backup", file); got.code != 0 {
			t.Fatalf("backup: %+v", got)
		}
		bodies, wraps := stored(t, environ)
		if _, err := seeker.api.Delete(t.Context()); err != nil {
			t.Fatal(err)
		}
		before.end()
		nothingStored(t, environ, append(bodies, wraps...))

		restoreInto(t, environ, file)
		restored := start(t, environ, "serve")
		seeker.api.Base = restored.url
		if own, err := seeker.api.Conversation(t.Context()); err != nil || len(own.Epochs) != 1 {
			t.Errorf("while the day's key is there: %d epochs, %v", len(own.Epochs), err)
		}
		restored.end()

		endTheDay(t, environ)
		restoreInto(t, environ, file)
		later := start(t, environ, "serve")
		seeker.api.Base = later.url
		_, err := seeker.api.Conversation(t.Context())
		if problem, refused := errors.AsType[*client.Problem](err); !refused || problem.Code != "keys_gone" {
			t.Errorf("the seeker gets %v", err)
		}
		anna := newCounsellor(t, later.url, "anna@demo.example", d.password)
		err = anna.try(t.Context(), "GET", "conversations/"+seeker.c, nil, nil)
		if err == nil || !strings.Contains(err.Error(), "keys_gone") {
			t.Errorf("a counsellor gets %v", err)
		}
	})
}

// talkOnce is a chat of one message.
func talkOnce(t *testing.T, node string, d *demo) *participant {
	t.Helper()
	anna := newCounsellor(t, node, "anna@demo.example", d.password)
	seeker := newSeeker(t, node, "schulden")
	anna.meet(t)
	seeker.expectState(t, "active")
	seeker.say(t, "Das soll niemand lesen.")
	anna.expectText(t, "Das soll niemand lesen.")
	return seeker
}

// stored returns the bodies and sealed wraps of the database.
func stored(t *testing.T, environ []string) (bodies, wraps [][]byte) {
	t.Helper()
	p := openParts(t, environ)
	defer p.close()
	for query, into := range map[string]*[][]byte{"SELECT body FROM message": &bodies, "SELECT wraps FROM conversation_epoch": &wraps} {
		rows, err := p.db.Query(t.Context(), query)
		if *into, err = store.Collect(rows, err, store.Value[[]byte]); err != nil {
			t.Fatal(err)
		}
	}
	return bodies, wraps
}

// nothingStored checks that no row and, with SQLite, no page of the file holds
// what was purged.
func nothingStored(t *testing.T, environ []string, purged [][]byte) {
	t.Helper()
	bodies, wraps := stored(t, environ)
	if len(bodies)+len(wraps) > 0 || len(purged) < 2 {
		t.Errorf("%d bodies and %d wraps are left of %d", len(bodies), len(wraps), len(purged))
	}
	cfg, err := configs.Load("", environ)
	if err != nil {
		t.Fatal(err)
	}
	path, ok := strings.CutPrefix(cfg.Database(), "sqlite:")
	if !ok {
		return // old row versions live on until a vacuum: that is what the day keys are for
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		t.Error("the log of SQLite is left")
	}
	for _, part := range purged {
		if bytes.Contains(file, part[len(part)/2:][:32]) {
			t.Error("the file still holds purged ciphertext")
		}
	}
}

func restoreInto(t *testing.T, environ []string, file string) {
	t.Helper()
	empty(t, environ)
	if got := lotse(t, environ, "backup", "restore", file); got.code != 0 {
		t.Fatalf("restore: %+v", got)
	}
}

// endTheDay destroys the day keys as the housekeeping does when their days are
// over.
func endTheDay(t *testing.T, environ []string) {
	t.Helper()
	cfg, err := configs.Load("", environ)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.OpenKeyDir(cfg.KeyDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := keys.Destroy("9999-12-31"); err != nil {
		t.Fatal(err)
	}
}
