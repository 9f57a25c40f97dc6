package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

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
// comes last because some depend on what this run sends, or on warnings before them.
func (b *builder) warnings() {
	b.warnOfExpiry()
	b.warnOfAttention()
	b.warnOfRenewal()
	b.warnOfManifest()
	b.warnOfValidation()
	b.warnOfOthers()
	b.Warnings = append(b.Warnings, b.fleet.overlaps...)
}

func (b *builder) warn(code cert.Code, text string, do Action) {
	b.Warnings = append(b.Warnings, Warning{Code: code, Text: text, Do: do, Accepted: b.Want.Policy.Accepts(code)})
}

// warnOfAttention warns that nothing happens until a person acts, or else of an error message
// of the API that no retrigger of this run answers.
func (b *builder) warnOfAttention() {
	w, failed, says := b.words(), Failure(b.Have), `the API says "`+b.Have.ErrorMessage+`"`
	retrigger := b.blockOf(cert.EditRetrigger)
	switch {
	case w.Next != Person || b.Phase == cert.Active,
		b.HasOrder() || retrigger != nil && !retrigger.Protects(), // which says what there is to say
		Revoked(b.Have) || b.isOver():                             // as their own warnings do
		if b.Have.ErrorMessage != "" && !b.Makes(Retrigger) {
			b.warn(cert.WorkflowError, says, lookAtIt)
		}
		return
	}
	text, do := w.Because, w.Do
	if retrigger != nil {
		text, do = "its retrigger is not sent: "+retrigger.Because, retrigger.Do
	}
	switch {
	case b.Have.Validated():
		text = "every domain is validated, and the request does not continue"
	case b.Have.AwaitsDCV() && failed == "":
		text = "domain control validation (DCV) pending"
	case b.Phase == cert.Unknown && len(b.Have.UnknownWords) > 0:
		text = "the API returned values unknown to this version: " + strings.Join(b.Have.UnknownWords, ", ")
	case b.Have.RequiresAttention && failed == "":
		text = "the API says that a person must act"
	}
	if _, warned := b.Warning(cert.Expiring); warned && failed != "" && b.Have.ErrorMessage != "" {
		text = says
	} else if b.Have.ErrorMessage != "" {
		text += `; it says "` + b.Have.ErrorMessage + `"`
	}
	if b.Have.AwaitsDCV() && b.movesMethod() {
		_, held := b.heldBack()
		do = cmp.Or(held, Advise("apply this plan, which changes the DCV method"))
	}
	if r := b.renewed(); r.Failed() {
		do = r.Do
	}
	if until, ok := b.Want.Policy.RetriggerUntil.Get(); ok && b.Phase == cert.TimedOut && retrigger == nil {
		do = Advise("set policy.retrigger_until to a later date (it is " + until.Format(Date) + ")")
	}
	b.warn(cert.ActionRequired, text, do)
}

// warnOfRenewal warns of policies and of auto_renew where they do less than one may think.
func (b *builder) warnOfRenewal() {
	left, on := b.Have.Expires.Sub(b.now), b.autoRenewAfter()
	if b.Have.AutoRenew && !on {
		if w, is := b.unrenewedWhen(b.renewed(), b.now); is {
			b.Warnings = append(b.Warnings, w)
		}
	}
	if b.due.met {
		b.warn(cert.RenewalInProgress, "a renewal is in progress", Action{})
	}
	if b.Want.Policy.Renews() && b.Have.AutoRenew && !b.Want.AutoRenew.IsSet() {
		from, do := cmp.Or(inheritedFrom(b.Want, "policy.renew_before"), inheritedFrom(b.Want, "policy.renew_if_expires_before")),
			"remove the renewal keys from policy"
		if from != "" {
			do = "set  auto_renew: true  if CPS is to renew, and  auto_renew: false  if cpsync is"
		}
		b.warn(cert.RenewalIdle, "policy asks for renewals"+from+
			", but auto_renew is on, so CPS renews and cpsync does not", Advise(do))
	}
	b.Warnings = append(b.Warnings, Overruled(b.Want)...)
	if on && !b.Have.AutoRenew && b.Have.Issued() && left < autoStart && left > 0 {
		b.warn(cert.AutoRenewLate, "auto_renew is switched on "+Span(b.Have.Expires, b.now)+" before expiry"+dated(b.Have.Expires)+
			"; CPS starts about 60 days before expiry and may have missed this one", Advise("check in the portal that a renewal starts"))
	}
	if before, ok := b.Want.Policy.RenewBefore.Get(); ok && before > window(b.now) {
		b.warn(cert.RenewBeforeWindow, fmt.Sprintf("renew_before is %s, but renewals open %s before expiry (half of the maximum validity, %s)",
			days(before), opening(b.now), days(MaxValidity(b.now))), Advise("lower renew_before"))
	}
}

// warnOfManifest warns of what the manifest asks for, where the API's limits are unknown or its
// answer is.
func (b *builder) warnOfManifest() {
	tooLong := func(code cert.Code, field, value string, limit int) {
		if n := utf8.RuneCountInString(value); n > limit {
			b.warn(code, fmt.Sprintf("%s has %d characters; whether the API accepts more than %d is undocumented", field, n, limit), Action{})
		}
	}
	tooLong(cert.LongLabel, "certificate_label", b.Want.Label.Or(""), labelWarning)
	tooLong(cert.LongDescription, "description", b.Want.Description.Or(""), descriptionWarning)
	want, managed := b.Want.Domains.Get()
	if n := len(want.Names); n > domainsWarning {
		b.warn(cert.ManyDomains, fmt.Sprintf("%d domains; how many the API accepts is undocumented", n), Action{})
	}
	if managed && b.Have.Common == "" && len(b.Have.Domains) > 0 {
		if names, _ := wantsOrder(b.Pair); !names { // a change of domains says so itself
			b.warn(cert.CommonNameUnmarked, "the API marks no domain, or several, as common name; "+cert.DisplayName(want.Common)+
				" is sent with the next change of domains", Action{})
		}
	}
	if isOtherRequest(b.Pair) && len(b.done.Edits) == 0 {
		what, _ := otherRequest(b.Pair)
		b.warn(cert.OtherDomains, what, Action{})
	}
}

// warnOfOthers says who changed the request last, where something differs and
// the API says who it was. A difference that git did not make was made there. What the
// journal proves to be this client's own write is none of that.
func (b *builder) warnOfOthers() {
	differs := len(diff.Fields(b.Want.Patch, b.Have)) > 0
	own := slices.ContainsFunc(b.o.Own[b.Want.ID], func(w Own) bool { return w.After.Equal(b.Have.Modified) })
	if !differs || own || len(b.done.Edits) > 0 || b.Have.ModifiedBy == "" || b.Have.Modified.IsZero() {
		return
	}
	last := "last modified " + attribution(b.Have)
	if b.Have.ModifiedBy != b.o.Self {
		b.warn(cert.ModifiedOutside, last+"; a difference that Git did not make was made there", Action{})
		return
	}
	b.warn(cert.ModifiedOutside, last+", the client of this run; no journal says whether that was cpsync", Action{})
	b.Warnings[len(b.Warnings)-1].Aside = true
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

// Asking returns the warnings that need a person: one for each thing to do, which has the
// code of the first and the texts of all.
func (s Step) Asking() []Warning {
	var asking []Warning
	for _, w := range s.Warnings {
		i := slices.IndexFunc(asking, func(a Warning) bool { return !w.Do.None() && a.Do == w.Do })
		switch {
		case !w.NeedsAction():
		case i < 0:
			asking = append(asking, w)
		default:
			asking[i].Text += "; " + w.Text
		}
	}
	return asking
}

// Noted returns the warnings that are worth knowing and ask nobody to act.
func (s Step) Noted() []Warning {
	return slices.DeleteFunc(slices.Clone(s.Warnings), Warning.NeedsAction)
}

// NeedsAction reports whether the warning asks for a person: the rest are notes.
func (w Warning) NeedsAction() bool { return w.Code.NeedsAction() && !w.Accepted }

// Overlaps returns what the manifest has in common with others and neither accepts.
func (s Step) Overlaps() []Warning {
	return slices.DeleteFunc(slices.Clone(s.Warnings), func(w Warning) bool { return !w.Overlap() })
}

// Overlap reports whether w is about what two manifests have in common and neither accepts.
func (w Warning) Overlap() bool { return w.Code.Overlap() && !w.Accepted }

// Notes counts what is worth knowing and asks nobody to act, overlaps apart.
func (s Step) Notes() int { return len(s.Noted()) - len(s.Overlaps()) }

// inheritedFrom says which file of defaults the value of path comes from; "" when it is
// the manifest's own.
func inheritedFrom(want cert.Spec, path string) string {
	if at, is := want.Inherited(path); is {
		return ", from " + placeOf(at)
	}
	return ""
}

// sayKey says the value of a key of the policy.
func (b *builder) sayKey(key, value string) string {
	return key + " is " + value + inheritedFrom(b.Want, key)
}

func placeOf(at cert.Pos) string { return fmt.Sprintf("%s:%d", at.File, at.Line) }

// policies are the keys that ask for an edit as time passes.
var policies = []struct {
	edit cert.Edit
	path string
}{
	{cert.EditRenew, "policy.renew_before"},
	{cert.EditRenew, "policy.renew_if_expires_before"},
	{cert.EditRenew, "policy.renew_if_thumbprint"},
	{cert.EditRetrigger, "policy.retrigger_until"},
}

// Overruled notes where a protection from above leaves policies of a manifest idle. It looks at the
// manifest alone. Where that protects the edit itself, this is how it declines what it inherits.
func Overruled(want cert.Spec) []Warning {
	var idle []string
	note := func(e cert.Edit, path string) {
		at, is := want.Protection(e)
		if _, asked := want.At[path]; !asked || !is || at.File == want.At[""].File {
			return
		}
		from := inheritedFrom(want, path)
		if from != "" {
			from += ","
		}
		idle = append(idle, fmt.Sprintf("%s%s has no effect: policy.protect at %s lists %s", path, from, placeOf(at), e))
	}
	for _, p := range policies {
		note(p.edit, p.path)
	}
	for _, e := range want.Policy.AllowUndocumented {
		note(e, "policy.allow_undocumented")
	}
	if len(idle) == 0 {
		return nil
	}
	return []Warning{{Code: cert.ProtectWins, Text: strings.Join(idle, "; "), Accepted: want.Policy.Accepts(cert.ProtectWins)}}
}
