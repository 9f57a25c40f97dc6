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
	mostRecords   = 3  // of a certificate
)

// dcvAction is what a person does to prove control. Where the page shows what proves it, nobody
// is sent elsewhere.
func (p *page) dcvAction(s plan.Step) string {
	c, asked := p.dcvs.Of(s)
	if !asked || c.Err != "" || p.countsOnly() {
		return plan.DCVAction(s.Have).String()
	}
	return words.DCVOf(c).Do()
}

// dcv writes what proves control of a certificate's names, under its rows.
func (p *page) dcv(s plan.Step) {
	c, asked := p.dcvs.Of(s)
	switch {
	case !asked:
	case c.Err != "":
		p.Row(words.ValidationBy(s.Have.DCVMethod), "could not be read: "+c.Err)
	case p.countsOnly():
		p.Row(words.ValidationBy(s.Have.DCVMethod), words.DCVCounts(words.DCVOf(c)))
	default:
		p.dcvRows(s, words.DCVOf(c))
	}
}

// countsOnly reports whether a certificate only counts its records, because others show
// theirs already.
func (p *page) countsOnly() bool { return !p.Style.Verbose && p.numValidated >= mostValidated }

func (p *page) dcvRows(s plan.Step, t words.DCV) {
	p.numValidated++
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
	p.Row("records", strings.Join(t.Methods, ", ")+", for "+words.Plural(t.Names, "domain", "domains"))
	shown := t.Records
	if !p.Style.Verbose && len(shown) > mostRecords {
		shown = shown[:mostRecords]
	}
	p.recordTable(shown)
	if rest := len(t.Records) - len(shown); rest > 0 {
		p.Line(layout.RowIndent, "and "+words.Plural(rest, "more record", "more records")+" (-v, or cpsync explain "+s.Want.ID.String()+")")
	}
	p.zone = append(p.zone, zoned{words.Title(s), shown, len(t.Records) - len(shown)})
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

// zoned are the records of one certificate that a page shows, and how many it does not.
type zoned struct {
	title   string
	records []cert.Record
	rest    int
}

// lookups counts what DNS says of all records, shown or not.
func (p *page) lookups(r report.Report) {
	if text := words.LookupCounts(words.RecordsOf(r)); text != "" {
		p.Blank()
		p.Line(0, text)
	}
}

// zoneFile writes the records of all certificates as lines of a zone file. They stand
// at the left edge: a zone file takes a line with space before it for something else.
func (p *page) zoneFile() {
	if len(p.zone) == 0 {
		return
	}
	p.Title("DNS RECORDS TO CREATE", "the same as lines of a zone file")
	for _, z := range p.zone {
		p.Blank()
		p.Put("; " + words.Clean(z.title))
		for _, r := range z.records {
			p.Put(words.ZoneLine(r))
		}
		if z.rest > 0 {
			p.Put(fmt.Sprintf("; and %d more", z.rest))
		}
	}
	if n := p.hiddenCertificates(); n > 0 {
		p.Blank()
		p.Put("; and those of " + words.Plural(n, "more certificate", "more certificates") + " (-v)")
	}
	p.Blank()
	p.Line(layout.RowIndent, words.InferredNote)
}

// hiddenCertificates counts the certificates with records of which the page shows none.
func (p *page) hiddenCertificates() int {
	n := -len(p.zone)
	for _, c := range p.dcvs {
		if len(words.DCVOf(c).Records) > 0 {
			n++
		}
	}
	return n
}

// domainValidation writes what proves control of the names: records as a table and as lines of
// a zone file, or who got the mail.
func (p *page) domainValidation(e report.Explanation) {
	if !e.DCVRead {
		return
	}
	p.Title("DOMAIN CONTROL VALIDATION", "")
	if len(e.DCV) == 0 {
		p.Line(layout.RowIndent, "every domain is validated")
	}
	inferred := false
	for _, proof := range e.DCV {
		p.Blank()
		p.validation(proof)
		inferred = inferred || proof.Inferred
	}
	if inferred {
		p.Blank()
		p.Line(layout.RowIndent, words.InferredNote)
	}
}

func (p *page) validation(proof cert.DomainValidation) {
	n := names{p, layout.RowHead(words.Plural(len(proof.Names), "domain", "domains"))}
	for _, name := range proof.Names {
		n.add(cert.DisplayName(name), "", layout.Plain)
	}
	p.Row("method", string(proof.Method))
	switch {
	case len(proof.Emails) > 0:
		p.Row("mail to", strings.Join(proof.Emails, ", "))
		p.Row("action", "answer one of them; the mail is good for about 6 days (inferred)")
	case len(proof.Records) > 0:
		p.records(proof.Records)
	default:
		p.Row(words.ValidationBy(proof.Method), "none yet")
	}
}

// records writes a table of records and the same as lines of a zone file, which are
// there to be copied.
func (p *page) records(all []cert.Record) {
	p.Blank()
	p.recordTable(all)
	p.Blank()
	for _, r := range all {
		p.Put(words.ZoneLine(r))
	}
}
