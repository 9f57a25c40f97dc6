package manifest

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Takes says why the key of path, such as "spec.description", can't hold a text,
// however it is written; "" when it can. It is for whoever writes manifests.
func Takes(path, text string) string {
	if !utf8.ValidString(text) {
		return "holds a byte that is not UTF-8"
	}
	k := kinds["Certificate"]
	for name := range strings.SplitSeq(path, ".") {
		k, _ = k.find(name)
	}
	if k.kind == listKind {
		k = key{kind: k.entry, words: k.words}
	}
	quoted := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: text}
	return judgeScalar(quoted, k).message
}
