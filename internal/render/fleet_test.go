package render_test

import (
	"fmt"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

const day = 24 * time.Hour

var now = time.Date(2026, 11, 22, 9, 14, 0, 0, time.UTC)

func date(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func options() plan.Options {
	return plan.Options{API: "https://api.vdms.io/sec/cps", OrderCooldown: 20 * time.Hour,
		MaxEdits: 50, MaxDomainChanges: 10, MaxRenewals: 40}
}

// live is a request in service, and every name of it.
func live(id cert.ID, expires string, names ...string) cert.Live {
	have := cert.Live{
		ID: id, Label: names[0], Common: names[0], DCVMethod: cert.DNSTxtToken,
		ValidationType: cert.OV, Authority: cert.DigiCert,
		Created: date("2026-01-02"), Modified: date("2026-11-01"),
		Status: cert.StatusActive, Order: cert.OrderIssued,
	}
	status := cert.DomainActive
	if expires == "" {
		have.Status, have.Order, status = cert.StatusProcessing, cert.NoOrder, cert.DomainProvisioningInitiated
	} else {
		have.Expires, have.Thumbprint = date(expires).Add(12*time.Hour), "ab12"
	}
	var domains []cert.Domain
	for _, n := range names {
		domains = append(domains, cert.Domain{Name: n, Status: status})
	}
	have.SetDomains(domains)
	return have
}

// inStatus puts a request, and all its names, into a status.
func inStatus(have cert.Live, s cert.Status, o cert.OrderStatus, d cert.DomainStatus) cert.Live {
	have.Status, have.Order = s, o
	for i := range have.Domains {
		have.Domains[i].Status = d
	}
	return have
}

// spec is a manifest that asks for nothing.
func spec(id cert.ID, file string) cert.Spec {
	return cert.Spec{ID: id, Name: fmt.Sprintf("c%d", id), At: map[string]cert.Pos{
		"": {File: file, Line: 1, Column: 1}, "metadata.id": {File: file, Line: 6, Column: 7}}}
}

func at(s cert.Spec, key string, line int) cert.Spec {
	s.At[key] = cert.Pos{File: s.At[""].File, Line: line, Column: 3}
	return s
}

func pair(want cert.Spec, have cert.Live) plan.Pair {
	return plan.Pair{Want: want, Have: have, Found: true}
}

func domains(names ...string) cert.Opt[cert.Domains] {
	have := live(1, "", names...)
	return cert.Some(cert.Domains{Common: names[0], Names: have.Names()})
}

// numbered returns n names.
func numbered(n int, format string) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf(format, i+1)
	}
	return names
}

func legacy() plan.Pair {
	have := live(11588, "2026-12-04", "legacy.example.com")
	return pair(spec(11588, "certs/web/legacy.yaml"), have)
}

func shop() plan.Pair {
	names := []string{"shop.example.com", "a.shop.example.com", "b.shop.example.com"}
	want := at(spec(11607, "certs/shop/shop.yaml"), "spec.domains", 9)
	want.Domains = domains(append(names, "api.shop.example.com")...)
	return pair(want, inStatus(live(11607, "", names...), cert.StatusDomainControlValidation, cert.OrderPending, cert.DomainPendingDNS))
}

func cdn() plan.Pair {
	want := at(spec(11604, "certs/web/cdn.yaml"), "spec.description", 7)
	want.Description = cert.Some("Storefront, EU and US")
	want.Policy.RenewBefore = cert.Some(24 * day)
	have := live(11604, "2026-12-15", "cdn.example.com", "www.example.com")
	have.Description = "Storefront"
	return pair(want, have)
}

func img() plan.Pair {
	names := append([]string{"img.example.com"}, numbered(13, "img%02d.example.com")...)
	want := at(spec(11612, "certs/web/img.yaml"), "spec.domains", 10)
	want.Domains = domains(append(names, "api.img.example.com")...)
	return pair(want, live(11612, "2027-02-18", names...))
}

func beta() plan.Pair {
	want := at(spec(11640, "certs/web/beta.yaml"), "policy.retrigger_until", 4)
	want.Policy.RetriggerUntil = cert.Some(date("2026-12-31"))
	return pair(want, inStatus(live(11640, "", "beta.example.com"), cert.StatusDomainControlValidation, cert.OrderPending, cert.DomainTimedOut))
}

func pay() plan.Pair {
	names := []string{"pay.example.com", "www.pay.example.com"}
	want := at(spec(11631, "certs/pay/pay.yaml"), "spec.domains", 12)
	want.Domains = domains(names...)
	want.Policy.RemoveDomains = []string{"old.pay.example.com"}
	have := live(11631, "2027-01-16", append(names, "old.pay.example.com")...)
	have.Order = cert.OrderPendingRenewal
	return pair(want, have)
}

// quiet returns n certificates with nothing to do; each of the first notes of them
// has a note.
func quiet(n, notes int) []plan.Pair {
	var pairs []plan.Pair
	for i := range n {
		id := cert.ID(20000 + i)
		want := spec(id, fmt.Sprintf("certs/quiet/q%03d.yaml", i))
		if i < notes {
			want.Policy.RenewBefore = cert.Some(60 * day)
		}
		have := live(id, "2027-03-01", fmt.Sprintf("q%03d.example.net", i))
		have.AutoRenew = true
		pairs = append(pairs, pair(want, have))
	}
	return pairs
}

func strangers(n int) []cert.Live {
	var all []cert.Live
	for i := range n {
		all = append(all, live(cert.ID(30000+i), "2027-02-01", fmt.Sprintf("s%02d.example.org", i)))
	}
	return all
}

// of is the report of a plan over pairs.
func of(pairs []plan.Pair, others []cert.Live, complete bool) report.Report {
	return under(options(), pairs, others, complete)
}

func under(o plan.Options, pairs []plan.Pair, others []cert.Live, complete bool) report.Report {
	return report.Report{
		Target: "api.vdms.io", Paths: []string{"certs/"},
		Version:  report.Version{Name: "cpsync", Version: "1.0.0", Commit: "0123abc"},
		Plan:     plan.Build(plan.Account{Pairs: pairs, Unmanaged: others, Complete: complete}, now, o),
		Requests: report.Requests{Reads: 28},
	}
}

// example is a fleet with one certificate of each kind.
func example() report.Report {
	pairs := append([]plan.Pair{legacy(), shop(), cdn(), img(), beta(), pay()}, quiet(4, 1)...)
	return of(pairs, strangers(2), true)
}
