package manifest

import (
	"io"
	"io/fs"
)

// FS is where manifests are found and read. Paths are those of the command line
// and what filepath.Join makes of them. It is asked by several goroutines at once.
type FS interface {
	Lstat(path string) (fs.FileInfo, error) // of a link: the link
	Stat(path string) (fs.FileInfo, error)  // of a link: what it leads to
	ReadDir(path string) ([]fs.DirEntry, error)
	Open(path string) (io.ReadCloser, error)
	// Above returns the directories from dir up to the top of the repository that it
	// is in, dir first, links on the way resolved; none when it is in no repository.
	Above(dir string) ([]string, error)
	// Missing reports whether the index of the repository holds a file of defaults that
	// is not there, and whether git was told to leave it out of the working tree.
	Missing(path string) (missing, skipped bool)
}
