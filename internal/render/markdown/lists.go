package markdown

import (
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// ending are the same as a table.
func (s sheet) ending() part {
	steps := s.Ending()
	return part{title: "Ending within " + words.Duration(s.Within) + " (" + words.Plural(len(steps), "certificate", "certificates") + ")",
		about: "Why `--fail-on-expiring` fails the run.", rank: cutAsks,
		head: columnsOf("Certificate", "Ends"), one: "certificate", many: "certificates",
		entries: words.Each(steps, func(step plan.Step) string {
			return cells(title(step), prose(words.Ending(step, s.Plan.Now)))
		})}
}

// problems are what is wrong with the files.
func (s sheet) problems() part {
	return part{title: "Problems", head: columnsOf("Where", "What is wrong", "What to do"), rank: cutProblems,
		entries: words.Each(s.Problems, problemRow), one: "problem", many: "problems"}
}

func problemRow(p report.Problem) string {
	where := "the run"
	if p.At.File != "" {
		where = code(words.Place(p.At))
	}
	return cells(where, prose(p.Message), prose(p.Hint))
}

// runWarnings are about the run, not about a certificate.
func (s sheet) runWarnings() part {
	return part{title: "Warnings", head: columnsOf("Where", "What", "What to do"), rank: cutProblems,
		entries: words.Each(s.Warnings, problemRow), one: "warning", many: "warnings"}
}

// gone are the certificates that this change stops to manage.
func (s sheet) gone() part {
	p := part{title: "This change: no longer managed", rank: cutAsks, one: "certificate", many: "certificates",
		about: "Their manifests are gone. cpsync leaves the certificates as they are: it neither deletes them nor looks after them.",
		head:  columnsOf("Certificate", "What becomes of it")}
	if s.Base != nil {
		p.entries = words.Each(s.Base.Gone, goneRow)
	}
	return p
}

func goneRow(g report.Gone) string {
	return cells(code(words.GoneName(g))+" ("+word(g.ID.String())+")", withDo(words.GoneState(g, "**auto-renew off**"), words.GoneDo(g)))
}

// withDo is a text of Markdown, and what to do.
func withDo(text, do string) string {
	if do == "" {
		return text
	}
	return text + "; **do:** " + prose(do)
}

// inStep are the certificates with nothing to do.
func (s sheet) inStep() part {
	return s.listing("In step", view.In(s.Plan, view.InStep), "certificate", "certificates")
}

// unmanaged are the live requests without a manifest, where they are known.
func (s sheet) unmanaged() part {
	var steps []plan.Step
	if s.Plan.Complete {
		steps = view.Unwanted(s.Plan)
	}
	return s.listing("Live requests without a manifest", steps, "request", "requests")
}

func (s sheet) listing(name string, steps []plan.Step, one, many string) part {
	return part{title: name + " (" + words.Plural(len(steps), one, many) + ")", folded: true, rank: cutInStep,
		head: columnsOf("Certificate", "Now"), one: one, many: many,
		entries: words.Each(steps, func(step plan.Step) string { return cells(title(step), s.state(step)) })}
}

// notes are what is worth knowing and asks nobody to act. What manifests have in common is
// counted on top, and named here where the change under review touches it.
func (s sheet) notes() part {
	p := part{folded: true, head: columnsOf("Certificate", "Note"), rank: cutNotes, one: "certificate", many: "certificates"}
	for _, step := range view.WithNotes(s.Plan) {
		if rows := s.noteRows(step); rows != "" {
			p.entries = append(p.entries, rows)
		}
	}
	p.title = "Notes (" + words.Plural(len(p.entries), "certificate", "certificates") + ")"
	return p
}

func (s sheet) noteRows(step plan.Step) string {
	var b strings.Builder
	name := title(step)
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
