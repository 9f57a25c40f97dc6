package plan_test

import (
	"fmt"
	. "github.com/cpsync/cpsync/internal/plan"
	"reflect"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// The inside of plan, under its own names.
const (
	day       = Day
	autoStart = AutoStart
	allow     = Allow
	undoc     = Undoc
	later     = Later
	never     = Never
)

var (
	ruleTable    = Table
	words        = PhaseTexts
	window       = Window
	isOrder      = IsOrder
	decidesOrder = DecidesOrder
)

// now is the instant of every table here.
var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

var opts = Options{
	API: "https://api.vdms.io/sec/cps", OrderCooldown: 20 * time.Hour,
	MaxEdits: 50, MaxDomainChanges: 10, MaxRenewals: 40,
}

// inService is a request in service with all read, in step with asks(): a and b are
// its names, it ends in 100 days, auto_renew is off, and nobody touched it for 30 days.
func inService(changes ...func(*cert.Live)) cert.Live {
	l := cert.Live{
		ID: 11604, Label: "cdn", Description: "Storefront", DCVMethod: cert.DNSTxtToken,
		ValidationType: cert.OV, Authority: cert.DigiCert, Common: "a.example.com",
		Expires: now.Add(100 * day), Created: now.Add(-200 * day), Modified: now.Add(-30 * day),
		ModifiedBy: "client 2cd2", Thumbprint: "ab12",
		Organization: "Example Corp", OrganizationRead: true,
		Status: cert.StatusActive, Order: cert.OrderIssued,
	}
	l.SetDomains(names(cert.DomainActive, "a.example.com", "b.example.com"))
	for _, change := range changes {
		change(&l)
	}
	return l
}

// asks is a manifest that manages nothing but what the changes set.
func asks(changes ...func(*cert.Spec)) cert.Spec {
	s := cert.Spec{ID: 11604, Name: "cdn"}
	for _, change := range changes {
		change(&s)
	}
	return s
}

// What a request can be.

func endsIn(d time.Duration) func(*cert.Live) {
	return func(l *cert.Live) { l.Expires = now.Add(d) }
}

func changed(ago time.Duration) func(*cert.Live) {
	return func(l *cert.Live) { l.Modified = now.Add(-ago) }
}

func neverModified(l *cert.Live) { l.Modified = time.Time{} }

func autoRenews(l *cert.Live) { l.AutoRenew = true }

func order(o cert.OrderStatus) func(*cert.Live) { return func(l *cert.Live) { l.Order = o } }

func status(s cert.Status) func(*cert.Live) { return func(l *cert.Live) { l.Status = s } }

func serving(list ...string) func(*cert.Live) {
	return func(l *cert.Live) {
		l.SetDomains(names(cert.DomainActive, list...))
		l.Common = list[0]
	}
}

func common(name string) func(*cert.Live) { return func(l *cert.Live) { l.Common = name } }

// timedOut is a first request that was not validated in time.
func timedOut(l *cert.Live) {
	l.Expires, l.Thumbprint = time.Time{}, ""
	l.Status, l.Order, l.RequiresAttention = cert.StatusDomainControlValidation, cert.OrderPending, true
	l.SetDomains(names(cert.DomainTimedOut, l.Names()...))
}

// unread takes the status answer, and the organization, away again.
func unread(l *cert.Live) {
	l.Status, l.Order, l.RequiresAttention, l.ErrorMessage = cert.StatusNotRead, cert.OrderNotRead, false, ""
	l.Organization, l.OrganizationRead = "", false
}

// What a manifest can ask for.

func description(d string) func(*cert.Spec) {
	return func(s *cert.Spec) { s.Description = cert.Some(d) }
}

func label(l string) func(*cert.Spec) { return func(s *cert.Spec) { s.Label = cert.Some(l) } }

func autoRenew(on bool) func(*cert.Spec) { return func(s *cert.Spec) { s.AutoRenew = cert.Some(on) } }

func method(m cert.DCVMethod) func(*cert.Spec) {
	return func(s *cert.Spec) { s.DCVMethod = cert.Some(m) }
}

// lists asks for exactly these names, the first of them common.
func lists(list ...string) func(*cert.Spec) {
	return func(s *cert.Spec) { s.Domains = cert.Some(cert.Domains{Common: list[0], Names: sorted(list)}) }
}

func removes(list ...string) func(*cert.Spec) {
	return func(s *cert.Spec) { s.Policy.RemoveDomains = sorted(list) }
}

func renewBefore(d time.Duration) func(*cert.Spec) {
	return func(s *cert.Spec) { s.Policy.RenewBefore = cert.Some(d) }
}

// renewsNow names the thumbprint of inService.
func renewsNow(s *cert.Spec) { s.Policy.RenewIfThumbprint = []string{"AB12"} }

func thumbprint(t string) func(*cert.Live) { return func(l *cert.Live) { l.Thumbprint = t } }

func endsBefore(date string) func(*cert.Spec) {
	return func(s *cert.Spec) { s.Policy.RenewIfExpiresBefore = cert.Some(midnight(date)) }
}

func retriggerUntil(date string) func(*cert.Spec) {
	return func(s *cert.Spec) { s.Policy.RetriggerUntil = cert.Some(midnight(date)) }
}

func protects(edits ...cert.Edit) func(*cert.Spec) {
	return func(s *cert.Spec) { s.Policy.Protect = edits }
}

func tries(edits ...cert.Edit) func(*cert.Spec) {
	return func(s *cert.Spec) { s.Policy.AllowUndocumented = edits }
}

func accepts(codes ...cert.Code) func(*cert.Spec) {
	return func(s *cert.Spec) { s.Policy.Accept = codes }
}

func expects(e cert.Expect) func(*cert.Spec) { return func(s *cert.Spec) { s.Expect = e } }

// both asks for two things.
func both(a, b func(*cert.Spec)) func(*cert.Spec) { return func(s *cert.Spec) { a(s); b(s) } }

// one plans a single certificate.
func one(want cert.Spec, have cert.Live) Step { return oneAt(want, have, now) }

func oneAt(want cert.Spec, have cert.Live, at time.Time) Step {
	return Build(Account{Pairs: []Pair{{Want: want, Have: have, Found: true}}, Complete: true}, at, opts).Steps[0]
}

// lines tells a step in a few lines: what is sent, in order, then what is not.
func lines(s Step) []string {
	var all []string
	if s.Fault != nil {
		all = append(all, "fault "+s.Fault.Code)
	}
	for _, o := range s.Ops {
		all = append(all, "send "+sentence(o))
	}
	for _, b := range s.Withheld {
		line := fmt.Sprintf("not %s: %s by %s, next %s", change(b.Edit, b.Change), b.Verdict, b.Rule, b.Next)
		if !b.UntilAt.IsZero() {
			line += ", until " + b.UntilAt.Format(Minute)
		}
		all = append(all, line)
	}
	return all
}

func sentence(o Operation) string {
	if o.Kind != Patch {
		return o.Kind.String()
	}
	var parts []string
	for _, c := range o.Changes {
		parts = append(parts, change(c.Edit, c))
	}
	text := strings.Join(parts, ", ")
	if d, ok := o.Body.Domains.Get(); ok {
		text += " = " + d.Common + "!"
		for _, n := range d.Names {
			text += " " + n
		}
	}
	return short(text)
}

func change(e cert.Edit, c diff.Change) string {
	text := e.String()
	for _, n := range c.Add {
		text += " +" + n
	}
	for _, n := range c.Remove {
		text += " -" + n
	}
	if c.CommonFrom != c.CommonTo {
		text += " common " + c.CommonFrom + ">" + c.CommonTo
	}
	return short(text)
}

func short(s string) string { return strings.ReplaceAll(s, ".example.com", "") }

// codes are the codes of the warnings of a step, those accepted with a mark.
func codes(s Step) []string {
	var all []string
	for _, w := range s.Warnings {
		code := string(w.Code)
		if w.Accepted {
			code += " (accepted)"
		}
		all = append(all, code)
	}
	return all
}

func names(s cert.DomainStatus, list ...string) []cert.Domain {
	var all []cert.Domain
	for _, n := range list {
		all = append(all, cert.Domain{Name: n, Status: s})
	}
	return all
}

func midnight(date string) time.Time {
	t, err := time.Parse(Date, date)
	if err != nil {
		panic(err)
	}
	return t
}

// values compares what cert and this package keep to themselves.
var values = cmp.Exporter(func(reflect.Type) bool { return true })
