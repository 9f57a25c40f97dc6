package markdown

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
)

// How many domains a cell holds. Those that are removed are worth more room: that is the one
// change that can't be undone without a new validation.
const (
	mostAdded   = 10
	mostRemoved = 50
)

// changed is one change in a cell. A long text is shown in full under the table.
func changed(c diff.Change) string {
	field := span(c.Edit.String())
	if c.Edit == cert.EditDomains {
		return domainsChanged(c)
	}
	if words.IsLong(c.From, c.To) && !words.LookAlike(c.From, c.To) {
		if within := words.TextDiff(c.From, c.To, words.Folded); utf8.RuneCountInString(within) <= mostCell {
			return field + ": " + codeOf(within, mostCell)
		}
	}
	from, to := words.FromTo(c)
	return field + " " + codeOf(from, mostCell/2) + " → " + codeOf(to, mostCell/2)
}

// domainsChanged says which domains are removed and added, and whether the common name moves.
func domainsChanged(c diff.Change) string {
	var parts []string
	if len(c.Remove) > 0 {
		parts = append(parts, "**removes** "+list(c.Remove, mostRemoved))
	}
	if len(c.Add) > 0 {
		parts = append(parts, "adds "+list(c.Add, mostAdded))
	}
	if c.CommonFrom != c.CommonTo {
		parts = append(parts, "common name "+Code(words.CommonNameFrom(c))+" → "+Code(cert.DisplayName(c.CommonTo)))
	}
	return fmt.Sprintf("%s (%d → %d)", strings.Join(parts, "; "), len(c.Before), len(c.After()))
}

// list writes domains, and how many there are beyond the most it may write.
func list(names []string, most int) string {
	return strings.Join(words.Few(words.Each(names, func(n string) string { return Code(cert.DisplayName(n)) }), most), ", ")
}

// longTexts shows the changes that the table only shows in part.
func (s sheet) longTexts() part {
	p := part{folded: true, one: "text", many: "texts", rank: cutTexts}
	for _, steps := range [][]plan.Step{s.ThisChange().SoonestFirst(), s.Pending().ToApply()} {
		for _, step := range steps {
			for _, c := range changesOf(step) {
				if c.Edit != cert.EditDomains && words.IsLong(c.From, c.To) {
					p.entries = append(p.entries, fence("diff", textDiff(step, c))+"\n")
				}
			}
		}
	}
	p.title = "Diff of long texts (" + words.Plural(len(p.entries), "text", "texts") + ")"
	return p
}

// changesOf are the changes of a step, sent or not.
func changesOf(s plan.Step) []diff.Change {
	var all []diff.Change
	for _, o := range s.Ops {
		all = append(all, o.Changes...)
	}
	for _, b := range s.Withheld {
		if b.Change.Edit == b.Edit { // a renewal and a retrigger hold no change
			all = append(all, b.Change)
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
	lines := strings.Split(v, "\n")
	for i, line := range lines {
		lines[i] = sign + words.Clean(line)
	}
	lines[len(lines)-1] += words.More(rest)
	return lines
}
