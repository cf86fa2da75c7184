package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"lotse/configs"
	"lotse/internal/staff"
)

// secretBytes is the length of a secret that is made here.
const secretBytes = 32

// serverSecret returns the server's secret: the setting, or else what the file
// "secret" in the data directory holds, which is made at the first start.
func serverSecret(cfg *configs.Config) (staff.Secret, error) {
	if cfg.Secret != "" {
		return staff.Secret(cfg.Secret), nil
	}
	path := filepath.Join(cfg.Data, "secret")
	secret, err := readSecret(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = makeSecret(path); err == nil {
			secret, err = readSecret(path)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("server secret: %w", err)
	}
	return secret, nil
}

func readSecret(path string) (staff.Secret, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	text := strings.TrimSpace(string(data))
	if len(text) < secretBytes {
		return nil, fmt.Errorf("%s holds less than %d characters", path, secretBytes)
	}
	return staff.Secret(text), nil
}

// makeSecret writes a new secret. Of several nodes that start at once on one
// directory, one wins: a complete file is linked to its name, which fails where
// the name is taken.
func makeSecret(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".secret-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	var secret [secretBytes]byte
	_, _ = rand.Read(secret[:]) // never fails
	if _, err := f.WriteString(base64.RawURLEncoding.EncodeToString(secret[:]) + "\n"); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
