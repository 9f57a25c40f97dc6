package comment

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/render/markdown"
	"github.com/cpsync/cpsync/internal/render/words"
)

// Needing is a certificate, or a file, and why somebody has to act.
type Needing struct {
	title string // "" for what is about no certificate
	tags  map[string]string
	needs []need
}

// need is one reason, and what to do.
type need struct{ why, do string }

// toDo lists what needs action, in the order of the plan: what plan.Step.NeedsAction says,
// and what an apply did not do.
func (d document) toDo() []Needing {
	var all []Needing
	for _, s := range d.Steps {
		n := Needing{title: fmt.Sprintf("%s (%s)", cmp.Or(s.CommonName, s.Name), s.ID), tags: s.Tags}
		for _, w := range s.Warnings {
			if w.NeedsAction {
				n.needs = append(n.needs, need{w.Text, w.Action})
			}
		}
		for _, b := range s.Withheld {
			if b.NextActor == "person" && b.Verdict != "protected" {
				n.needs = append(n.needs, need{b.Field + ": " + b.Reason, b.Action})
			}
		}
		for _, o := range s.Operations {
			if slices.Contains([]string{"unknown", "failed", "not-converged"}, o.Outcome) {
				n.needs = append(n.needs, need{o.Kind + " ended as " + o.Outcome + ": " + o.Error, ""})
			}
		}
		if len(n.needs) > 0 {
			all = append(all, n)
		}
	}
	for _, e := range d.Errors {
		all = append(all, Needing{title: e.Name, needs: []need{{e.Message, e.Hint}}})
	}
	return all
}

// maxIssue is how many bytes of certificates an issue lists; GitHub takes 65,536 characters.
const maxIssue = 60_000

// issueTexts makes the issue of each value of a tag; without a tag there is one.
func issueTexts(all []Needing, key, tag string) map[string]issueText {
	groups, texts := map[string][]Needing{}, map[string]issueText{}
	for _, n := range all {
		groups[n.tags[tag]] = append(groups[n.tags[tag]], n)
	}
	for group, members := range groups {
		errors := 0
		for _, n := range members {
			if n.title == "" {
				errors++
			}
		}
		title := "cpsync: action required for " + words.JoinCounts(
			words.Plural(len(members)-errors, "certificate"), words.Plural(errors, "error"))
		if group != "" {
			title += fmt.Sprintf(", %s %.80s", tag, words.Clean(strings.ReplaceAll(group, "@", "")))
		}
		if key != "default" {
			title += " (" + key + ")"
		}
		var b strings.Builder
		for i, n := range members {
			if b.Len() > maxIssue {
				fmt.Fprintf(&b, "\nAnd %d more: see the summary of the run.\n", len(members)-i)
				break
			}
			fmt.Fprintf(&b, "- **%s**\n", markdown.Code(cmp.Or(n.title, "the run")))
			for _, d := range n.needs[:min(len(n.needs), 5)] {
				fmt.Fprintf(&b, "  - %s\n", markdown.Prose(d.why))
				if d.do != "" {
					fmt.Fprintf(&b, "    - action: %s\n", markdown.Prose(d.do))
				}
			}
		}
		b.WriteString("\n---\n\nA daily run keeps this issue: it is updated when something changes, and closed when nothing is left.\n")
		texts[group] = issueText{title, b.String()}
	}
	return texts
}
