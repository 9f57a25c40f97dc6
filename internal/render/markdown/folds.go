package markdown

import (
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// problemRow is a problem of a file, or a warning about the run.
func problemRow(p report.Problem) string {
	place := "the run"
	if p.At.File != "" {
		place = Code(words.Place(p.At))
	}
	return cells(place, Prose(p.Message), Prose(p.Hint))
}

// expiring is why --fail-on-expiring fails the run.
func (s sheet) expiring() part {
	p := fold(cutAsks, "Expired, or expire within "+cert.FormatDuration(s.ExpiringWithin), "certificate", columnsOf("Certificate", "Expires"),
		entriesOf(s.Expiring(), func(step plan.Step) string { return cells(title(step), Prose(words.Expiry(step, s.Plan.Now))) }))
	p.about = "Why `--fail-on-expiring` fails the run."
	return p
}

// unserved is what somebody has to act on of what is served.
func (s sheet) unserved() part {
	steps := words.Unserved(s.Edges, s.Plan.SoonestFirst())
	p := fold(cutNotes, "", "certificate", columnsOf("Certificate", "Served", "Action"), entriesOf(steps, func(step plan.Step) string {
		v := s.Edges[step.Want.ID]
		return cells(title(step), Prose(words.EdgeSeen(v)), Prose(words.EdgeAction(v)))
	}))
	p.title = "Served (" + words.EdgeCounts(s.Edges, s.Plan.Steps) + ")"
	return p
}

// reviewed are the certificates of the change under review, or all of them. A manifest may
// change without an effect on the plan.
func (s sheet) reviewed() plan.Plan {
	return s.Plan.Where(func(step plan.Step) bool {
		return s.Base == nil || s.Base.Touches(step) || s.Reviewed[step.Want.ID]
	})
}

// noteRows are what is worth knowing of a certificate, and asks nobody to act.
func (s sheet) noteRows(step plan.Step) string {
	var b strings.Builder
	name := title(step)
	for _, w := range step.Noted() {
		if w.Aside || w.Overlap() && !s.Reviewed[step.Want.ID] {
			continue
		}
		note := reasonOf(w)
		if w.Accepted {
			note = Prose(w.Text) + " (accepted)"
		}
		b.WriteString(cells(name, note))
		name = ""
	}
	return b.String()
}

// longTexts shows the changes, sent or not, that the table only shows in part.
func (s sheet) longTexts() []string {
	var all []string
	add := func(step plan.Step, c diff.Change) {
		if c.Edit != cert.EditDomains && words.IsLong(c.From, c.To) {
			all = append(all, fence("diff", textDiff(step, c))+"\n")
		}
	}
	for _, step := range slices.Concat(s.ThisChange().SoonestFirst(), s.Pending().ToApply()) {
		for _, o := range step.Ops {
			for _, c := range o.Changes {
				add(step, c)
			}
		}
		for _, b := range step.Withheld {
			if b.Change.Edit == b.Edit { // a renewal and a retrigger hold no change
				add(step, b.Change)
			}
		}
	}
	return all
}

// textDiff writes a change of a text as lines of a diff.
func textDiff(s plan.Step, c diff.Change) string {
	name, rest := words.Shorten(words.Title(s), mostName)
	lines := []string{"# " + name + words.More(rest), "@@ " + c.Edit.String() + " @@"}
	if words.LookAlike(c.From, c.To) {
		from, to := words.FromTo(c)
		return strings.Join(append(lines, "- "+from, "+ "+to), "\n")
	}
	lines = append(lines, valueLines("- ", c.Edit, c.From)...)
	return strings.Join(append(lines, valueLines("+ ", c.Edit, c.To)...), "\n")
}

// valueLines writes a value of several lines as they are, and any other as it is
// written elsewhere.
func valueLines(sign string, e cert.Edit, v string) []string {
	v, rest := words.Shorten(v, mostFence/4)
	if !strings.Contains(v, "\n") {
		return []string{sign + words.Value(e, v) + words.More(rest)}
	}
	lines := words.Each(strings.Split(v, "\n"), func(line string) string { return sign + words.Clean(line) })
	lines[len(lines)-1] += words.More(rest)
	return lines
}

// dcvTitle names the part with the records and the mail, which other parts point to.
func dcvTitle(r report.Report) string {
	mail := slices.ContainsFunc(r.Plan.Steps, func(step plan.Step) bool {
		return len(words.DCVOf(r.DCV[step.Want.ID]).Mail) > 0
	})
	switch records := len(words.RecordsOf(r)) > 0; {
	case records && mail:
		return "DNS records to create and e-mails to answer"
	case mail:
		return "E-mails to answer"
	case records:
		return "DNS records to create"
	default: // nothing yet, or it could not be read
		return "Domain control validation"
	}
}

// dnsRecords are the records to create and the mail to answer, those of this change first.
func (s sheet) dnsRecords() part {
	steps := append(view.AwaitingDCV(s.ThisChange()), view.AwaitingDCV(s.Pending())...)
	p := fold(cutRecords, dcvTitle(s.Report), "certificate", "", entriesOf(steps, s.validations))
	if all := words.RecordsOf(s.Report); len(all) > 0 {
		p.about = strings.TrimSpace(Prose(words.InferredNote)+" "+words.LookupCounts(all)) +
			" `--out zone=FILE` writes all of them as a zone file."
	}
	return p
}

// validations is what proves control of one certificate's names.
func (s sheet) validations(step plan.Step) string {
	c, asked := s.DCV[step.Want.ID]
	if !asked {
		return ""
	}
	text := "**" + title(step) + "** " + placeOf(step) + "\n\n"
	if c.Err != "" {
		return text + "Could not be read: " + Prose(c.Err) + "\n\n"
	}
	t := words.DCVOf(c)
	if t.Validated {
		text += "Every name is proven.\n\n"
	}
	addresses := func(all []string) string { return strings.Join(words.Few(words.Each(all, Code), words.MostMail), ", ") }
	for _, m := range t.Mail {
		about := ""
		if len(t.Mail) > 1 {
			about = " for " + addresses(m.Names)
		}
		text += "Mail" + about + " went to " + addresses(m.To) + ": answer one of them.\n\n"
	}
	if t.Waiting > 0 {
		text += words.Plural(t.Waiting, "name has ", "names have ") + words.NotYet + ".\n\n"
	}
	if len(t.Records) == 0 {
		return text
	}
	// Records to copy are complete: a certificate whose records do not fit is left out as a whole.
	columns := []string{"Name", "Type", "Value", "DNS"}
	if words.LookupCounts(t.Records) == "" { // DNS was not asked
		columns = columns[:3]
	}
	text += columnsOf(columns...)
	for _, r := range t.Records {
		row := []string{Code(r.Name), r.Type, Code(words.Target(r)), Prose(strings.Join(words.LookupLines(r), "; "))}
		text += cells(row[:len(columns)]...)
	}
	return text + "\n"
}
