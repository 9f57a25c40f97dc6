package importer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"

	"github.com/cpsync/cpsync/internal/cert"
)

// Writable says why manifests can't be written into a directory, which need not exist
// yet, or nil. It leaves nothing behind.
func Writable(dir string) error {
	at := filepath.Clean(dir)
	info, err := os.Stat(at)
	for errors.Is(err, fs.ErrNotExist) && at != filepath.Dir(at) {
		at = filepath.Dir(at)
		info, err = os.Stat(at)
	}
	if err != nil {
		return fmt.Errorf("%s can't be written into: %w", dir, err)
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is a file: name a directory to write the manifests into", at)
	}
	f, err := os.CreateTemp(at, ".cpsync-*")
	if err != nil {
		var path *fs.PathError // that of a file nobody asked for
		if errors.As(err, &path) {
			err = path.Err
		}
		return fmt.Errorf("%s can't be written into: %w", at, err)
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
	// A link fails where there is a file already; a file system without links gets as near to
	// that as it can.
	if err := os.Link(f.Name(), path); err == nil || errors.Is(err, fs.ErrExist) {
		return path, err
	}
	if _, there := os.Lstat(path); there == nil {
		return path, fmt.Errorf("%s: %w", path, fs.ErrExist)
	}
	return path, os.Rename(f.Name(), path)
}

// Names gives out names for files and their manifests. No two differ in case alone,
// because some file systems don't tell those apart.
type Names struct{ taken map[string]bool }

// Take sets names aside that are in use.
func (n *Names) Take(names ...string) {
	if n.taken == nil {
		n.taken = map[string]bool{}
	}
	for _, name := range names {
		n.taken[strings.ToLower(name)] = true
	}
}

// For returns a name of its own for the manifest of l: what is left of its label, or
// of its common name when that would leave letters out; the id sets apart what is left
// alike.
func (n *Names) For(l cert.Live) string {
	name, whole := slug(l.Label)
	foreign := func(r rune) bool { return r > unicode.MaxASCII && unicode.IsLetter(r) }
	if common, all := slug(l.Common); name == "" || common != "" && strings.ContainsFunc(l.Label, foreign) {
		name, whole = common, all
	}
	if name == "" {
		name = "request-" + l.ID.String()
	}
	if n.taken[name] || !whole {
		name += "-" + l.ID.String()
	}
	for first, i := name, 2; n.taken[name]; i++ {
		name = fmt.Sprintf("%s-%d", first, i)
	}
	n.Take(name)
	return name
}

// longest is how many bytes of a label become part of a name.
const longest = 80

// device can't name a file on Windows, whatever follows a dot.
var device = regexp.MustCompile(`^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)`)

// slug makes a name of small letters, digits, and single dots, dashes and underscores
// between them. whole says that nothing was cut off; "" that nothing is left, or that
// it can't be the name of a file everywhere.
func slug(text string) (name string, whole bool) {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		safe := r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-'
		if !safe {
			r = '-'
		}
		if last := b.String(); strings.ContainsRune("._-", r) && (last == "" || strings.HasSuffix(last, string(r))) {
			continue
		}
		b.WriteRune(r)
	}
	name = strings.Trim(b.String(), "._-")
	if device.MatchString(name) {
		return "", true
	}
	if len(name) <= longest {
		return name, true
	}
	return strings.TrimRight(name[:longest], "._-"), false
}
