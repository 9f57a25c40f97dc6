package plan

import (
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
)

// endsSoon is the warning that is never cut: a certificate in service ends, and
// nothing that is under way, or goes out with this run, renews it.
func endsSoon(b *builder) *Warning {
	end := b.have.Expires
	renewing := b.have.AutoRenew && b.autoRenewAfter() || b.have.Renewing() || b.renewalAccepted()
	if end.IsZero() || b.sends(Renew) || end.Sub(b.now) >= soon(b.now, renewing) {
		return nil
	}
	text, do := b.whyEnds()
	return &Warning{Code: cert.EndsSoon, Text: text, Do: do}
}

// renewalAccepted reports whether the journal holds a renewal that is expected to show.
func (b *builder) renewalAccepted() bool {
	h := b.o.Held[b.want.ID]
	_, ok := h.expected(b.now)
	return ok && h.Kind == Renew
}

// autoRenewAfter is whether auto_renew is on when this run is through.
func (b *builder) autoRenewAfter() bool {
	for _, o := range b.step.Ops {
		if on, ok := o.Body.AutoRenew.Get(); ok {
			return on
		}
	}
	return b.have.AutoRenew
}

func (b *builder) sends(k Kind) bool {
	return b.plans(k) && b.step.MayGo() ||
		k == Renew && b.done.Has(cert.EditRenew)
}

func (b *builder) plans(k Kind) bool {
	return slices.ContainsFunc(b.step.Ops, func(o Operation) bool { return o.Kind == k })
}

// whyEnds says why nothing renews the certificate, and what ends that.
func (b *builder) whyEnds() (text, do string) {
	if i := slices.IndexFunc(b.step.Blocked, func(x Blocked) bool { return x.Edit == cert.EditRenew }); i >= 0 {
		return whyRenewalWaits(b.step.Blocked[i])
	}
	switch {
	case b.plans(Renew):
		return "its renewal is not approved", "have a new plan approved"
	case b.have.Renewing():
		return "its renewal is under way and not through", b.renewingDo()
	case b.have.Ended(b.now):
		return "its certificate has ended", doOf(cert.Expired, b.have)
	case failing(b.have) != "":
		return failing(b.have), doOf(b.step.Phase, b.have)
	case b.have.AutoRenew && b.autoRenewAfter():
		return "auto_renew is on, but no renewal is under way", "look at the request in the portal; renew it there"
	case b.step.Phase == cert.InFlight:
		return "auto_renew is off and another order is open", "see that it ends, then renew"
	case b.step.Phase == cert.NeedsAttention, b.step.Phase == cert.Unknown:
		return "nothing renews it: it is " + b.state(), doOf(b.step.Phase, b.have)
	case b.autoRenewAfter():
		return "auto_renew is switched on only now, and CPS may have passed its start", "see that a renewal starts, or order one in the portal"
	case b.want.AutoRenew.Or(false):
		return "auto_renew is off, and the edit that switches it on does not go out", "lift what it is shown to wait for"
	case b.want.Policy.Renews():
		return "auto_renew is off and the renewals of policy are not due yet", "raise renew_before, " + b.mergeBy()
	case b.want.Policy.Protects(cert.EditRenew):
		return "auto_renew is off, policy.renew_before is not set, and policy.protect names renew",
			"renew it in the portal, or take renew out of policy.protect and add  renew_before: 30d"
	default:
		return "auto_renew is off and policy.renew_before is not set", "add  renew_before: 30d  under policy, " + b.mergeBy()
	}
}

// whyRenewalWaits passes on why the renewal of the policy does not go out; its do
// lifts what holds it.
func whyRenewalWaits(x Blocked) (text, do string) {
	switch x.Rule {
	case pauseRule:
		return "its renewal waits: " + x.Because, "run again after " + x.UntilAt.UTC().Format(Minute) + ", or with a shorter --order-pause"
	case orderRule:
		return "its renewal waits: " + x.Because, joinOr(x.Do, "run again after "+x.UntilAt.UTC().Format(Minute))
	case "max-renewals":
		return "its renewal waits: " + x.Because, "raise --max-renewals"
	case "protect":
		return "its renewal does not go out: " + x.Because, "take renew out of policy.protect"
	}
	if x.Do == "" {
		x.Do = "run again; it waits until " + x.Until
	}
	return "its renewal does not go out: " + x.Because, x.Do
}

func (b *builder) renewingDo() string {
	if b.have.Status == cert.StatusDomainControlValidation || b.have.RequiresAttention {
		return doOf(cert.DomainControlValidation, b.have)
	}
	return "ask the CA, or the vendor, what it waits for"
}

// mergeBy is the last day on which a change still leaves time to validate.
func (b *builder) mergeBy() string {
	last := b.have.Expires.Add(-validationMax)
	if !last.After(b.now) {
		return "merge now (validation can take 7 days)"
	}
	return "merge by " + last.UTC().Format(Date) + " (validation can take 7 days)"
}
