package markdown

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
)

// mostShown is how many records of a certificate a page shows, and of how many bytes
// as lines of a zone file; what is left out is counted.
const (
	mostShown     = 20
	mostZoneBytes = 3000
)

// domainControl are the records to set and the mail to answer, those of this change
// first.
func (s sheet) domainControl() part {
	steps := append(view.ToProve(s.ThisChange()), view.ToProve(s.Pending())...)
	p := part{folded: true, rank: cutControl, one: "certificate", many: "certificates"}
	for _, step := range steps {
		if entry := s.proofs(step); entry != "" {
			p.entries = append(p.entries, entry)
		}
	}
	p.title = "Domain control: what to set (" + words.Plural(len(p.entries), "certificate", "certificates") + ")"
	if all := words.RecordsOf(s.Report); len(all) > 0 {
		p.about = strings.TrimSpace(prose(words.InferredNote) + " " + words.LookupCounts(all))
	}
	return p
}

// proofs is what proves control of one certificate's names.
func (s sheet) proofs(step plan.Step) string {
	c, asked := s.Control.Of(step)
	if !asked {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** %s\n\n", title(step), placeOf(step))
	if c.Err != "" {
		return b.String() + "Could not be read: " + prose(c.Err) + "\n\n"
	}
	t := words.DCVOf(c)
	if t.Proven {
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
	b.WriteString(recordsToSet(step, t.Records))
	return b.String()
}

// addressed are a few addresses, or names.
func addressed(all []string) string {
	return strings.Join(words.Few(words.Each(all, code), words.MostMail), ", ")
}

// recordsToSet are records as a table and as lines of a zone file.
func recordsToSet(step plan.Step, all []cert.Record) string {
	if len(all) == 0 {
		return ""
	}
	shown := all[:min(len(all), mostShown)]
	var b strings.Builder
	b.WriteString(recordRows(shown))
	if rest := len(all) - len(shown); rest > 0 {
		b.WriteString(fmt.Sprintf("\nAnd %d more: %s\n", rest, span("cpsync explain "+step.Want.ID.String())))
	}
	return b.String() + "\n" + fence("zone", zoneLines(shown, len(all)-len(shown))) + "\n"
}

// recordRows are the table of records, with a column for DNS where it was asked.
func recordRows(shown []cert.Record) string {
	head := []string{"Name", "Type", "Value"}
	if words.LookupCounts(shown) != "" {
		head = append(head, "DNS")
	}
	rows := columnsOf(head...)
	for _, r := range shown {
		row := []string{code(r.Name), r.Type, code(words.Target(r)), prose(strings.Join(words.LookupLines(r), "; "))}
		rows += cells(row[:len(head)]...)
	}
	return rows
}

// zoneLines are whole lines of a zone file, and a comment that counts the rest.
func zoneLines(shown []cert.Record, rest int) string {
	var b strings.Builder
	for _, r := range shown {
		if line := words.ZoneLine(r); b.Len()+len(line) <= mostZoneBytes {
			b.WriteString(line + "\n")
		} else {
			rest++
		}
	}
	if rest > 0 {
		fmt.Fprintf(&b, "; and %d more\n", rest)
	}
	return b.String()
}
