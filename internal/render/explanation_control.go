package render

import (
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

// domainControl writes what proves control of the names: records as a table and as lines of
// a zone file, or who got the mail.
func (p *page) domainControl(e report.Explanation) {
	if !e.ControlRead {
		return
	}
	p.title("DOMAIN CONTROL", "")
	if len(e.Control) == 0 {
		p.line(rowIndent, "every name is proven")
	}
	inferred := false
	for _, proof := range e.Control {
		p.blank()
		p.proof(proof)
		inferred = inferred || proof.Inferred
	}
	if inferred {
		p.blank()
		p.line(rowIndent, "Where a record goes and what it points to is inferred from the CA's documents; the token is the API's own.")
	}
}

func (p *page) proof(proof cert.Proof) {
	n := names{p, rowHead(plural(len(proof.Names), "name", "names"))}
	for _, name := range proof.Names {
		n.add(cert.DisplayName(name), "", plain)
	}
	p.row("method", string(proof.Method))
	switch {
	case len(proof.Emails) > 0:
		p.row("mail to", strings.Join(proof.Emails, ", "))
		p.row("do", "answer one of them; the mail is good for about 6 days (inferred)")
	case len(proof.Records) > 0:
		p.records(proof.Records)
	default:
		p.row(proofsOf(proof.Method), "none yet")
	}
}

// records writes a table of records and the same as lines of a zone file, which are
// there to be copied.
func (p *page) records(all []cert.Record) {
	p.blank()
	p.recordTable(all)
	p.blank()
	for _, r := range all {
		p.put(zoneLine(r))
	}
}
