package manifest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
)

// rule checks values that are right by themselves and may be wrong together. It runs only if
// the values that it reads are right.
type rule struct {
	name  string // as problems show it
	reads []string
	check func(*manifest)
}

var rules = []rule{
	{"renewal-conflict", []string{"spec.auto_renew", "policy.renew_before", "policy.renew_if_expires_before"}, renewedTwice},
	{"renewal-protected", []string{"policy.protect", "policy.renew_before", "policy.renew_if_expires_before", "policy.renew_if_thumbprint"}, renewProtected},
	{"allowed-and-protected", []string{"policy.protect", "policy.allow_undocumented"}, triedAndProtected},
	{"listed-and-removed", []string{"spec.domains", "policy.remove_domains"}, wantedAndRemoved},
	{"remove-without-domains", []string{"spec.domains", "policy.remove_domains"}, removedFromNothing},
	{"common-name", []string{"spec.domains", "spec.common_name"}, commonName},
	{"wildcard-bound", []string{"policy.domains_within"}, withinWildcard},
}

// inheritedRules compare the values of a manifest with inherited ones.
var inheritedRules = []rule{
	{"domain-not-allowed", []string{"spec.domains"}, domainNotAllowed},
	{"organization-with-dv", []string{"expect.organization", "expect.validation_type"}, organizationWithDV},
	{"wildcard-with-ev", []string{"spec.domains", "expect.validation_type"}, wildcardWithEV},
}

// checkRules runs rules.
func (m *manifest) checkRules(rules []rule) {
	for _, r := range rules {
		if m.readable(r.reads...) {
			m.rule = r.name
			r.check(m)
		}
	}
}

// conflict reports that the value of path contradicts another, by the rule that is being checked.
func (m *manifest) conflict(path, message, hint string) {
	m.report(m.at[path], m.rule, message, hint)
}

func renewedTwice(m *manifest) {
	if !m.want.Spec.AutoRenew.Or(false) {
		return
	}
	for _, key := range []string{"renew_before", "renew_if_expires_before"} {
		if m.has("policy." + key) {
			m.conflict("policy."+key, "policy."+key+" goes against auto_renew: true, which renews by itself",
				"Delete "+key+", or write auto_renew: false")
		}
	}
}

func renewProtected(m *manifest) {
	var asked []string
	for _, key := range []string{"renew_before", "renew_if_expires_before", "renew_if_thumbprint"} {
		if m.has("policy." + key) {
			asked = append(asked, key)
		}
	}
	i := slices.Index(m.want.Policy.Protect.Or(nil), cert.EditRenew.String())
	if len(asked) > 0 && i >= 0 {
		m.conflict(entry("policy.protect", i), "policy.protect holds renew, but the policy asks for renewals",
			"Delete renew from protect, or delete "+strings.Join(asked, " and ")+".")
	}
}

func triedAndProtected(m *manifest) {
	protect := m.want.Policy.Protect.Or(nil)
	for i, word := range m.want.Policy.Try.Or(nil) {
		if slices.Contains(protect, word) {
			m.conflict(entry("policy.allow_undocumented", i), quote(word)+" is in both policy.allow_undocumented and policy.protect",
				"Delete it from one of the two.")
		}
	}
}

func wantedAndRemoved(m *manifest) {
	domains := m.want.Spec.Domains.Or(nil)
	for i, name := range m.want.Policy.RemoveDomains.Or(nil) {
		if w := slices.Index(domains, name); w >= 0 {
			at := entry("policy.remove_domains", i)
			m.conflict(at, quote(cert.DisplayName(name))+" is in both policy.remove_domains and spec.domains, there at "+
				placeText(m.at[at], m.at[entry("spec.domains", w)]), "Delete it from one of the two.")
		}
	}
}

func removedFromNothing(m *manifest) {
	if len(m.want.Policy.RemoveDomains.Or(nil)) > 0 && !m.has("spec.domains") {
		m.conflict("policy.remove_domains", "policy.remove_domains needs spec.domains",
			"Add spec.domains with the names to keep, or delete remove_domains.")
	}
}

func commonName(m *manifest) {
	common, given := m.want.Spec.CommonName.Get()
	domains, listed := m.want.Spec.Domains.Get()
	switch {
	case given && !listed:
		m.conflict("spec.common_name", "spec.common_name needs spec.domains", "Add domains, or delete common_name.")
	case listed && !given:
		m.conflict("spec.domains", "spec.domains needs spec.common_name", "Add common_name: "+quote(domains[0]))
	case given && !slices.Contains(domains, common):
		m.conflict("spec.common_name", "spec.common_name "+quote(cert.DisplayName(common))+" is not one of spec.domains",
			"Add it to domains, or choose a name that is there.")
	}
}

// domainNotAllowed reports domains, which include the common name, that defaults do not allow.
func domainNotAllowed(m *manifest) {
	for i, name := range m.want.Spec.Domains.Or(nil) {
		for _, d := range m.bounds {
			if within := d.want.Policy.DomainsWithin.Or(nil); !cert.IsWithin(name, within) {
				at := entry("spec.domains", i)
				m.conflict(at, quote(cert.DisplayName(name))+" is not allowed here: policy.domains_within at "+
					placeText(m.at[at], d.at["policy.domains_within"])+" allows "+allowedText(within)+" and what is below",
					"Take the name out, or ask the owner of "+d.file+" to allow it.")
			}
		}
	}
}

// allowedText lists the first domains of a list.
func allowedText(names []string) string {
	const most = 3
	shown := display(names[:min(len(names), most)])
	if len(names) > most {
		shown = append(shown, "others")
	}
	return strings.Join(shown, ", ")
}

func organizationWithDV(m *manifest) {
	if !m.has("expect.organization") || m.want.Expect.ValidationType.Or("") != cert.DV {
		return
	}
	where, hint := "", "Delete organization, or expect OV or EV."
	if m.inherits("expect.validation_type") {
		where = " at " + placeText(m.at["expect.organization"], m.at["expect.validation_type"])
		hint = "Delete organization, or add validation_type: OV, or EV."
	}
	m.conflict("expect.organization", "expect.organization goes against validation_type: DV"+where+", which vets no organization", hint)
}

func wildcardWithEV(m *manifest) {
	for i, name := range m.want.Spec.Domains.Or(nil) {
		if m.want.Expect.ValidationType.Or("").Allows(name) {
			continue
		}
		at, where, hint := entry("spec.domains", i), "", "List the full names, or expect OV."
		if m.inherits("expect.validation_type") {
			where = "; EV is expected at " + placeText(m.at[at], m.at["expect.validation_type"])
			hint = "List the full names, or add validation_type: OV"
		}
		m.conflict(at, quote(cert.DisplayName(name))+" is a wildcard, and an EV certificate can't hold one"+where, hint)
	}
}

func withinWildcard(m *manifest) {
	for i, name := range m.want.Policy.DomainsWithin.Or(nil) {
		if bare, is := strings.CutPrefix(name, "*."); is {
			m.invalid["policy.domains_within"] = true
			m.conflict(entry("policy.domains_within", i), quote(cert.DisplayName(name))+" is a wildcard; a domain stands for itself and all below it",
				"Write "+cert.DisplayName(bare))
		}
	}
}

// setName gives a manifest without a name that of its file, if the file has no other
// manifest. It reports nothing beside a document that cannot be read, which may be a manifest
// or not.
func (m *manifest) setName(inFile, broken int) {
	if m.kind == "Defaults" || m.has("metadata.name") || !m.readable("metadata.name") {
		return
	}
	name := strings.TrimSuffix(filepath.Base(m.file), filepath.Ext(m.file))
	switch {
	case inFile > 1:
		m.missingName(fmt.Sprintf("metadata.name is missing, and the file holds %d manifests", inFile),
			"Add a name to each of them.")
	case broken > 0:
	case !judgeName(name).none():
		m.missingName("metadata.name is missing, and the name of the file can't be one: "+quote(name),
			"Add metadata.name, or rename the file. "+nameHint)
	default:
		m.want.Metadata.Name = cert.Some(name)
	}
}

func (m *manifest) missingName(message, hint string) {
	at := m.at[""]
	if p, ok := m.at["metadata"]; ok {
		at = p
	}
	m.invalid["metadata.name"] = true
	m.report(at, "missing-name", message, hint)
}

// checkDuplicates reports manifests that share an id or a name with an earlier one.
func checkDuplicates(all []*manifest) {
	ids, names := map[cert.ID]*manifest{}, map[string]*manifest{}
	for _, m := range all {
		if id, ok := m.want.Metadata.ID.Get(); ok && m.readable("metadata.id") {
			if first := firstWith(ids, id, m); first != m {
				m.duplicate(first, "duplicate-id", "metadata.id", fmt.Sprintf("the id %d", id),
					"Give each request one manifest: correct the id, or make the two one.")
			}
		}
		if name, ok := m.want.Metadata.Name.Get(); ok && m.readable("metadata.name") {
			if first := firstWith(names, name, m); first != m {
				m.duplicate(first, "duplicate-name", "metadata.name", "the name "+quote(name), "Add another metadata.name to one of them.")
			}
		}
	}
}

// firstWith returns the first manifest with key.
func firstWith[K comparable](seen map[K]*manifest, key K, m *manifest) *manifest {
	if first, ok := seen[key]; ok {
		return first
	}
	seen[key] = m
	return m
}

func (m *manifest) duplicate(first *manifest, rule, path, what, hint string) {
	at, there := m.place(path), first.place(path)
	m.report(at, rule, what+" is taken by the manifest at "+placeText(at, there), hint)
}

// place returns the place of path, or of the document if path is not written.
func (m *manifest) place(path string) cert.Pos {
	if p, ok := m.at[path]; ok {
		return p
	}
	return m.at[""]
}
