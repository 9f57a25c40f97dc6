package words

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
)

// Effect says what an operation causes.
func Effect(s plan.Step, o plan.Operation) string {
	e, vetted := o.Effect, ""
	if e.Vets {
		vetted = "; the organization may be vetted again"
	}
	mail := byMethod(e.Method, " by e-mail", "")
	again := Plural(len(s.Have.Domains), "domain") + " may need DCV again" + mail + vetted
	switch e.Kind {
	case plan.MetadataOnly:
		if endsRenewal(s, o) {
			return "nothing renews it from then on"
		}
		return "metadata only"
	case plan.Reissue:
		validates := "no new domain to validate"
		if e.New > 0 {
			validates = "DCV for " + Plural(e.New, "domain") + mail
		}
		if !s.Have.Issued() {
			return "new order; " + validates
		}
		if OutOfService(s) {
			return "reissue; " + validates
		}
		return "reissue; " + validates + "; the current certificate stays active until then"
	case plan.RenewalOutside:
		return "renewal outside the usual window; the API may refuse it; " + again
	case plan.Renewal:
		return "the new certificate is valid until about " + e.End.UTC().Format(plan.Date) + "; " + again
	case plan.NewOrder:
		return "new order; new " + validationsBy(e.Method) + vetted
	case plan.MethodBefore:
		// What was asked of a person before.
		invalid := "before issue: the " + byMethod(e.Before, "e-mails sent", "DNS records created") + " so far become invalid"
		if e.Before != cert.Email && e.Method != cert.Email {
			return invalid + ", new ones are to be created"
		}
		return invalid + "; new " + validationsBy(e.Method)
	case plan.MethodInActive:
		return "none now: applies from the next DCV on" + byMethod(e.Method, ", which asks for e-mails to answer", "")
	}
	panic("render: unknown kind of effect")
}

// OutOfService reports whether the certificate has expired or was revoked, accepted or not.
func OutOfService(s plan.Step) bool {
	_, revoked := s.Warning(cert.Revoked)
	_, over := s.Warning(cert.PastExpiry)
	return revoked || over
}

// validationsBy is what a new validation by a method asks of a person.
func validationsBy(m cert.DCVMethod) string {
	switch {
	case m == cert.Email:
		return "e-mails to answer"
	case m.InDNS():
		return "DNS records to create about 20 minutes after the apply"
	default:
		return "DCV to do"
	}
}

// endsRenewal reports whether nothing renews the certificate after an operation.
func endsRenewal(s plan.Step, o plan.Operation) bool {
	on, set := o.Body.AutoRenew.Get()
	return set && !on && s.Is(cert.NothingRenews)
}

// LeavesUnrenewed reports whether an edit of metadata leaves nothing that renews the certificate.
func LeavesUnrenewed(s plan.Step) bool {
	return slices.ContainsFunc(s.Ops, func(o plan.Operation) bool { return o.Effect.Kind == plan.MetadataOnly && endsRenewal(s, o) })
}

// Request is the call that an operation makes, its path below the API's address.
func Request(id cert.ID, o plan.Operation) (method, path string) {
	if o.Kind == plan.Patch {
		return cert.PatchCall(id)
	}
	return cert.OrderCall(id, o.Edit())
}

// BodyOf is what an operation sends, or nil when it sends none.
func BodyOf(o plan.Operation) *cert.Patch {
	if o.Kind == plan.Patch {
		return &o.Body
	}
	return nil
}

func SameReasons(a, b plan.Withheld) bool {
	return a.Verdict == b.Verdict && a.Because == b.Because && a.Until == b.Until &&
		a.UntilAt.Equal(b.UntilAt) && a.Do == b.Do
}

// Until is what ends it, with the time where that is known; "" where nothing but a person does.
func Until(b plan.Withheld) string {
	if b.Until == "" || b.UntilAt.IsZero() {
		return b.Until
	}
	return b.Until + " (" + b.UntilAt.UTC().Format(plan.Minute) + ")"
}

// Verb names an operation: "renew", "change label, description".
func Verb(o plan.Operation) string {
	if o.Kind != plan.Patch {
		return o.Kind.String()
	}
	return "change " + strings.Join(Each(o.Changes, func(c diff.Change) string { return c.Edit.String() }), ", ")
}

// Verdicts say in a word or two why a change is shown and not sent.
var Verdicts = [...]string{
	plan.Deferred: "deferred", plan.Blocked: "blocked", plan.Undocumented: "not sent: API behaviour undocumented",
	plan.Protected: "protected", plan.NotPossible: "not possible", plan.ExtraDomain: "not removed",
}

// Operations sums up what a step sends, from its operation number first on.
func Operations(s plan.Step, first int) string {
	if s.Fault != nil {
		return s.Fault.Message
	}
	return cmp.Or(strings.Join(Each(s.Ops[first:], shortly), "; "), "nothing to send")
}

// shortly is an operation in a few words.
func shortly(o plan.Operation) string {
	if o.Kind == plan.Retrigger && !o.Since.IsZero() {
		return "retrigger of the request as it is since " + o.Since.UTC().Format(plan.Minute)
	}
	if o.Kind != plan.Patch {
		return o.Kind.String()
	}
	return strings.Join(Each(o.Changes, changed), ", ")
}

// changed is a change on one line, however long.
func changed(c diff.Change) string {
	if c.Edit == cert.EditDomains {
		return summed(c)
	}
	from, to := FromTo(c)
	return c.Edit.String() + " " + from + " -> " + to
}

// summed is a change of names on one line.
func summed(c diff.Change) string {
	var parts []string
	for _, name := range c.Remove {
		parts = append(parts, "REMOVES "+cert.DisplayName(name))
	}
	for _, name := range c.Add {
		parts = append(parts, "+ "+cert.DisplayName(name))
	}
	if c.CommonFrom != c.CommonTo {
		parts = append(parts, CommonName(c))
	}
	return strings.Join(parts, ", ") + fmt.Sprintf(" (%d -> %d)", len(c.Before), len(c.After()))
}

// OperationWord is an operation in a word: an order, one field, or "edit" of several.
func OperationWord(o plan.Operation) string {
	switch {
	case o.Kind != plan.Patch:
		return o.Kind.String()
	case len(o.Changes) == 1:
		return o.Changes[0].Edit.String()
	default:
		return "edit"
	}
}

// KindsOf counts operations by what they are: "3 renewals, 2 edits".
func KindsOf(all []plan.Operation) string {
	var n view.Summary
	for _, o := range all {
		n.Count(o)
	}
	return OperationKinds(n)
}
