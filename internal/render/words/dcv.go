package words

import (
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// MostMail is how many addresses of a certificate are shown where nobody asked for all.
const MostMail = 5

// DCV holds what proves control of the names of one certificate.
type DCV struct {
	Records   []cert.Record
	Mail      []Mail
	Methods   []string
	Names     int // that something is there for
	Waiting   int // and nothing yet
	Validated bool
}

// Mail holds who got an e-mail for some names. One answer validates all of them.
type Mail struct{ Names, To []string }

func DCVOf(c report.DCV) DCV {
	t := DCV{Validated: len(c.Validations) == 0}
	for _, p := range c.Validations {
		t.Records = append(t.Records, p.Records...)
		if len(p.Emails) > 0 {
			t.Mail = append(t.Mail, Mail{p.Names, p.Emails})
		}
		if method := string(p.Method); !slices.Contains(t.Methods, method) {
			t.Methods = append(t.Methods, method)
		}
		if p.Ready() {
			t.Names += len(p.Names)
		} else {
			t.Waiting += len(p.Names)
		}
	}
	return t
}

// About says which names mail is for, where there is other mail too.
func (m Mail) About(t DCV, names string) string {
	if len(t.Mail) == 1 {
		return ""
	}
	return "; for " + names
}

// InferredNote says what of a record is undocumented.
const InferredNote = "The API gives the token alone. Names and targets of the records follow the CA's documentation."

// NotYet is said of names without a token.
const NotYet = "none yet; they appear " + appear

// None says why there is nothing to set for domains, where there is nothing.
func (t DCV) None() string {
	switch {
	case t.Validated:
		return "none: every domain is validated"
	case t.Waiting > 0:
		return Plural(t.Waiting, "domain has ", "domains have ") + NotYet
	default:
		return ""
	}
}

// appear is when the CA's tokens are there.
//
// Source: cps-api, section 4.7: not immediately; the vendor's provider waits 20 minutes.
const appear = "up to 20 minutes after the order"

// Awaited says of a request whose order is too new for DCV what to look for later; "" of any other.
func Awaited(x report.Explanation) string {
	have := x.Step.Have
	waits := x.Step.Phase == cert.Processing || x.Step.Phase == cert.Ordered || x.Step.Phase == cert.InFlight && have.Status == cert.StatusActive
	if !waits || have.AwaitsDCV() || have.Validated() {
		return ""
	}
	return "if the CA asks for DCV, " + byMethod(have.DCVMethod, "e-mails", "DNS records") + " appear " + appear + "; look for them with  " +
		Again(without(x.Flags, "--now"), x.Paths, "explain", x.Step.Want.ID.String())
}

// Below says, in an action, that the records stand under it.
const Below = "below"

// Do says what a person does to validate the domains. where says where the records and e-mails stand.
func (t DCV) Do(where string) string {
	switch {
	case t.Validated:
		return "wait: every domain is validated, and the CA continues by itself"
	case t.found():
		// Source: cps-api, section 3.2: the CA looks for up to a week.
		return "wait: DNS has every record, and the CA looks for them for up to a week after the order"
	case len(t.Records) > 0 && len(t.Mail) > 0:
		return "create the DNS records and answer the e-mails " + where
	case len(t.Mail) > 1:
		return "answer one e-mail of each line " + where
	case len(t.Records) > 0:
		return "create the DNS records " + where
	case len(t.Mail) > 0:
		return "answer the e-mail " + where
	default:
		what := Each(t.Methods, func(m string) string { return byMethod(cert.DCVMethod(m), "e-mails", "DNS records") })
		slices.Sort(what)
		return "run again later: the " + strings.Join(slices.Compact(what), " and ") + " appear " + appear
	}
}

// found reports whether DNS holds all that there is to set.
func (t DCV) found() bool {
	missing := func(r cert.Record) bool { return r.Lookup.Result != cert.Found }
	return len(t.Records) > 0 && len(t.Mail)+t.Waiting == 0 && !slices.ContainsFunc(t.Records, missing)
}

// ValidationBy is what people call what proves control by a method.
func ValidationBy(m cert.DCVMethod) string { return byMethod(m, "e-mails", "records") }

// byMethod returns mail where domains are validated by e-mail, and other for every other method.
func byMethod(m cert.DCVMethod, mail, other string) string {
	if m == cert.Email {
		return mail
	}
	return other
}

// DCVLine counts what the rows would show, or says that it could not be read.
func DCVLine(c report.DCV) string {
	t := DCVOf(c)
	switch {
	case c.Err != "":
		return "could not be read: " + c.Err
	case t.Validated:
		return t.None()
	}
	return JoinCounts(Plural(len(t.Records), "DNS record to create", "DNS records to create"),
		Plural(len(t.Mail), "e-mail to answer", "e-mails to answer"), Plural(t.Waiting, "domain has none yet", "domains have none yet")) + " (-v)"
}

// RecordsOf are all records to set.
func RecordsOf(r report.Report) []cert.Record {
	var all []cert.Record
	for _, s := range r.Plan.Steps {
		all = append(all, DCVOf(r.DCV[s.Want.ID]).Records...)
	}
	return all
}

// PointToDCV returns the report for a page that shows the DCV itself, in the part with the title under.
func PointToDCV(r report.Report, under string) report.Report {
	r.Plan.Steps = slices.Clone(r.Plan.Steps)
	for i, s := range r.Plan.Steps {
		if c, asked := r.DCV[s.Want.ID]; asked && c.Err == "" {
			dcv := DCVOf(c)
			do := dcv.Do(Below)
			if todo := len(dcv.Records)+len(dcv.Mail) > 0; todo && under != "" && !dcv.Validated && !dcv.found() {
				// The same words for all, so that equal ones make a group. Without a title they stand below each.
				do = "validate the domains, as under " + under
			}
			r.Plan.Steps[i] = WithDCVAction(s, do)
		}
	}
	return r
}

// DCVTitle is the title of what proves control of the domains of a request.
func DCVTitle(have cert.Live) string {
	return byMethod(have.DCVMethod, "E-MAILS TO ANSWER", "DNS RECORDS")
}

// SelfContained returns an explanation without the advice to run cpsync explain.
func SelfContained(x report.Explanation) report.Explanation {
	do := DCVOf(report.DCV{Validations: x.DCV}).Do("listed under " + DCVTitle(x.Step.Have))
	if !x.DCVRead {
		do = "validate the domains: without --no-dcv this shows the " + byMethod(x.Step.Have.DCVMethod, "e-mails", "DNS records")
	}
	x.Step = WithDCVAction(x.Step, do)
	x.Next.Do = Each(x.Next.Do, func(a plan.Action) plan.Action { return a.ValidatedBy(do) })
	if len(x.Step.Ops) > 0 && !x.Next.Nobody && x.Next.Next == plan.NextRun {
		paths := x.Paths
		if len(paths) == 0 {
			paths = []string{"."}
		}
		x.Next.Do = []plan.Action{plan.Advise("run  " + Again(x.Flags, paths, "--apply", "--only", x.Step.Want.ID.String()))}
	}
	x.Renewal.Do = x.Renewal.Do.ValidatedBy(do)
	x.Outlooks = Each(x.Outlooks, func(o plan.Outlook) plan.Outlook {
		o.Why.Do = o.Why.Do.ValidatedBy(do)
		return o
	})
	return x
}

// WithDCVAction returns a step with the action do in place of the one that names cpsync explain.
func WithDCVAction(s plan.Step, do string) plan.Step {
	s.Withheld = Each(s.Withheld, func(b plan.Withheld) plan.Withheld {
		b.Do = b.Do.ValidatedBy(do)
		return b
	})
	s.Warnings = Each(s.Warnings, func(w plan.Warning) plan.Warning {
		w.Do = w.Do.ValidatedBy(do)
		return w
	})
	return s
}
