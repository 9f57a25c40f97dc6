package manifest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/suggest"
)

// scalar judges the one value at n.
func (m *manifest) scalar(n *yaml.Node, k key, path string) bool {
	f := judgeScalar(resolve(n), k)
	if f.none() {
		return true
	}
	m.fault(n, path, f)
	return false
}

func judgeScalar(v *yaml.Node, k key) fault {
	switch k.kind {
	case flagKind:
		return judgeFlag(v, k)
	case idKind:
		return judgeID(v)
	case wordKind:
		return judgeWord(v, k)
	case dateKind:
		return judgeDate(v)
	case durationKind:
		return judgeDuration(v)
	default:
		return judgeText(v, k)
	}
}

// judgeText takes text that every reader of YAML reads as this text.
func judgeText(v *yaml.Node, k key) fault {
	if f := ambiguous(v, k); !f.none() {
		return f
	}
	if f := unprintable(v.Value); !f.none() {
		return f
	}
	switch k.kind {
	case lineKind:
		return judgeLine(v.Value, k)
	case nameKind:
		return judgeName(v.Value)
	case hostKind:
		return judgeHost(v.Value)
	case thumbprintKind:
		return judgeThumbprint(v.Value)
	default:
		return fault{}
	}
}

func unprintable(s string) fault {
	for _, r := range s {
		if f := badCharacter(r); !f.none() {
			return fault{"holds " + f.message, f.hint}
		}
	}
	return fault{}
}

func judgeLine(s string, k key) fault {
	switch {
	case k.filled && strings.TrimSpace(s) == "":
		return fault{"is blank", leaveOut}
	case strings.Contains(s, "\n"):
		return fault{"holds a line break", "Write it on one line, without | or >."}
	default:
		return fault{}
	}
}

// longest is how long a name or the key of a tag may be. It stands apart from the
// patterns, which with it take milliseconds of every start to compile.
const longest = 128

var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func isName(s string) bool { return len(s) <= longest && plainName.MatchString(s) }

const nameHint = `A name has at most 128 letters, digits, ".", "_" and "-", a letter or digit first.`

func judgeName(s string) fault {
	if isName(s) {
		return fault{}
	}
	return fault{"can't be " + quote(s), nameHint}
}

func judgeHost(s string) fault {
	if _, err := cert.NormalizeName(s); err != nil {
		return fault{"can't be " + quote(s) + ": " + err.Error(), "Write a public host name, such as cdn.example.com."}
	}
	return fault{}
}

func judgeThumbprint(s string) fault {
	if _, ok := cert.NormalizeThumbprint(s); !ok {
		return fault{"can't be " + quote(s) + ": a thumbprint has 40 hexadecimal digits, or 64",
			"Copy it from the portal, or from: openssl x509 -fingerprint -noout -in FILE"}
	}
	return fault{}
}

func judgeFlag(v *yaml.Node, k key) fault {
	if v.Style == 0 && (v.Value == "true" || v.Value == "false") {
		return fault{}
	}
	hint := "Write " + k.name + ": true, or " + k.name + ": false"
	switch strings.ToLower(v.Value) {
	case "true", "yes", "on", "y":
		hint = "Write " + k.name + ": true"
	case "false", "no", "off", "n":
		hint = "Write " + k.name + ": false"
	}
	return fault{"must be true or false, without quotes, not " + quote(v.Value), hint}
}

func judgeID(v *yaml.Node) fault {
	_, err := cert.ParseID(v.Value)
	if err == nil && v.Style == 0 {
		return fault{}
	}
	if err == nil {
		return fault{"must be a number, not text in quotes", "Write id: " + v.Value}
	}
	return fault{"can't be " + quote(v.Value) + ": " + cert.ErrID.Error(),
		"Write the number of the request as the API gives it, such as id: 11604"}
}

func judgeWord(v *yaml.Node, k key) fault {
	if slices.Contains(k.words, v.Value) {
		return fault{}
	}
	return fault{"can't be " + quote(v.Value), wordHint(v.Value, k)}
}

// shortList is how many words are listed although a guess was made.
const shortList = 8

func wordHint(written string, k key) string {
	all := "Choose one of " + strings.Join(k.words, ", ") + "."
	guess, ok := suggest.Near(written, k.words)
	switch {
	case slices.Contains(texts(cert.Codes), written):
		return "It is accepted for one certificate, in its manifest."
	case len(k.words) == 1:
		return "Write " + k.name + ": " + k.words[0]
	case !ok:
		return all
	case len(k.words) > shortList:
		return "Did you mean " + guess + "?"
	default:
		return "Did you mean " + guess + "? " + all
	}
}

func judgeDate(v *yaml.Node) fault {
	if _, err := time.Parse(time.DateOnly, v.Value); err != nil {
		return fault{"must be a date that exists, as YYYY-MM-DD, not " + quote(v.Value), "Write it like 2027-03-01."}
	}
	return fault{}
}

// renew_before is at least a day and at most sixty.
const minRenewBefore, maxRenewBefore = day, 60 * day

func judgeDuration(v *yaml.Node) fault {
	d, err := ParseDuration(v.Value)
	switch {
	case err != nil:
		return fault{"can't be " + quote(v.Value) + ": " + err.Error(), "Write it like 30d."}
	case d < minRenewBefore || d > maxRenewBefore:
		return fault{fmt.Sprintf("must be %d to %d days, not %s", minRenewBefore/day, maxRenewBefore/day, quote(v.Value)),
			"Write it like 30d."}
	default:
		return fault{}
	}
}

// WhyNot says why the key of path, such as "spec.description", can't hold a text,
// however it is written; "" when it can. It is for whoever writes manifests.
func WhyNot(path, text string) string {
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

// oldBooleans are booleans in YAML 1.1, which the decoder speaks, and text in
// YAML 1.2, which the tree speaks.
var oldBooleans = []string{"y", "n", "yes", "no", "on", "off"}

// readAs names what YAML makes of an unquoted text that is not text, or "".
func readsAs(v *yaml.Node) string {
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

func isText(v *yaml.Node) bool { return v.Kind == yaml.ScalarNode && readsAs(v) == "" }

func isNull(v *yaml.Node) bool { return readsAs(v) == "nothing" }

// ambiguous refuses unquoted text that a reader of YAML takes for something else.
func ambiguous(v *yaml.Node, k key) fault {
	what := readsAs(v)
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
