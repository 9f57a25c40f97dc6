package render

import (
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
)

// fieldByField shows every change that is sent, in full where it fits: those of the
// change under review first.
func (s sheet) fieldByField() part {
	var entries []string
	for _, steps := range [][]plan.Step{s.ThisChange().ToApply(), s.Pending().ToApply()} {
		for _, step := range steps {
			entries = append(entries, fence("diff", inFull(step))+"\n")
		}
	}
	return part{title: "Field by field", folded: true, entries: entries,
		one: "certificate", many: "certificates", rank: cutFields}
}

// inFull writes the changes of a step as lines of a diff.
func inFull(s plan.Step) string {
	name, rest := shorten(title(s), mostValue)
	lines := []string{"# " + name + more(rest)}
	for _, o := range s.Ops {
		if o.Kind != plan.Patch {
			lines = append(lines, "! "+o.Kind.String()+": "+Clean(o.Reason))
		}
		for _, c := range o.Changes {
			lines = append(lines, diffLines(c)...)
		}
	}
	return strings.Join(lines, "\n")
}

func diffLines(c diff.Change) []string {
	if c.Edit == cert.EditDomains {
		return nameLines(c)
	}
	lines := []string{"@@ " + c.Edit.String() + " @@"}
	if alike(c.From, c.To) {
		from, to := fromTo(c)
		return append(lines, "- "+from, "+ "+to)
	}
	lines = append(lines, valueLines("- ", c.Edit, c.From)...)
	return append(lines, valueLines("+ ", c.Edit, c.To)...)
}

// valueLines writes a value of several lines as they are, and any other as it is
// written elsewhere.
func valueLines(sign string, e cert.Edit, v string) []string {
	v, rest := shorten(v, mostFence/4)
	if !strings.Contains(v, "\n") {
		return []string{sign + value(e, v) + more(rest)}
	}
	lines := strings.Split(v, "\n")
	for i, line := range lines {
		lines[i] = sign + Clean(line)
	}
	lines[len(lines)-1] += more(rest)
	return lines
}

func nameLines(c diff.Change) []string {
	lines := []string{"@@ domains @@"}
	for _, name := range c.Remove {
		lines = append(lines, "- "+Clean(cert.DisplayName(name)))
	}
	for _, name := range c.Add {
		lines = append(lines, "+ "+Clean(cert.DisplayName(name)))
	}
	if c.CommonFrom != c.CommonTo {
		lines = append(lines, "! "+Clean(common(c)))
	}
	return lines
}
