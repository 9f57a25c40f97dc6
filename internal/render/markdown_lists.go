package render

import (
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// problems are what is wrong with the files.
func (s sheet) problems() part {
	return part{title: "Problems", head: columnsOf("Where", "What is wrong", "What to do"), rank: cutProblems,
		entries: each(s.Problems, problemRow), one: "problem", many: "problems"}
}

func problemRow(p report.Problem) string {
	where := "the run"
	if p.At.File != "" {
		where = code(place(p.At))
	}
	return cells(where, prose(p.Message), prose(p.Hint))
}

// runWarnings are about the run, not about a certificate.
func (s sheet) runWarnings() part {
	return part{title: "Warnings", head: columnsOf("Where", "What", "What to do"), rank: cutProblems,
		entries: each(s.Warnings, problemRow), one: "warning", many: "warnings"}
}

// gone are the certificates that this change stops to manage.
func (s sheet) gone() part {
	p := part{title: "This change: no longer managed", rank: cutAsks, one: "certificate", many: "certificates",
		about: "Their manifests are gone. cpsync leaves the certificates as they are: it neither deletes them nor looks after them.",
		head:  columnsOf("Certificate", "What becomes of it")}
	if s.Base != nil {
		p.entries = each(s.Base.Gone, goneRow)
	}
	return p
}

func goneRow(g report.Gone) string {
	return cells(code(nameGone(g))+" ("+plainly(g.ID.String())+")", withDo(fate(g, "**auto-renew off**"), goneDo(g)))
}

// withDo is a text of Markdown, and what to do.
func withDo(text, do string) string {
	if do == "" {
		return text
	}
	return text + "; **do:** " + prose(do)
}

// nameGone is what people know a certificate by whose manifest is gone.
func nameGone(g report.Gone) string {
	if g.Label == "" {
		return g.Name
	}
	return g.Label
}

// fate says what becomes of a certificate that nobody manages. off is how to say that
// its auto-renew is.
func fate(g report.Gone, off string) string {
	switch {
	case !g.Known:
		return "stays as it is; it was not read"
	case g.Expires.IsZero():
		return "stays as it is; never issued"
	case g.AutoRenew:
		return "stays live, auto-renew on, ends " + g.Expires.UTC().Format(plan.Date)
	default:
		return "stays live, " + off + ": " + abandoned(g)
	}
}

// abandoned says that nothing renews a certificate whose manifest is gone.
func abandoned(g report.Gone) string {
	return "nothing will renew it from then on; ends " + g.Expires.UTC().Format(plan.Date)
}

// keepIt is what to do about it before the manifest goes.
const keepIt = "switch auto_renew on first, or keep a manifest with metadata.id and policy alone"

// goneDo is what to do about a certificate whose manifest is gone; "" when there is nothing.
func goneDo(g report.Gone) string {
	if !g.Unrenewed() || g.Accepted {
		return ""
	}
	return keepIt
}

// inStep are the certificates with nothing to do.
func (s sheet) inStep() part {
	return s.listing("In step", s.Plan.In(plan.InStep), "certificate", "certificates")
}

// unmanaged are the live requests without a manifest, where they are known.
func (s sheet) unmanaged() part {
	var steps []plan.Step
	if s.Plan.Complete {
		steps = s.Plan.Unwanted()
	}
	return s.listing("Live requests without a manifest", steps, "request", "requests")
}

func (s sheet) listing(title string, steps []plan.Step, one, many string) part {
	return part{title: title + " (" + plural(len(steps), one, many) + ")", folded: true, rank: cutInStep,
		head: columnsOf("Certificate", "Now"), one: one, many: many,
		entries: each(steps, func(step plan.Step) string { return cells(called(step), s.standing(step)) })}
}

// notes are what is worth knowing and asks nobody to act. What manifests have in common is
// counted on top, and named here where the change under review touches it.
func (s sheet) notes() part {
	p := part{folded: true, head: columnsOf("Certificate", "Note"), rank: cutNotes, one: "certificate", many: "certificates"}
	for _, step := range s.Plan.Noted() {
		if rows := s.noteRows(step); rows != "" {
			p.entries = append(p.entries, rows)
		}
	}
	p.title = "Notes (" + plural(len(p.entries), "certificate", "certificates") + ")"
	return p
}

func (s sheet) noteRows(step plan.Step) string {
	var b strings.Builder
	name := called(step)
	add := func(note string) {
		b.WriteString(cells(name, note))
		name = ""
	}
	for _, w := range step.Noted() {
		switch {
		case w.Aside, w.Overlap() && !s.Reviewed[step.Want.ID]:
		case w.Accepted:
			add(prose(w.Text) + " (accepted)")
		default:
			add(reasonsOf(w))
		}
	}
	return b.String()
}
