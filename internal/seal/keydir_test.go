package seal

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func TestKeyDir(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	dir := must(OpenKeyDir(path))
	day := DayOf(time.Date(2026, 11, 25, 23, 59, 0, 0, time.UTC))
	_, err := dir.Open(day, make([]byte, 64))
	wantErr(t, err, ErrDayGone)
	box := must(dir.Seal(day, []byte("wraps")))
	again := must(OpenKeyDir(path)) // another node, another process
	if got, err := again.Open(day, box); err != nil || string(got) != "wraps" {
		t.Fatalf("%q, %v", got, err)
	}
	_, err = dir.Open("2026-11-26", box)
	wantErr(t, err, ErrDayGone)
	must(dir.Seal("2026-11-26", nil))
	_, err = dir.Open("2026-11-26", box)
	wantErr(t, err, ErrDayKey)
	info := must(os.Stat(filepath.Join(path, "2026-11-25.key")))
	if info.Mode().Perm() != 0o600 || info.Size() != 32 {
		t.Errorf("key file: %v, %d bytes", info.Mode(), info.Size())
	}
	if folder := must(os.Stat(path)); folder.Mode().Perm() != 0o700 {
		t.Errorf("key directory: %v", folder.Mode())
	}
}

func TestDestroyDayKeys(t *testing.T) {
	path := t.TempDir()
	dir := must(OpenKeyDir(path))
	boxes := map[Day][]byte{}
	for _, day := range []Day{"2026-11-24", "2026-11-25", "2026-11-26"} {
		boxes[day] = must(dir.Seal(day, []byte(day)))
	}
	// A hard link stands for a copy of the directory entry: overwriting reaches it too.
	old := filepath.Join(path, "2026-11-24.key")
	copied := must(os.ReadFile(old))
	link := filepath.Join(t.TempDir(), "linked")
	if err := os.Link(old, link); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, "notes.key"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := dir.Destroy("2026-11-26"); err != nil {
		t.Fatal(err)
	}
	if string(must(os.ReadFile(link))) == string(copied) {
		t.Error("the key was unlinked but not overwritten")
	}
	for _, day := range []Day{"2026-11-24", "2026-11-25"} {
		_, err := dir.Open(day, boxes[day])
		wantErr(t, err, ErrDayGone)
	}
	if got, err := dir.Open("2026-11-26", boxes["2026-11-26"]); err != nil || string(got) != "2026-11-26" {
		t.Error(string(got), err)
	}
	if err := dir.Destroy("2026-11-26"); err != nil {
		t.Error("a second time:", err)
	}
}

// TestOneKeyForAllNodes lets many nodes make the key of one day at once.
func TestOneKeyForAllNodes(t *testing.T) {
	path := t.TempDir()
	var wg sync.WaitGroup
	boxes := make([][]byte, 32)
	for i := range boxes {
		wg.Go(func() { boxes[i] = must(must(OpenKeyDir(path)).Seal("2026-11-25", []byte{byte(i)})) })
	}
	wg.Wait()
	for i, box := range boxes {
		got, err := must(OpenKeyDir(path)).Open("2026-11-25", box)
		if err != nil || got[0] != byte(i) {
			t.Errorf("node %d: %v", i, err)
		}
	}
	if entries := must(os.ReadDir(path)); len(entries) != 1 {
		t.Errorf("%d files are left", len(entries))
	}
}

func TestDaysAreChecked(t *testing.T) {
	dir := must(OpenKeyDir(t.TempDir()))
	for _, day := range []Day{"", "2026-1-2", "2026-13-01", "../../etc/x", "2026-11-25.key"} {
		_, err := dir.Seal(day, nil)
		wantErr(t, err, ErrEncoding)
		_, err = dir.Open(day, nil)
		wantErr(t, err, ErrEncoding)
		wantErr(t, dir.Destroy(day), ErrEncoding)
	}
}

func TestBrokenKeyFiles(t *testing.T) {
	path := t.TempDir()
	dir := must(OpenKeyDir(path))
	if err := os.WriteFile(filepath.Join(path, "2026-11-25.key"), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := dir.Seal("2026-11-25", nil)
	wantErr(t, err, ErrKey)
}
