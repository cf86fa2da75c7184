// Command shipped writes down what a binary of Lotse is made of:
//
//	go run ./internal/shipped BINARY DIRECTORY
//
// lotse.cdx.json is a bill of materials (CycloneDX 1.6, JSON) and LICENCES.txt
// holds the full texts of all licences. The modules come from the binary itself,
// what is in the pages from THIRD_PARTY.md, texts from the module cache and the
// folders. The same binary gives the same files. It asks no server.
package main

import (
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "shipped:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: shipped BINARY DIRECTORY")
	}
	info, err := buildinfo.ReadFile(args[0])
	if err != nil {
		return err
	}
	table, err := readTable("THIRD_PARTY.md")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(args[1], 0o755); err != nil {
		return err
	}
	for name, write := range map[string]func() ([]byte, error){
		"lotse.cdx.json": func() ([]byte, error) { return bill(args[0], info, table) },
		"LICENCES.txt":   func() ([]byte, error) { return licences(info, table) },
	} {
		text, err := write()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(args[1], name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
