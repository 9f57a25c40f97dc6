package text

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// How much is shown of what proves control where nobody asked for all of it.
const (
	mostValidated = 10 // certificates with their records
	mostRecords   = 10 // of a certificate; of one with more none is
)

// dcvAction is what a person does to prove control. Where the page shows what proves it, nobody
// is sent elsewhere.
func (p *page) dcvAction(s plan.Step) string {
	c, asked := p.report.DCV.Of(s)
	if !asked || c.Err != "" || p.countsOnly() {
		return p.do(plan.DCVAction(s.Have))
	}
	return words.DCVOf(c).Do(words.Below)
}

// dcv writes what proves control of a certificate's names, under its rows.
func (p *page) dcv(s plan.Step) {
	c, asked := p.report.DCV.Of(s)
	switch {
	case !asked:
	case c.Err != "", p.countsOnly():
		p.Row(words.ValidationBy(s.Have.DCVMethod), words.DCVLine(c))
	default:
		p.dcvRows(s, words.DCVOf(c))
	}
}

// countsOnly reports whether a certificate only counts its records, because others show
// theirs already.
func (p *page) countsOnly() bool { return !p.Style.Verbose && p.validated >= mostValidated }

func (p *page) dcvRows(s plan.Step, t words.DCV) {
	p.validated++
	if t.Validated {
		p.Row(words.ValidationBy(s.Have.DCVMethod), "none: every domain is validated")
	}
	for _, m := range t.Mail {
		p.Row("mail to", p.few(m.To, words.MostMail)+m.About(t, p.few(m.Names, words.MostMail)))
	}
	if t.Waiting > 0 {
		p.Row(words.ValidationBy(s.Have.DCVMethod), words.Plural(t.Waiting, "domain has ", "domains have ")+words.NotYet)
	}
	if len(t.Records) == 0 {
		return
	}
	about := strings.Join(t.Methods, ", ") + ", for " + words.Plural(t.Names, "domain", "domains")
	if !p.Style.Verbose && len(t.Records) > mostRecords {
		p.Row("records", words.Plural(len(t.Records), "record", "records")+" ("+about+"): -v, or --out zone=FILE")
		return
	}
	if len(t.Records) == 1 && t.Names > 1 && len(t.Mail) == 0 {
		about = strings.Join(t.Methods, ", ") + ", one for " + words.Plural(t.Names, "domain", "domains")
	}
	p.Row("records", about)
	p.recordTable(t.Records)
	p.inferred = true
}

// few lists what is at most n long, and else counts the rest.
func (p *page) few(all []string, n int) string {
	if p.Style.Verbose || len(all) <= n {
		return strings.Join(all, ", ")
	}
	return strings.Join(all[:n], ", ") + fmt.Sprintf(" and %d more", len(all)-n)
}

// recordTable writes records under each other, each value on a line of its own where
// it does not fit. No value is broken: all are there to be copied.
func (p *page) recordTable(all []cert.Record) {
	width := len("NAME")
	for _, r := range all {
		width = max(width, layout.Columns(words.Clean(r.Name)))
	}
	head := strings.Repeat(" ", layout.RowIndent)
	width = min(width, p.Style.Width)
	p.Put(head + layout.Pad("NAME", width) + "  TYPE   VALUE")
	for _, r := range all {
		line := head + layout.Pad(words.Clean(r.Name), width) + "  " + layout.Pad(r.Type, 5)
		value := words.Clean(words.Target(r))
		if layout.Columns(line+"  "+value) > p.Style.Width {
			p.Put(line)
			line = head + "  "
		}
		p.Put(line + "  " + value)
		p.lookup(r)
	}
}

// lookup writes what DNS holds of a record, under it.
func (p *page) lookup(r cert.Record) {
	head := strings.Repeat(" ", layout.RowIndent+layout.Margin) + "dns  "
	for _, line := range words.LookupLines(r) {
		p.Hang(head, line, layout.Plain)
		head = strings.Repeat(" ", len(head))
	}
}

// domainValidation writes what proves control of the domains: DNS records, or who got an e-mail.
func (p *page) domainValidation(e report.Explanation) {
	if !e.DCVRead {
		return
	}
	p.Title(words.DCVTitle(e.Step.Have), "")
	if len(e.DCV) == 0 {
		p.Line(layout.RowIndent, "every domain is validated")
	}
	inferred := false
	for _, proof := range e.DCV {
		p.Blank()
		p.proofOf(proof)
		inferred = inferred || proof.Inferred
	}
	if inferred {
		p.Blank()
		p.Line(layout.RowIndent, words.InferredNote)
	}
}

func (p *page) proofOf(proof cert.DomainValidation) {
	head := words.Plural(len(proof.Names), "domain", "domains")
	for _, name := range proof.Names {
		p.Row(head, cert.DisplayName(name))
		head = ""
	}
	p.Row("method", string(proof.Method))
	switch {
	case len(proof.Emails) > 0:
		p.Row("mail to", strings.Join(proof.Emails, ", "))
		p.Row("action", "answer one of them; the mail is good for about 6 days (inferred)")
	case len(proof.Records) > 0:
		p.Blank()
		p.recordTable(proof.Records)
	default:
		p.Row(words.ValidationBy(proof.Method), "none yet")
	}
}
