// Package manifest reads YAML manifests into wanted certificates and says where
// they are wrong. It never knows about HTTP or the phases of a request.
//
// The node tree, which knows places and spellings, is checked against one table of keys. The
// values of a plain document come from the tree. Where readers of YAML may differ, a second
// one reads the document, and has to read every text as the tree does.
package manifest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

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
	at       map[string]cert.Pos // by path; before compact also of list entries, by their value
	invalid  map[string]bool     // paths with a wrong value; "" if the document can't be decoded
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
	if f.hint == leaveOut {
		f.hint = m.withoutKey(path)
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
	unused := []string{"apiVersion", "kind", "spec", "expect", "policy", "metadata.tags"}
	places := map[string]cert.Pos{}
	for path, at := range m.at {
		listed := strings.HasSuffix(path, "]") && !strings.HasPrefix(path, "policy.protect[")
		if !listed && !slices.Contains(unused, path) {
			places[path] = at
		}
	}
	m.at = places
}

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
			p = p[:max(0, strings.LastIndexByte(p, '.'))]
		}
		if m.invalid[p] {
			return false
		}
	}
	return true
}

// join returns the path of a key below path.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// entry returns the path of an entry of a list, by its value or its index.
func entry(path, which string) string { return path + "[" + which + "]" }

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

// fault is a problem without its subject, and a hint. The message is a predicate, and the
// reporter adds the subject. The zero fault is none.
type fault struct{ message, hint string }

func (f fault) none() bool { return f == fault{} }

// leaveOut is the hint for a key of spec that holds nothing. What a key elsewhere does that is left out says withoutKey.
const leaveOut = "Leave the key out: a key that is left out is not managed."

// withoutKey is the hint for the key of path that holds nothing.
func (m *manifest) withoutKey(path string) string {
	switch {
	case m.kind == "Defaults":
		return "Write a value, or delete the key."
	case path == "metadata.name":
		return "Write a name."
	case path == "spec", strings.HasPrefix(path, "spec."):
		return leaveOut
	default:
		return "Write a value: left out, it is inherited from " + DefaultsFile + ", if one sets it."
	}
}

// unreadable returns the fault of a file or directory that cannot be read. Its message leaves
// out the path, which the place has, and quotes nothing of a file outside of the top, which may
// be secret.
func unreadable(err error) fault {
	hint := "Make it readable, or leave it out."
	switch {
	case errors.Is(err, errOutside):
		return fault{"leads out of the repository, or of the directory that stands for one, through a link, and is not read",
			"Put the file itself there, or name a directory that holds both: --root DIR"}
	case errors.Is(err, fs.ErrNotExist):
		hint = "Check the spelling; paths start from the working directory, and a link needs a target."
	}
	return fault{"cannot be read: " + causeOf(err).Error(), hint}
}

// maxQuote is how many bytes of a value a message repeats.
const maxQuote = 80

// quote quotes what the user wrote, shortened to maxQuote.
func quote(s string) string {
	if len(s) <= maxQuote {
		return strconv.Quote(s)
	}
	end := maxQuote
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return strconv.Quote(s[:end]) + "…"
}

// The most listed problems of one manifest and of one file. More are only counted, because
// nobody reads them and each costs time.
const (
	mostProblems = 50
	mostInFile   = 1000
)

// problems holds the first problems of one text and counts the others.
type problems struct {
	most  int
	first []report.Problem
	more  int
	at    cert.Pos // of the first one only counted
}

// full reports whether the next problem is only counted.
func (p *problems) full() bool { return len(p.first) >= p.most }

func (p *problems) any() bool { return len(p.first)+p.more > 0 }

func (p *problems) add(problem report.Problem) {
	if !p.full() {
		p.first = append(p.first, problem)
		return
	}
	if p.more == 0 {
		p.at = problem.At
	}
	p.more++
}

// all returns the listed problems, and one that counts the others.
func (p *problems) all() []report.Problem {
	if p.more == 0 {
		return p.first
	}
	text := fmt.Sprintf("and %d more problems from here on", p.more)
	if p.more == 1 {
		text = "and 1 more problem here"
	}
	return append(p.first[:len(p.first):len(p.first)], report.Problem{At: p.at, More: p.more, Message: text, Hint: "Fix the first ones, and look again."})
}

// problemsOf returns the problems of manifests. It adds one problem for each file that counts
// those of manifests beyond mostInFile.
func problemsOf(all []*manifest) []report.Problem {
	var list []report.Problem
	counted := map[string]problems{}
	for _, m := range all {
		switch c := counted[m.file]; {
		case m.problems.most > 0:
			list = append(list, m.problems.all()...)
		case c.more == 0:
			counted[m.file] = m.problems
		default:
			c.more += m.problems.more
			counted[m.file] = c
		}
	}
	for _, c := range counted {
		list = append(list, c.all()...)
	}
	return list
}
