package render

import "github.com/cpsync/cpsync/internal/report"

// overlaps names what the manifests that the change under review touches have in common
// with others. With -v every certificate has its notes.
func (p *page) overlaps(r report.Report) {
	if p.style.Verbose {
		return
	}
	first := true
	for _, s := range r.Plan.Steps {
		if !r.Reviewed[s.Want.ID] || len(s.Overlaps()) == 0 {
			continue
		}
		if first {
			p.title("OVERLAPS", "what this change touches, with other manifests")
		}
		first = false
		p.blank()
		p.marked(p.lead(s), title(s), place(s.Place()), plain)
		for _, w := range s.Overlaps() {
			p.row("note", w.Text)
			p.row("", w.Do)
		}
	}
}
