package text

import (
	"fmt"
	"io"
	"slices"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// Import writes what an import did, as text.
func Import(w io.Writer, a report.Import, s layout.Style) error {
	p := newPage(s)
	p.report.Plan.Now = a.Now // by which the page says when something is
	p.together([]string{"cpsync import", a.Dir, a.Target}, "   ")
	p.Blank()
	p.importCounts(a)
	p.section(len(a.Written), "WRITTEN", "")
	p.files(a.Written)
	p.section(len(a.Problems), "NOT WRITTEN", "")
	for _, problem := range a.Problems {
		p.Line(layout.Margin, words.Problem(problem))
	}
	p.due("DUE AT ONCE", a.Dir, slices.DeleteFunc(slices.Clone(a.Due), func(step plan.Step) bool { return !isSent(step) }))
	p.due("NOT SENT YET", a.Dir, slices.DeleteFunc(slices.Clone(a.Due), isSent))
	p.section(len(a.Unrenewed), "NOTHING RENEWS", "auto_renew is off, and no policy renews these")
	for _, step := range a.Unrenewed {
		warning, _ := step.Unrenewed(a.Now)
		p.Marked("  ", words.Title(step), words.Place(view.Place(step)), layout.Plain)
		p.Row("reason", warning.Text)
		p.Row("action", words.Do(warning.Do, a.Flags, slices.Concat([]string{a.Dir}, a.Paths)))
	}
	p.entries("NOT UP TO DATE", "what was written is not what is live", a.Differs)
	p.failure(a.Failure)
	p.Blank()
	p.Clause(importEnd(a))
	return p.Flush(w)
}

// isSent reports whether the next apply sends something of a certificate.
func isSent(step plan.Step) bool { return len(step.Ops) > 0 }

// due writes the orders that the defaults ask for.
func (p *page) due(title, dir string, steps []plan.Step) {
	p.section(len(steps), title, "the defaults of "+dir+" ask for an order")
	for _, step := range steps {
		p.Marked("  ", words.Title(step), words.Place(view.Place(step)), layout.Plain)
		for _, o := range step.Ops {
			p.Row(o.Kind.String(), o.Reason)
		}
		for _, b := range step.Withheld {
			p.Row(b.Edit.String(), words.Verdicts[b.Verdict]+": "+b.Because)
		}
	}
}

// importCounts writes how many manifests were written, and how many requests got none, by the reason.
func (p *page) importCounts(a report.Import) {
	row := func(n int, what, about string) {
		p.Hang(layout.Pad(fmt.Sprintf("  %d %s", n, what), 15)+" ", about, layout.Plain)
	}
	count := func(n int, what, about string) {
		if n > 0 {
			row(n, what, about)
		}
	}
	row(len(a.Written), "written", words.Plural(len(a.Written), "manifest")+" in "+a.Dir)
	count(a.Known, "known", "had a manifest already")
	skipped := words.JoinCounts(fmt.Sprintf("%d deleted", a.Deleted), fmt.Sprintf("%d rejected", a.Rejected),
		fmt.Sprintf("%d expired long ago", a.Expired))
	if a.Rejected+a.Expired > 0 {
		skipped += "; --all takes all but deleted ones"
	}
	count(a.Deleted+a.Rejected+a.Expired, "skipped", skipped)
	count(a.Outside, "outside", "with domains that "+words.Place(a.Bounds)+" does not allow here")
	count(report.Count(a.Problems), "not written", "see below") // a problem can stand for several
}

// files names what was written. Of many files it names the first only, unless it is verbose, and those that leave
// out something the request has.
func (p *page) files(all []report.Imported) {
	named, unlisted := len(all), 0
	if named > fewFiles && !p.Style.Verbose {
		named = fewFiles - 1
	}
	for i, a := range all {
		if i >= named && len(a.LeftOut) == 0 {
			unlisted++
			continue
		}
		p.Marked("  ", words.LiveTitle(a.Live), words.Clean(a.File), layout.Plain)
		for _, why := range a.LeftOut {
			p.Row("skipped", why)
		}
	}
	p.andMore(layout.Margin, unlisted)
}

// importEnd is the last sentence: what the import cost, what came of it and what is next.
func importEnd(a report.Import) string {
	none := len(a.Written) == 0
	next := "  " + words.Again(a.Flags, slices.Concat([]string{a.Dir}, a.Paths))
	var end string
	switch {
	case len(a.Differs) > 0:
		end = "The plan of what was written is not empty, which is a mistake of cpsync: please report it, and do not apply these manifests."
	case a.Failure != nil && !none:
		end = "The import stopped early. Each file above is whole; running again writes the rest."
	case none && a.Failure == nil && a.Query != "" && a.Matched() == 0:
		end = "Nothing was written: no request matches --query " + words.Clean(a.Query) + ". A query is exact; * in it stands for any text."
	case none:
		end = "Nothing was written."
	case len(a.Due) > 0 && !slices.ContainsFunc(a.Due, isSent):
		end = "Nothing that was written differs from what is live; the defaults ask for the orders above, which are not sent yet. Look at them first:" + next
	case len(a.Due) > 0:
		end = "Nothing that was written differs from what is live; the next apply makes the orders above. Look at them first:" + next
	case len(a.Problems) > 0:
		end = "The plan of what was written is empty. What got no manifest is named above, with the reason."
	default:
		end = "The plan of what was written is empty. Read it, commit it, and go on with:" + next
	}
	return words.Plural(a.Requests.Reads, "read") + ", " + words.Plural(a.Requests.Writes, "write") + ". " + end
}

// Validation writes problems, one a line; notes as well if it is verbose; and the manifest that was asked for, with
// all that it inherits.
func Validation(w io.Writer, v report.Validation, s layout.Style) error {
	p := newPage(s)
	for _, problem := range v.Problems {
		p.Put(words.Problem(problem))
	}
	if s.Verbose {
		for _, n := range v.Notes {
			// In the form of a problem, which it is not.
			note := report.Problem{At: n.At(), Message: "note: " + n.Warning.Text, Hint: n.Warning.Do.String(), Rule: string(n.Warning.Code)}
			if n.Warning.Accepted {
				note.Hint = "accepted"
			}
			p.Put(words.Problem(note))
		}
	}
	if v.Effective != nil {
		p.effective(*v.Effective)
	}
	return p.Flush(w)
}

// effective writes one value a line, and where it is written. What is inherited has a mark.
func (p *page) effective(e report.Effective) {
	const column = 33
	own := e.Spec.At[""].File
	p.Marked("  ", fmt.Sprintf("%s (%s)", e.Spec.Name, e.Spec.ID), words.Place(e.Spec.At[""]), layout.Plain)
	last := ""
	for _, k := range e.Keys {
		head := "  "
		if k.At.File != own {
			head = "^ "
		}
		if k.Path != last {
			head += k.Path
		}
		last = k.Path
		value := k.Value
		if k.Idle != "" {
			value += " (idle: " + k.Idle + ")"
		}
		p.Marked(layout.Pad(head, column), value, words.Place(k.At), layout.Plain)
	}
	p.Blank()
	p.Line(0, "^ is inherited. What is not listed is not managed.")
}
