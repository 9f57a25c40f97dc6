package sandbox

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// tryLock takes the lock of an open file, or returns errBusy. The system frees it when the
// file is closed, a crash included. A lock of Windows keeps others from reading what is
// locked, so it is of one byte that no file has.
func tryLock(f *os.File) error {
	const farAway = 1 << 30 // times 4 GiB
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 1, 0, &windows.Overlapped{OffsetHigh: farAway})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errBusy
	}
	return err
}

// takeName gives next the name of old and returns it as the locked file. Windows renames
// nothing that is open, so both are closed meanwhile: a process that takes the lock in
// between makes this one fail, after what it wrote is stored.
func takeName(next, old *os.File, path string) (*os.File, error) {
	next.Close()
	old.Close()
	if err := os.Rename(next.Name(), path); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := tryLock(f); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
