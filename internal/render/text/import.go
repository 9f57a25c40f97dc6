package text

import (
	"fmt"
	"io"
	"slices"

	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// fewFiles is how many written files are named before the rest is only counted.
const fewFiles = 20

// Import writes what an import did, as text.
func Import(w io.Writer, a report.Import, s layout.Style) error {
	p := newPage(s)
	p.report.Plan.Now = a.Now
	p.together([]string{"cpsync import", a.Dir, a.Target}, "   ")
	p.Blank()
	p.importCounts(a)
	if len(a.Written) > 0 {
		p.Title("WRITTEN", "")
		p.Blank()
		p.files(a.Written)
	}
	p.notWritten(a)
	p.due(a)
	p.unrenewed(a)
	p.differing(a)
	p.failure(a.Failure)
	p.Blank()
	p.Clause(importEnd(a))
	return p.Flush(w)
}

// importCounts counts what became of the live requests.
func (p *page) importCounts(a report.Import) {
	p.count(len(a.Written), "written", words.Plural(len(a.Written), "manifest", "manifests")+" in "+a.Dir)
	if a.Known > 0 {
		p.count(a.Known, "known", "had a manifest already")
	}
	if passed := a.Deleted + a.Rejected + a.Expired; passed > 0 {
		about := words.JoinCounts(fmt.Sprintf("%d deleted", a.Deleted), fmt.Sprintf("%d rejected", a.Rejected),
			fmt.Sprintf("%d expired long ago", a.Expired))
		if a.Rejected+a.Expired > 0 {
			about += "; --all takes all but deleted ones"
		}
		p.count(passed, "skipped", about)
	}
	if a.Outside > 0 {
		p.count(a.Outside, "outside", "with domains that "+words.Place(a.Bounds)+" does not allow here")
	}
	if n := report.Count(a.Problems); n > 0 {
		p.count(n, "not written", "see below")
	}
}

// count writes how many of the live requests became what.
func (p *page) count(n int, what, about string) {
	p.Hang(layout.Pad(fmt.Sprintf("  %d %s", n, what), 15)+" ", about, layout.Plain)
}

// files names what was written, and always what a file does not manage.
func (p *page) files(all []report.Imported) {
	unlisted := 0
	for i, a := range all {
		if len(all) > fewFiles && i >= fewFiles-1 && !p.Style.Verbose && len(a.LeftOut) == 0 {
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

func (p *page) notWritten(a report.Import) {
	if len(a.Problems) == 0 {
		return
	}
	p.Title("NOT WRITTEN", "")
	p.Blank()
	for _, problem := range a.Problems {
		p.Line(layout.Margin, words.Problem(problem))
	}
}

// due names what the policy of defaults orders as soon as it may.
func (p *page) due(a report.Import) {
	if len(a.Due) == 0 {
		return
	}
	p.Title("DUE AT ONCE", "the defaults of "+a.Dir+" ask for an order")
	p.Blank()
	for _, s := range a.Due {
		p.Marked("  ", words.Title(s), words.Place(view.Place(s)), layout.Plain)
		for _, o := range s.Ops {
			p.Row(o.Kind.String(), o.Reason)
		}
		for _, b := range s.Withheld {
			p.Row(b.Edit.String(), "deferred: "+b.Because)
		}
	}
}

// unrenewed names what nothing will renew, and what to do about it.
func (p *page) unrenewed(a report.Import) {
	if len(a.Unrenewed) == 0 {
		return
	}
	p.Title("NOTHING RENEWS", "auto_renew is off, and no policy renews these")
	p.Blank()
	for _, s := range a.Unrenewed {
		w, _ := s.Unrenewed(a.Now)
		p.Marked("  ", words.Title(s), words.Place(view.Place(s)), layout.Plain)
		p.Row("reason", w.Text)
		p.Row("action", words.Do(w.Do, a.Flags, slices.Concat([]string{a.Dir}, a.Paths)))
	}
}

// differing shows a plan that should have been empty.
func (p *page) differing(a report.Import) {
	if len(a.Differs) == 0 {
		return
	}
	p.Title("NOT UP TO DATE", "what was written is not what is live")
	for _, s := range a.Differs {
		p.Blank()
		p.entry(s)
	}
}

// importEnd says what the import cost, and what comes next.
func importEnd(a report.Import) string {
	cost := fmt.Sprintf("%s, %s. ", words.Plural(a.Requests.Reads, "read", "reads"), words.Plural(a.Requests.Writes, "write", "writes"))
	switch {
	case len(a.Differs) > 0:
		return cost + "The plan of what was written is not empty, which is a mistake of cpsync: please report it, and do not apply these manifests."
	case a.Failure != nil && len(a.Written) == 0:
		return cost + "Nothing was written."
	case a.Failure != nil:
		return cost + "The import stopped early. Each file above is whole; running again writes the rest."
	case len(a.Written) == 0 && a.Query != "" && a.Known == 0:
		return cost + "Nothing was written: no request matches --query " + words.Clean(a.Query) + ". A query is exact; * in it stands for any text."
	case len(a.Written) == 0:
		return cost + "Nothing was written."
	case len(a.Due) > 0:
		return cost + "Nothing that was written differs from what is live; the next apply makes the orders above. Look at them first:  " + words.Again(a.Flags, slices.Concat([]string{a.Dir}, a.Paths))
	case len(a.Problems) > 0:
		return cost + "The plan of what was written is empty. What is named above was not written, and why."
	default:
		return cost + "The plan of what was written is empty. Read it, commit it, and go on with:  " + words.Again(a.Flags, slices.Concat([]string{a.Dir}, a.Paths))
	}
}
