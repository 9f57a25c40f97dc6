package manifest

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/cpsync/cpsync/internal/cert"
)

// toSpec turns the values of a manifest without problems into a Spec.
func (m *manifest) toSpec() cert.Spec {
	v := m.want
	patch := v.Spec.Patch
	patch.Description = convert(patch.Description, trim)
	patch.Domains = m.domains()
	return cert.Spec{
		ID:    v.Metadata.ID.Or(0),
		Name:  v.Metadata.Name.Or(""),
		Tags:  v.Metadata.Tags.Or(nil),
		Patch: patch,
		Expect: cert.Expect{
			ValidationType: v.Expect.ValidationType,
			Authority:      v.Expect.Authority,
			Organization:   v.Expect.Organization,
		},
		Policy: m.policy(),
		At:     m.at,
	}
}

func (m *manifest) domains() cert.Opt[cert.Domains] {
	names, ok := m.want.Spec.Domains.Get()
	if !ok {
		return cert.Opt[cert.Domains]{}
	}
	return cert.Some(cert.Domains{
		Common: m.want.Spec.CommonName.Or(""),
		Names:  slices.Sorted(slices.Values(names)),
	})
}

func (m *manifest) policy() cert.Policy {
	p := m.want.Policy
	return cert.Policy{
		RenewBefore:          convert(p.RenewBefore, parsedDuration),
		RenewIfExpiresBefore: convert(p.RenewIfExpiresBefore, parseDay),
		RenewIfThumbprint:    slices.Sorted(slices.Values(p.RenewIfThumbprint.Or(nil))),
		RetriggerUntil:       convert(p.RetriggerUntil, parseDay),
		RemoveDomains:        slices.Sorted(slices.Values(p.RemoveDomains.Or(nil))),
		Protect:              m.protected(p.Protect.Or(nil)),
		AllowUndocumented:    parseEdits(p.Try.Or(nil)),
		Accept:               slices.Sorted(slices.Values(p.Accept.Or(nil))),
		DomainsWithin:        m.within(),
	}
}

// within returns the allowed domains of each file of defaults, and notes the place of each.
func (m *manifest) within() [][]string {
	var all [][]string
	for i, l := range m.bounds {
		m.at[entry("policy.domains_within", i)] = l.at["policy.domains_within"]
		all = append(all, slices.Sorted(slices.Values(l.want.Policy.DomainsWithin.Or(nil))))
	}
	return all
}

// protected sorts the protections and their places: entry i of the result has its place at
// policy.protect[i].
func (m *manifest) protected(words []string) []cert.Edit {
	places := map[cert.Edit]cert.Pos{}
	for i, w := range words {
		if e, ok := cert.ParseEdit(w); ok {
			places[e] = m.at[entry("policy.protect", i)]
		}
	}
	all := parseEdits(words)
	for i, e := range all {
		m.at[entry("policy.protect", i)] = places[e]
	}
	return all
}

func parseEdits(words []string) []cert.Edit {
	var all []cert.Edit
	for _, w := range words {
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

func trim(s string) string { return strings.TrimRightFunc(s, unicode.IsSpace) }

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
