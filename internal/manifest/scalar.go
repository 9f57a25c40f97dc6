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

// scalar checks the one value at n.
func (m *manifest) scalar(n *yaml.Node, k key, path string) bool {
	f := judgeScalar(resolve(n), k)
	if f.none() {
		return true
	}
	m.fault(n, path, "invalid-value", f)
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

// judgeText accepts a value that every reader of YAML reads as the same text.
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

// longest is the length limit of a name or a tag's key. It is not part of the patterns, which
// would then take milliseconds to compile at every start.
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

// shortList is the most words that a hint lists beside a guess.
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

// Bounds of renew_before.
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

// WhyNot returns why the key of path, such as "spec.description", cannot hold a text even in
// quotes, or "". It serves writers of manifests.
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
