package manifest

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/suggest"
)

// mapping checks the keys of n and keeps the right ones.
func (m *manifest) mapping(n *yaml.Node, k key, path string) bool {
	m.members(n, path, func(name, value *yaml.Node) bool {
		sub, ok := k.find(name.Value)
		if !ok {
			m.unknown(name, k, path)
			return false
		}
		return m.isFirst(name, path) && m.value(value, sub, join(path, sub.name))
	})
	m.reportMissing(n, k, path)
	return true
}

// tags checks the user's own keys, each with a text.
func (m *manifest) tags(n *yaml.Node, path string) bool {
	m.members(n, path, func(name, value *yaml.Node) bool {
		if f := tagKey(name); !f.none() {
			m.report(m.pos(name), "invalid-key", "the key "+quote(name.Value)+" of "+path+" "+f.message, f.hint)
			return false
		}
		return m.isFirst(name, path) && m.value(value, key{name: name.Value, kind: lineKind}, join(path, name.Value))
	})
	return true
}

// members calls keep with each key of n, and removes the pairs that keep refuses.
func (m *manifest) members(n *yaml.Node, path string, keep func(name, value *yaml.Node) bool) {
	kept := n.Content[:0]
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		if m.isKey(name, path) && keep(name, value) {
			kept = append(kept, name, value)
		}
	}
	n.Content = kept
}

// isKey reports a key that is no plain word.
func (m *manifest) isKey(name *yaml.Node, path string) bool {
	if name.Kind == yaml.ScalarNode && name.Style&yaml.TaggedStyle == 0 && name.Value != "<<" {
		return true
	}
	f := fault{"a key must be one word", "Write the key as plain text, without tags or aliases."}
	if name.Value == "<<" {
		f = fault{"the merge key << is not accepted", "Write the keys out; an alias may stand for one value."}
	}
	m.report(m.pos(name), "invalid-key", f.message+inPath(path), f.hint)
	return false
}

// isFirst notes the place of a key, and reports a repeated one.
func (m *manifest) isFirst(name *yaml.Node, path string) bool {
	full, here := join(path, name.Value), m.pos(name)
	before, again := m.at[full]
	if !again {
		m.at[full] = here
		return true
	}
	m.invalid[full] = true
	m.report(here, "duplicate-key", "the key "+quote(name.Value)+inPath(path)+" is given twice, first at "+placeText(here, before),
		"Keep one of the two.")
	return false
}

// unknown reports a key that is not in the table, and marks the key that was probably meant.
func (m *manifest) unknown(name *yaml.Node, k key, path string) {
	if m.problems.full() { // finding a hint takes time
		m.report(m.pos(name), "unknown-key", "", "")
		return
	}
	hint := "The keys here are " + strings.Join(k.names(), ", ") + "."
	guess, ok := suggest.Near(name.Value, k.names())
	home, found := homeOf(m.kind, name.Value)
	ofOther, other := inOtherKind(m.kind, name.Value)
	switch exact := ok && suggest.Fold(guess) == suggest.Fold(name.Value); {
	case found && !exact:
		hint = "It belongs under " + home + "."
		if home == "" {
			hint = "It belongs at the top level, beside apiVersion and kind."
		}
		m.invalid[join(home, name.Value)] = true
	case other && !exact:
		hint = ofOther
	case exact:
		hint = "Write it exactly like this: " + guess
		m.invalid[join(path, guess)] = true
	case ok:
		hint = "Did you mean " + guess + "?"
		m.invalid[join(path, guess)] = true
	}
	m.report(m.pos(name), "unknown-key", "unknown key "+quote(name.Value)+inPath(path), hint)
}

// homeOf returns the path of the mapping of a key.
func homeOf(kind, name string) (home string, found bool) {
	top := kinds[kind]
	if _, ok := top.find(name); ok {
		return "", true
	}
	for _, k := range top.keys {
		if _, ok := k.find(name); ok {
			return k.name, true
		}
	}
	return "", false
}

// inOtherKind returns a hint for a key that only the other kind of document has.
func inOtherKind(kind, name string) (hint string, is bool) {
	other := map[string]string{"Certificate": "Defaults", "Defaults": "Certificate"}[kind]
	home, is := homeOf(other, name)
	if kind == "Certificate" {
		return "It belongs in " + DefaultsFile + ", under " + home + ".", is
	}
	return "Defaults can't hold it: write it in the manifest of each certificate.", is
}

// reportMissing reports the required keys that n does not have, also not misspelled.
func (m *manifest) reportMissing(n *yaml.Node, k key, path string) {
	for _, sub := range k.keys {
		full := join(path, sub.name)
		if sub.required && !m.has(full) && !m.invalid[full] {
			m.invalid[full] = true
			m.report(m.at[path], "missing-key", full+" is missing", "Add "+sub.name+": "+sub.like)
		}
	}
}

func inPath(path string) string {
	if path == "" {
		return ""
	}
	return " in " + path
}

// list checks the entries of n. A list with a wrong entry is not decoded, because the rest
// would be another list.
func (m *manifest) list(n *yaml.Node, k key, path string) bool {
	if k.filled && len(n.Content) == 0 {
		m.fault(n, path, "empty-list", fault{"is empty", leaveOut})
		return false
	}
	first := make(map[string]cert.Pos, len(n.Content))
	for i, e := range n.Content {
		here := entry(path, i)
		m.at[here] = m.pos(e)
		if !m.value(e, key{kind: k.entry, words: k.words}, here) || !m.isNew(e, k, path, first) {
			m.invalid[path] = true
		}
	}
	return !m.invalid[path]
}

// isNew reports a repeated entry, also in another spelling.
func (m *manifest) isNew(e *yaml.Node, k key, path string, first map[string]cert.Pos) bool {
	written, here := resolve(e).Value, m.pos(e)
	same := written
	switch k.entry {
	case hostKind:
		same = normalName(written)
	case thumbprintKind:
		same = normalThumbprint(written)
	default: // other kinds have one spelling
	}
	before, again := first[same]
	if !again {
		first[same] = here
		return true
	}
	m.report(here, "duplicate-entry", path+" holds "+bothForms(written, same)+" twice, first at "+placeText(here, before),
		"Delete one of the two.")
	return false
}

// bothForms quotes a name as written, and its normal form if that differs.
func bothForms(written, normal string) string {
	if written == normal {
		return quote(written)
	}
	return quote(written) + " (" + normal + ")"
}

var tagName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]*$`)

// tagKey checks the key of a tag.
func tagKey(n *yaml.Node) fault {
	if f := ambiguous(n, key{name: "tags"}); !f.none() {
		return fault{f.message, "Put quotes around it: " + quote(n.Value) + ":"}
	}
	if len(n.Value) <= longest && tagName.MatchString(n.Value) {
		return fault{}
	}
	return fault{"is not accepted", `A tag has at most 128 letters, digits, ".", "_", "/" and "-", a letter or digit first.`}
}
