package render_test

import (
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// pages are the reports of the golden files of Markdown, by name.
var pages = map[string]func() report.Report{
	"one":         func() report.Report { return of([]plan.Pair{cdn()}, nil, true) },
	"in-step":     scenarios["in-step"],
	"example":     example,
	"base":        reviewed,
	"blocked":     scenarios["blocked"],
	"fields":      scenarios["fields"],
	"names":       scenarios["names"],
	"errors":      scenarios["errors"],
	"limits":      scenarios["limits"],
	"problems":    scenarios["problems"],
	"failure":     scenarios["failure"],
	"proving":     scenarios["proving"],
	"looked-up":   scenarios["looked-up"],
	"apply-waits": merged,
	"apply-part":  scenarios["apply-part"],
	"apply-wait":  awaited,
	"apply-work":  atWork,
	"hostile":     func() report.Report { return poisoned(nasty(vile), vile) },
}

// otherPages are pages that leave something out, and pages that differ little from others.
// What they consist of is tested, and they have no golden files.
var otherPages = map[string]func() report.Report{
	"crowd":        func() report.Report { return of(crowd(800), strangers(37), true) },
	"ending":       func() report.Report { return of(fading(1000), nil, true) },
	"proving-120":  func() report.Report { return provingMany(120) },
	"apply-begun":  scenarios["apply"],
	"apply-all":    scenarios["apply-all"],
	"base-nothing": untouched,
}

// reviewed is the example as a change of three manifests, of which one waits, and
// with three that are gone.
func reviewed() report.Report {
	r := example()
	r.Base = &report.Base{
		Revision: "origin/main",
		Touched:  map[cert.ID]bool{11612: true, 11631: true, 20000: true},
		Gone: []report.Gone{
			{ID: 9001, Name: "old", Label: "old.example.com", Known: true, AutoRenew: true, Expires: date("2027-02-01")},
			{ID: 9002, Name: "older", Known: true, Expires: date("2027-01-01")},
			{ID: 9003, Name: "draft", Known: true},
			{ID: 9004, Name: "unread"},
		},
	}
	r.Warnings = []report.Problem{{Message: "the server's clock is 6 minutes ahead", Hint: "Look at the clock of this machine."}}
	return r
}

// merged is the apply of a change of which something waits, and something needs a
// person, once all is sent that can be.
func merged() report.Report {
	adds := cdn()
	adds.Want.Domains = domains("cdn.example.com", "www.example.com", "new.example.com")
	asks := img()
	asks.Have.SetDomains(append(asks.Have.Domains, cert.Domain{Name: "zzz.example.com", Status: cert.DomainActive}))
	r := of([]plan.Pair{legacy(), shop(), adds, asks, pay()}, nil, true)
	r.Base = &report.Base{Revision: "HEAD~1", Touched: map[cert.ID]bool{11604: true, 11612: true}}
	return finished(r, func(*report.Outcome) {})
}

// untouched is a change that touches no certificate at all.
func untouched() report.Report {
	r := example()
	r.Base = &report.Base{Revision: "origin/main"}
	return r
}

// crowd is n certificates, of which every fifth is renewed, waits or is edited.
func crowd(n int) []plan.Pair {
	pairs := []plan.Pair{legacy(), shop(), cdn(), img(), beta(), pay()}
	for i, p := range quiet(n-len(pairs), n/10) {
		switch i % 5 {
		case 0:
			p.Want.Description = cert.Some("Storefront, EU and US, owned by team web")
		case 1:
			p.Have.Order = cert.OrderPendingRenewal
			p.Want.Domains = domains(p.Have.Common, "www."+p.Have.Common)
		}
		pairs = append(pairs, p)
	}
	return pairs
}

// fading is n certificates that end soon, some hundred a day.
func fading(n int) []plan.Pair {
	pairs := quiet(n, 0)
	for i := range pairs {
		pairs[i].Have.AutoRenew = false
		pairs[i].Have.Expires = now.Add(time.Duration(i%20) * day)
	}
	return pairs
}

// poisoned is a report in which every string from outside is a text.
func poisoned(pairs []plan.Pair, text string) report.Report {
	r := of(pairs, nil, true)
	r.Base = &report.Base{Revision: text, Touched: map[cert.ID]bool{19001: true},
		Gone: []report.Gone{{ID: 9001, Name: text, Label: text, Known: true}}}
	r.Reviewed = map[cert.ID]bool{19001: true, 19002: true}
	r.Warnings = []report.Problem{{At: cert.Pos{File: text, Line: 1}, Message: text, Hint: text}}
	r.Failure = &report.Failure{Code: text, Message: text + "\n" + text, Hint: text}
	r.Target, r.Version.Version = text, text
	r.DCV = report.DCVs{11607: provedBy(text), 19012: {Err: text}}
	return r
}

// vile is what GitHub, Markdown, HTML, a terminal or a job's log could take for more
// than text.
const vile = evil + "```\n````\n</code></details><script>alert(1)</script><img src=x onerror=y> @octocat @org/team #1 GH-1 org/repo#7 " +
	"0123abc deadbeefdeadbeef [a](https://evil.example) ![i](http://evil.example/i.png) [r]: http://evil.example " +
	"<https://evil.example> http://evil.example www.evil.example a@evil.example --> <!-- | \\| \\\\| `| \\`| ~~x~~ *b* __c__ " +
	"- [ ] task\n# head\n> quote\n---\n| a | b |\n|---|---|\n::error::x\n::stop-commands::y\n##[error]z &lt;b&gt; &#64;x $`x`$ \\@x"

// nasty are certificates with a text wherever text comes from outside.
func nasty(text string) []plan.Pair {
	pairs := hostile()
	for i := range pairs {
		p := &pairs[i]
		p.Want.Name, p.Have.Label, p.Have.ModifiedBy = text, text, text
		p.Want.At[""] = cert.Pos{File: text, Line: 1}
		p.Want.At["metadata.id"] = cert.Pos{File: text, Line: 2}
	}
	pairs[0].Have.Common, pairs[0].Have.ErrorMessage, pairs[0].Have.UnknownWords = text, text, []string{text}
	pairs[0].Want.Domains = cert.Some(cert.Domains{Common: text, Names: []string{text, "a.example.com"}})

	sent := pair(spec(19010, text), live(19010, "2026-12-01", "b.example.com"))
	sent.Have.Description, sent.Want.Description = "before", cert.Some(text)
	sent.Want.Label = cert.Some(text + strings.Repeat("`", 4<<10))
	added := pair(spec(19011, text), live(19011, "2027-02-01", "b.example.com"))
	added.Want.Domains = cert.Some(cert.Domains{Common: "b.example.com", Names: []string{text, "b.example.com"}})
	unread := waits()
	unread.Want.ID, unread.Have.ID = 19012, 19012
	return append(pairs, sent, added, waits(), unread)
}
