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

// Disk is the FS of the machine. Every file is opened below the top of the path that
// leads to it: a link works within the top, and what leads out of it is refused.
type Disk struct {
	ctx    context.Context
	within string // real; "" without a root of the caller's
	index  Index  // may be nil

	mu     sync.Mutex
	places map[string]place // of directories, by the name that is asked for
	tops   []*top
	opened []fs.FileInfo
	held   map[string]map[string]bool // what index says, by repository
	err    error                      // of index
}

// Index lists the files of defaults that the index of a repository holds, by their path
// from its top, with slashes. It is true of those that git was told to leave out of the
// working tree.
type Index func(ctx context.Context, top string) (map[string]bool, error)

// OpenDisk returns the files that paths lead to. The top of a path is root, unless that is
// ""; else the repository that it is in; else the directory
// that it names, or that the file is in. It is an error when root is no directory, or
// holds not all of the paths. Nothing is read once ctx is over.
func OpenDisk(ctx context.Context, paths []string, root string, index Index) (*Disk, error) {
	d := &Disk{ctx: ctx, index: index, places: map[string]place{}, held: map[string]map[string]bool{}}
	if root != "" {
		real, err := realDir(root)
		if err != nil {
			return nil, fmt.Errorf("--root %s: %w", root, causeOf(err))
		}
		d.within = real
	}
	dirs := make([]string, len(paths))
	for i, p := range paths {
		dirs[i] = dirOf(p)
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

// depth is how far a directory is from that of the file system.
func depth(dir string) int {
	full, err := filepath.Abs(dir)
	if err != nil {
		return 0
	}
	return strings.Count(full, string(filepath.Separator))
}

func realDir(name string) (string, error) {
	real, err := realPath(name)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(real)
	if err == nil && !info.IsDir() {
		err = errors.New("is not a directory")
	}
	return real, err
}

// dirOf is the directory that a path names, or that the file is in. A link names what it
// leads to only with a slash behind it, as everywhere.
func dirOf(path string) string {
	name := filepath.Clean(path)
	if info, err := os.Lstat(path); err == nil && !info.IsDir() && !strings.HasSuffix(path, "/.") {
		return filepath.Dir(name)
	}
	return name
}

// Err is why git could not be asked what a repository of the paths holds: then nobody
// knows whether defaults are missing.
func (d *Disk) Err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}

// Opened describes the files that were opened.
func (d *Disk) Opened() []fs.FileInfo {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.opened
}

// Lstat implements FS.
func (d *Disk) Lstat(path string) (fs.FileInfo, error) {
	at, err := d.placeOf(path)
	if err != nil {
		return nil, err
	}
	return at.top.root.Lstat(at.rel)
}

// Stat implements FS.
func (d *Disk) Stat(path string) (info fs.FileInfo, err error) {
	err = d.follow(path, func(root *os.Root, rel string) error {
		info, err = root.Stat(rel)
		return err
	})
	return info, err
}

// ReadDir implements FS.
func (d *Disk) ReadDir(path string) (all []fs.DirEntry, err error) {
	err = d.follow(path, func(root *os.Root, rel string) error {
		all, err = fs.ReadDir(root.FS(), filepath.ToSlash(rel))
		return err
	})
	return all, err
}

// Open implements FS. Opening does not wait for somebody to write to a pipe.
func (d *Disk) Open(path string) (io.ReadCloser, error) {
	if d.ctx.Err() != nil {
		return nil, context.Cause(d.ctx)
	}
	var file *os.File
	err := d.follow(path, func(root *os.Root, rel string) (err error) {
		file, err = root.OpenFile(rel, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		return err
	})
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNotRegular
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opened = append(d.opened, info)
	return file, nil
}

// Missing implements FS. The repository is the one that the directory is in, wherever the
// top is.
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
	skipped, missing = d.indexOf(repository)[filepath.ToSlash(rel)]
	return missing, skipped
}

// Above implements FS. The top of a repository is the directory with .git in it. A
// directory that is not there yet has the place that it would get.
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
	real, name := filepath.Join(at.top.real, at.rel), filepath.Clean(dir) // as people know it, unless a link is on the way
	if there != name {
		name = real
	}
	var all []string
	for {
		d.remember(name, at)
		all = append(all, name)
		if real == at.top.real || d.within == "" && isTop(real) {
			return all, nil
		}
		name, real = parentDir(name), filepath.Dir(real)
		at.rel = filepath.Join(at.rel, "..")
	}
}

// parentDir is the name of the directory above one that is named without links on the way.
func parentDir(dir string) string {
	if base := filepath.Base(dir); base == "." || base == ".." {
		return filepath.Join(dir, "..")
	}
	return filepath.Dir(dir)
}

func causeOf(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
