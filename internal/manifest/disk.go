package manifest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// FS is the file system of manifests. Paths are those of the command line, joined with the
// names below them. Several goroutines use it at once.
type FS interface {
	Lstat(path string) (fs.FileInfo, error) // does not follow links
	Stat(path string) (fs.FileInfo, error)  // follows links
	ReadDir(path string) ([]fs.DirEntry, error)
	Open(path string) (io.ReadCloser, error)
	// Above returns the directories from dir up to the top of its repository, dir first, with
	// links resolved. Without a repository it returns none.
	Above(dir string) ([]string, error)
	// Missing reports whether the index of the repository has a file of defaults that is
	// missing on disk, and whether git skips it on purpose (sparse checkout).
	Missing(path string) (missing, skipped bool)
}

// Disk is the FS of the machine. It opens every file below the top of its path. A link works
// within the top; one that leads out of it is refused.
type Disk struct {
	ctx    context.Context
	within string // the root of the caller, without links; "" without one
	index  Index  // may be nil

	tops   []*top
	places sync.Map // the place of each directory, by the name used

	mu      sync.Mutex // of what follows
	opened  []fs.FileInfo
	indexes map[string]map[string]bool // results of index, by repository
	err     error                      // of index
}

// Index returns the files of defaults in the index of a repository, by their slash-separated
// path from its top. The value is true for files that git skips on purpose.
type Index func(ctx context.Context, top string) (map[string]bool, error)

// OpenDisk returns the Disk of paths. The top of a path is root; if root is "", its
// repository; without one, its directory. It is an error if root is no directory or does
// not hold all paths. After ctx ends nothing is opened.
func OpenDisk(ctx context.Context, paths []string, root string, index Index) (*Disk, error) {
	d := &Disk{ctx: ctx, index: index, indexes: map[string]map[string]bool{}}
	if root != "" {
		var err error
		if d.within, err = realDir(root); err != nil {
			return nil, fmt.Errorf("--root %s: %w", root, causeOf(err))
		}
	}
	dirs := make([]string, len(paths))
	for i, p := range paths {
		dirs[i] = filepath.Clean(p)
		// A link to a directory counts as a file unless the path ends in a slash.
		if info, err := os.Lstat(p); err == nil && !info.IsDir() && !strings.HasSuffix(p, "/.") {
			dirs[i] = filepath.Dir(dirs[i])
		}
	}
	depth := func(dir string) int {
		full, _ := filepath.Abs(dir)
		return strings.Count(full, string(filepath.Separator))
	}
	slices.SortStableFunc(dirs, func(a, b string) int { return cmp.Compare(depth(a), depth(b)) })
	for _, dir := range dirs {
		at := d.addDir(dir)
		if d.within != "" && at.err == nil && at.top.real != d.within {
			return nil, fmt.Errorf("%s lies outside of --root %s", dir, root)
		}
	}
	return d, nil
}

// realDir returns the absolute path of a directory without links.
func realDir(name string) (string, error) {
	full, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(full)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(real)
	if err == nil && !info.IsDir() {
		err = errors.New("is not a directory")
	}
	return real, err
}

// Err returns why an Index failed, so that missing defaults are unknown. It is for when all is read.
func (d *Disk) Err() error { return d.err }

// Opened returns the files that were opened. It is for when all is read.
func (d *Disk) Opened() []fs.FileInfo { return d.opened }

// Lstat implements FS.
func (d *Disk) Lstat(path string) (fs.FileInfo, error) {
	at, err := d.placeOf(path)
	if err != nil {
		return nil, err
	}
	return at.top.root.Lstat(at.rel)
}

// Stat implements FS.
func (d *Disk) Stat(path string) (fs.FileInfo, error) { return insideTop(d, path, (*os.Root).Stat) }

// ReadDir implements FS.
func (d *Disk) ReadDir(path string) ([]fs.DirEntry, error) {
	return insideTop(d, path, func(root *os.Root, rel string) ([]fs.DirEntry, error) {
		return fs.ReadDir(root.FS(), filepath.ToSlash(rel))
	})
}

// Open implements FS. It does not block on a pipe without a writer.
func (d *Disk) Open(path string) (io.ReadCloser, error) {
	if d.ctx.Err() != nil {
		return nil, context.Cause(d.ctx)
	}
	file, err := insideTop(d, path, func(root *os.Root, rel string) (*os.File, error) {
		return root.OpenFile(rel, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	})
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a regular file")
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opened = append(d.opened, info)
	return file, nil
}

// Missing implements FS. It uses the repository of the directory, wherever the top is.
func (d *Disk) Missing(path string) (missing, skipped bool) {
	at, err := d.placeOf(path)
	if err != nil || d.index == nil {
		return false, false
	}
	real := filepath.Join(at.top.real, at.rel)
	repository := repositoryOf(filepath.Dir(real))
	if repository == "" {
		return false, false
	}
	rel, err := filepath.Rel(repository, real)
	if err != nil {
		return false, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	index, known := d.indexes[repository]
	if !known {
		if index, err = d.index(d.ctx, repository); err != nil && d.err == nil {
			d.err = err
		}
		d.indexes[repository] = index
	}
	skipped, missing = index[filepath.ToSlash(rel)]
	return missing, skipped
}

// Above implements FS. The top of a repository is the directory with .git. A missing directory
// has the place where it would be.
func (d *Disk) Above(dir string) ([]string, error) {
	there, err := filepath.EvalSymlinks(dir)
	if errors.Is(err, fs.ErrNotExist) && dir != parentDir(dir) {
		return d.Above(parentDir(dir))
	}
	if err != nil {
		return nil, err
	}
	at, err := d.placeOf(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !filepath.IsLocal(at.rel) {
		if _, boundary, err := d.resolve(dir); err != nil || boundary == "" {
			return nil, err
		}
		at, err = d.addDir(dir), nil
		err = at.err
	}
	if err != nil || d.within == "" && at.top.repository == "" {
		return nil, err
	}
	real, name := filepath.Join(at.top.real, at.rel), filepath.Clean(dir) // the name given, unless it holds a link
	if there != name {
		name = real
	}
	var all []string
	for {
		d.places.LoadOrStore(name, at)
		all = append(all, name)
		if real == at.top.real || d.within == "" && isTop(real) {
			return all, nil
		}
		name, real = parentDir(name), filepath.Dir(real)
		at.rel = filepath.Join(at.rel, "..")
	}
}

// parentDir returns the name of the directory above dir, whose name holds no link.
func parentDir(dir string) string {
	if base := filepath.Base(dir); base == "." || base == ".." {
		return filepath.Join(dir, "..")
	}
	return filepath.Dir(dir)
}

// causeOf returns the error of the system, without the path.
func causeOf(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
