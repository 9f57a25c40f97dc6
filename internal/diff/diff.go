// Package diff says how a live certificate differs from its manifest, field by
// field. It does not ask whether a difference may be written.
package diff

import (
	"slices"

	"golang.org/x/text/unicode/norm"

	"github.com/cpsync/cpsync/internal/cert"
)

// Change is one difference, ready for any renderer.
type Change struct {
	Edit     cert.Edit
	From, To string // of a single value, as the API would write it

	// Of the set of names: sorted, in ASCII form. Before is the live set. CommonFrom and CommonTo are
	// both "" when the common name stays; CommonFrom alone is when the request marks none, or several.
	Before, Add, Remove  []string
	CommonFrom, CommonTo string
}

// Fields lists the differences of what want manages, in the order of cert.Edit. Domains that are live and
// not wanted are in Remove, whether or not they may be removed.
func Fields(want cert.Patch, have cert.Live) []Change {
	var changes []Change
	for _, f := range cert.Fields {
		switch {
		case !f.IsSet(&want):
		case f.Edit == cert.EditDomains:
			changes = names(changes, want.Domains.Or(cert.Domains{}), have)
		default:
			changes = text(changes, f.Edit, f.Text(&want), f.Live(have))
		}
	}
	return changes
}

// Expectations lists where have is not what want expects. The organization is
// compared only where it was read.
func Expectations(want cert.Expect, have cert.Live) []Change {
	var changes []Change
	if t, ok := want.ValidationType.Get(); ok {
		changes = text(changes, cert.ExpectValidationType, string(t), string(have.ValidationType))
	}
	if a, ok := want.Authority.Get(); ok {
		changes = text(changes, cert.ExpectAuthority, string(a), string(have.Authority))
	}
	if o, ok := want.Organization.Get(); ok && have.OrganizationRead {
		changes = text(changes, cert.ExpectOrganization, o, have.Organization)
	}
	return changes
}

// names appends the difference of the set of names. A live request that marks no
// common name, or two, is not compared on it. Source: cps-api, section 4.2.
func names(changes []Change, want cert.Domains, have cert.Live) []Change {
	sameCommon := have.Common == "" || have.Common == want.Common
	if sameCommon && slices.EqualFunc(want.Names, have.Domains, func(name string, d cert.Domain) bool { return name == d.Name }) {
		return changes // as nearly always: no names are copied
	}
	live := have.Names()
	c := Change{Edit: cert.EditDomains, Before: live, Add: without(want.Names, live), Remove: without(live, want.Names)}
	if !sameCommon {
		c.CommonFrom, c.CommonTo = have.Common, want.Common
	}
	if c.Empty() {
		return changes
	}
	return append(changes, c)
}

// After returns the names there are when the change is made, sorted.
func (c Change) After() []string {
	after := append(without(c.Before, c.Remove), c.Add...)
	slices.Sort(after)
	return slices.Compact(after)
}

// Empty reports whether a change of names changes nothing.
func (c Change) Empty() bool {
	return len(c.Add) == 0 && len(c.Remove) == 0 && c.CommonFrom == c.CommonTo
}

// without returns the elements of a that are not in b, in the order of a.
func without(a, b []string) []string {
	var rest []string
	for _, s := range a {
		if _, found := slices.BinarySearch(b, s); !found {
			rest = append(rest, s)
		}
	}
	return rest
}

// text appends the difference of one value, if there is one. A letter with an accent
// can be written in two ways, which are not told apart.
func text(changes []Change, e cert.Edit, want, have string) []Change {
	if want == have || norm.NFC.String(want) == norm.NFC.String(have) {
		return changes
	}
	return append(changes, Change{Edit: e, From: have, To: want})
}
