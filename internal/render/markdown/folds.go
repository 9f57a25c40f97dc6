package markdown

import (
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// problems are what is wrong with the files.
func (s sheet) problems() part {
	return part{title: "Problems", head: columnsOf("Place", "Problem", "Action"), rank: cutProblems,
		entries: words.Each(s.Problems, problemRow), one: "problem", many: "problems"}
}

func problemRow(p report.Problem) string {
	place := "the run"
	if p.At.File != "" {
		place = Code(words.Place(p.At))
	}
	return cells(place, Prose(p.Message), Prose(p.Hint))
}

// warnings are about the run, not about a certificate.
func (s sheet) warnings() part {
	return part{title: "Warnings about this run (" + words.Plural(len(s.Warnings), "warning", "warnings") + ")", folded: true,
		head: columnsOf("Place", "Warning", "Action"), rank: cutProblems,
		entries: words.Each(s.Warnings, problemRow), one: "warning", many: "warnings"}
}

// removed names the removed manifests that the table leaves out.
func (s sheet) removed() part {
	gone := s.gone()
	rest := gone[min(len(gone), mostGone):]
	return part{title: "More removed manifests (" + words.Plural(len(rest), "certificate", "certificates") + ")", folded: true,
		head: columnsOf("Certificate", "Change", "Effect"), rank: cutChanges,
		entries: words.Each(rest, goneRow), one: "certificate", many: "certificates"}
}

// expiring is why --fail-on-expiring fails the run.
func (s sheet) expiring() part {
	steps := s.Expiring()
	return part{title: "Expire within " + words.Duration(s.ExpiringWithin) + " (" + words.Plural(len(steps), "certificate", "certificates") + ")",
		folded: true, about: "Why `--fail-on-expiring` fails the run.", rank: cutAsks,
		head: columnsOf("Certificate", "Expires"), one: "certificate", many: "certificates",
		entries: words.Each(steps, func(step plan.Step) string {
			return cells(title(step), Prose(words.Expiry(step, s.Plan.Now)))
		})}
}

// reviewed are the certificates of the change under review, or all of them. A manifest may
// change without an effect on the plan.
func (s sheet) reviewed() plan.Plan {
	return s.Plan.Where(func(step plan.Step) bool {
		return s.Base == nil || s.Base.Touches(step) || s.Reviewed[step.Want.ID]
	})
}

// notes are what is worth knowing of the change under review, and asks nobody to act.
// unserved is what somebody has to act on of what is served.
func (s sheet) unserved() part {
	p := part{folded: true, head: columnsOf("Certificate", "Served", "Action"), rank: cutNotes, one: "certificate", many: "certificates"}
	for _, step := range words.Unserved(s.Edges, s.Plan.SoonestFirst()) {
		v := s.Edges[step.Want.ID]
		p.entries = append(p.entries, cells(title(step), Prose(words.EdgeSeen(v)), Prose(words.EdgeAction(v))))
	}
	p.title = "Served (" + words.EdgeCounts(s.Edges, s.Plan.Steps) + ")"
	return p
}

func (s sheet) notes() part {
	p := part{folded: true, head: columnsOf("Certificate", "Note"), rank: cutNotes, one: "certificate", many: "certificates"}
	for _, step := range view.WithNotes(s.reviewed()) {
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
			add(Prose(w.Text) + " (accepted)")
		default:
			add(reasonsOf(w))
		}
	}
	return b.String()
}
