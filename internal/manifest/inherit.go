package manifest

import (
	"maps"
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
)

// inherit gives m the values that it leaves out, from its defaults, nearest first. Protections
// and limits of domains add up.
func (m *manifest) inherit(levels []*manifest) {
	for _, d := range levels {
		m.inheritTags(d)
		have, give := &m.want, d.want
		nearest(m, d, "expect.validation_type", &have.Expect.ValidationType, give.Expect.ValidationType)
		nearest(m, d, "expect.certificate_authority", &have.Expect.Authority, give.Expect.Authority)
		nearest(m, d, "expect.organization", &have.Expect.Organization, give.Expect.Organization)
		nearest(m, d, "policy.renew_before", &have.Policy.RenewBefore, give.Policy.RenewBefore)
		nearest(m, d, "policy.renew_if_expires_before", &have.Policy.RenewIfExpiresBefore, give.Policy.RenewIfExpiresBefore)
		nearest(m, d, "policy.retrigger_until", &have.Policy.RetriggerUntil, give.Policy.RetriggerUntil)
		nearest(m, d, "policy.accept", &have.Policy.Accept, give.Policy.Accept)
		m.inheritProtect(d)
		if d.want.Policy.DomainsWithin.IsSet() && d.readable("policy.domains_within") {
			m.bounds = append(m.bounds, d)
		}
	}
	m.dropOrganization()
}

// nearest takes a value and its place from d if m has none.
func nearest[T any](m, d *manifest, path string, have *cert.Opt[T], give cert.Opt[T]) {
	if have.IsSet() || !give.IsSet() {
		return
	}
	*have = give
	m.at[path] = d.at[path]
}

// inheritTags adds the tags whose keys m does not have.
func (m *manifest) inheritTags(d *manifest) {
	tags := maps.Clone(m.want.Metadata.Tags.Or(nil))
	if tags == nil {
		tags = map[string]string{}
	}
	for k, v := range d.want.Tags.Or(nil) {
		if _, has := tags[k]; !has {
			tags[k] = v
			m.at["metadata.tags."+k] = d.at["tags."+k]
		}
	}
	if len(tags) > 0 {
		m.want.Metadata.Tags = cert.Some(tags)
	}
}

// inheritProtect adds the protections of d that m does not have.
func (m *manifest) inheritProtect(d *manifest) {
	all := slices.Clone(m.want.Policy.Protect.Or(nil))
	for i, word := range d.want.Policy.Protect.Or(nil) {
		if slices.Contains(all, word) {
			continue
		}
		if !m.has("policy.protect") {
			m.at["policy.protect"] = d.at["policy.protect"]
		}
		m.at[entry("policy.protect", len(all))] = d.at[entry("policy.protect", i)]
		all = append(all, word)
	}
	if len(all) > 0 {
		m.want.Policy.Protect = cert.Some(all)
	}
}

// dropOrganization drops an inherited organization from a DV certificate, which has none.
func (m *manifest) dropOrganization() {
	if m.inherits("expect.organization") && m.want.Expect.ValidationType.Or("") == cert.DV {
		m.want.Expect.Organization = cert.Opt[string]{}
		delete(m.at, "expect.organization")
	}
}

// inherits reports whether the value of path comes from defaults.
func (m *manifest) inherits(path string) bool {
	at, ok := m.at[path]
	return ok && at.File != m.file
}
