package text

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// showsDCV reports whether the records and e-mails of a certificate are written. After mostValidated others they
// are only counted, unless the output is verbose.
func (p *page) showsDCV(s plan.Step) bool {
	c, asked := p.report.DCV[s.Want.ID]
	return asked && c.Err == "" && (p.Style.Verbose || p.validated < mostValidated)
}

// dcv writes what a person does for DCV: e-mails to answer and DNS records to create. It
// writes nothing if they were not read.
func (p *page) dcv(s plan.Step) {
	c, asked := p.report.DCV[s.Want.ID]
	if !asked {
		return
	}
	if !p.showsDCV(s) {
		p.Row(words.ValidationBy(s.Have.DCVMethod), words.DCVLine(c))
		return
	}
	p.validated++
	t := words.DCVOf(c)
	for _, m := range t.Mail {
		p.Row("mail to", p.few(m.To, words.MostMail)+m.About(t, p.few(m.Names, words.MostMail)))
	}
	p.Row(words.ValidationBy(s.Have.DCVMethod), t.None()) // no row if there is something to do
	about := strings.Join(t.Methods, ", ") + ", for " + words.Plural(t.Names, "domain")
	if len(t.Records) == 1 && t.Names > 1 && len(t.Mail) == 0 { // else a person looks for the other records
		about = strings.Join(t.Methods, ", ") + ", one for " + words.Plural(t.Names, "domain")
	}
	switch {
	case len(t.Records) > mostRecords && !p.Style.Verbose:
		p.Row("records", words.Plural(len(t.Records), "record")+" ("+about+"): -v, or --out zone=FILE")
	case len(t.Records) > 0:
		p.Row("records", about)
		p.recordTable(t.Records)
		p.inferred = true
	}
}

// few lists the first n texts and counts the others. A verbose output lists all.
func (p *page) few(all []string, n int) string {
	if p.Style.Verbose || len(all) <= n {
		return strings.Join(all, ", ")
	}
	return strings.Join(all[:n], ", ") + fmt.Sprintf(" and %d more", len(all)-n)
}

// recordTable writes one record per line. A value that does not fit gets the next line. No value is broken, because
// people copy it. Under a record stands what DNS says of it, if that was asked.
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
		label := "      dns  "
		for _, line := range words.LookupLines(r) {
			p.Hang(label, line, layout.Plain)
			label = strings.Repeat(" ", len(label))
		}
	}
}

// domainValidation is the section of an explanation about DCV: for each group of domains its method, and the DNS
// records or who got an e-mail.
func (p *page) domainValidation(e report.Explanation) {
	if !e.DCVRead {
		return
	}
	p.Title(words.DCVTitle(e.Step.Have), "")
	if len(e.DCV) == 0 {
		p.Line(layout.RowIndent, "every domain is validated")
	}
	for _, proof := range e.DCV {
		p.Blank()
		p.rows(words.Plural(len(proof.Names), "domain"), words.Each(proof.Names, cert.DisplayName))
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
	if slices.ContainsFunc(e.DCV, func(proof cert.DomainValidation) bool { return proof.Inferred }) {
		p.Blank()
		p.Line(layout.RowIndent, words.InferredNote)
	}
}

// rows writes one text per line, the first beside key.
func (p *page) rows(key string, all []string) {
	for _, text := range all {
		p.Row(key, text)
		key = ""
	}
}
