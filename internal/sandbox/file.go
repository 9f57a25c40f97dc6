package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// errBusy is returned by tryLock when somebody else has the lock.
var errBusy = errors.New("in use by another process")

// A stateFile is the state file while a server has it. It is open, and
// locked, from the first reading on: a lock needs no right to write, and ends
// with the process.
type stateFile struct {
	path   string
	locked *os.File
	stored []byte // the encoded world that the file holds
}

// Open returns a server whose world is the state file at path. It refuses a
// file that another server has open. The file is written by the first accepted
// write request or Save, never before.
func Open(path string) (*Server, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	file, data, err := openLocked(real)
	if err != nil {
		return nil, fmt.Errorf("opening the sandbox %s: %w", path, err)
	}
	w, err := Parse(path, data)
	if err != nil {
		file.Close()
		return nil, err
	}
	s := New(w)
	s.file = &stateFile{path: real, locked: file, stored: s.world.Encode()}
	return s, nil
}

// openLocked opens, locks and reads a file. It tries again when the file was
// replaced between opening and locking.
func openLocked(path string) (*os.File, []byte, error) {
	for {
		file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // it may be a pipe
		if err != nil {
			return nil, nil, err
		}
		var data []byte
		if err = tryLock(file); err == nil {
			data, err = whole(file)
		}
		if err == nil && isAt(file, path) {
			return file, data, nil
		}
		file.Close()
		if err != nil {
			return nil, nil, err
		}
	}
}

// maxState is the size, in bytes, of the largest state that is read: of ten thousand
// certificates it takes a third.
const maxState = 32 << 20

// whole reads a file, which may be a device without an end.
func whole(file *os.File) ([]byte, error) {
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a regular file")
	}
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(file, maxState+1))
	if err == nil && len(data) > maxState {
		err = fmt.Errorf("it is larger than %d MiB", maxState>>20)
	}
	return data, err
}

func isAt(file *os.File, path string) bool {
	have, gone := file.Stat()
	named, missing := os.Stat(path)
	return gone == nil && missing == nil && os.SameFile(have, named)
}

// Close gives the state file free. It stores nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	file := s.file.locked
	s.file = nil
	return file.Close()
}

// Save stores the world, its clock included, when it is not what the file holds.
// Without a file it does nothing.
func (s *Server) Save() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.store()
}

func (s *Server) store() error {
	if s.file == nil {
		return nil
	}
	data := s.world.Encode()
	if bytes.Equal(data, s.file.stored) {
		return nil
	}
	return s.file.replace(data)
}

// replace puts data in the place of the file, all or nothing, with its permissions, and takes
// the lock along.
func (f *stateFile) replace(data []byte) error {
	info, err := f.locked.Stat()
	if err != nil || !isAt(f.locked, f.path) {
		return fmt.Errorf("%s was replaced by somebody else", f.path)
	}
	next, err := os.CreateTemp(filepath.Dir(f.path), "."+filepath.Base(f.path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(next.Name()) // fails once it has the name of the file
	_, err = next.Write(data)
	if err = errors.Join(err, next.Chmod(info.Mode().Perm()), next.Sync()); err != nil {
		next.Close()
		return err
	}
	locked, err := takeName(next, f.locked, f.path)
	if err == nil {
		f.locked, f.stored = locked, data
	}
	return err
}
