package manifest

import (
	"go.yaml.in/yaml/v3"

	"github.com/cpsync/cpsync/internal/cert"
)

// list judges the entries of n. A list with a bad entry is not decoded: half of
// it would be another list.
func (m *manifest) list(n *yaml.Node, k key, path string) bool {
	if k.filled && len(n.Content) == 0 {
		m.fault(n, path, fault{"is empty", leaveOut})
		return false
	}
	first := make(map[string]cert.Pos, len(n.Content))
	for i, e := range n.Content {
		here := entry(path, i)
		m.at[here] = m.pos(e)
		if !m.value(e, key{kind: k.entry, words: k.words}, here) || !m.isNew(e, k, path, first) {
			m.bad[path] = true
		}
	}
	return !m.bad[path]
}

// isNew refuses an entry that the list holds already, in this or another spelling.
func (m *manifest) isNew(e *yaml.Node, k key, path string, first map[string]cert.Pos) bool {
	written, here := resolve(e).Value, m.pos(e)
	same := written
	switch k.entry {
	case hostKind:
		same = normal(written)
	case thumbprintKind:
		same, _ = cert.NormalizeThumbprint(written)
	default: // has one spelling
	}
	before, again := first[same]
	if !again {
		first[same] = here
		return true
	}
	m.report(here, path+" holds "+bothForms(written, same)+" twice, first at "+placed(here, before),
		"Delete one of the two.")
	return false
}

// bothForms quotes a name as written, with its normal form when that differs.
func bothForms(written, normal string) string {
	if written == normal {
		return quote(written)
	}
	return quote(written) + " (" + normal + ")"
}
