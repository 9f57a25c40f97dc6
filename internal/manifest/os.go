package manifest

import (
	"io"
	"io/fs"
	"os"
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
