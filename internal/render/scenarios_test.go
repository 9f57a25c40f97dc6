package render_test

import (
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/report"
)

// scenarios are the reports of the golden files, by name.
var scenarios = map[string]func() report.Report{
	"example": example,
	"in-step": func() report.Report { return of(quiet(3, 0), strangers(2), true) },
	"verbose": func() report.Report {
		return of(append([]plan.Pair{cdn(), accepted()}, quiet(3, 1)...), strangers(2), true)
	},
	"blocked":     func() report.Report { return of(blockedFleet(), nil, false) },
	"phases":      func() report.Report { return of(phases(), nil, true) },
	"fields":      func() report.Report { return of(fieldFleet(), nil, true) },
	"names":       func() report.Report { return of(nameFleet(), nil, true) },
	"mixed":       func() report.Report { return of(mixed(), nil, true) },
	"errors":      func() report.Report { return of(faulty(), nil, true) },
	"limits":      overLimits,
	"sandbox":     sandboxed,
	"problems":    problems,
	"failure":     failed,
	"apply":       func() report.Report { r := example(); r.Apply = true; return r },
	"apply-part":  partly,
	"apply-work":  atWork,
	"apply-all":   wholly,
	"apply-limit": refusedApply,
	"apply-cut":   cutOff,
	"apply-wait":  awaited,
	"hostile":     func() report.Report { return of(hostile(), nil, true) },
	"base":        reviewed,
	"within":      func() report.Report { r := of(within(), nil, true); r.ExpiringWithin = 60 * day; return r },
	"proving":     proving,
	"looked-up":   lookedAt,
	"proving-60":  func() report.Report { return provingMany(60) },
}

// accepted is a certificate whose end the manifest accepts.
func accepted() plan.Pair {
	p := legacy()
	p.Want.ID, p.Have.ID = 11589, 11589
	p.Want.Policy.Accept = []cert.Code{cert.Expiring}
	return p
}

// blockedFleet shows every verdict.
func blockedFleet() []plan.Pair {
	paused := cdn()
	paused.Have.Modified = now.Add(-2 * time.Hour)

	protected := img()
	protected.Want.Description, protected.Want.Domains = cert.Some("Images"), cert.Opt[cert.Domains]{}
	protected.Want.Policy.Protect = []cert.Edit{cert.EditDescription}
	protected.Want.AutoRenew = cert.Some(true)

	tried := inOrder(pair(spec(12001, "certs/a.yaml"), live(12001, "2027-02-01", "tried.example.com")), cert.OrderReissueRejected)
	tried.Want.DCVMethod = cert.Some(cert.Email)
	tried.Want.Domains = domains("tried.example.com", "more.example.com")

	late := pair(spec(12002, "certs/b.yaml"), live(12002, "2027-01-10", "late.example.com"))
	late.Want.Policy.RenewIfExpiresBefore = cert.Some(date("2028-06-01"))

	extra := pair(spec(12003, "certs/c.yaml"), live(12003, "2027-02-01", "extra.example.com", "night.example.com"))
	extra.Want.Domains = domains("extra.example.com")
	extra.Have.ModifiedBy = "client 2cd2"

	other := pair(spec(12004, "certs/d.yaml"), live(12004, "2027-02-01", "org.example.com"))
	other.Want.Expect.Authority = cert.Some(cert.LetsEncrypt)
	other.Want.Domains = domains("org.example.com", "b.org.example.com")

	return []plan.Pair{paused, protected, tried, late, extra, other}
}

func inOrder(p plan.Pair, o cert.OrderStatus) plan.Pair {
	p.Have.Order = o
	return p
}

// phases are certificates that need a person, or wait, each in another phase.
func phases() []plan.Pair {
	ended := pair(spec(13001, "certs/ended.yaml"), live(13001, "2026-11-19", "ended.example.com"))
	today := pair(spec(13002, "certs/today.yaml"), live(13002, "2026-11-22", "today.example.com"))
	soon := inOrder(pair(spec(13003, "certs/soon.yaml"), live(13003, "2026-11-25", "soon.example.com")), cert.OrderPendingRenewal)
	gone := inOrder(pair(spec(13004, "certs/gone.yaml"), live(13004, "2026-11-21", "gone.example.com")), cert.OrderPendingRenewal)
	failed := inOrder(pair(spec(13005, "certs/failed.yaml"), live(13005, "2026-11-20", "failed.example.com")), cert.OrderRenewalRejected)
	failed.Have.RequiresAttention, failed.Have.ErrorMessage = true, "CAA record forbids issuance"
	unheard := pair(spec(13006, "certs/new.yaml"), live(13006, "2027-02-01", "new.example.com"))
	unheard.Have.Status, unheard.Have.UnknownWords = cert.StatusUnknown, []string{`status "Paused"`}
	rejected := pair(spec(13007, "certs/no.yaml"), inStatus(live(13007, "", "no.example.com"), cert.StatusProcessing, cert.OrderRejected, cert.DomainRejected))
	rejected.Want.Description, rejected.Want.AutoRenew = cert.Some("x"), cert.Some(true)
	stuck := pair(spec(13008, "certs/stuck.yaml"), live(13008, "2026-12-28", "stuck.example.com"))
	stuck.Have.AutoRenew = true
	waits := pair(spec(13009, "certs/waits.yaml"), live(13009, "", "waits.example.com"))
	waits.Want.Domains = domains("waits.example.com", "www.waits.example.com")
	edge := inOrder(pair(spec(13010, "certs/edge.yaml"), live(13010, "2027-06-01", "edge.example.com")), cert.OrderIssued)
	edge.Have.Status = cert.StatusDeployment
	edge.Want.Domains = domains("edge.example.com", "www.edge.example.com")
	return []plan.Pair{ended, today, soon, gone, failed, unheard, rejected, stuck, waits, edge}
}

// within are certificates that end within 60 days: past, at once, with a renewal under
// way, sent or not needed yet, accepted, and on the last day; and one that ends later.
func within() []plan.Pair {
	first := pair(spec(20001, "certs/first.yaml"), live(20001, "2027-01-21", "first.example.com"))
	first.Have.Expires = now.Add(60 * day)
	after := pair(spec(20002, "certs/after.yaml"), live(20002, "2027-01-21", "after.example.com"))
	after.Have.Expires = now.Add(60*day + time.Second)
	yet := pair(spec(20003, "certs/yet.yaml"), live(20003, "2027-01-10", "yet.example.com"))
	return append(phases()[:4], first, after, yet, cdn(), accepted())
}

// fieldFleet changes each single value, short, long and empty.
func fieldFleet() []plan.Pair {
	short := pair(spec(14001, "certs/short.yaml"), live(14001, "2027-02-01", "short.example.com"))
	short.Want.Description, short.Want.AutoRenew = cert.Some(`say "hello" \o/`), cert.Some(true)
	short.Want.Label, short.Want.DCVMethod = cert.Some("short"), cert.Some(cert.DNSCnameToken)
	short.Want.Domains = domains("short.example.com")

	long := pair(spec(14002, "certs/long.yaml"), live(14002, "2027-02-01", "long.example.com"))
	long.Have.Description = "Storefront of the European subsidiaries.\nOwned by team web; call +49 30 1234 before taking it off line.\nBilled to cost centre 4711."
	long.Want.Description = cert.Some("Storefront of the European subsidiaries.\nOwned by team shop; call +49 30 1234 before taking it off line.\nBilled to cost centre 4712 since May.")

	cleared := pair(spec(14003, "certs/cleared.yaml"), live(14003, "2027-02-01", "cleared.example.com"))
	cleared.Have.Description, cleared.Want.Description = "temporary", cert.Some("")

	filled := pair(spec(14004, "certs/filled.yaml"), live(14004, "2027-02-01", "filled.example.com"))
	filled.Want.Description = cert.Some(strings.Repeat("All work and no play makes Jack a dull boy. ", 12) + "The end.")

	early := pair(spec(14005, "certs/early.yaml"), live(14005, "", "early.example.com"))
	early.Want.DCVMethod = cert.Some(cert.Email)
	return []plan.Pair{short, long, cleared, filled, early}
}

// nameFleet changes names in all ways.
func nameFleet() []plan.Pair {
	many := pair(spec(15001, "certs/many.yaml"), live(15001, "2027-02-01", append([]string{"many.example.com"}, numbered(12, "old%02d.example.com")...)...))
	many.Want.Domains = domains(append([]string{"many.example.com"}, numbered(25, "new%02d.example.com")...)...)
	many.Want.Policy.RemoveDomains = numbered(12, "old%02d.example.com")

	moved := pair(spec(15002, "certs/moved.yaml"), live(15002, "2027-02-01", "a.example.com", "b.example.com"))
	moved.Want.Domains = domains("b.example.com", "a.example.com")

	both := pair(spec(15003, "certs/both.yaml"), live(15003, "2027-02-01", "first.example.com", "second.example.com"))
	both.Want.Domains = domains("second.example.com", "third.example.com")
	both.Want.Policy.RemoveDomains = []string{"first.example.com"}

	idn := pair(spec(15004, "certs/a-directory-with-a-long-name/and-another-one/b\u00fccher.yaml"),
		live(15004, "2027-02-01", "xn--bcher-kva.example.com", "*.example.com"))
	idn.Want.Domains = domains("xn--bcher-kva.example.com", "*.example.com", "*.xn--bcher-kva.example.com")

	label := strings.Repeat("a-rather-long-label", 3)
	host := strings.Repeat(label+".", 3) + "example.com"
	wide := pair(spec(15005, "certs/wide.yaml"), live(15005, "2027-02-01", "wide.example.com", host))
	wide.Want.Domains = domains("wide.example.com")
	wide.Want.Policy.RemoveDomains = []string{host}
	return []plan.Pair{many, moved, both, idn, wide}
}

// mixed are certificates with an order and something else.
func mixed() []plan.Pair {
	adds := cdn()
	adds.Want.Domains = domains("cdn.example.com", "www.example.com", "new.example.com")

	asks := img()
	asks.Have = live(11612, "2026-12-10", append(asks.Have.Names(), "zzz.example.com")...)
	asks.Have.Common = "img.example.com"

	edits := pair(spec(16001, "certs/edits.yaml"), live(16001, "2026-12-06", "edits.example.com"))
	edits.Want.Description = cert.Some("expires soon, and only its description changes")
	return []plan.Pair{adds, asks, edits}
}

// faulty are certificates that can't be planned, beside one that can.
func faulty() []plan.Pair {
	stranger := pair(spec(17001, "certs/stranger.yaml"), live(17001, "2027-02-01", "shop.example.net"))
	stranger.Want.Label = cert.Some("blog.example.com")
	missing := plan.Pair{Want: spec(17002, "certs/missing.yaml")}
	unread := plan.Pair{Want: spec(17003, "certs/unread.yaml"), Found: true, Err: cert.ErrUnauthorized}
	gone := pair(spec(17004, "certs/gone.yaml"), live(17004, "2027-02-01", "gone.example.com"))
	gone.Have.Status = cert.StatusDeleted
	return []plan.Pair{stranger, missing, unread, gone, img()}
}

// overLimits plans more edits, and more domain changes, than a run may make.
func overLimits() report.Report {
	pairs := []plan.Pair{cdn(), beta(), img()}
	for i, p := range quiet(8, 0) {
		p.Have.AutoRenew = false
		p.Want.AutoRenew = cert.Some(true)
		if i < 4 {
			p.Want.DCVMethod = cert.Some(cert.Email)
		} else {
			p.Want.Domains = domains(append(p.Have.Names(), "new."+p.Have.Common)...)
		}
		pairs = append(pairs, p)
	}
	o := options()
	o.MaxEdits, o.MaxDomainChanges = 5, 3
	return under(o, pairs, nil, true)
}

func sandboxed() report.Report {
	r := of([]plan.Pair{cdn()}, nil, true)
	r.Target = "SANDBOX examples/sandbox.json, clock " + now.Format(plan.Minute)
	r.Paths = []string{"examples/certs"}
	r.Flags = []string{"--sandbox", "examples/sand box.json"}
	return r
}

func problems() report.Report {
	return report.Report{Paths: []string{"certs/"}, Problems: []report.Problem{
		{At: cert.Pos{File: "certs/a.yaml", Line: 3, Column: 5}, Message: `unknown key "auto_renwe"`, Hint: "did you mean auto_renew?"},
		{At: cert.Pos{File: "certs/b.yaml"}, Message: "over 1 MiB"},
		{Message: "no manifest in certs/c"},
	}}
}

func failed() report.Report {
	return report.Report{Paths: []string{"certs/"}, Target: "api.vdms.io", Failure: &report.Failure{
		Code: "unauthorized", Hint: "Check the credentials and their scope: cpsync auth.",
		Message: "reading the list: no credentials\nCPSYNC_CLIENT_ID: set\nCPSYNC_CLIENT_SECRET: not set",
	}, Requests: report.Requests{Reads: 1}}
}

// finished gives the operations of the plan outcomes, in the order they are carried out.
func finished(r report.Report, become func(o *report.Outcome)) report.Report {
	r.Apply = true
	for _, o := range r.All() {
		o.Result, o.Attempts, o.Sent = report.Done, 1, now.Add(time.Minute)
		become(&o)
		r.Outcomes = append(r.Outcomes, o)
		r.Requests.Writes += o.Attempts
	}
	return r
}

func wholly() report.Report {
	r := finished(example(), func(*report.Outcome) {})
	r.Left = &view.Summary{ActionRequired: 2, Deferred: 1}
	return r
}

// atWork is an apply of which two operations have ended.
func atWork() report.Report {
	r := finished(of([]plan.Pair{cdn(), img(), beta()}, nil, true), func(*report.Outcome) {})
	r.Unfinished, r.Outcomes = true, r.Outcomes[:2]
	return r
}

// partly is an apply in which everything happened that can.
func partly() report.Report {
	settled := pair(spec(18001, "certs/settled.yaml"), live(18001, "2026-12-14", "settled.example.com"))
	settled.Want.Policy.RenewBefore = cert.Some(23 * day)
	label := pair(spec(18002, "certs/label.yaml"), live(18002, "2027-03-01", "label.example.com"))
	label.Want.Description = cert.Some("refused")
	shown := pair(spec(18003, "certs/shown.yaml"), live(18003, "2027-03-02", "shown.example.com"))
	shown.Want.Description = cert.Some("not shown")
	method := pair(spec(18004, "certs/method.yaml"), live(18004, "2027-03-03", "method.example.com"))
	method.Want.DCVMethod = cert.Some(cert.Email)
	r := of([]plan.Pair{settled, cdn(), img(), label, shown, method, beta()}, nil, true)
	return finished(r, func(o *report.Outcome) { become(o) })
}

func become(o *report.Outcome) {
	switch id := o.Step.Want.ID; {
	case id == 18001:
		o.By, o.Reads = report.Reading, 2
	case id == 11604 && o.Op == 1, id == 18004:
		o.Result, o.Err = report.Unknown, "no answer within 30s"
		o.Reads, o.Until = 5, o.Sent.Add(150*time.Second)
	case id == 11612:
		o.Result, o.Attempts, o.Sent = report.Stale, 0, time.Time{}
		o.Err = "the request changed after the plan was made"
		have := img().Have
		have.SetDomains(append(have.Domains, cert.Domain{Name: "blog.img.example.com", Status: cert.DomainActive}))
		have.Modified, have.ModifiedBy = now.Add(17*time.Minute), "user 4711"
		o.Now = plan.Rebuild(o.Step, have, now, options(), plan.Progress{})
	case id == 18002:
		o.Result, o.Err = report.Failed, "PATCH request 18002: 400 Bad Request: invalid_input: the description is\x1b[2J not allowed"
	case id == 18003:
		o.Result, o.Err = report.NotConverged, "answered with success, but the request does not show it"
		o.Left = o.Operation().Changes
	case id == 11640:
		o.Result, o.Attempts, o.Sent = report.NotStarted, 0, time.Time{}
		o.Err = "it is unknown whether an order before it was placed"
	}
}

// cutOff is an apply that ended in the middle of a renewal.
func cutOff() report.Report {
	r := wholly()
	r.Left = nil
	r.Outcomes, r.Requests.Writes = r.Outcomes[:1], 2
	r.Failure = &report.Failure{Code: "error", Message: "internal error: index out of range"}
	return r
}

// refusedApply is an apply of a plan over its limits: only policies were followed.
func refusedApply() report.Report {
	return finished(overLimits(), func(o *report.Outcome) {
		if o.Operation().Kind == plan.Patch {
			*o = report.Outcome{Step: o.Step, Op: o.Op, Err: "a limit of the plan is exceeded"}
		}
	})
}

// evil does to a terminal what Clean must prevent.
const evil = "\x1b[2J\x1b]0;pwned\x07\r\x9b31m\u009b\u202egnp.exe\u2066\u200b\u2028fin\x7f\xff\n  0 reads, 0 writes. Nothing to do."

// hostile has such text wherever text comes from outside.
func hostile() []plan.Pair {
	p := pair(spec(19001, "certs/"+evil+".yaml"), live(19001, "2027-02-01", "a.example.com"))
	p.Want.Name = evil
	p.Have.Common, p.Have.Label = evil, evil
	p.Have.Description, p.Want.Description = evil, cert.Some(strings.Repeat("x", 4<<10))
	p.Want.Label = cert.Some(evil + evil)
	p.Want.Domains = cert.Some(cert.Domains{Common: evil, Names: []string{evil, "a.example.com"}})
	p.Have.RequiresAttention, p.Have.ErrorMessage = true, evil
	p.Have.UnknownWords = []string{evil}

	fault := plan.Pair{Want: spec(19002, evil), Err: cert.ErrUnauthorized, Found: true}
	fault.Want.Name = evil

	named := pair(spec(19003, "certs/b.yaml"), live(19003, "2027-02-01", "b.example.com"))
	named.Have.Label, named.Have.ModifiedBy = evil, evil
	named.Want.Description = cert.Some(`a" -> "b`)
	return []plan.Pair{p, fault, named}
}
