package manifest

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"path/filepath"
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

// Review compares specs with an older state of their paths, which is read once.
type Review struct {
	Older    []cert.Spec // with those that were moved from files of other paths
	Problems []report.Problem
	Changed  []cert.Spec // new, or different
}

// Review compares specs with the manifests of the same paths in then and with those of removed
// files. A manifest has changed if the text of its document differs, or what it inherits. Moving
// it to another file below the same defaults is no change, nor are other line breaks.
func (l Loaded) Review(specs []cert.Spec, removed []string, then FS) (r Review) {
	all := []*loader{older(then, l.paths, l.loader)}
	r.Older, r.Problems = all[0].specs()
	if len(r.Problems) == 0 { // else all counts as changed, what was moved too
		moved, _, from := movedFrom(specs, r.Older, removed, then)
		r.Older, all = append(r.Older, moved...), append(all, from...)
	}
	same, known, today := map[cert.ID]bool{}, map[[sha256.Size]byte]bool{}, map[cert.ID]*manifest{}
	for _, old := range all {
		for _, m := range old.manifests {
			switch {
			case m.invalid[""], len(old.defaults.problems) > 0: // what it inherits is unknown then
			case m.unchanged:
				same[m.want.Metadata.ID.Or(0)] = true
			default:
				known[m.fingerprint()] = true
			}
		}
	}
	for _, m := range l.manifests {
		today[m.want.Metadata.ID.Or(0)] = m
	}
	r.Changed = slices.DeleteFunc(slices.Clone(specs), func(s cert.Spec) bool {
		return same[s.ID] || known[today[s.ID].fingerprint()]
	})
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
		l := older(then, []string{file}, nil)
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

// mostMoved is how many of the manifests that a change removed or added are looked at.
const mostMoved = 2000

// MayHold returns those of some files that may hold a manifest.
func MayHold(files []string) []string {
	files = slices.DeleteFunc(slices.Clone(files), func(file string) bool { return !isYAML(file) || isDefaults(file) })
	return files[:min(len(files), mostMoved)]
}

// fingerprint is a sum of the text of a manifest and its values that can be inherited.
func (m *manifest) fingerprint() [sha256.Size]byte {
	s := m.toSpec()
	inheritable, err := json.Marshal(struct {
		Tags   map[string]string
		Expect cert.Expect
		Policy cert.Policy
	}{s.Tags, s.Expect, s.Policy})
	if err != nil {
		panic("manifest: " + err.Error())
	}
	return sha256.Sum256(append(m.sum[:], inheritable...))
}

// sum is that of the text of a document without the marker before it and white space around.
func (p part) sum() [sha256.Size]byte {
	text := bytes.ReplaceAll(p.text, []byte("\r\n"), []byte("\n"))
	return sha256.Sum256(bytes.TrimSpace(bytes.TrimPrefix(text, []byte("---"))))
}

// unchanged returns what l read of a file, if the file was the same then, below the same
// defaults. It asks an FS that can compare a file without reading it.
func (l *loader) unchanged(then FS, path string, levels []*manifest) (c contents, is bool) {
	history, can := then.(interface {
		HasContents(path string, data []byte) bool
	})
	sameText := func(a, b *manifest) bool { return a.sum == b.sum }
	if l == nil || !can || l.seen[path] == nil || !slices.EqualFunc(l.defaults.levels[filepath.Dir(path)], levels, sameText) {
		return c, false
	}
	if data, wrong := read(l.fsys, path); !wrong.none() || !history.HasContents(path, data) {
		return c, false
	}
	c = *l.seen[path]
	c.manifests = mapped(c.manifests, func(m *manifest) *manifest {
		own := *m
		own.unchanged = true
		return &own
	})
	return c, true
}
