package plan

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/overlap"
)

// Account is what was read, beside what is wanted of it.
type Account struct {
	Pairs      []Pair      // the manifests that were chosen
	Unselected []cert.Live // the requests of those that were not, as far as they were read
	Unmanaged  []cert.Live // the requests without a manifest
	Others     []cert.Spec // the manifests that were not chosen
	Complete   bool        // this is the whole account, without which taken labels can't be known
}

// Build decides about every pair. The inputs are not changed, and equal inputs give equal plans.
func Build(a Account, now time.Time, o Options) Plan {
	p := Plan{API: o.API, Now: now, Complete: a.Complete, Steps: make([]Step, len(a.Pairs)), Unmanaged: slices.Clone(a.Unmanaged)}
	p.Unmanaged = slices.DeleteFunc(p.Unmanaged, func(l cert.Live) bool { return cert.PhaseOf(l, now) == cert.Deleted })
	slices.SortFunc(p.Unmanaged, func(a, b cert.Live) int { return cmp.Compare(a.ID, b.ID) })
	owners, specs := ownersOf(a), make([]cert.Spec, len(a.Pairs), len(a.Pairs)+len(a.Others))
	for i, pair := range a.Pairs {
		specs[i] = pair.Want
	}
	overlaps := Overlaps(append(specs, a.Others...))
	for i, pair := range a.Pairs {
		f := fleet{overlaps: overlaps[i]}
		if len(owners.before(pair.Want)) > 0 {
			f.label = &Withheld{Rule: RuleLabelTaken, Next: Person}
		}
		p.Steps[i] = decideStep(pair, f, now, o, Progress{})
	}
	pace(p.Steps, now, o)
	p.Limits = countLimits(p.Steps, o)
	if p.Limits.Exceeded() {
		withholdAfterLimit(p.Steps, now, o)
	}
	p.settleLabels(owners)
	return p
}

// Rebuild decides about a step again, with the same manifest and now, from a later
// reading. What was decided by looking at other certificates is kept. What done
// says was sent is left out, and an order that was sent is this run's order.
func Rebuild(s Step, have cert.Live, now time.Time, o Options, done Progress) Step {
	pair := s.Pair
	pair.Have, pair.Found = have, true
	return decideStep(pair, s.fleet, now, o, done)
}

// StillPlanned reports whether the operations that s has left after sent, and that are
// not met by now, are those of the rebuilt step, in the same order: the condition for
// sending the next one. What s lists as waiting and could go out by now does not count,
// because progress at the CA does not matter: it is left for the next run.
func (s Step) StillPlanned(sent int, rebuilt Step) bool {
	met := func(o Operation) bool { return s.Met(o, rebuilt) }
	left := slices.DeleteFunc(slices.Clone(s.Ops[sent:]), met)
	ops := slices.DeleteFunc(slices.Clone(rebuilt.Ops), s.lists)
	return rebuilt.Fault == nil && slices.EqualFunc(left, ops, func(a, b Operation) bool {
		return SameOperation(a, b, s.Want.ID)
	})
}

// Met reports whether the later reading of a rebuilt step shows what an operation of s is
// to change, although nobody sent it: each value of a PATCH, a renewal that is in
// progress or complete, an order placed again. Nothing is left to send then.
func (s Step) Met(o Operation, rebuilt Step) bool {
	asked := o.Kind != Patch && (rebuilt.Makes(o.Kind) || rebuilt.blockOf(o.Edit()) != nil) // sent or not
	if rebuilt.Fault != nil || asked {
		return false
	}
	return o.Kind == Renew && rebuilt.Have.Renewing() || TookEffect(o, s.Have, rebuilt.Have)
}

// Plans reports whether the step holds an operation like o.
func (s Step) Plans(o Operation) bool {
	return slices.ContainsFunc(s.Ops, func(a Operation) bool { return SameOperation(a, o, s.Want.ID) })
}

// lists reports whether the step lists the operation as one that does not go out.
func (s Step) lists(o Operation) bool {
	listed := func(e cert.Edit, c diff.Change) bool {
		return slices.ContainsFunc(s.Withheld, func(b Withheld) bool { return b.Edit == e && SameChange(b.Change, c) })
	}
	if o.Kind != Patch {
		return listed(o.Edit(), diff.Change{})
	}
	return !slices.ContainsFunc(o.Changes, func(c diff.Change) bool { return !listed(c.Edit, c) })
}

// Overlaps returns for each manifest the warnings of what it has in common with others.
func Overlaps(specs []cert.Spec) [][]Warning {
	all := make([][]Warning, len(specs))
	for i, notes := range overlap.Find(specs) {
		for _, n := range notes {
			all[i] = append(all[i], Warning{Code: n.Code, Text: n.Text, Do: Advise(n.Do), Accepted: n.Accepted,
				At: n.At, Also: n.Also, Names: n.Names})
		}
	}
	return all
}

// faultOf says why a pair can't be planned, or nil.
func faultOf(p Pair, phase cert.Phase) *Fault {
	switch {
	case errors.Is(p.Err, cert.ErrOtherID):
		return &Fault{Code: "other-id", Message: p.Err.Error(), At: "metadata.id", Hint: "Run again."}
	case errors.Is(p.Err, cert.ErrMalformed):
		return &Fault{Code: "unreadable", Message: p.Err.Error(),
			Hint: "Look for a newer cpsync: running again does not change the answer. The other certificates are not affected."}
	case p.Err != nil:
		return &Fault{Code: "unreadable", Message: p.Err.Error(), Hint: "Run again. The other certificates are not affected."}
	case !p.Found:
		return &Fault{Code: "not-found", At: "metadata.id", Message: Missing(p.Want.ID), Hint: "Check metadata.id."}
	case phase == cert.Deleted:
		return &Fault{Code: "deleted", At: "metadata.id", Hint: "Remove the manifest.",
			Message: fmt.Sprintf("request %s is deleted; it can't be brought back, and its label stays taken", p.Want.ID)}
	case isOtherRequest(p) && !p.Want.Policy.Accepts(cert.OtherDomains):
		what, unless := otherRequest(p)
		return &Fault{Code: string(cert.OtherDomains), At: "metadata.id", Message: what + unless, Hint: "Check metadata.id."}
	default:
		return nil
	}
}

// Missing says that the account does not have a request, of every output.
func Missing(id cert.ID) string {
	return fmt.Sprintf("there is no request %s in this account: it was deleted, or the id is wrong", id)
}

// otherRequest returns what about a request is not what the manifest says, and what the
// manifest needs if its id is right.
func otherRequest(p Pair) (what, unless string) {
	if comparesDomains(p) {
		serves := "serves"
		if !p.Have.Issued() {
			serves = "is for"
		}
		return fmt.Sprintf("request %s %s %s", p.Want.ID, serves, cmp.Or(p.Have.Common, p.Have.Names()[0])),
			": wrong id? If it is right, policy needs  accept: [other-domains]"
	}
	unless = ": a rename needs  accept: [other-domains]  under policy"
	if !p.Want.Domains.IsSet() {
		unless += ", or its domains in the manifest"
	}
	return fmt.Sprintf("request %s has the label %q, the manifest wants %q", p.Want.ID, p.Have.Label, p.Want.Label.Or("")), unless
}

// isOtherRequest reports whether manifest and request share neither label nor domains, as far as
// both have them. A request without domains is judged by its label alone.
func isOtherRequest(p Pair) bool {
	label, hasLabel := p.Want.Label.Get()
	if hasLabel && strings.EqualFold(label, p.Have.Label) {
		return false
	}
	live := p.Have.Names()
	known := func(n string) bool { return slices.Contains(live, n) }
	return comparesDomains(p) && !slices.ContainsFunc(p.Want.Names(), known) || hasLabel && !comparesDomains(p)
}

// comparesDomains reports whether the domains can say that the request is another.
func comparesDomains(p Pair) bool { return p.Want.Domains.IsSet() && len(p.Have.Domains) > 0 }
