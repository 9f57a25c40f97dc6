package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// Above these the vendor's limits are unknown. Source: cps-api, section 15, number 23.
const (
	labelWarning       = 64
	descriptionWarning = 255
	domainsWarning     = 100
)

// warnings adds what is to be known besides operations and what is blocked. It
// comes last because some depend on what this run sends.
func (b *builder) warnings() {
	for _, check := range warningChecks {
		if w := check(b); w != nil {
			w.Accepted = b.Want.Policy.Accepts(w.Code)
			b.Warnings = append(b.Warnings, *w)
		}
	}
	b.Warnings = append(b.Warnings, b.fleet.overlaps...)
}

// warningChecks are made in this order.
var warningChecks = []func(*builder) *Warning{
	isRevoked,
	isExpired,
	expiresSoon,
	renewalIsOverdue,
	autoRenewIsStuck,
	attentionIsNeeded,
	workflowFailed,
	nothingRenews,
	renewalIsInProgress,
	renewIsIdle,
	protectionWins,
	autoRenewIsLate,
	renewBeforeIsOverWindow,
	labelIsLong,
	descriptionIsLong,
	manyDomains,
	commonNameIsUnmarked,
	otherDomains,
	validatedByHand,
	othersChangedIt,
}

// attentionIsNeeded warns that nothing happens until a person acts.
func attentionIsNeeded(b *builder) *Warning {
	w := b.words()
	switch {
	case w.Next != Person || b.Phase == cert.Active,
		b.HasOrder() || b.withholds(cert.EditRetrigger),   // which says what there is to say
		Revoked(b.Have) || isOver(b.Phase, b.Have, b.now): // as their own warnings do
		return nil
	}
	text := w.Because
	switch {
	case b.Have.Validated():
		text = "every domain is validated, and the request does not continue"
	case b.Have.AwaitsDCV() && Failure(b.Have) == "":
		text = "domain control validation (DCV) pending"
	case b.Phase == cert.Unknown && len(b.Have.UnknownWords) > 0:
		text = "the API returned values unknown to this version: " + strings.Join(b.Have.UnknownWords, ", ")
	case b.Have.RequiresAttention && Failure(b.Have) == "":
		text = "the API says that a person must act"
	}
	if _, warned := b.Warning(cert.Expiring); warned && Failure(b.Have) != "" && b.Have.ErrorMessage != "" {
		text = `the API says "` + b.Have.ErrorMessage + `"`
	} else if b.Have.ErrorMessage != "" {
		text += `; it says "` + b.Have.ErrorMessage + `"`
	}
	do := w.Do
	if b.Have.AwaitsDCV() && b.movesMethod() {
		do = Advise("apply this plan, which changes the DCV method")
	}
	if r := b.renewed(); r.Failed() {
		do = r.Do
	}
	if until, ok := b.Want.Policy.RetriggerUntil.Get(); ok && b.Phase == cert.TimedOut {
		do = Advise("set policy.retrigger_until to a later date (it is " + until.Format(Date) + ")")
	}
	return &Warning{Code: cert.ActionRequired, Text: text, Do: do}
}

// workflowFailed warns of an error message of the API, where no other warning has it, and no
// retrigger of this run answers it.
func workflowFailed(b *builder) *Warning {
	if b.Have.ErrorMessage == "" || b.Makes(Retrigger) || slices.ContainsFunc(b.Warnings, func(w Warning) bool { return w.Code == cert.ActionRequired }) {
		return nil
	}
	return &Warning{Code: cert.WorkflowError, Text: `the API says "` + b.Have.ErrorMessage + `"`, Do: lookAtIt}
}

func renewalIsInProgress(b *builder) *Warning {
	if !b.due.met {
		return nil
	}
	return &Warning{Code: cert.RenewalInProgress, Text: "a renewal is in progress"}
}

func renewIsIdle(b *builder) *Warning {
	if !b.Want.Policy.Renews() || !b.Have.AutoRenew || b.Want.AutoRenew.IsSet() {
		return nil
	}
	return &Warning{Code: cert.RenewalIdle,
		Text: "policy asks for renewals" + inheritedFrom(b.Want, "policy.renew_before") + ", but auto_renew is on, so CPS renews and cpsync does not",
		Do:   Advise("remove the renewal keys from policy")}
}

func autoRenewIsLate(b *builder) *Warning {
	left := b.Have.Expires.Sub(b.now)
	switchedOn := b.autoRenewAfter() && !b.Have.AutoRenew
	if !switchedOn || !b.Have.Issued() || left >= autoStart || left <= 0 {
		return nil
	}
	return &Warning{Code: cert.AutoRenewLate,
		Text: "auto_renew is switched on " + Span(b.Have.Expires, b.now) + " before expiry" + dated(b.Have.Expires) + "; CPS starts about 60 days before expiry and may have missed this one",
		Do:   Advise("check in the portal that a renewal starts")}
}

func renewBeforeIsOverWindow(b *builder) *Warning {
	before, ok := b.Want.Policy.RenewBefore.Get()
	if !ok || before <= window(b.now) {
		return nil
	}
	return &Warning{Code: cert.RenewBeforeWindow,
		Text: fmt.Sprintf("renew_before is %s, but renewals open %s before expiry (half of the maximum validity, %s)",
			days(before), days(window(b.now)), days(MaxValidity(b.now))),
		Do: Advise("lower renew_before")}
}

func labelIsLong(b *builder) *Warning {
	return tooLong(cert.LongLabel, "certificate_label", b.Want.Label.Or(""), labelWarning)
}

func descriptionIsLong(b *builder) *Warning {
	return tooLong(cert.LongDescription, "description", b.Want.Description.Or(""), descriptionWarning)
}

func tooLong(code cert.Code, field, value string, limit int) *Warning {
	n := len([]rune(value))
	if n <= limit {
		return nil
	}
	return &Warning{Code: code, Text: fmt.Sprintf("%s has %d characters; whether the API accepts more than %d is undocumented", field, n, limit)}
}

func manyDomains(b *builder) *Warning {
	n := len(wantedNames(b.Want))
	if n <= domainsWarning {
		return nil
	}
	return &Warning{Code: cert.ManyDomains, Text: fmt.Sprintf("%d domains; how many the API accepts is undocumented", n)}
}

// commonNameIsUnmarked: the live names are the wanted ones, and the wanted common name can't
// be compared. A change of names sends it and says so itself.
func commonNameIsUnmarked(b *builder) *Warning {
	want, managed := b.Want.Domains.Get()
	differs := func(c diff.Change) bool { return c.Edit == cert.EditDomains }
	if !managed || b.Have.Common != "" || len(b.Have.Domains) == 0 || slices.ContainsFunc(diff.Fields(b.Want.Patch, b.Have), differs) {
		return nil
	}
	return &Warning{Code: cert.CommonNameUnmarked,
		Text: "the API marks no domain, or several, as common name; " + cert.DisplayName(want.Common) + " is sent with the next change of domains"}
}

func otherDomains(b *builder) *Warning {
	if !isOtherRequest(b.Pair) || len(b.done.Sent) > 0 {
		return nil
	}
	what, _ := otherRequest(b.Pair)
	return &Warning{Code: cert.OtherDomains, Text: what}
}

// othersChangedIt says who changed the request last, where something differs and
// the API says who it was. A difference that git did not make was made there. What the
// journal proves to be this client's own write is none of that.
func othersChangedIt(b *builder) *Warning {
	differs := len(diff.Fields(b.Want.Patch, b.Have)) > 0
	own := slices.ContainsFunc(b.o.Own[b.Want.ID], func(w Own) bool { return w.After.Equal(b.Have.Modified) })
	if !differs || own || len(b.done.Sent) > 0 || b.Have.ModifiedBy == "" || b.Have.Modified.IsZero() {
		return nil
	}
	w := Warning{Code: cert.ModifiedOutside,
		Text: "last modified " + attribution(b.Have) + "; a difference that Git did not make was made there"}
	if b.Have.ModifiedBy == b.o.Self {
		w.Aside = true
		w.Text = "last modified " + attribution(b.Have) + ", the client of this run; no journal says whether that was cpsync"
	}
	return &w
}

// Warning returns the warning of this code; false when there is none.
func (s Step) Warning(c cert.Code) (Warning, bool) {
	i := slices.IndexFunc(s.Warnings, func(w Warning) bool { return w.Code == c })
	if i < 0 {
		return Warning{}, false
	}
	return s.Warnings[i], true
}

// Is reports whether there is a warning of this code that the manifest does not accept.
func (s Step) Is(c cert.Code) bool {
	w, ok := s.Warning(c)
	return ok && !w.Accepted
}

// Alarms reports whether the certificate is revoked, is expired or expires soon, and the
// manifest does not say that this is fine.
func (s Step) Alarms() bool {
	return s.Is(cert.Revoked) || s.Is(cert.PastExpiry) || s.Is(cert.Expiring)
}

func (s Step) warningsWhere(needsAction bool) []Warning {
	var in []Warning
	for _, w := range s.Warnings {
		if w.NeedsAction() == needsAction {
			in = append(in, w)
		}
	}
	return in
}

// Asking returns the warnings that need a person: one for each thing to do, which has the
// code of the first and the texts of all.
func (s Step) Asking() []Warning {
	var asking []Warning
	for _, w := range s.warningsWhere(true) {
		i := slices.IndexFunc(asking, func(a Warning) bool { return !w.Do.None() && a.Do == w.Do })
		if i < 0 {
			asking = append(asking, w)
			continue
		}
		asking[i].Text += "; " + w.Text
	}
	return asking
}

// Noted returns the warnings that are worth knowing and ask nobody to act.
func (s Step) Noted() []Warning { return s.warningsWhere(false) }

// NeedsAction reports whether the warning asks for a person: the rest are notes.
func (w Warning) NeedsAction() bool {
	return w.Code.NeedsAction() && !w.Accepted
}

// Overlaps returns what the manifest has in common with others and neither accepts.
func (s Step) Overlaps() []Warning {
	return slices.DeleteFunc(slices.Clone(s.Warnings), func(w Warning) bool { return !w.Overlap() })
}

// Overlap reports whether w is about what two manifests have in common and neither accepts.
func (w Warning) Overlap() bool {
	return w.Code.Overlap() && !w.Accepted
}

// Notes counts what is worth knowing and asks nobody to act, overlaps apart.
func (s Step) Notes() int {
	n := 0
	for _, w := range s.Warnings {
		if !w.NeedsAction() && !w.Overlap() {
			n++
		}
	}
	return n
}
