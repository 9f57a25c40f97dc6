package markdown

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// dcvTitle names the part with the records and the mail, which other parts point to.
func dcvTitle(r report.Report) string {
	records, mail := false, false
	for _, step := range r.Plan.Steps {
		c, _ := r.DCV.Of(step)
		t := words.DCVOf(c)
		records, mail = records || len(t.Records) > 0, mail || len(t.Mail) > 0
	}
	switch {
	case records && mail:
		return "DNS records to create and e-mails to answer"
	case mail:
		return "E-mails to answer"
	default:
		return "DNS records to create"
	}
}

// dnsRecords are the records to create and the mail to answer, those of this change first.
func (s sheet) dnsRecords() part {
	steps := append(view.AwaitingDCV(s.ThisChange()), view.AwaitingDCV(s.Pending())...)
	p := part{folded: true, rank: cutRecords, one: "certificate", many: "certificates"}
	for _, step := range steps {
		if entry := s.validations(step); entry != "" {
			p.entries = append(p.entries, entry)
		}
	}
	p.title = dcvTitle(s.Report) + " (" + words.Plural(len(p.entries), "certificate", "certificates") + ")"
	if all := words.RecordsOf(s.Report); len(all) > 0 {
		p.about = strings.TrimSpace(Prose(words.InferredNote)+" "+words.LookupCounts(all)) + " `--out zone=FILE` writes all of them as a zone file."
	}
	return p
}

// validations is what proves control of one certificate's names.
func (s sheet) validations(step plan.Step) string {
	c, asked := s.DCV.Of(step)
	if !asked {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** %s\n\n", title(step), placeOf(step))
	if c.Err != "" {
		return b.String() + "Could not be read: " + Prose(c.Err) + "\n\n"
	}
	t := words.DCVOf(c)
	if t.Validated {
		b.WriteString("Every name is proven.\n\n")
	}
	for _, m := range t.Mail {
		about := ""
		if len(t.Mail) > 1 {
			about = " for " + addressed(m.Names)
		}
		b.WriteString("Mail" + about + " went to " + addressed(m.To) + ": answer one of them.\n\n")
	}
	if t.Waiting > 0 {
		b.WriteString(words.Plural(t.Waiting, "name has ", "names have ") + words.NotYet + ".\n\n")
	}
	if len(t.Records) > 0 {
		b.WriteString(recordRows(t.Records) + "\n")
	}
	return b.String()
}

// addressed are a few addresses, or names.
func addressed(all []string) string {
	return strings.Join(words.Few(words.Each(all, Code), words.MostMail), ", ")
}

// recordRows are the table of all records, with a column for DNS where it was asked. Records
// to copy are complete: a certificate whose records do not fit is left out as a whole.
func recordRows(shown []cert.Record) string {
	head := []string{"Name", "Type", "Value"}
	if words.LookupCounts(shown) != "" {
		head = append(head, "DNS")
	}
	rows := columnsOf(head...)
	for _, r := range shown {
		row := []string{Code(r.Name), r.Type, Code(words.Target(r)), Prose(strings.Join(words.LookupLines(r), "; "))}
		rows += cells(row[:len(head)]...)
	}
	return rows
}
