package manifest

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/cpsync/cpsync/internal/suggest"
)

// judge checks the tree of a document against the table of keys. It removes what is wrong, so
// that the rest can be decoded and checked by the rules. It returns false if the rest cannot
// be decoded.
func (m *manifest) judge(root *yaml.Node) bool {
	m.at[""] = m.pos(root)
	if n := tooManyAliases(root); n != nil {
		m.fault(n, "", "aliases", fault{fmt.Sprintf("repeats more than %d values through aliases", maxAliased),
			"Write the values out."})
		return false
	}
	table, ok := m.header(root)
	return ok && m.value(root, table, "")
}

// header finds the table by apiVersion and kind. A document of another program gets one
// problem, and not one for each key. A slip in the header hides no other problem.
func (m *manifest) header(root *yaml.Node) (key, bool) {
	version, called := lookup(root, "apiVersion"), lookup(root, "kind")
	ours := version != nil && version.Value == apiVersion
	if version != nil && isText(version) && !ours {
		m.fault(version, "apiVersion", "unknown-version", fault{"is " + quote(version.Value) + ", which cpsync does not read",
			"Write apiVersion: " + apiVersion + ", or name only paths that hold manifests of cpsync."})
		if !isSlip(version.Value, apiVersion) || strings.HasPrefix(version.Value, "cpsync/") {
			return key{}, false
		}
		version.Value, ours = apiVersion, true // it has its problem
	}
	if called == nil || !isText(called) || called.Value == m.kind {
		return kinds[m.kind], true
	}
	m.fault(called, "kind", "wrong-kind", wrongKind(called.Value, m.kind))
	if _, other := kinds[called.Value]; other || !ours && !isSlip(called.Value, m.kind) {
		return key{}, false
	}
	called.Value = m.kind
	return kinds[m.kind], true
}

// isSlip reports whether a word was most likely meant to be another.
func isSlip(written, word string) bool {
	_, near := suggest.Near(written, []string{word})
	return near
}

// wrongKind returns the fault of a document whose kind does not belong into its file.
func wrongKind(is, should string) fault {
	switch {
	case is == "Defaults":
		return fault{"is " + quote(is) + ", which only a file called " + DefaultsFile + " holds",
			"Move it to " + DefaultsFile + " in the directory it is for."}
	case is == "Certificate":
		return fault{"is " + quote(is) + ", and " + DefaultsFile + " holds defaults alone",
			"Move the manifest to another file, or write kind: Defaults"}
	default:
		return fault{"is " + quote(is) + ", which cpsync does not read", "Write kind: " + should}
	}
}

// lookup returns the value of a key of n, or nil.
func lookup(n *yaml.Node, name string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return resolve(n.Content[i+1])
		}
	}
	return nil
}

// value checks n as the value of k and reports whether it can be decoded.
func (m *manifest) value(n *yaml.Node, k key, path string) bool {
	v := resolve(n)
	if f := refuseNode(v, k); !f.none() {
		m.fault(n, path, "wrong-type", f)
		return false
	}
	switch k.kind {
	case mappingKind:
		return m.mapping(v, k, path)
	case tagsKind:
		return m.tags(v, path)
	case listKind:
		return m.list(v, k, path)
	default:
		return m.scalar(n, k, path)
	}
}

// refuseNode refuses tags, null, and a node of another kind than the key has.
func refuseNode(v *yaml.Node, k key) fault {
	switch {
	case v.Style&yaml.TaggedStyle != 0:
		return fault{"has the tag " + quote(v.Tag), "Delete the tag; put quotes around what is text."}
	case isNull(v):
		return fault{"has no value", noValueHint(k)}
	case v.Kind != k.kind.node():
		return fault{"must be " + k.kind.String() + ", not " + describe(v, k), shapeHint(v, k)}
	default:
		return fault{}
	}
}

func noValueHint(k key) string {
	switch {
	case k.name == "":
		return "Delete the entry."
	case k.required:
		return "Write " + k.name + ": " + k.like
	case k.kind == proseKind, k.kind == lineKind && !k.filled:
		return "Leave the key out, or write " + k.name + `: "" for an empty text.`
	default:
		return leaveOut
	}
}

// shapeHint shows how to write the value.
func shapeHint(v *yaml.Node, k key) string {
	switch {
	case k.kind == listKind && v.Kind == yaml.ScalarNode:
		return "Write " + k.name + ": [" + quoteNeeded(v) + "]"
	case k.like != "":
		return "Write it like this: " + k.name + ": " + k.like
	case len(k.keys) > 0:
		return "Its keys are " + strings.Join(k.names(), ", ") + "."
	default:
		return "Write one plain value."
	}
}

func (k kind) node() yaml.Kind {
	switch k {
	case mappingKind, tagsKind:
		return yaml.MappingNode
	case listKind:
		return yaml.SequenceNode
	default:
		return yaml.ScalarNode
	}
}

// describe names a node in a sentence. It does not quote text in place of a mapping, which may
// be the whole content of a secret file behind a link.
func describe(v *yaml.Node, k key) string {
	switch {
	case v.Kind == yaml.MappingNode:
		return "a mapping"
	case v.Kind == yaml.SequenceNode:
		return "a list"
	case k.kind.node() == yaml.MappingNode:
		return "plain text"
	default:
		return quote(v.Value)
	}
}

// maxAliased is how many values a document may repeat through aliases: far more than a list
// of domains that two keys share, and far less than an alias bomb.
const maxAliased = 1000

// resolve returns the target of an alias, or n.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// tooManyAliases returns the alias that exceeds maxAliased, or nil. An alias that contains
// itself exceeds it.
func tooManyAliases(root *yaml.Node) *yaml.Node {
	left := maxAliased
	return countAliases(root, &left)
}

// countAliases walks everything below n outside of aliases.
func countAliases(n *yaml.Node, left *int) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		if countAliased(n.Alias, left); *left < 0 {
			return n
		}
		return nil
	}
	for _, c := range n.Content {
		if bad := countAliases(c, left); bad != nil {
			return bad
		}
	}
	return nil
}

// countAliased counts the values of n, also those of nested aliases, until none are left.
func countAliased(n *yaml.Node, left *int) {
	*left--
	n = resolve(n)
	for _, c := range n.Content {
		if *left < 0 {
			return
		}
		countAliased(c, left)
	}
}
