package manifest

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
	"sort"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

// Changed returns the specs, loaded from now, that are new or differ from the manifests of
// paths in then: the text of the document differs, or what it inherits. Moving a manifest to
// another file below the same defaults is no change, nor are other line breaks.
func Changed(specs []cert.Spec, paths []string, now, then FS) []cert.Spec {
	return changedSince(specs, now, older(then, paths))
}

func changedSince(specs []cert.Spec, now FS, then ...*loader) []cert.Spec {
	known := map[fingerprint]bool{}
	for _, l := range then {
		for _, m := range l.valid() {
			known[fingerprint{m.sum, inheritable(m.toSpec())}] = true
		}
	}
	today := documentCache{now, map[string][]part{}}
	return slices.DeleteFunc(slices.Clone(specs), func(s cert.Spec) bool { return known[today.fingerprint(s)] })
}

// Review compares specs with an older state of their paths, which is read once.
type Review struct {
	Older    []cert.Spec // with those that were moved from files of other paths
	Problems []report.Problem
	Changed  []cert.Spec // see Changed
}

// ReviewOf compares specs, loaded from now, with the manifests of paths in then and with those
// of removed files.
func ReviewOf(specs []cert.Spec, paths, removed []string, now, then FS) (r Review) {
	all := []*loader{older(then, paths)}
	r.Older, r.Problems = all[0].specs()
	moved, _, from := movedFrom(specs, r.Older, removed, then)
	r.Older, all = append(r.Older, moved...), append(all, from...)
	r.Changed = changedSince(specs, now, all...)
	return r
}

// Moved returns the manifests of removed files that have the ids of specs and are not in base,
// and their files: specs were there before they were moved.
func Moved(specs, base []cert.Spec, removed []string, then FS) (moved []cert.Spec, files []string) {
	moved, files, _ = movedFrom(specs, base, removed, then)
	return moved, files
}

func movedFrom(specs, base []cert.Spec, removed []string, then FS) (moved []cert.Spec, files []string, from []*loader) {
	known := map[cert.ID]bool{}
	for _, s := range specs {
		known[s.ID] = true
	}
	for _, s := range base {
		known[s.ID] = false
	}
	for _, file := range MayHold(removed) {
		l := older(then, []string{file})
		all, _ := l.specs() // what is wrong with it is gone with it
		for _, s := range all {
			if known[s.ID] {
				known[s.ID] = false
				moved, files, from = append(moved, s), append(files, file), append(from, l)
			}
		}
	}
	return moved, files, from
}

// mostMoved is how many of the files that a change removed or added are looked at.
const mostMoved = 2000

// MayHold returns those of some files that may hold a manifest.
func MayHold(files []string) []string {
	return slices.DeleteFunc(slices.Clone(files[:min(len(files), mostMoved)]), func(file string) bool { return !isYAML(file) || isDefaults(file) })
}

// valid returns the manifests without problems. If defaults have a problem, inherited values
// are unknown, and it returns none.
func (l *loader) valid() []*manifest {
	if len(l.defaults.all()) > 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(l.manifests), func(m *manifest) bool { return m.invalid[""] })
}

// fingerprint is the text of a manifest and its values that can be inherited.
type fingerprint struct {
	text        [sha256.Size]byte
	inheritable string
}

// documentCache splits each file once.
type documentCache struct {
	fsys FS
	read map[string][]part
}

func (l documentCache) fingerprint(s cert.Spec) fingerprint {
	at := s.At[""]
	if _, ok := l.read[at.File]; !ok {
		l.read[at.File] = documents(l.fsys, at.File)
	}
	return fingerprint{documentAt(l.read[at.File], at.Line).sum(), inheritable(s)}
}

// inheritable returns the values that can be inherited, own and inherited ones, as one text.
func inheritable(s cert.Spec) string {
	text, err := json.Marshal(struct {
		Tags   map[string]string
		Expect cert.Expect
		Policy cert.Policy
	}{s.Tags, s.Expect, s.Policy})
	if err != nil {
		panic("manifest: " + err.Error())
	}
	return string(text)
}

// documents splits a file. One that cannot be read has no documents.
func documents(fsys FS, path string) []part {
	data, wrong := read(fsys, path)
	if !wrong.none() {
		return nil
	}
	text, _ := clean(path, data)
	return split(text)
}

// documentAt returns the document of a line.
func documentAt(all []part, line int) part {
	after := sort.Search(len(all), func(i int) bool { return all[i].above >= line })
	if after == 0 {
		return part{}
	}
	return all[after-1]
}

// sum is that of the text of a document without the marker before it and white space around.
func (p part) sum() [sha256.Size]byte {
	text := bytes.ReplaceAll(p.text, []byte("\r\n"), []byte("\n"))
	return sha256.Sum256(bytes.TrimSpace(bytes.TrimPrefix(text, []byte("---"))))
}

// exists reports whether path exists.
func exists(fsys FS, path string) bool {
	_, err := fsys.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
