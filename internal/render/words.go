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
		return "metadata only"
	case plan.Reissue:
		return reissue(s, e)
	case plan.RenewalOutside:
		return "renewal outside the usual window; the API may refuse it"
	case plan.Renewal:
		return "new end about " + e.End.UTC().Format(plan.Date) + "; " +
			plural(len(s.Have.Domains), "name", "names") + " may be validated again"
	case plan.NewOrder:
		return "new order; new records to set about 20 minutes after the apply"
	case plan.MethodBefore:
		return "before issue: the records set so far become useless, new ones are to be set"
	case plan.MethodInActive:
		return "none now: counts from the next validation on"
	}
	panic("render: unknown kind of effect")
}

func reissue(s plan.Step, e plan.Effect) string {
	validates := "no new name to validate"
	if e.New > 0 {
		validates = "validates " + plural(e.New, "new name", "new names")
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
