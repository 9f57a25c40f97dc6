package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

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
		AllowUndocumented    cert.Opt[[]string]    `json:"allow_undocumented"`
		Accept               cert.Opt[[]cert.Code] `json:"accept"`
		DomainsWithin        cert.Opt[[]string]    `json:"domains_within"` // of defaults
	} `json:"policy"`
}

// decode reads the values of the document, and brings domains and thumbprints to the form of
// comparisons, in the order written. It marks a document that the tree accepts and the decoder
// does not, and reports that only if the tree has no problem.
func (m *manifest) decode(text []byte, root *goyaml.Node) {
	v := &m.want
	if err := m.decodeValues(text, root); err != nil {
		m.invalid[""] = true
		if !m.problems.any() {
			at, what := m.at[""], "the manifest"
			var kind *json.UnmarshalTypeError
			if errors.As(err, &kind) {
				what = strings.Replace(strings.TrimPrefix(kind.Field, "."), "spec.Patch.", "spec.", 1)
				at = m.place(what)
			}
			m.report(at, "ambiguous-yaml", "readers of YAML disagree about "+what,
				`Write it plainly, without "!" and other signs of YAML's own.`)
		}
	}
	v.Spec.CommonName = convert(v.Spec.CommonName, normalName)
	for _, names := range []*cert.Opt[[]string]{&v.Spec.Domains, &v.Policy.RemoveDomains, &v.Policy.DomainsWithin} {
		*names = convert(*names, func(all []string) []string { return mapped(all, normalName) })
	}
	v.Policy.RenewIfThumbprint = convert(v.Policy.RenewIfThumbprint, func(all []string) []string { return mapped(all, normalThumbprint) })
}

// decodeValues reads the text. If the tree has a problem, it reads what judge left of the tree.
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
// second one is asked: aliases, other numbers than digits, and line ends and other characters
// than ASCII, whose escapes in Go are not those of JSON. The caller looks for tags, since the
// tree does not show each.
func plainJSON(out []byte, n *goyaml.Node) (_ []byte, ok bool) {
	switch {
	case n.Kind == goyaml.MappingNode:
		return plainMembers(append(out, '{'), n.Content, ",:", '}')
	case n.Kind == goyaml.SequenceNode:
		return plainMembers(append(out, '['), n.Content, ",,", ']')
	case n.Value == "true", n.Value == "false", n.Tag == "!!int" && plainNumber.MatchString(n.Value):
		return append(out, n.Value...), n.Style == 0
	default:
		unusual := func(r rune) bool { return r < ' ' || r > '~' }
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

// toSpec turns the values of a manifest without problems into a Spec.
func (m *manifest) toSpec() cert.Spec {
	v, p := m.want, m.want.Policy
	s := cert.Spec{
		ID:     v.Metadata.ID.Or(0),
		Name:   v.Metadata.Name.Or(""),
		Tags:   v.Metadata.Tags.Or(nil),
		Patch:  v.Spec.Patch,
		Expect: cert.Expect(v.Expect),
		Policy: cert.Policy{
			RenewBefore:          convert(p.RenewBefore, parsedDuration),
			RenewIfExpiresBefore: convert(p.RenewIfExpiresBefore, parseDay),
			RenewIfThumbprint:    sorted(p.RenewIfThumbprint),
			RetriggerUntil:       convert(p.RetriggerUntil, parseDay),
			RemoveDomains:        sorted(p.RemoveDomains),
			Protect:              parseEdits(p.Protect),
			AllowUndocumented:    parseEdits(p.AllowUndocumented),
			Accept:               sorted(p.Accept),
		},
		At: m.at,
	}
	s.Description = convert(s.Description, trim)
	if v.Spec.Domains.IsSet() {
		s.Domains = cert.Some(cert.Domains{Common: v.Spec.CommonName.Or(""), Names: sorted(v.Spec.Domains)})
	}
	for i, d := range m.bounds {
		m.at[entry("policy.domains_within", strconv.Itoa(i))] = d.at["policy.domains_within"]
		s.Policy.DomainsWithin = append(s.Policy.DomainsWithin, sorted(d.want.Policy.DomainsWithin))
	}
	return s
}

func sorted[T ~string](all cert.Opt[[]T]) []T { return slices.Sorted(slices.Values(all.Or(nil))) }

func parseEdits(words cert.Opt[[]string]) []cert.Edit {
	var all []cert.Edit
	for _, w := range words.Or(nil) {
		if e, ok := cert.ParseEdit(w); ok {
			all = append(all, e)
		}
	}
	slices.Sort(all)
	return all
}

func convert[A, B any](o cert.Opt[A], f func(A) B) cert.Opt[B] {
	v, ok := o.Get()
	if !ok {
		return cert.Opt[B]{}
	}
	return cert.Some(f(v))
}

func mapped[A, B any](all []A, f func(A) B) []B {
	out := make([]B, len(all))
	for i, v := range all {
		out[i] = f(v)
	}
	return out
}

func trim(s string) string { return strings.TrimRightFunc(s, unicode.IsSpace) }

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

// parsedDuration reads a duration that the tree has accepted.
func parsedDuration(s string) time.Duration {
	d, _ := ParseDuration(s)
	return d
}

// parseDay reads a date. The decoder adds a time of day to one without quotes.
func parseDay(s string) time.Time {
	t, _ := time.Parse(time.DateOnly, s[:min(len(s), len(time.DateOnly))])
	return t
}
