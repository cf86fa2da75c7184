package seal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// KeyDir keeps day keys as files YYYY-MM-DD.key (32 bytes, mode 0600) in one
// directory. All nodes of a cluster must share it; it must never be part of a
// backup. Keys are read for each use and not cached, so that a destroyed key is
// gone on every node at once. It is safe for concurrent use, also by processes.
type KeyDir struct{ path string }

// OpenKeyDir uses a directory, making it (0700) if it is not there.
func OpenKeyDir(path string) (*KeyDir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("open key directory: %w", err)
	}
	return &KeyDir{path: path}, nil
}

const keySuffix = ".key"

func (d *KeyDir) file(day Day) string { return filepath.Join(d.path, string(day)+keySuffix) }

// Seal implements DayKeys.
func (d *KeyDir) Seal(day Day, blob []byte) ([]byte, error) {
	if _, err := ParseDay(string(day)); err != nil {
		return nil, err
	}
	key, err := d.read(day)
	if err == ErrDayGone {
		key, err = d.create(day)
	}
	if err != nil {
		return nil, err
	}
	return sealDay(key, day, blob), nil
}

// Open implements DayKeys.
func (d *KeyDir) Open(day Day, box []byte) ([]byte, error) {
	if _, err := ParseDay(string(day)); err != nil {
		return nil, err
	}
	key, err := d.read(day)
	if err != nil {
		return nil, err
	}
	return openDay(key, day, box)
}

func (d *KeyDir) read(day Day) ([]byte, error) {
	key, err := os.ReadFile(d.file(day))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrDayGone
	}
	if err != nil {
		return nil, fmt.Errorf("read day key %s: %w", day, err)
	}
	if len(key) != keySize {
		return nil, fmt.Errorf("read day key %s: %w", day, ErrKey)
	}
	return key, nil
}

// create writes the key completely under another name and then links it into
// place: of several nodes that do so at once one wins, and all read its key.
func (d *KeyDir) create(day Day) ([]byte, error) {
	temp, err := d.writeTemp(day)
	if err != nil {
		return nil, fmt.Errorf("make day key %s: %w", day, err)
	}
	err = os.Link(temp, d.file(day))
	if rm := os.Remove(temp); err == nil {
		err = rm
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make day key %s: %w", day, err)
	}
	if err := d.sync(); err != nil {
		return nil, fmt.Errorf("make day key %s: %w", day, err)
	}
	return d.read(day)
}

func (d *KeyDir) writeTemp(day Day) (path string, err error) {
	f, err := os.CreateTemp(d.path, string(day)+".*.new") // mode 0600
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(random(keySize)); err != nil {
		return "", err
	}
	return f.Name(), f.Sync()
}

// sync makes names durable.
func (d *KeyDir) sync() error {
	dir, err := os.Open(d.path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Destroy implements DayKeys: each key is overwritten, synced and unlinked. It
// goes on after an error and returns all of them.
func (d *KeyDir) Destroy(before Day) error {
	if _, err := ParseDay(string(before)); err != nil {
		return err
	}
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return fmt.Errorf("destroy day keys: %w", err)
	}
	var all error
	for _, e := range entries {
		day, isKey := strings.CutSuffix(e.Name(), keySuffix)
		if _, err := ParseDay(day); !isKey || err != nil || Day(day) >= before {
			continue
		}
		if err := shred(filepath.Join(d.path, e.Name())); err != nil {
			all = errors.Join(all, fmt.Errorf("destroy day key %s: %w", day, err))
		}
	}
	return errors.Join(all, d.sync())
}

// shred overwrites in place before it unlinks. Copy-on-write file systems and
// flash keep old blocks for a while; docs/encryption.md § 10 says what helps.
func shred(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	noise := make([]byte, keySize)
	rand.Read(noise)
	_, err = f.WriteAt(noise, 0)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
