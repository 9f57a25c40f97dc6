package manifest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
)

// A rule looks for values that are right by themselves and wrong together. It runs
// only when nothing is wrong with the values it reads.
type rule struct {
	reads []string
	check func(*manifest)
}

var rules = []rule{
	{[]string{"expect.validation_type", "expect.organization"}, organizationWithDV},
	{[]string{"spec.auto_renew", "policy.renew_before", "policy.renew_if_ends_before"}, renewedTwice},
	{[]string{"policy.protect", "policy.renew_before", "policy.renew_if_ends_before", "policy.renew_if_thumbprint"}, renewProtected},
	{[]string{"policy.protect", "policy.try"}, triedAndProtected},
	{[]string{"spec.domains", "policy.remove_domains"}, wantedAndRemoved},
	{[]string{"spec.domains", "policy.remove_domains"}, removedFromNothing},
	{[]string{"spec.domains", "spec.common_name"}, commonName},
	{[]string{"spec.domains", "expect.validation_type"}, wildcardWithEV},
	{[]string{"policy.domains_within"}, withinWildcard},
}

// obey runs the rules.
func (m *manifest) obey() {
	for _, r := range rules {
		if m.readable(r.reads...) {
			r.check(m)
		}
	}
}

// against reports that the value of path goes against another.
func (m *manifest) against(path, message, hint string) {
	m.report(m.at[path], message, hint)
}

func organizationWithDV(m *manifest) {
	if m.has("expect.organization") && m.want.Expect.ValidationType.Or("") == cert.DV {
		m.against("expect.organization", "expect.organization goes against validation_type: DV, which vets no organization",
			"Delete organization, or expect OV or EV.")
	}
}

func renewedTwice(m *manifest) {
	if !m.want.Spec.AutoRenew.Or(false) {
		return
	}
	for _, key := range []string{"renew_before", "renew_if_ends_before"} {
		if m.has("policy." + key) {
			m.against("policy."+key, "policy."+key+" goes against auto_renew: true, which renews by itself",
				"Delete "+key+", or write auto_renew: false")
		}
	}
}

func renewProtected(m *manifest) {
	var asked []string
	for _, key := range []string{"renew_before", "renew_if_ends_before", "renew_if_thumbprint"} {
		if m.has("policy." + key) {
			asked = append(asked, key)
		}
	}
	i := slices.Index(m.want.Policy.Protect.Or(nil), cert.EditRenew.String())
	if len(asked) > 0 && i >= 0 {
		m.against(entry("policy.protect", i), "policy.protect holds renew, but the policy asks for renewals",
			"Delete renew from protect, or delete "+strings.Join(asked, " and ")+".")
	}
}

func triedAndProtected(m *manifest) {
	protect := m.want.Policy.Protect.Or(nil)
	for i, word := range m.want.Policy.Try.Or(nil) {
		if slices.Contains(protect, word) {
			m.against(entry("policy.try", i), quote(word)+" is in both policy.try and policy.protect",
				"Delete it from one of the two.")
		}
	}
}

func wantedAndRemoved(m *manifest) {
	domains := m.want.Spec.Domains.Or(nil)
	for i, name := range m.want.Policy.RemoveDomains.Or(nil) {
		if w := slices.Index(domains, name); w >= 0 {
			at := entry("policy.remove_domains", i)
			m.against(at, quote(cert.DisplayName(name))+" is in both policy.remove_domains and spec.domains, there at "+
				placed(m.at[at], m.at[entry("spec.domains", w)]), "Delete it from one of the two.")
		}
	}
}

func removedFromNothing(m *manifest) {
	if len(m.want.Policy.RemoveDomains.Or(nil)) > 0 && !m.has("spec.domains") {
		m.against("policy.remove_domains", "policy.remove_domains needs spec.domains",
			"Add spec.domains with the names to keep, or delete remove_domains.")
	}
}

func commonName(m *manifest) {
	common, given := m.want.Spec.CommonName.Get()
	domains, listed := m.want.Spec.Domains.Get()
	switch {
	case given && !listed:
		m.against("spec.common_name", "spec.common_name needs spec.domains", "Add domains, or delete common_name.")
	case listed && !given:
		m.against("spec.domains", "spec.domains needs spec.common_name", "Add common_name: "+quote(domains[0]))
	case given && !slices.Contains(domains, common):
		m.against("spec.common_name", "spec.common_name "+quote(cert.DisplayName(common))+" is not one of spec.domains",
			"Add it to domains, or choose a name that is there.")
	}
}

func wildcardWithEV(m *manifest) {
	if m.want.Expect.ValidationType.Or("") != cert.EV {
		return
	}
	for i, name := range m.want.Spec.Domains.Or(nil) {
		if strings.HasPrefix(name, "*.") {
			m.against(entry("spec.domains", i), quote(cert.DisplayName(name))+" is a wildcard, and an EV certificate can't hold one",
				"List the full names, or expect OV.")
		}
	}
}

func withinWildcard(m *manifest) {
	for i, name := range m.want.Policy.DomainsWithin.Or(nil) {
		if bare, is := strings.CutPrefix(name, "*."); is {
			m.bad["policy.domains_within"] = true
			m.against(entry("policy.domains_within", i), quote(cert.DisplayName(name))+" is a wildcard; a domain stands for itself and all below it",
				"Write "+cert.DisplayName(bare))
		}
	}
}

// call gives a certificate's manifest without a name the name of its file, when the file holds
// no other. Beside a broken document, which may be a manifest or a slip of the
// pen, it says nothing.
func (m *manifest) call(inFile, broken int) {
	if m.kind == "Defaults" || m.has("metadata.name") || !m.readable("metadata.name") {
		return
	}
	name := strings.TrimSuffix(filepath.Base(m.file), filepath.Ext(m.file))
	switch {
	case inFile > 1:
		m.nameless(fmt.Sprintf("metadata.name is missing, and the file holds %d manifests", inFile),
			"Add a name to each of them.")
	case broken > 0:
	case !judgeName(name).none():
		m.nameless("metadata.name is missing, and the name of the file can't be one: "+quote(name),
			"Add metadata.name, or rename the file. "+nameHint)
	default:
		m.want.Metadata.Name = cert.Some(name)
	}
}

func (m *manifest) nameless(message, hint string) {
	at := m.at[""]
	if p, ok := m.at["metadata"]; ok {
		at = p
	}
	m.bad["metadata.name"] = true
	m.report(at, message, hint)
}

// distinguish reports manifests that share an id or a name with an earlier one.
func distinguish(all []*manifest) {
	ids, names := map[cert.ID]*manifest{}, map[string]*manifest{}
	for _, m := range all {
		if id, ok := m.want.Metadata.ID.Get(); ok && m.readable("metadata.id") {
			if first := remember(ids, id, m); first != m {
				m.taken(first, "metadata.id", fmt.Sprintf("the id %d", id),
					"Give each request one manifest: correct the id, or make the two one.")
			}
		}
		if name, ok := m.want.Metadata.Name.Get(); ok && m.readable("metadata.name") {
			if first := remember(names, name, m); first != m {
				m.taken(first, "metadata.name", "the name "+quote(name), "Add another metadata.name to one of them.")
			}
		}
	}
}

// remember returns the first manifest with key.
func remember[K comparable](seen map[K]*manifest, key K, m *manifest) *manifest {
	if first, ok := seen[key]; ok {
		return first
	}
	seen[key] = m
	return m
}

func (m *manifest) taken(first *manifest, path, what, hint string) {
	at, there := m.place(path), first.place(path)
	m.report(at, what+" is taken by the manifest at "+placed(at, there), hint)
}

// place is that of path, or of the document when path is not written there.
func (m *manifest) place(path string) cert.Pos {
	if p, ok := m.at[path]; ok {
		return p
	}
	return m.at[""]
}
