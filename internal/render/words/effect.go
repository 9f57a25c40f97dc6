package words

import (
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"slices"
)

// Effect says what an operation brings about; "" of one that changes metadata only.
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
		return "new end about " + e.End.UTC().Format(plan.Date) + "; " + validatedAgain(s, e)
	case plan.NewOrder:
		return "new order; new " + proofsBy(e.Method) + vettedAgain(e)
	case plan.MethodBefore:
		return "before issue: " + methodBefore(e)
	case plan.MethodInActive:
		return "none now: counts from the next validation on" + byMail(", which asks for e-mails to answer", e.Method)
	}
	panic("render: unknown kind of effect")
}

func validatedAgain(s plan.Step, e plan.Effect) string {
	return Plural(len(s.Have.Domains), "name", "names") + " may be validated again" + byMail(" by e-mail", e.Method) + vettedAgain(e)
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

// proofsBy is what a new validation by a method asks of a person.
func proofsBy(m cert.DCVMethod) string {
	switch m {
	case cert.Email:
		return "e-mails to answer"
	case cert.DNSCnameToken, cert.DNSTxtToken:
		return "records to set about 20 minutes after the apply"
	default:
		return "proofs of control to give"
	}
}

// methodBefore says what a change of the method means for what was asked of a person.
func methodBefore(e plan.Effect) string {
	switch {
	case e.Before == cert.Email:
		return "the e-mails sent so far become useless; new " + proofsBy(e.Method)
	case e.Method == cert.Email:
		return "the records set so far become useless; new " + proofsBy(e.Method)
	default:
		return "the records set so far become useless, new ones are to be set"
	}
}

func reissue(s plan.Step, e plan.Effect) string {
	validates := "no new name to validate"
	if e.New > 0 {
		validates = "validates " + Plural(e.New, "new name", "new names") + byMail(" by e-mail", e.Method)
	}
	if !s.Have.Issued() {
		return "new order; " + validates
	}
	return "reissue; " + validates + "; old certificate stays meanwhile"
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
