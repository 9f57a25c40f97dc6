package manifest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

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
	some(&e, "policy.renew_before", p.RenewBefore, formatDuration)
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

// effectiveKeys collects the values of a manifest.
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

// formatDuration formats a duration for ParseDuration, in its largest unit.
func formatDuration(d time.Duration) string {
	for _, unit := range []byte("dhm") {
		if d%units[unit] == 0 {
			return fmt.Sprintf("%d%c", d/units[unit], unit)
		}
	}
	return fmt.Sprintf("%ds", d/time.Second)
}
