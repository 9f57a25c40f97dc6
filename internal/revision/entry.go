package revision

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// entry is a file, a link or a directory of a tree. It is its own fs.FileInfo.
type entry struct {
	name     string // of the last part of its path
	mode     fs.FileMode
	object   string   // id of its contents; "" of a directory
	children []string // names of what a directory holds, sorted
}

// The modes of git. Files have several, by what may be done with them.
const (
	gitLink      = "120000"
	gitSubmodule = "160000"
)

// list reads the names of all files of a commit, since a link may lead anywhere, without those
// that are not checked out.
func (g git) list(ctx context.Context, commit string, index map[string]bool) (map[string]entry, error) {
	out, err := g.output(ctx, "ls-tree", "-r", "-z", "--full-tree", commit)
	if err != nil {
		return nil, err
	}
	all := map[string]entry{"": {mode: fs.ModeDir | 0o755}}
	for record := range bytes.SplitSeq(bytes.TrimSuffix(out, []byte{0}), []byte{0}) {
		if len(record) > 0 {
			if err := take(all, index, string(record)); err != nil {
				return nil, err
			}
		}
	}
	for p, e := range all {
		slices.Sort(e.children)
		all[p] = e
	}
	return all, nil
}

// take adds what a record of git says: "100644 blob 3b18e5…\tcerts/cdn.yaml".
func take(all map[string]entry, index map[string]bool, record string) error {
	about, p, found := strings.Cut(record, "\t")
	fields := strings.Fields(about)
	if !found || len(fields) != 3 {
		return fmt.Errorf("git lists %q, which is no file", record)
	}
	if index[p] {
		return nil
	}
	e := entry{name: path.Base(p), mode: 0o644, object: fields[2]}
	switch fields[0] {
	case gitLink:
		e.mode = fs.ModeSymlink | 0o777
	case gitSubmodule:
		e.mode, e.object = fs.ModeDir|0o755, ""
	}
	add(all, p, e)
	return nil
}

// add puts an entry at its place, below directories that are made for it.
func add(all map[string]entry, p string, e entry) {
	all[p] = e
	dir := clean(path.Dir(p))
	parent, known := all[dir]
	if !known {
		parent = entry{name: path.Base(dir), mode: fs.ModeDir | 0o755}
	}
	parent.children = append(parent.children, e.name)
	if all[dir] = parent; !known {
		add(all, dir, parent)
	}
}

func (e entry) isLink() bool { return e.mode&fs.ModeSymlink != 0 }

// Name implements fs.FileInfo.
func (e entry) Name() string { return e.name }

// Size implements fs.FileInfo. It is 0: git does not list it.
func (e entry) Size() int64 { return 0 }

// Mode implements fs.FileInfo.
func (e entry) Mode() fs.FileMode { return e.mode }

// ModTime implements fs.FileInfo. It is zero: git does not keep it.
func (e entry) ModTime() time.Time { return time.Time{} }

// IsDir implements fs.FileInfo.
func (e entry) IsDir() bool { return e.mode.IsDir() }

// Sys implements fs.FileInfo.
func (e entry) Sys() any { return nil }
