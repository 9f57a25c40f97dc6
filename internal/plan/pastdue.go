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
	since := b.dueSince(b.Want)
	underWay := b.Have.Renewing() || b.Have.AutoRenew || b.Phase == cert.Deployment || b.done.ordered() || renewalIsAccepted(b).Open()
	if since.IsZero() || !b.now.After(since.Add(patience)) || underWay || b.Want.Policy.Protects(cert.EditRenew) {
		return time.Time{}
	}
	if b.o.Before != nil {
		before := b.dueSince(b.o.Before[b.Want.ID])
		if before.IsZero() || !b.now.After(before.Add(patience)) {
			return time.Time{}
		}
	}
	return since
}

// dueSince is since when a manifest asks for the renewal of this certificate; zero when it
// does not. That it ends before a day is known as long as renewals are open.
func (b *builder) dueSince(want cert.Spec) time.Time {
	asks := newBuilder(Pair{Want: want, Have: b.Have, Found: true}, fleet{}, b.now, Options{}, Progress{})
	opens := b.Have.Expires.Add(-window(b.now))
	before, ok := want.Policy.RenewBefore.Get()
	switch {
	case asks.renewalInTurn() == "", dateNotReached(asks) != nil:
		return time.Time{}
	case ok && b.Have.Expires.Sub(b.now) < before:
		return latest(b.Have.Expires.Add(-before), opens)
	default:
		return opens
	}
}

// settleRefusal is what to do about a renewal that the API refuses.
const settleRefusal = "settle what the API refuses, in the portal or with the vendor"

// lastRefusal says that the API refused the renewal when it was last asked for, as a journal
// knows; else "".
func (b *builder) lastRefusal() string {
	r := b.o.refusedBefore(b.Want.ID, Operation{Kind: Renew})
	if r == nil {
		return ""
	}
	return "on " + r.At.UTC().Format(Date) + " the API refused it: " + r.Answer
}

// whyOverdue says since when the renewal is due, what the API answered, and what to do.
func (b *builder) whyOverdue() (text, do string) {
	since := b.overdueSince()
	text = "its renewal is due since " + since.UTC().Format(Date) + " and was not carried out"
	do = orderIt
	if refused := b.lastRefusal(); refused != "" {
		return text + "; " + refused, settleRefusal
	}
	for _, x := range b.Blocked {
		if x.Edit == cert.EditRenew {
			why, do := whyRenewalWaits(x)
			return text + "; " + why, do
		}
	}
	return text, do
}
