// Package platform holds what differs between operating systems. docs/platforms.md tells
// users about each difference.
package platform

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

const windows = runtime.GOOS == "windows"

// PermissionBits reports whether the bits of a file's mode say who may read and write it.
// On Windows access lists do, and Go makes the bits up.
const PermissionBits = !windows

// ReplaceFile puts content in place of the file at path in one step, so that no reader
// finds half of it. A new file has mode 0644, less the umask.
func ReplaceFile(path string, content []byte) (err error) {
	dir, name := filepath.Split(path)
	next := filepath.Join(dir, "."+name+"."+rand.Text())
	f, err := os.OpenFile(next, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(next, path)
	}
	if err != nil {
		_ = os.Remove(next)
	}
	return err
}

// SyncDirectory waits until the name of a new file is on the disk. Windows does not sync
// directories: NTFS keeps a log of its own for names.
func SyncDirectory(path string) error {
	if windows {
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Truncate cuts a file that is open for appending. Windows gives such a file no right to
// be cut, so there it is opened again.
func Truncate(f *os.File, size int64) error {
	if windows {
		return os.Truncate(f.Name(), size)
	}
	return f.Truncate(size)
}

// IsClosedPipe reports whether a write failed because the reader of the pipe went away.
func IsClosedPipe(err error) bool {
	const brokenPipe, noData = syscall.Errno(109), syscall.Errno(232) // of Windows
	return errors.Is(err, syscall.EPIPE) || windows && (errors.Is(err, brokenPipe) || errors.Is(err, noData))
}
