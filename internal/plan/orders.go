package plan

import (
	"cmp"
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// orders adds at most one order: a change of names, a renewal or a retrigger.
//
// With a renewal due, only the removal of domains goes before it; what is to be added
// waits for the next run. Without one, the whole change of names is one PATCH. A
// retrigger comes after every change of names, because it would order the old ones.
func (b *builder) orders(changes map[cert.Edit]diff.Change) {
	if c, ok := changes[cert.EditDomains]; ok {
		b.names(c)
	}
	vets := b.Have.ValidationType.Vetted()
	switch d := b.due; {
	case d.goes() && b.HasOrder():
		x := b.afterDomains()
		x.Edit = cert.EditRenew
		b.block(x)
	case d.goes():
		effect := b.validating(Effect{Kind: Renewal, End: b.now.Add(MaxValidity(b.now)), Vets: vets})
		usual := b.Have.Expires.Sub(b.now) <= window(b.now) && !b.Have.AutoRenew && !b.renewsAnyway()
		if b.renewsNow() && !usual {
			effect.Kind = RenewalOutside
		}
		b.add(Operation{Kind: Renew, Reason: d.reason, Thumbprint: b.Have.Thumbprint, Expires: b.Have.Expires, Effect: effect})
	case d.blocked != nil:
		b.block(d.blocked)
	}
	if d := b.decideOrder(cert.EditRetrigger); d.goes() {
		b.add(Operation{Kind: Retrigger, Reason: d.reason, Since: b.modified(), Effect: b.validating(Effect{Kind: NewOrder, Vets: vets})})
	} else if d.blocked != nil {
		b.block(d.blocked)
	}
}

// validating is e with the DCV method that is in force when the order goes out.
func (b *builder) validating(e Effect) Effect {
	e.Method = b.Have.DCVMethod
	for _, o := range b.Ops {
		e.Method = o.Body.DCVMethod.Or(e.Method)
	}
	return e
}

// names adds the PATCH of the domains, or says why not. It removes only domains that
// policy.remove_domains names.
func (b *builder) names(c diff.Change) {
	named, extra := b.split(c)
	if len(extra) > 0 {
		because := "live, not in the manifest and not under policy.remove_domains"
		if by := attribution(b.Have); by != "" {
			because += "; the request was last modified " + by
		}
		x := blockedBy(RuleExtraDomain, because, "add each domain to domains to keep it, or to policy.remove_domains to remove it")
		x.Verdict, x.Edit, x.Change = ExtraDomain, c.Edit, diff.Change{Edit: c.Edit, Before: c.Before, Remove: extra}
		b.block(x)
	}
	c.Remove = named
	if b.done.ordered() || c.Empty() {
		return
	}
	if b.Have.Common == "" { // the list that is sent marks one, where the request marks none or two
		c.CommonTo = b.Want.Domains.Or(cert.Domains{}).Common
	}
	if !b.allows(c) {
		return
	}
	now, rest := c, diff.Change{}
	switch x := b.due.blocked; {
	case b.due.goes():
		now, rest = b.removalsFirst(c)
	case x != nil && (x.Rule == RuleMaxRenewals || x.Rule == RuleFreeze): // it waits for room in a later run
		now, rest = diff.Change{}, c
	}
	if !now.Empty() {
		b.addDomains(now)
	}
	if !rest.Empty() {
		x := oneOrder()
		x.Edit, x.Change = c.Edit, rest
		b.block(x)
	}
}

// split parts the names to remove into those the manifest names in
// policy.remove_domains and those it does not.
func (b *builder) split(c diff.Change) (named, extra []string) {
	for _, n := range c.Remove {
		if slices.Contains(b.Want.Policy.RemoveDomains, n) {
			named = append(named, n)
		} else {
			extra = append(extra, n)
		}
	}
	return named, extra
}

// removalsFirst parts a change into a PATCH that removes domains and adds none, and the
// rest. The common name moves only when it is one of those removed, and only to a wanted
// name that is live; until then it stays.
func (b *builder) removalsFirst(c diff.Change) (now, rest diff.Change) {
	want, _ := b.Want.Domains.Get()
	now = diff.Change{Edit: c.Edit, Before: c.Before, Remove: c.Remove}
	rest = diff.Change{Edit: c.Edit, Before: c.Before, Add: c.Add, CommonFrom: c.CommonFrom, CommonTo: c.CommonTo}
	if slices.Contains(c.Remove, b.Have.Common) || b.Have.Common == "" {
		if !slices.Contains(c.Before, want.Common) {
			return diff.Change{}, c
		}
		now.CommonFrom, now.CommonTo = c.CommonFrom, c.CommonTo
		rest.CommonFrom, rest.CommonTo = "", ""
	}
	if len(now.Remove) == 0 {
		return diff.Change{}, c
	}
	rest.Before = now.After()
	return now, rest
}

// addDomains adds one PATCH with the complete list and one common name. The names are listed as the
// server lists the live ones, then those that are added: what other tools sent stays as they know it.
func (b *builder) addDomains(c diff.Change) {
	if !b.Have.StatusRead() {
		panic("plan: a change of domains was planned without reading the status")
	}
	live := b.Have.Listed
	if live == nil {
		live = b.Have.Names()
	}
	domains := cert.Domains{Common: cmp.Or(c.CommonTo, b.Have.Common), Names: c.After()}
	if listed := append(without(live, c.Remove), c.Add...); !slices.IsSorted(listed) {
		domains.Order = listed
	}
	b.add(Operation{Changes: []diff.Change{c}, Body: cert.Patch{Domains: cert.Some(domains)},
		Effect: b.validating(Effect{Kind: Reissue, New: len(c.Add)}), Thumbprint: b.Have.Thumbprint, Expires: b.Have.Expires})
}

// without returns the names that are not in rest, each once.
func without(all, rest []string) []string {
	var kept []string
	for _, n := range all {
		if !slices.Contains(rest, n) && !slices.Contains(kept, n) {
			kept = append(kept, n)
		}
	}
	return kept
}

// attribution says when the request was last changed, and by whom where the API
// says so; "" when it says neither.
func attribution(have cert.Live) string {
	if have.Modified.IsZero() {
		return ""
	}
	at := have.Modified.UTC().Format(Date)
	if have.ModifiedBy != "" {
		at += " by " + have.ModifiedBy
	}
	return at
}
