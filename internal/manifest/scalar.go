package manifest

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/suggest"
)

// kind is the type of a key's value.
type kind struct {
	name  string // in a sentence
	node  yaml.Kind
	judge func(v *yaml.Node, k key) fault // of a scalar
}

var (
	mappingKind = &kind{name: "a mapping of keys", node: yaml.MappingNode}  // keys of the table
	tagsKind    = &kind{name: "a mapping of texts", node: yaml.MappingNode} // keys of the user's own
	listKind    = &kind{name: "a list", node: yaml.SequenceNode}            // entries of one kind

	// proseKind is a text that may have line breaks.
	proseKind = textKind(func(string, key) fault { return fault{} })

	lineKind = textKind(func(s string, k key) fault {
		switch {
		case k.filled && strings.TrimSpace(s) == "":
			return fault{"is blank", leaveOut}
		case strings.Contains(s, "\n"):
			return fault{"holds a line break", "Write it on one line, without | or >."}
		default:
			return fault{}
		}
	})

	// nameKind is what a manifest can be called.
	nameKind = textKind(func(s string, _ key) fault {
		if isName(s) {
			return fault{}
		}
		return fault{"can't be " + quote(s), nameHint}
	})

	hostKind = textKind(func(s string, _ key) fault {
		if _, err := cert.NormalizeName(s); err != nil {
			return fault{"can't be " + quote(s) + ": " + err.Error(), "Write a public host name, such as cdn.example.com."}
		}
		return fault{}
	})

	thumbprintKind = textKind(func(s string, _ key) fault {
		if _, ok := cert.NormalizeThumbprint(s); !ok {
			return fault{"can't be " + quote(s) + ": a thumbprint has 40 hexadecimal digits, or 64",
				"Copy it from the portal, or from: openssl x509 -fingerprint -noout -in FILE"}
		}
		return fault{}
	})

	// wordKind is one of a few words.
	wordKind = &kind{"text", yaml.ScalarNode, func(v *yaml.Node, k key) fault {
		if slices.Contains(k.words, v.Value) {
			return fault{}
		}
		hint := "Choose one of " + strings.Join(k.words, ", ") + "."
		switch guess, near := suggest.Near(v.Value, k.words); {
		case isCode(v.Value) && isCode(k.words[0]):
			hint = "It is accepted for one certificate, in its manifest."
		case len(k.words) == 1:
			hint = "Write " + k.name + ": " + k.words[0]
		case near && len(k.words) > shortList:
			hint = "Did you mean " + guess + "?"
		case near:
			hint = "Did you mean " + guess + "? " + hint
		}
		return fault{"can't be " + quote(v.Value), hint}
	}}

	flagKind = &kind{"true or false", yaml.ScalarNode, func(v *yaml.Node, k key) fault {
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
	}}

	// idKind is the id of a request.
	idKind = &kind{"a number in decimal digits", yaml.ScalarNode, func(v *yaml.Node, _ key) fault {
		_, err := cert.ParseID(v.Value)
		switch {
		case err != nil:
			return fault{"can't be " + quote(v.Value) + ": " + cert.ErrID.Error(),
				"Write the number of the request as the API gives it, such as id: 11604"}
		case v.Style != 0:
			return fault{"must be a number, not text in quotes", "Write id: " + v.Value}
		default:
			return fault{}
		}
	}}

	dateKind = &kind{"a date as YYYY-MM-DD", yaml.ScalarNode, func(v *yaml.Node, _ key) fault {
		if _, err := time.Parse(time.DateOnly, v.Value); err != nil {
			return fault{"must be a date that exists, as YYYY-MM-DD, not " + quote(v.Value), "Write it like 2027-03-01."}
		}
		return fault{}
	}}

	durationKind = &kind{"a duration", yaml.ScalarNode, func(v *yaml.Node, _ key) fault {
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
	}}
)

func isCode(word string) bool { return slices.Contains(cert.Codes, cert.Code(word)) }

// shortList is the most words that a hint lists beside a guess.
const shortList = 8

// Bounds of renew_before.
const minRenewBefore, maxRenewBefore = day, 60 * day

// textKind is a text that every reader of YAML reads alike, and that judge accepts.
func textKind(judge func(s string, k key) fault) *kind {
	return &kind{"text", yaml.ScalarNode, func(v *yaml.Node, k key) fault {
		if f := ambiguous(v, k); !f.none() {
			return f
		}
		for _, r := range v.Value {
			if f := badCharacter(r); !f.none() {
				return fault{"holds " + f.message, f.hint}
			}
		}
		return judge(v.Value, k)
	}}
}

// longest is the length limit of a name or a tag's key. It is not part of the patterns, which
// would then take milliseconds to compile at every start.
const longest = 128

var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func isName(s string) bool { return len(s) <= longest && plainName.MatchString(s) }

const nameHint = `A name has at most 128 letters, digits, ".", "_" and "-", a letter or digit first.`

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
	return k.kind.judge(quoted, k).message
}

// oldBooleans are booleans in YAML 1.1, as the decoder reads, and text in YAML 1.2, as the tree
// does.
var oldBooleans = []string{"y", "n", "yes", "no", "on", "off"}

// readsAs names the type that YAML gives an unquoted value that is no text, or "".
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

// ambiguous refuses an unquoted value that YAML reads as another type than text.
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

// Errors of ParseDuration.
var (
	ErrDuration     = errors.New("a duration is a number and a unit (s, m, h, d or w), such as 30d")
	ErrDurationLong = errors.New("the duration is longer than 290 years")
)

const day = 24 * time.Hour

var units = map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': day, 'w': 7 * day}

// ParseDuration reads digits and one of s m h d w, such as 30d. It accepts no sign, point or
// space, and zero only with a unit. A day has 24 hours. The errors are ErrDuration and
// ErrDurationLong.
func ParseDuration(s string) (time.Duration, error) {
	if s == "" {
		return 0, ErrDuration
	}
	digits, unit := s[:len(s)-1], units[s[len(s)-1]]
	if digits == "" || unit == 0 || strings.Trim(digits, "0123456789") != "" {
		return 0, ErrDuration
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > math.MaxInt64/int64(unit) {
		return 0, ErrDurationLong
	}
	return time.Duration(n) * unit, nil
}
