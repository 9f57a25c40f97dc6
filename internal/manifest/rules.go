package manifest

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
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
	{"renewal-conflict", []string{"spec.auto_renew", "policy.renew_before", "policy.renew_if_expires_before"}, func(m *manifest) {
		for _, key := range []string{"renew_before", "renew_if_expires_before"} {
			if m.has("policy."+key) && m.want.Spec.AutoRenew.Or(false) {
				m.conflict("policy."+key, "policy."+key+" goes against auto_renew: true, which renews by itself",
					"Delete "+key+", or write auto_renew: false")
			}
		}
	}},
	{"renewal-protected", []string{"policy.protect", "policy.renew_before", "policy.renew_if_expires_before", "policy.renew_if_thumbprint"}, func(m *manifest) {
		asked := slices.DeleteFunc([]string{"renew_before", "renew_if_expires_before", "renew_if_thumbprint"},
			func(key string) bool { return !m.has("policy." + key) })
		renew := cert.EditRenew.String()
		if len(asked) > 0 && slices.Contains(m.want.Policy.Protect.Or(nil), renew) {
			m.conflict(entry("policy.protect", renew), "policy.protect holds renew, but the policy asks for renewals",
				"Delete renew from protect, or delete "+strings.Join(asked, " and ")+".")
		}
	}},
	{"allowed-and-protected", []string{"policy.protect", "policy.allow_undocumented"}, func(m *manifest) {
		for _, word := range m.want.Policy.AllowUndocumented.Or(nil) {
			if slices.Contains(m.want.Policy.Protect.Or(nil), word) {
				m.conflict(entry("policy.allow_undocumented", word), quote(word)+" is in both policy.allow_undocumented and policy.protect",
					"Delete it from one of the two.")
			}
		}
	}},
	{"listed-and-removed", []string{"spec.domains", "policy.remove_domains"}, func(m *manifest) {
		for _, name := range m.want.Policy.RemoveDomains.Or(nil) {
			if slices.Contains(m.want.Spec.Domains.Or(nil), name) {
				at := entry("policy.remove_domains", name)
				m.conflict(at, quote(cert.DisplayName(name))+" is in both policy.remove_domains and spec.domains, there at "+
					placeText(m.at[at], m.at[entry("spec.domains", name)]), "Delete it from one of the two.")
			}
		}
	}},
	{"remove-without-domains", []string{"spec.domains", "policy.remove_domains"}, func(m *manifest) {
		if len(m.want.Policy.RemoveDomains.Or(nil)) > 0 && !m.has("spec.domains") {
			m.conflict("policy.remove_domains", "policy.remove_domains needs spec.domains",
				"Add spec.domains with the names to keep, or delete remove_domains.")
		}
	}},
	{"common-name", []string{"spec.domains", "spec.common_name"}, func(m *manifest) {
		common, given := m.want.Spec.CommonName.Get()
		domains, listed := m.want.Spec.Domains.Get()
		switch {
		case given && !listed:
			m.conflict("spec.common_name", "spec.common_name needs spec.domains", "Add domains, or delete common_name.")
		case listed && !given:
			m.conflict("spec.domains", "spec.domains needs spec.common_name", "Add common_name: "+strconv.Quote(domains[0]))
		case given && !slices.Contains(domains, common):
			m.conflict("spec.common_name", "spec.common_name "+quote(cert.DisplayName(common))+" is not one of spec.domains",
				"Add it to domains, or choose a name that is there.")
		}
	}},
	{"wildcard-bound", []string{"policy.domains_within"}, func(m *manifest) {
		for _, name := range m.want.Policy.DomainsWithin.Or(nil) {
			if bare, is := strings.CutPrefix(name, "*."); is {
				m.invalid["policy.domains_within"] = true
				m.conflict(entry("policy.domains_within", name), quote(cert.DisplayName(name))+" is a wildcard; a domain stands for itself and all below it",
					"Write "+cert.DisplayName(bare))
			}
		}
	}},
}

// inheritedRules compare the values of a manifest with inherited ones.
var inheritedRules = []rule{
	// The common name is one of the domains.
	{"domain-not-allowed", []string{"spec.domains"}, func(m *manifest) {
		for _, name := range m.want.Spec.Domains.Or(nil) {
			for _, d := range m.bounds {
				within := d.want.Policy.DomainsWithin.Or(nil)
				if cert.IsWithin(name, within) {
					continue
				}
				const most = 3
				allowed := mapped(within[:min(len(within), most)], cert.DisplayName)
				if len(within) > most {
					allowed = append(allowed, "others")
				}
				at := entry("spec.domains", name)
				m.conflict(at, quote(cert.DisplayName(name))+" is not allowed here: policy.domains_within at "+
					placeText(m.at[at], d.at["policy.domains_within"])+" allows "+strings.Join(allowed, ", ")+" and what is below",
					"Take the name out, or ask the owner of "+d.file+" to allow it.")
			}
		}
	}},
	{"organization-with-dv", []string{"expect.organization", "expect.validation_type"}, func(m *manifest) {
		if !m.has("expect.organization") || m.want.Expect.ValidationType.Or("") != cert.DV {
			return
		}
		where, hint := "", "Delete organization, or expect OV or EV."
		if m.inherits("expect.validation_type") {
			where = " at " + placeText(m.at["expect.organization"], m.at["expect.validation_type"])
			hint = "Delete organization, or add validation_type: OV, or EV."
		}
		m.conflict("expect.organization", "expect.organization goes against validation_type: DV"+where+", which vets no organization", hint)
	}},
	{"wildcard-with-ev", []string{"spec.domains", "expect.validation_type"}, func(m *manifest) {
		for _, name := range m.want.Spec.Domains.Or(nil) {
			if m.want.Expect.ValidationType.Or("").Allows(name) {
				continue
			}
			at, where, hint := entry("spec.domains", name), "", "List the full names, or expect OV."
			if m.inherits("expect.validation_type") {
				where = "; EV is expected at " + placeText(m.at[at], m.at["expect.validation_type"])
				hint = "List the full names, or add validation_type: OV"
			}
			m.conflict(at, quote(cert.DisplayName(name))+" is a wildcard, and an EV certificate can't hold one"+where, hint)
		}
	}},
}

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

// setName gives a manifest without a name that of its file, if the file has no other
// manifest. It reports nothing beside a document that cannot be read, which may be a manifest
// or not.
func (m *manifest) setName(inFile, broken int) {
	if m.kind == "Defaults" || m.has("metadata.name") || !m.readable("metadata.name") {
		return
	}
	name := strings.TrimSuffix(filepath.Base(m.file), filepath.Ext(m.file))
	message, hint := "", ""
	switch {
	case inFile > 1:
		message, hint = fmt.Sprintf("metadata.name is missing, and the file holds %d manifests", inFile), "Add a name to each of them."
	case broken > 0:
		return
	case isName(name):
		m.want.Metadata.Name = cert.Some(name)
		return
	default:
		message, hint = "metadata.name is missing, and the name of the file can't be one: "+quote(name), "Add metadata.name, or rename the file. "+nameHint
	}
	m.invalid["metadata.name"] = true
	m.report(m.place("metadata"), "missing-name", message, hint)
}

// checkDuplicates reports manifests that share an id or a name with an earlier one.
func checkDuplicates(all []*manifest) {
	seen := map[any]*manifest{} // by id, and by name
	for _, m := range all {
		if id, ok := m.want.Metadata.ID.Get(); ok {
			m.duplicate(seen, "duplicate-id", "metadata.id", id, fmt.Sprintf("the id %d", id),
				"Give each request one manifest: correct the id, or make the two one.")
		}
		if name, ok := m.want.Metadata.Name.Get(); ok {
			m.duplicate(seen, "duplicate-name", "metadata.name", name, "the name "+quote(name), "Add another metadata.name to one of them.")
		}
	}
}

// duplicate reports that key, which is the value of path, is another manifest's too.
func (m *manifest) duplicate(seen map[any]*manifest, rule, path string, key any, what, hint string) {
	first, taken := seen[key]
	switch {
	case !m.readable(path):
	case !taken:
		seen[key] = m
	default:
		at, there := m.place(path), first.place(path)
		m.report(at, rule, what+" is taken by the manifest at "+placeText(at, there), hint)
	}
}

// place returns the place of path, or of the document if path is not written.
func (m *manifest) place(path string) cert.Pos { return cmp.Or(m.at[path], m.at[""]) }
