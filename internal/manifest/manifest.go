// Package manifest reads YAML manifests into wanted certificates and says where
// they are wrong. It never knows about HTTP or the phases of a request.
//
// The node tree, which knows places and spellings, is checked against one table of keys. The
// values of a plain document come from the tree. Where readers of YAML may differ, a second
// one reads the document, and has to read every text as the tree does.
package manifest

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

// manifest is one document while it is read into a Spec.
type manifest struct {
	file     string
	kind     string              // kind of document in the file
	above    int                 // number of lines before the document
	sum      [sha256.Size]byte   // of the document's text
	at       map[string]cert.Pos // by path; before compact also of list entries
	invalid  map[string]bool     // paths with a wrong value
	problems problems
	want     values
	rule     string      // that is being checked
	bounds   []*manifest // defaults that limit the domains, nearest first

	unchanged bool // of an older state: today's file is the same
}

func newManifest(file string, above int) *manifest {
	return &manifest{file: file, kind: kindIn(file), above: above, problems: problems{most: mostProblems},
		at: map[string]cert.Pos{}, invalid: map[string]bool{}}
}

// pos returns the place of a node in the file.
func (m *manifest) pos(n *yaml.Node) cert.Pos {
	return cert.Pos{File: m.file, Line: n.Line + m.above, Column: n.Column}
}

// fault reports what is wrong with the value of path, at node n, and marks it.
func (m *manifest) fault(n *yaml.Node, path, rule string, f fault) {
	m.invalid[path] = true
	subject := path
	if path == "" {
		subject = "the manifest"
		if m.kind == "Defaults" {
			subject = "the document"
		}
	}
	m.report(m.pos(n), rule, subject+" "+f.message, f.hint)
}

func (m *manifest) report(at cert.Pos, rule, message, hint string) {
	m.problems.add(report.Problem{At: at, Rule: rule, Message: message, Hint: hint})
}

// compact drops the places that only validation needs: list entries and whole mappings take
// most of the memory of a large fleet. The entries of policy.protect stay, because they can
// come from several files.
func (m *manifest) compact() {
	places := map[string]cert.Pos{}
	for path, at := range m.at {
		listed := strings.HasSuffix(path, "]") && !strings.HasPrefix(path, "policy.protect[")
		if !listed && !slices.Contains(unusedPlaces, path) {
			places[path] = at
		}
	}
	m.at = places
}

// unusedPlaces are the keys whose places are not used after validation.
var unusedPlaces = []string{"apiVersion", "kind", "spec", "expect", "policy", "metadata.tags"}

// has reports whether the manifest holds the key of path, right or wrong.
func (m *manifest) has(path string) bool {
	_, ok := m.at[path]
	return ok
}

// readable reports whether the values of paths, and the mappings around them, are right. A
// path that is left out is readable.
func (m *manifest) readable(paths ...string) bool {
	for _, p := range paths {
		for p != "" && !m.invalid[p] {
			p = parent(p)
		}
		if m.invalid[p] {
			return false
		}
	}
	return true
}

func parent(path string) string {
	return path[:max(0, strings.LastIndexByte(path, '.'))]
}

// entry returns the path of entry i of a list.
func entry(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// placeText names another place in a message about here.
func placeText(here, there cert.Pos) string {
	switch {
	case here.File != there.File:
		return fmt.Sprintf("%s:%d:%d", there.File, there.Line, there.Column)
	case here.Line != there.Line:
		return fmt.Sprintf("line %d", there.Line)
	default:
		return fmt.Sprintf("column %d", there.Column)
	}
}
