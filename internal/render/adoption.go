package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/shell"
)

// fewFiles is how many written files are named before the rest is only counted.
const fewFiles = 20

// Adoption writes what an import did, as text.
func Adoption(w io.Writer, a report.Adoption, s Style) error {
	p := newPage(s)
	p.together([]string{"cpsync import", a.Dir, a.Target}, "   ")
	p.blank()
	p.adopted(a)
	if len(a.Written) > 0 {
		p.title("WRITTEN", "")
		p.blank()
		p.files(a.Written)
	}
	p.passedBy(a)
	p.dueAtOnce(a)
	p.unrenewed(a)
	p.differing(a)
	p.failure(a.Failure)
	p.blank()
	p.clause(adoptionEnd(a))
	return p.flush(w)
}

// adopted counts what became of the live requests.
func (p *page) adopted(a report.Adoption) {
	p.count(len(a.Written), "written", "written", plural(len(a.Written), "manifest", "manifests")+" in "+a.Dir, "")
	if a.Known > 0 {
		p.count(a.Known, "known", "known", "had a manifest already", "")
	}
	if passed := a.Deleted + a.Rejected + a.Expired; passed > 0 {
		about := counted(fmt.Sprintf("%d deleted", a.Deleted), fmt.Sprintf("%d rejected", a.Rejected),
			fmt.Sprintf("%d ended long ago", a.Expired))
		if a.Rejected+a.Expired > 0 {
			about += "; --all takes all but deleted ones"
		}
		p.count(passed, "passed by", "passed by", about, "")
	}
	if a.Outside > 0 {
		p.count(a.Outside, "outside", "outside", "with names that "+place(a.Bounds)+" does not allow here", "")
	}
	if n := len(a.Problems); n > 0 {
		p.count(n, "not written", "not written", "see below", "")
	}
}

// files names what was written, and always what a file does not manage.
func (p *page) files(all []report.Adopted) {
	unlisted := 0
	for i, a := range all {
		if len(all) > fewFiles && i >= fewFiles-1 && !p.style.Verbose && len(a.LeftOut) == 0 {
			unlisted++
			continue
		}
		p.marked("  ", named(a.Live), Clean(a.File), plain)
		for _, why := range a.LeftOut {
			p.row("left out", why)
		}
	}
	if unlisted > 0 {
		p.line(margin, fmt.Sprintf("and %d more (-v)", unlisted))
	}
}

// named is what people know a request by, and its id.
func named(l cert.Live) string {
	return Clean(nameOf(l, "request")) + " (" + l.ID.String() + ")"
}

func (p *page) passedBy(a report.Adoption) {
	if len(a.Problems) == 0 {
		return
	}
	p.title("NOT WRITTEN", "")
	p.blank()
	for _, problem := range a.Problems {
		p.line(margin, Problem(problem))
	}
}

// dueAtOnce names what the policy of defaults orders as soon as it may.
func (p *page) dueAtOnce(a report.Adoption) {
	if len(a.Due) == 0 {
		return
	}
	p.title("DUE AT ONCE", "the defaults of "+a.Dir+" ask for an order")
	p.blank()
	for _, s := range a.Due {
		p.marked("  ", title(s), place(s.Place()), plain)
		for _, o := range s.Ops {
			p.row(o.Kind.String(), o.Reason)
		}
		for _, b := range s.Blocked {
			p.row(b.Edit.String(), "not yet: "+b.Because)
		}
	}
}

// unrenewed names what nothing will renew, and what to do about it.
func (p *page) unrenewed(a report.Adoption) {
	if len(a.Unrenewed) == 0 {
		return
	}
	p.title("NOTHING RENEWS", "auto_renew is off, and no policy renews these")
	p.blank()
	for _, s := range a.Unrenewed {
		w, _ := s.Unrenewed(a.Now)
		p.marked("  ", title(s), place(s.Place()), plain)
		p.row("because", w.Text)
		p.row("do", w.Do)
	}
}

// differing shows a plan that should have been empty.
func (p *page) differing(a report.Adoption) {
	if len(a.Differs) == 0 {
		return
	}
	p.title("NOT IN STEP", "what was written is not what is live")
	for _, s := range a.Differs {
		p.blank()
		rows := stepRows("because")
		if s.Fault != nil {
			rows = faultRows
		}
		p.step(s, plan.Plan{Now: a.Now}, rows)
	}
}

// shells writes words for a shell.
func shells(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = shell.Word(w)
	}
	return strings.Join(quoted, " ")
}

// adoptionEnd says what the import cost, and what comes next.
func adoptionEnd(a report.Adoption) string {
	cost := fmt.Sprintf("%s, %s. ", plural(a.Requests.Reads, "read", "reads"), plural(a.Requests.Writes, "write", "writes"))
	switch {
	case len(a.Differs) > 0:
		return cost + "The plan of what was written is not empty, which is a mistake of cpsync: please report it, and do not apply these manifests."
	case a.Failure != nil && len(a.Written) == 0:
		return cost + "Nothing was written."
	case a.Failure != nil:
		return cost + "The import ended before its end. Each file above is whole; running again writes the rest."
	case len(a.Written) == 0:
		return cost + "Nothing was written."
	case len(a.Due) > 0:
		return cost + "Nothing that was written differs from what is live; the next apply makes the orders above. Look at them first:  cpsync " + shells(slices.Concat(a.Flags, []string{a.Dir}, a.Paths))
	case len(a.Problems) > 0:
		return cost + "The plan of what was written is empty. What is named above was not written, and why."
	default:
		return cost + "The plan of what was written is empty. Read it, commit it, and go on with:  cpsync " + shells(slices.Concat(a.Flags, []string{a.Dir}, a.Paths))
	}
}
