package manifest

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/cpsync/cpsync/internal/suggest"
)

// judge checks the tree of a document against the table of keys. It removes what is wrong, so
// that the rest can be decoded and checked by the rules. It returns false if the rest cannot
// be decoded.
func (m *manifest) judge(root *yaml.Node) bool {
	m.at[""] = m.pos(root)
	left := maxAliased
	if n := countAliased(root, nil, &left); n != nil {
		m.fault(n, "", "aliases", fault{fmt.Sprintf("repeats more than %d values through aliases", maxAliased),
			"Write the values out."})
		return false
	}
	table, ok := m.header(root)
	return ok && m.value(root, table, "")
}

// maxAliased is how many values a document may repeat through aliases: far more than a list
// of domains that two keys share, and far less than an alias bomb.
const maxAliased = 1000

// countAliased counts the values below n that an alias repeats, also through nested aliases. It
// returns the alias for which too few are left, or nil. An alias that contains itself is one.
func countAliased(n, alias *yaml.Node, left *int) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		n, alias = n.Alias, cmp.Or(alias, n)
	}
	if alias != nil {
		if *left--; *left < 0 {
			return alias
		}
	}
	for _, c := range n.Content {
		if bad := countAliased(c, alias, left); bad != nil {
			return bad
		}
	}
	return nil
}

// resolve returns the target of an alias, or n.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
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
	wrong := fault{"is " + quote(called.Value) + ", which cpsync does not read", "Write kind: " + m.kind}
	switch called.Value {
	case "Defaults":
		wrong = fault{"is " + quote(called.Value) + ", which only a file called " + DefaultsFile + " holds",
			"Move it to " + DefaultsFile + " in the directory it is for."}
	case "Certificate":
		wrong = fault{"is " + quote(called.Value) + ", and " + DefaultsFile + " holds defaults alone",
			"Move the manifest to another file, or write kind: Defaults"}
	}
	m.fault(called, "kind", "wrong-kind", wrong)
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
	switch k.kind.node {
	case yaml.MappingNode:
		m.mapping(v, k, path)
		return true
	case yaml.SequenceNode:
		return m.list(v, k, path)
	default:
		f := k.kind.judge(v, k)
		if !f.none() {
			m.fault(n, path, "invalid-value", f)
		}
		return f.none()
	}
}

// refuseNode refuses tags, null, and a node of another kind than the key has. It does not quote
// text in place of a mapping, which may be the whole content of a secret file behind a link.
func refuseNode(v *yaml.Node, k key) fault {
	switch {
	case v.Style&yaml.TaggedStyle != 0:
		return fault{"has the tag " + quote(v.Tag), "Delete the tag; put quotes around what is text."}
	case readsAs(v) == "nothing":
		hint := leaveOut
		switch {
		case k.name == "" && len(k.keys) > 0:
			hint = "Write its keys, or delete the document."
		case k.name == "":
			hint = "Delete the entry."
		case k.required:
			hint = "Write " + k.name + ": " + k.like
		case k.kind == proseKind, k.kind == lineKind && !k.filled:
			hint = "Leave the key out, or write " + k.name + `: "" for an empty text.`
		}
		return fault{"has no value", hint}
	case v.Kind == k.kind.node:
		return fault{}
	}
	is, hint := quote(v.Value), "Write one plain value."
	switch {
	case v.Kind == yaml.MappingNode:
		is = "a mapping"
	case v.Kind == yaml.SequenceNode:
		is = "a list"
	case k.kind.node == yaml.MappingNode:
		is = "plain text"
	}
	switch {
	case k.kind == listKind && v.Kind == yaml.ScalarNode && k.listed(v.Value) != "":
		hint = "Write " + k.name + ": " + k.listed(v.Value)
	case k.like != "":
		hint = "Write it like this: " + k.name + ": " + k.like
	case len(k.keys) > 0:
		hint = "Its keys are " + strings.Join(k.names(), ", ") + "."
	}
	return fault{"must be " + k.kind.name + ", not " + is, hint}
}

// listed returns the list that a text in place of one was meant to be, as YAML, or "". Each of its entries is right.
func (k key) listed(text string) string {
	entries := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	const most = 10
	if len(entries) == 0 || len(entries) > most {
		return ""
	}
	for i, e := range entries {
		n := &yaml.Node{Kind: yaml.ScalarNode, Value: e}
		n.Tag = n.ShortTag()
		if !isText(n) || !isName(e) { // needs quotes
			n.Tag, n.Style, entries[i] = "!!str", yaml.DoubleQuotedStyle, strconv.Quote(e)
		}
		if !k.entry.judge(n, key{kind: k.entry, words: k.words}).none() {
			return ""
		}
	}
	return "[" + strings.Join(entries, ", ") + "]"
}

// mapping checks the keys of n and keeps the right ones.
func (m *manifest) mapping(n *yaml.Node, k key, path string) {
	kept := n.Content[:0]
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		sub, ok := m.key(name, k, path)
		full := join(path, name.Value)
		if ok && m.isFirst(name, path, full) && m.value(value, sub, full) {
			kept = append(kept, name, value)
		}
	}
	n.Content = kept
	for _, sub := range k.keys {
		if !sub.required {
			continue
		}
		if full := join(path, sub.name); !m.has(full) && !m.invalid[full] { // nor is it misspelled
			m.invalid[full] = true
			m.report(m.at[path], "missing-key", full+" is missing", "Add "+sub.name+": "+sub.like)
		}
	}
}

var tagName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]*$`)

// key returns the key of k that a name stands for, or reports it.
func (m *manifest) key(name *yaml.Node, k key, path string) (key, bool) {
	invalid := func(message, hint string) (key, bool) {
		m.report(m.pos(name), "invalid-key", message, hint)
		return key{}, false
	}
	switch {
	case name.Value == "<<":
		return invalid("the merge key << is not accepted"+inPath(path), "Write the keys out; an alias may stand for one value.")
	case name.Kind != yaml.ScalarNode || name.Style&yaml.TaggedStyle != 0:
		return invalid("a key must be one word"+inPath(path), "Write the key as plain text, without tags or aliases.")
	case k.kind == tagsKind:
		f := ambiguous(name, key{})
		switch {
		case !f.none():
			f.hint = "Put quotes around it: " + quote(name.Value) + ":"
		case len(name.Value) > longest || !tagName.MatchString(name.Value):
			f = fault{"is not accepted", `A tag has at most 128 letters, digits, ".", "_", "/" and "-", a letter or digit first.`}
		default:
			return key{name: name.Value, kind: lineKind}, true
		}
		return invalid("the key "+quote(name.Value)+" of "+path+" "+f.message, f.hint)
	}
	sub, ok := k.find(name.Value)
	if !ok {
		m.unknown(name, k, path)
	}
	return sub, ok
}

// isFirst notes the place of a key, whose full path is given too, and reports a repeated one.
func (m *manifest) isFirst(name *yaml.Node, path, full string) bool {
	here := m.pos(name)
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
	guess, near := suggest.Near(name.Value, k.names())
	home, found := homeOf(name.Value, kinds[m.kind])
	above, inDefaults := homeOf(name.Value, kinds["Defaults"])
	_, inManifests := homeOf(name.Value, kinds["Certificate"])
	switch {
	case near && suggest.Fold(guess) == suggest.Fold(name.Value):
		hint = "Write it exactly like this: " + guess
		m.invalid[join(path, guess)] = true
	case found && home == "":
		hint = "It belongs at the top level, beside apiVersion and kind."
		m.invalid[name.Value] = true
	case found:
		hint = "It belongs under " + home + "."
		m.invalid[join(home, name.Value)] = true
	case inDefaults:
		hint = "It belongs in " + DefaultsFile + ", under " + above + "."
	case inManifests:
		hint = "Defaults can't hold it: write it in the manifest of each certificate."
	case near:
		hint = "Did you mean " + guess + "?"
		m.invalid[join(path, guess)] = true
	}
	m.report(m.pos(name), "unknown-key", "unknown key "+quote(name.Value)+inPath(path), hint)
}

// homeOf returns the path of the mapping that has a key, at the top of a table or below it.
func homeOf(name string, table key) (home string, found bool) {
	if _, found = table.find(name); found {
		return "", true
	}
	for _, k := range table.keys {
		if _, found = k.find(name); found {
			return k.name, true
		}
	}
	return "", false
}

func inPath(path string) string {
	if path == "" {
		return ""
	}
	return " in " + path
}

// list checks the entries of n. A list with a wrong entry is not decoded, because the rest
// would be another list. An entry is repeated also in another spelling.
func (m *manifest) list(n *yaml.Node, k key, path string) bool {
	if k.filled && len(n.Content) == 0 {
		m.fault(n, path, "empty-list", fault{"is empty", leaveOut})
		return false
	}
	for i, e := range n.Content {
		if !m.value(e, key{kind: k.entry, words: k.words}, entry(path, strconv.Itoa(i))) {
			m.invalid[path] = true
			continue
		}
		written, here := resolve(e).Value, m.pos(e)
		same := written
		switch k.entry {
		case hostKind:
			same = normalName(written)
		case thumbprintKind:
			same = normalThumbprint(written)
		}
		place := entry(path, same)
		before, again := m.at[place]
		if !again {
			m.at[place] = here
			continue
		}
		m.invalid[path] = true
		both := quote(written)
		if same != written {
			both += " (" + same + ")"
		}
		m.report(here, "duplicate-entry", path+" holds "+both+" twice, first at "+placeText(here, before), "Delete one of the two.")
	}
	return !m.invalid[path]
}
