//go:build !windows

package sandbox

import (
	"errors"
	"os"
	"syscall"
)

// tryLock takes the lock of an open file, or returns errBusy. The kernel frees
// it when the file is closed, a crash included.
func tryLock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errBusy
	}
	return err
}

// takeName gives next the name of old and returns it as the locked file: it is
// locked before it has the name, so that nobody comes in between.
func takeName(next, old *os.File, path string) (*os.File, error) {
	if err := tryLock(next); err != nil {
		next.Close()
		return nil, err
	}
	if err := os.Rename(next.Name(), path); err != nil {
		next.Close()
		return nil, err
	}
	old.Close()
	return next, nil
}
