package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	goyaml "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"

	"github.com/cpsync/cpsync/internal/cert"
)

// values is what the decoder reads from a document. Every value is an Opt, which separates
// absent from empty. It also accepts no number or boolean as text, as a plain string would.
type values struct {
	APIVersion cert.Opt[string] `json:"apiVersion"`
	Kind       cert.Opt[string] `json:"kind"`
	Metadata   struct {
		ID   cert.Opt[cert.ID]           `json:"id"`
		Name cert.Opt[string]            `json:"name"`
		Tags cert.Opt[map[string]string] `json:"tags"`
	} `json:"metadata"`
	Tags cert.Opt[map[string]string] `json:"tags"` // of defaults
	Spec struct {
		cert.Patch
		CommonName cert.Opt[string]   `json:"common_name"`
		Domains    cert.Opt[[]string] `json:"domains"` // hides that of Patch: in the order written
	} `json:"spec"`
	Expect struct {
		ValidationType cert.Opt[cert.ValidationType] `json:"validation_type"`
		Authority      cert.Opt[cert.Authority]      `json:"certificate_authority"`
		Organization   cert.Opt[string]              `json:"organization"`
	} `json:"expect"`
	Policy struct {
		RenewBefore          cert.Opt[string]      `json:"renew_before"`
		RenewIfExpiresBefore cert.Opt[string]      `json:"renew_if_expires_before"`
		RenewIfThumbprint    cert.Opt[[]string]    `json:"renew_if_thumbprint"`
		RetriggerUntil       cert.Opt[string]      `json:"retrigger_until"`
		RemoveDomains        cert.Opt[[]string]    `json:"remove_domains"`
		Protect              cert.Opt[[]string]    `json:"protect"`
		Try                  cert.Opt[[]string]    `json:"allow_undocumented"`
		Accept               cert.Opt[[]cert.Code] `json:"accept"`
		DomainsWithin        cert.Opt[[]string]    `json:"domains_within"` // of defaults
	} `json:"policy"`
}

// decode reads the values of the document. If the tree has a problem, it reads what judge left
// of the tree.
func (m *manifest) decode(text []byte, root *goyaml.Node) {
	if err := m.decodeValues(text, root); err != nil {
		m.decoderRefused(err)
	}
	m.normalize()
}

func (m *manifest) decodeValues(text []byte, root *goyaml.Node) error {
	if plain, ok := plainJSON(nil, root); ok && !bytes.ContainsRune(text, '!') {
		d := json.NewDecoder(bytes.NewReader(plain))
		d.DisallowUnknownFields()
		return d.Decode(&m.want)
	}
	if m.problems.any() {
		rest, err := goyaml.Marshal(withoutComments(root))
		if err != nil {
			return err
		}
		text = rest
	}
	return yaml.UnmarshalStrict(text, &m.want)
}

// withoutComments takes the comments off a tree. The library writes a comment beside an emptied
// mapping in a way that no reader takes.
func withoutComments(n *goyaml.Node) *goyaml.Node {
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	for _, c := range n.Content {
		withoutComments(c)
	}
	return n
}

// plainJSON appends n as JSON. It reports false where readers of YAML may differ, so that a
// second one is asked: aliases, other characters than ASCII, other numbers than digits. The
// caller looks for tags, since the tree does not show each.
func plainJSON(out []byte, n *goyaml.Node) (_ []byte, ok bool) {
	switch {
	case n.Kind == goyaml.MappingNode:
		return plainMembers(append(out, '{'), n.Content, ",:", '}')
	case n.Kind == goyaml.SequenceNode:
		return plainMembers(append(out, '['), n.Content, ",,", ']')
	case n.Value == "true", n.Value == "false", n.Tag == "!!int" && plainNumber.MatchString(n.Value):
		return append(out, n.Value...), n.Style == 0
	default:
		return strconv.AppendQuote(out, n.Value), isText(n) && !strings.ContainsFunc(n.Value, unusual)
	}
}

func plainMembers(out []byte, all []*goyaml.Node, between string, end byte) (_ []byte, ok bool) {
	for i, n := range all {
		if i > 0 {
			out = append(out, between[i%2])
		}
		if out, ok = plainJSON(out, n); !ok {
			return nil, false
		}
	}
	return append(out, end), true
}

var plainNumber = regexp.MustCompile(`^[1-9][0-9]*$`)

// unusual reports a character whose escape in Go is another one than in JSON, or a line end.
func unusual(r rune) bool { return r < ' ' || r > '~' }

// decoderRefused marks a document that the tree accepts and the decoder does not. It reports
// that only if the tree has no problem.
func (m *manifest) decoderRefused(err error) {
	m.invalid[""] = true
	if m.problems.any() {
		return
	}
	at, what := m.at[""], "the manifest"
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		what = strings.Replace(strings.TrimPrefix(kind.Field, "."), "spec.Patch.", "spec.", 1)
		at = m.place(what)
	}
	m.report(at, "ambiguous-yaml", "readers of YAML disagree about "+what,
		`Write it plainly, without "!" and other signs of YAML's own.`)
}

// normalize brings domains to the form of comparisons, in the order written.
func (m *manifest) normalize() {
	v := &m.want
	v.Spec.Domains = convert(v.Spec.Domains, normalAll)
	v.Policy.RemoveDomains = convert(v.Policy.RemoveDomains, normalAll)
	v.Policy.DomainsWithin = convert(v.Policy.DomainsWithin, normalAll)
	v.Policy.RenewIfThumbprint = convert(v.Policy.RenewIfThumbprint, normalThumbprints)
	v.Spec.CommonName = convert(v.Spec.CommonName, normalName)
}

func normalAll(written []string) []string { return mapped(written, normalName) }

func normalThumbprints(written []string) []string { return mapped(written, normalThumbprint) }

// normalName normalizes a domain that the tree has accepted.
func normalName(written string) string {
	n, _ := cert.NormalizeName(written)
	return n
}

// normalThumbprint normalizes a thumbprint that the tree has accepted.
func normalThumbprint(written string) string {
	n, _ := cert.NormalizeThumbprint(written)
	return n
}

// mapped returns f of each value.
func mapped[A, B any](all []A, f func(A) B) []B {
	out := make([]B, len(all))
	for i, v := range all {
		out[i] = f(v)
	}
	return out
}

// Errors of ParseDuration.
var (
	ErrDuration     = errors.New("a duration is a number and a unit (s, m, h, d or w), such as 30d")
	ErrDurationLong = errors.New("the duration is longer than 290 years")
)

const day = 24 * time.Hour

var units = map[byte]time.Duration{
	's': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': day, 'w': 7 * day,
}

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

// oldBooleans are booleans in YAML 1.1, as the decoder reads, and text in YAML 1.2, as the tree
// does.
var oldBooleans = []string{"y", "n", "yes", "no", "on", "off"}

// readsAs names the type that YAML gives an unquoted value that is no text, or "".
func readsAs(v *goyaml.Node) string {
	switch {
	case v.Style != 0 || v.Kind != goyaml.ScalarNode:
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

func isText(v *goyaml.Node) bool { return v.Kind == goyaml.ScalarNode && readsAs(v) == "" }

func isNull(v *goyaml.Node) bool { return readsAs(v) == "nothing" }

// ambiguous refuses an unquoted value that YAML reads as another type than text.
func ambiguous(v *goyaml.Node, k key) fault {
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

// quoteNeeded returns a value as an entry of a list, with quotes if needed.
func quoteNeeded(v *goyaml.Node) string {
	if v.Style == 0 && isText(v) && isName(v.Value) {
		return v.Value
	}
	return quote(v.Value)
}
