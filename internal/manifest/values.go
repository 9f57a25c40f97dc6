package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	goyaml "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
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
	Expect cert.Expect `json:"expect"`
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
		Expect: v.Expect,
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

// What the tree has accepted is read without an error.
var (
	normalName       = accepted(cert.NormalizeName)
	normalThumbprint = accepted(cert.NormalizeThumbprint)
	parsedDuration   = accepted(ParseDuration)
)

func accepted[T, E any](parse func(string) (T, E)) func(string) T {
	return func(s string) T {
		v, _ := parse(s)
		return v
	}
}

// parseDay reads a date. The decoder adds a time of day to one without quotes.
func parseDay(s string) time.Time {
	t, _ := time.Parse(time.DateOnly, s[:min(len(s), len(time.DateOnly))])
	return t
}

// Effective lists the values of a manifest, inherited ones too, and their places, in the order
// of the table of keys.
func Effective(s cert.Spec) []report.Key {
	e, p := effectiveKeys{spec: s}, s.Policy
	e.one("metadata.id", s.ID.String())
	e.one("metadata.name", s.Name)
	for _, k := range slices.Sorted(maps.Keys(s.Tags)) {
		e.one("metadata.tags."+k, s.Tags[k])
	}
	for _, f := range SpecFields() {
		switch d, _ := s.Domains.Get(); {
		case !f.IsSet(&s.Patch):
		case f.Edit == cert.EditDomains:
			e.one("spec.common_name", cert.DisplayName(d.Common))
			e.list("spec.domains", mapped(d.Names, cert.DisplayName))
		default:
			e.one("spec."+f.Edit.String(), f.Text(&s.Patch))
		}
	}
	some(&e, "expect.validation_type", s.Expect.ValidationType, show)
	some(&e, "expect.certificate_authority", s.Expect.Authority, show)
	some(&e, "expect.organization", s.Expect.Organization, show)
	some(&e, "policy.renew_before", p.RenewBefore, cert.FormatDuration)
	some(&e, "policy.renew_if_expires_before", p.RenewIfExpiresBefore, formatDate)
	e.list("policy.renew_if_thumbprint", p.RenewIfThumbprint)
	some(&e, "policy.retrigger_until", p.RetriggerUntil, formatDate)
	e.list("policy.remove_domains", mapped(p.RemoveDomains, cert.DisplayName))
	e.list("policy.protect", mapped(p.Protect, cert.Edit.String))
	e.list("policy.allow_undocumented", mapped(p.AllowUndocumented, cert.Edit.String))
	e.list("policy.accept", texts(p.Accept))
	for i, names := range p.DomainsWithin {
		for _, n := range names {
			e.put("policy.domains_within", cert.DisplayName(n), entry("policy.domains_within", strconv.Itoa(i)))
		}
	}
	return e.keys
}

type effectiveKeys struct {
	spec cert.Spec
	keys []report.Key
}

// put adds a value that is written at a path, and why a policy has no effect.
func (e *effectiveKeys) put(path, value, at string) {
	k, protects := report.Key{Path: path, Value: value, At: e.spec.Place(at)}, e.spec.Policy.Protects
	renews := path == "policy.renew_before" || path == "policy.renew_if_expires_before"
	switch {
	case renews && e.spec.AutoRenew.Or(false):
		k.Idle = "auto_renew is true"
	case (renews || path == "policy.renew_if_thumbprint") && protects(cert.EditRenew), path == "policy.retrigger_until" && protects(cert.EditRetrigger):
		k.Idle = "policy.protect wins"
	}
	e.keys = append(e.keys, k)
}

func (e *effectiveKeys) one(path, value string) { e.put(path, value, path) }

// list adds the entries of a list, each with its own place if it has one.
func (e *effectiveKeys) list(path string, values []string) {
	if _, written := e.spec.At[path]; written && len(values) == 0 {
		e.one(path, "[]")
	}
	for _, v := range values {
		at := entry(path, v)
		if _, own := e.spec.At[at]; !own {
			at = path
		}
		e.put(path, v, at)
	}
}

func some[T any](e *effectiveKeys, path string, o cert.Opt[T], format func(T) string) {
	if v, ok := o.Get(); ok {
		e.one(path, format(v))
	}
}

func show[T ~string](v T) string { return string(v) }

func formatDate(t time.Time) string { return t.Format(time.DateOnly) }
