package manifest

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

// Effective lists the values of a manifest, inherited ones too, and their places, in the order
// of the table of keys.
func Effective(s cert.Spec) []report.Key {
	e := effectiveKeys{spec: s}
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
			e.list("spec.domains", display(d.Names))
		default:
			e.one("spec."+f.Edit.String(), f.Text(&s.Patch))
		}
	}
	some(&e, "expect.validation_type", s.Expect.ValidationType, show)
	some(&e, "expect.certificate_authority", s.Expect.Authority, show)
	some(&e, "expect.organization", s.Expect.Organization, show)
	p := s.Policy
	some(&e, "policy.renew_before", p.RenewBefore, formatDuration)
	some(&e, "policy.renew_if_expires_before", p.RenewIfExpiresBefore, formatDate)
	e.list("policy.renew_if_thumbprint", p.RenewIfThumbprint)
	some(&e, "policy.retrigger_until", p.RetriggerUntil, formatDate)
	e.list("policy.remove_domains", display(p.RemoveDomains))
	e.list("policy.protect", shown(p.Protect))
	e.list("policy.allow_undocumented", shown(p.AllowUndocumented))
	e.list("policy.accept", shown(p.Accept))
	for i, names := range p.DomainsWithin {
		for _, n := range names {
			e.put("policy.domains_within", cert.DisplayName(n), entry("policy.domains_within", i))
		}
	}
	e.idle()
	return e.keys
}

// idle notes why a policy has no effect.
func (e *effectiveKeys) idle() {
	for i, k := range e.keys {
		renews := k.Path == "policy.renew_before" || k.Path == "policy.renew_if_expires_before"
		protected := (renews || k.Path == "policy.renew_if_thumbprint") && e.spec.Policy.Protects(cert.EditRenew) ||
			k.Path == "policy.retrigger_until" && e.spec.Policy.Protects(cert.EditRetrigger)
		switch {
		case renews && e.spec.AutoRenew.Or(false):
			e.keys[i].Idle = "auto_renew is true"
		case protected:
			e.keys[i].Idle = "policy.protect wins"
		}
	}
}

// effectiveKeys collects the values of a manifest.
type effectiveKeys struct {
	spec cert.Spec
	keys []report.Key
}

// put adds a value that is written at a path.
func (e *effectiveKeys) put(path, value, at string) {
	e.keys = append(e.keys, report.Key{Path: path, Value: value, At: e.spec.Place(at)})
}

func (e *effectiveKeys) one(path, value string) { e.put(path, value, path) }

// list adds the entries of a list, each with its own place if it has one.
func (e *effectiveKeys) list(path string, values []string) {
	if _, written := e.spec.At[path]; written && len(values) == 0 {
		e.one(path, "[]")
	}
	for i, v := range values {
		at := path
		if _, own := e.spec.At[entry(path, i)]; own {
			at = entry(path, i)
		}
		e.put(path, v, at)
	}
}

func some[T any](e *effectiveKeys, path string, o cert.Opt[T], format func(T) string) {
	if v, ok := o.Get(); ok {
		e.one(path, format(v))
	}
}

func show[T any](v T) string { return fmt.Sprint(v) }

func shown[T any](all []T) []string { return mapped(all, show) }

func display(names []string) []string { return mapped(names, cert.DisplayName) }

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
