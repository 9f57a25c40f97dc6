package manifest

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// oldBooleans are booleans in YAML 1.1, which the decoder speaks, and text in
// YAML 1.2, which the tree speaks.
var oldBooleans = []string{"y", "n", "yes", "no", "on", "off"}

// readAs names what YAML makes of an unquoted text that is not text, or "".
func readAs(v *yaml.Node) string {
	switch {
	case v.Style != 0 || v.Kind != yaml.ScalarNode:
		return ""
	case v.Tag == "!!int", v.Tag == "!!float":
		return "a number"
	case v.Tag == "!!bool", slices.Contains(oldBooleans, strings.ToLower(v.Value)):
		return "a boolean"
	case v.Tag == "!!timestamp":
		return "a date"
	case v.Tag == "!!null":
		return "nothing"
	case v.Tag == "!!merge":
		return "a merge key"
	default:
		return ""
	}
}

func isText(v *yaml.Node) bool { return v.Kind == yaml.ScalarNode && readAs(v) == "" }

func isNull(v *yaml.Node) bool { return readAs(v) == "nothing" }

// ambiguous refuses unquoted text that a reader of YAML takes for something else.
func ambiguous(v *yaml.Node, k key) fault {
	what := readAs(v)
	if what == "" {
		return fault{}
	}
	as := k.name + ": "
	if k.name == "" {
		as = "- "
	}
	return fault{"must be text, but YAML reads " + quote(v.Value) + " as " + what,
		"Put quotes around it: " + as + quote(v.Value)}
}

// quoteNeeded returns a value as it should be written in a list.
func quoteNeeded(v *yaml.Node) string {
	if v.Style == 0 && isText(v) && isName(v.Value) {
		return v.Value
	}
	return quote(v.Value)
}

var tagName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]*$`)

// tagKey judges the key of a tag.
func tagKey(n *yaml.Node) fault {
	if f := ambiguous(n, key{name: "tags"}); !f.none() {
		return fault{f.message, "Put quotes around it: " + quote(n.Value) + ":"}
	}
	if len(n.Value) <= longest && tagName.MatchString(n.Value) {
		return fault{}
	}
	return fault{"is not accepted", `A tag has at most 128 letters, digits, ".", "_", "/" and "-", a letter or digit first.`}
}
