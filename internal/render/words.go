package render

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// plural returns "1 name" or "3 names".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// counted is plural for a list: it leaves out what is not there.
func counted(parts ...string) string {
	var there []string
	for _, p := range parts {
		if !strings.HasPrefix(p, "0 ") {
			there = append(there, p)
		}
	}
	return strings.Join(there, ", ")
}

// title is what people know a certificate by, and its id.
func title(s plan.Step) string {
	name := s.Want.Name
	if s.Fault == nil {
		name = nameOf(s.Have, s.Want.Name)
	}
	return Clean(name) + " (" + s.Want.ID.String() + ")"
}

// nameOf is the common name of a request, else its label, else another name.
func nameOf(have cert.Live, other string) string {
	switch {
	case have.Common != "":
		return cert.DisplayName(have.Common)
	case have.Label != "":
		return have.Label
	default:
		return other
	}
}

// place is where a manifest says something, as editors take it.
func place(at cert.Pos) string {
	if at.File == "" || at.Line == 0 {
		return Clean(at.File)
	}
	return fmt.Sprintf("%s:%d", Clean(at.File), at.Line)
}

// doing names an operation on a certificate: "renew a.example.com (7)".
func doing(s plan.Step, o plan.Operation) string { return call(o) + joint(o) + title(s) }

// calling names it as a noun: "renew of a.example.com (7)".
func calling(s plan.Step, o plan.Operation) string { return call(o) + " of " + title(s) }

func call(o plan.Operation) string {
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

// effect says what an operation brings about; "" of one that changes metadata only.
func effect(s plan.Step, o plan.Operation) string {
	switch e := o.Effect; e.Kind {
	case plan.MetadataOnly:
		if on, set := o.Body.AutoRenew.Get(); set && !on && s.Is(cert.NothingRenews) {
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
	return plural(len(s.Have.Domains), "name", "names") + " may be validated again" + byMail(" by e-mail", e.Method) + vettedAgain(e)
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
		validates = "validates " + plural(e.New, "new name", "new names") + byMail(" by e-mail", e.Method)
	}
	if !s.Have.Issued() {
		return "new order; " + validates
	}
	return "reissue; " + validates + "; old certificate stays meanwhile"
}

// mark says in a word or two that a change is shown and not made.
func mark(v plan.Verdict) string {
	switch v {
	case plan.Held:
		return "not yet"
	case plan.Locked:
		return "not made"
	case plan.Undocumented:
		return "not documented"
	case plan.Protected:
		return "protected: shown, never made"
	case plan.Unreachable:
		return "out of reach"
	case plan.ExtraName:
		return "stays"
	}
	panic("render: unknown verdict")
}
