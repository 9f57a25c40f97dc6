package words

import (
	"strings"

	"slices"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Effect says what an operation causes.
func Effect(s plan.Step, o plan.Operation) string {
	switch e := o.Effect; e.Kind {
	case plan.MetadataOnly:
		if endsRenewal(s, o) {
			return "nothing renews it from then on"
		}
		return "metadata only"
	case plan.Reissue:
		return reissue(s, e)
	case plan.RenewalOutside:
		return "renewal outside the usual window; the API may refuse it; " + validatedAgain(s, e)
	case plan.Renewal:
		return "the new certificate is valid until about " + e.End.UTC().Format(plan.Date) + "; " + validatedAgain(s, e)
	case plan.NewOrder:
		return "new order; new " + validationsBy(e.Method) + vettedAgain(e)
	case plan.MethodBefore:
		return "before issue: " + methodBefore(e)
	case plan.MethodInActive:
		return "none now: applies from the next DCV on" + byMail(", which asks for e-mails to answer", e.Method)
	}
	panic("render: unknown kind of effect")
}

func validatedAgain(s plan.Step, e plan.Effect) string {
	return Plural(len(s.Have.Domains), "domain", "domains") + " may need DCV again" + byMail(" by e-mail", e.Method) + vettedAgain(e)
}

func vettedAgain(e plan.Effect) string {
	if e.Vets {
		return "; the organization may be vetted again"
	}
	return ""
}

// byMail is text where names are validated by e-mail.
func byMail(text string, m cert.DCVMethod) string {
	if m == cert.Email {
		return text
	}
	return ""
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

// methodBefore says what a change of the method means for what was asked of a person.
func methodBefore(e plan.Effect) string {
	switch {
	case e.Before == cert.Email:
		return "the e-mails sent so far become invalid; new " + validationsBy(e.Method)
	case e.Method == cert.Email:
		return "the DNS records created so far become invalid; new " + validationsBy(e.Method)
	default:
		return "the DNS records created so far become invalid, new ones are to be created"
	}
}

func reissue(s plan.Step, e plan.Effect) string {
	validates := "no new domain to validate"
	if e.New > 0 {
		validates = "DCV for " + Plural(e.New, "domain", "domains") + byMail(" by e-mail", e.Method)
	}
	if !s.Have.Issued() {
		return "new order; " + validates
	}
	return "reissue; " + validates + "; the current certificate stays active until then"
}

// endsRenewal reports whether nothing renews the certificate after an operation.
func endsRenewal(s plan.Step, o plan.Operation) bool {
	on, set := o.Body.AutoRenew.Get()
	return set && !on && s.Is(cert.NothingRenews)
}

// LeavesUnrenewed reports whether an edit of metadata leaves nothing that renews the
// certificate.
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
	if o.Kind != plan.Patch {
		return nil
	}
	return &o.Body
}

// UntilOf is "" where nothing but a person ends it.
func UntilOf(b plan.Withheld) string {
	if b.Until == "" {
		return ""
	}
	return Until(b)
}

func SameReasons(a, b plan.Withheld) bool {
	return a.Verdict == b.Verdict && a.Because == b.Because && a.Until == b.Until &&
		a.UntilAt.Equal(b.UntilAt) && a.Do == b.Do
}

func Until(b plan.Withheld) string {
	if b.UntilAt.IsZero() {
		return b.Until
	}
	return b.Until + " (" + b.UntilAt.UTC().Format(plan.Minute) + ")"
}

// VerbPhrase names an operation on a certificate: "renew a.example.com (7)".
func VerbPhrase(s plan.Step, o plan.Operation) string { return Verb(o) + joint(o) + Title(s) }

func Verb(o plan.Operation) string {
	if o.Kind != plan.Patch {
		return o.Kind.String()
	}
	fields := make([]string, len(o.Changes))
	for i, c := range o.Changes {
		fields[i] = c.Edit.String()
	}
	return "change " + strings.Join(fields, ", ")
}

func joint(o plan.Operation) string {
	if o.Kind == plan.Patch {
		return " of "
	}
	return " "
}

// VerdictMark says in a word or two why a change is shown and not sent.
func VerdictMark(v plan.Verdict) string {
	switch v {
	case plan.Deferred:
		return "deferred"
	case plan.Blocked:
		return "blocked"
	case plan.Undocumented:
		return "not sent: API behaviour undocumented"
	case plan.Protected:
		return "protected"
	case plan.NotPossible:
		return "not possible"
	case plan.ExtraDomain:
		return "not removed"
	}
	panic("render: unknown verdict")
}
