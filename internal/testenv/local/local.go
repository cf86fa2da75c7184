// Package local finds what a private server on this machine needs: PostgreSQL's
// programs, an account they accept, a free port. It starts nothing.
package local

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// PostgresBin returns the directory of initdb and its like, which Debian keeps off
// PATH.
func PostgresBin() (string, error) {
	if file, err := exec.LookPath("initdb"); err == nil {
		file, err = filepath.EvalSymlinks(file)
		return filepath.Dir(file), err
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", fmt.Errorf("initdb not found: apt-get install postgresql")
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

// PostgresOwner returns the account to run PostgreSQL as: it refuses root. nil
// means the present account.
func PostgresOwner() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("running as root needs the account postgres: apt-get install postgresql")
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// FreePort returns a port of loopback that nothing listens on. It is free when
// it is asked for; whoever takes it should do so soon.
func FreePort() (string, error) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer free.Close()
	_, port, err := net.SplitHostPort(free.Addr().String())
	return port, err
}
