package importer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Writable says why manifests can't be written into a directory, which need not exist
// yet, or nil. It leaves nothing behind.
func Writable(dir string) error {
	at := filepath.Clean(dir)
	for {
		info, err := os.Stat(at)
		switch {
		case err == nil && !info.IsDir():
			return fmt.Errorf("%s is a file: name a directory to write the manifests into", at)
		case err == nil:
			return tryFile(at)
		case !errors.Is(err, fs.ErrNotExist) || at == filepath.Dir(at):
			return fmt.Errorf("%s can't be written into: %w", dir, err)
		}
		at = filepath.Dir(at)
	}
}

func tryFile(dir string) error {
	f, err := os.CreateTemp(dir, ".cpsync-*")
	if err != nil {
		var at *fs.PathError // its path is that of a file nobody asked for
		if errors.As(err, &at) {
			err = at.Err
		}
		return fmt.Errorf("%s can't be written into: %w", dir, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// InUse lists what the entries of a directory are called, without their endings.
func InUse(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), filepath.Ext(e.Name())), e.Name())
	}
	return names, nil
}

// Write puts a new file into a directory, which it makes when it is not there. The
// file appears whole or not at all, and takes the place of no other.
func Write(dir, name string, text []byte) (path string, err error) {
	path = filepath.ToSlash(filepath.Join(dir, name))
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return path, err
	}
	f, err := os.CreateTemp(dir, ".cpsync-*")
	if err != nil {
		return path, err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.Write(text)
	if err := errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return path, err
	}
	return path, publish(f.Name(), path)
}

// publish gives a finished file its name. A link fails where there is a file already; a
// file system without links gets as near to that as it can.
func publish(from, to string) error {
	err := os.Link(from, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, there := os.Lstat(to); there == nil {
		return fmt.Errorf("%s: %w", to, fs.ErrExist)
	}
	return os.Rename(from, to)
}
