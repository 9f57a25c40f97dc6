package manifest

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// OS is the FS of the machine. No other file of this package touches os.
type OS struct{}

// Lstat implements FS.
func (OS) Lstat(path string) (fs.FileInfo, error) { return os.Lstat(path) }

// Stat implements FS.
func (OS) Stat(path string) (fs.FileInfo, error) { return os.Stat(path) }

// ReadDir implements FS.
func (OS) ReadDir(path string) ([]fs.DirEntry, error) { return os.ReadDir(path) }

// Open implements FS.
func (OS) Open(path string) (io.ReadCloser, error) { return os.Open(path) }

// Above implements FS. The top of a repository is the directory with .git in it. A
// directory that is not there yet has the place that it would get.
func (OS) Above(dir string) ([]string, error) {
	there, err := filepath.EvalSymlinks(dir)
	if errors.Is(err, fs.ErrNotExist) && dir != parentDir(dir) {
		return OS{}.Above(parentDir(dir))
	}
	if err != nil {
		return nil, err
	}
	real, err := filepath.Abs(there)
	if err != nil {
		return nil, err
	}
	if real, err = filepath.EvalSymlinks(real); err != nil {
		return nil, err
	}
	name := filepath.Clean(dir) // as people know it, unless a link is on the way
	if there != name {
		name = real
	}
	var all []string
	for {
		all = append(all, name)
		switch _, err := os.Lstat(filepath.Join(real, ".git")); {
		case err == nil:
			return all, nil
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		case real == filepath.Dir(real):
			return nil, nil
		}
		name, real = parentDir(name), filepath.Dir(real)
	}
}

// parentDir is the name of the directory above one that is named without links on the way.
func parentDir(dir string) string {
	if base := filepath.Base(dir); base == "." || base == ".." {
		return filepath.Join(dir, "..")
	}
	return filepath.Dir(dir)
}
