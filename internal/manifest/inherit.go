package manifest

import (
	"maps"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
)

// inherit gives m what it leaves out and its defaults hold, of which the nearest come
// first. What is protected, and which names are allowed, only adds up.
func (m *manifest) inherit(levels []*manifest) {
	for _, d := range levels {
		m.inheritTags(d)
		have, give := &m.want, d.want
		nearest(m, d, "expect.validation_type", &have.Expect.ValidationType, give.Expect.ValidationType)
		nearest(m, d, "expect.certificate_authority", &have.Expect.Authority, give.Expect.Authority)
		nearest(m, d, "expect.organization", &have.Expect.Organization, give.Expect.Organization)
		nearest(m, d, "policy.renew_before", &have.Policy.RenewBefore, give.Policy.RenewBefore)
		nearest(m, d, "policy.renew_if_ends_before", &have.Policy.RenewIfEndsBefore, give.Policy.RenewIfEndsBefore)
		nearest(m, d, "policy.retrigger_until", &have.Policy.RetriggerUntil, give.Policy.RetriggerUntil)
		nearest(m, d, "policy.accept", &have.Policy.Accept, give.Policy.Accept)
		m.inheritProtect(d)
		if d.want.Policy.DomainsWithin.IsSet() && d.readable("policy.domains_within") {
			m.bounds = append(m.bounds, d)
		}
	}
	m.vetNothing()
}

// nearest takes a value over, and its place, where m has none.
func nearest[T any](m, d *manifest, path string, have *cert.Opt[T], give cert.Opt[T]) {
	if have.IsSet() || !give.IsSet() {
		return
	}
	*have = give
	m.at[path] = d.at[path]
}

// inheritTags merges key by key.
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

// inheritProtect adds what d protects and nothing nearer does.
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

// vetNothing drops an organization that defaults expect of a certificate for which none
// is vetted.
func (m *manifest) vetNothing() {
	if m.inherits("expect.organization") && m.want.Expect.ValidationType.Or("") == cert.DV {
		m.want.Expect.Organization = cert.Opt[string]{}
		delete(m.at, "expect.organization")
	}
}

// inherits reports whether the value of path is one of the defaults.
func (m *manifest) inherits(path string) bool {
	at, ok := m.at[path]
	return ok && at.File != m.file
}

// jointRules look for what a manifest says and its defaults don't allow. Where one of
// the two can give way, it does, and there is no rule.
var jointRules = []rule{
	{[]string{"spec.domains"}, outOfBounds},
	{[]string{"expect.organization", "expect.validation_type"}, organizationWithInheritedDV},
	{[]string{"spec.domains", "expect.validation_type"}, wildcardWithInheritedEV},
}

// obeyDefaults runs the joint rules.
func (m *manifest) obeyDefaults() {
	for _, r := range jointRules {
		if m.readable(r.reads...) {
			r.check(m)
		}
	}
}

// outOfBounds refuses names that a level does not allow. The common name is one of them.
func outOfBounds(m *manifest) {
	for i, name := range m.want.Spec.Domains.Or(nil) {
		for _, d := range m.bounds {
			if within := d.want.Policy.DomainsWithin.Or(nil); !cert.IsWithin(name, within) {
				at := entry("spec.domains", i)
				m.against(at, quote(cert.DisplayName(name))+" is not allowed here: policy.domains_within at "+
					placed(m.at[at], d.at["policy.domains_within"])+" allows "+allowed(within)+" and what is below",
					"Take the name out, or ask the owner of "+d.file+" to allow it.")
			}
		}
	}
}

// fewNames is how many names a message repeats.
const fewNames = 3

func allowed(names []string) string {
	shown := make([]string, 0, fewNames)
	for _, n := range names[:min(len(names), fewNames)] {
		shown = append(shown, cert.DisplayName(n))
	}
	if len(names) > fewNames {
		shown = append(shown, "others")
	}
	return strings.Join(shown, ", ")
}

func organizationWithInheritedDV(m *manifest) {
	if m.has("expect.organization") && m.inherits("expect.validation_type") && m.want.Expect.ValidationType.Or("") == cert.DV {
		m.against("expect.organization", "expect.organization goes against validation_type: DV at "+
			placed(m.at["expect.organization"], m.at["expect.validation_type"])+", which vets no organization",
			"Delete organization, or add validation_type: OV, or EV.")
	}
}

func wildcardWithInheritedEV(m *manifest) {
	if !m.inherits("expect.validation_type") || m.want.Expect.ValidationType.Or("") != cert.EV {
		return
	}
	for i, name := range m.want.Spec.Domains.Or(nil) {
		if strings.HasPrefix(name, "*.") {
			at := entry("spec.domains", i)
			m.against(at, quote(cert.DisplayName(name))+" is a wildcard, and an EV certificate can't hold one; EV is expected at "+
				placed(m.at[at], m.at["expect.validation_type"]), "List the full names, or add validation_type: OV")
		}
	}
}
