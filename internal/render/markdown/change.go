package markdown

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
)

// How many names a cell holds. Those that are taken off are worth more room: a name
// that goes is a site that ends.
const (
	mostAdded   = 10
	mostRemoved = 50
)

// changed is one change in a cell.
func changed(c diff.Change) string {
	field := span(c.Edit.String())
	switch {
	case c.Edit == cert.EditDomains:
		return namesChanged(c)
	case words.IsLong(c.From, c.To) && !words.LookAlike(c.From, c.To):
		return field + ": " + code(words.TextDiff(c.From, c.To, false))
	default:
		from, to := words.FromTo(c)
		return field + " " + code(from) + " → " + code(to)
	}
}

// namesChanged says which names go, which come, and whether the common name moves.
func namesChanged(c diff.Change) string {
	var parts []string
	if len(c.Remove) > 0 {
		parts = append(parts, "**takes off** "+list(c.Remove, mostRemoved))
	}
	if len(c.Add) > 0 {
		parts = append(parts, "adds "+list(c.Add, mostAdded))
	}
	if c.CommonFrom != c.CommonTo {
		parts = append(parts, "common name "+code(words.CommonNameFrom(c))+" → "+code(cert.DisplayName(c.CommonTo)))
	}
	return fmt.Sprintf("%s (%d → %s)", strings.Join(parts, "; "), len(c.Before), words.Plural(len(c.After()), "name", "names"))
}

// list writes names, and how many there are beyond the most it may write.
func list(names []string, most int) string {
	return strings.Join(words.Few(words.Each(names, func(n string) string { return code(cert.DisplayName(n)) }), most), ", ")
}

// fieldByField shows every change that is sent, in full where it fits: those of the
// change under review first.
func (s sheet) fieldByField() part {
	var entries []string
	for _, steps := range [][]plan.Step{s.ThisChange().ToApply(), s.Pending().ToApply()} {
		for _, step := range steps {
			entries = append(entries, fence("diff", stepDiff(step))+"\n")
		}
	}
	return part{title: "Field by field", folded: true, entries: entries,
		one: "certificate", many: "certificates", rank: cutFields}
}

// stepDiff writes the changes of a step as lines of a diff.
func stepDiff(s plan.Step) string {
	name, rest := words.Shorten(words.Title(s), mostValue)
	lines := []string{"# " + name + words.More(rest)}
	for _, o := range s.Ops {
		if o.Kind != plan.Patch {
			lines = append(lines, "! "+o.Kind.String()+": "+words.Clean(o.Reason))
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
	if words.LookAlike(c.From, c.To) {
		from, to := words.FromTo(c)
		return append(lines, "- "+from, "+ "+to)
	}
	lines = append(lines, valueLines("- ", c.Edit, c.From)...)
	return append(lines, valueLines("+ ", c.Edit, c.To)...)
}

// valueLines writes a value of several lines as they are, and any other as it is
// written elsewhere.
func valueLines(sign string, e cert.Edit, v string) []string {
	v, rest := words.Shorten(v, mostFence/4)
	if !strings.Contains(v, "\n") {
		return []string{sign + words.Value(e, v) + words.More(rest)}
	}
	lines := strings.Split(v, "\n")
	for i, line := range lines {
		lines[i] = sign + words.Clean(line)
	}
	lines[len(lines)-1] += words.More(rest)
	return lines
}

func nameLines(c diff.Change) []string {
	lines := []string{"@@ domains @@"}
	for _, name := range c.Remove {
		lines = append(lines, "- "+words.Clean(cert.DisplayName(name)))
	}
	for _, name := range c.Add {
		lines = append(lines, "+ "+words.Clean(cert.DisplayName(name)))
	}
	if c.CommonFrom != c.CommonTo {
		lines = append(lines, "! "+words.Clean(words.CommonName(c)))
	}
	return lines
}
