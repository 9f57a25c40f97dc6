package plan

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// patience is how long a policy may be due and not carried out.
const patience = 2 * day

// renewalIsOverdue: the policy has asked for a renewal for days, and none is under way.
func renewalIsOverdue(b *builder) *Warning {
	if b.overdueSince().IsZero() {
		return nil
	}
	text, do := b.whyOverdue()
	return &Warning{Code: cert.RenewalOverdue, Text: text, Do: do}
}

// overdueSince is since when a policy of renewal is due that was not carried out, where
// that is too long; else zero. It needs no memory of earlier runs. A policy that is new in
// the change under review had no time yet.
func (b *builder) overdueSince() time.Time {
	since := b.dueSince(b.want)
	underWay := b.have.Renewing() || b.have.AutoRenew || b.step.Phase == cert.Deployment || b.done.ordered() || renewalIsAccepted(b).Open()
	if since.IsZero() || !b.now.After(since.Add(patience)) || underWay || b.want.Policy.Protects(cert.EditRenew) {
		return time.Time{}
	}
	if b.o.Before != nil {
		before := b.dueSince(b.o.Before[b.want.ID])
		if before.IsZero() || !b.now.After(before.Add(patience)) {
			return time.Time{}
		}
	}
	return since
}

// dueSince is since when a manifest asks for the renewal of this certificate; zero when it
// does not. That it ends before a day is known as long as renewals are open.
func (b *builder) dueSince(want cert.Spec) time.Time {
	asks := builder{want: want, have: b.have, now: b.now}
	opens := b.have.Expires.Add(-window(b.now))
	before, ok := want.Policy.RenewBefore.Get()
	switch {
	case asks.renewalInTurn() == "", dateNotReached(&asks) != nil:
		return time.Time{}
	case ok && b.have.Expires.Sub(b.now) < before:
		return latest(b.have.Expires.Add(-before), opens)
	default:
		return opens
	}
}

// whyOverdue says since when the renewal is due, what the API answered, and what to do.
func (b *builder) whyOverdue() (text, do string) {
	since := b.overdueSince()
	text = "its renewal is due since " + since.UTC().Format(Date) + " and was not carried out"
	do = "apply this plan: it orders a renewal"
	if r := b.o.refusedBefore(b.want.ID, Operation{Kind: Renew}); r != nil {
		return text + "; on " + r.At.UTC().Format(Date) + " the API refused it: " + r.Answer,
			"settle what the API refuses, in the portal or with the vendor"
	}
	for _, x := range b.step.Blocked {
		if x.Edit == cert.EditRenew {
			why, do := whyRenewalWaits(x)
			return text + "; " + why, do
		}
	}
	return text, do
}

// Ordered returns the plan after its renewals of those requests were placed: that they are
// overdue, or end with nothing under way, is over.
func (p Plan) Ordered(renewed map[cert.ID]bool) Plan {
	steps := make([]Step, len(p.Steps))
	for i, s := range p.Steps {
		if renewed[s.Want.ID] {
			var left []Warning
			for _, w := range s.Warnings {
				if w.Code != cert.EndsSoon && w.Code != cert.RenewalOverdue {
					left = append(left, w)
				}
			}
			s.Warnings = left
		}
		steps[i] = s
	}
	p.Steps = steps
	return p
}
