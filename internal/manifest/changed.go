package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
	"sort"

	"github.com/cpsync/cpsync/internal/cert"
)

// Changed returns the specs, loaded from now, that are new or differ from the manifests of
// paths in then: the text of the document differs, or what it inherits. Moving a manifest to
// another file below the same defaults is no change, nor are other line breaks.
func Changed(specs []cert.Spec, paths []string, now, then FS) []cert.Spec {
	known := map[fingerprint]bool{}
	old := documentCache{then, map[string][]part{}}
	for _, s := range older(then, paths).valid() {
		known[old.fingerprint(s)] = true
	}
	today := documentCache{now, map[string][]part{}}
	return slices.DeleteFunc(slices.Clone(specs), func(s cert.Spec) bool { return known[today.fingerprint(s)] })
}

// Moved returns the manifests of removed files that have the ids of specs and are not in base,
// and their files: specs were there before they were moved.
func Moved(specs, base []cert.Spec, removed []string, then FS) (moved []cert.Spec, files []string) {
	known := map[cert.ID]bool{}
	for _, s := range specs {
		known[s.ID] = true
	}
	for _, s := range base {
		known[s.ID] = false
	}
	for _, file := range MayHold(removed) {
		all, _ := LoadOlder(then, []string{file}) // what is wrong with it is gone with it
		for _, s := range all {
			if known[s.ID] {
				known[s.ID] = false
				moved, files = append(moved, s), append(files, file)
			}
		}
	}
	return moved, files
}

// mostMoved is how many of the files that a change removed or added are looked at.
const mostMoved = 2000

// MayHold returns those of some files that may hold a manifest.
func MayHold(files []string) []string {
	return slices.DeleteFunc(slices.Clone(files[:min(len(files), mostMoved)]), func(file string) bool { return !isYAML(file) || isDefaults(file) })
}

// valid returns the manifests without problems. If defaults have a problem, inherited values
// are unknown, and it returns none.
func (l *loader) valid() []cert.Spec {
	if len(l.defaults.all()) > 0 {
		return nil
	}
	var all []cert.Spec
	for _, m := range l.manifests {
		if !m.invalid[""] {
			all = append(all, m.toSpec())
		}
	}
	return all
}

// fingerprint is the text of a manifest and its values that can be inherited.
type fingerprint struct{ text, inheritable string }

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
	return fingerprint{documentAt(l.read[at.File], at.Line).trimmed(), inheritable(s)}
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

// trimmed returns the text of a document without the marker before it and white space around.
func (p part) trimmed() string {
	text := bytes.ReplaceAll(p.text, []byte("\r\n"), []byte("\n"))
	return string(bytes.TrimSpace(bytes.TrimPrefix(text, []byte("---"))))
}

// exists reports whether path exists.
func exists(fsys FS, path string) bool {
	_, err := fsys.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
