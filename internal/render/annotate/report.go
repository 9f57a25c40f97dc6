// Package annotate writes what GitHub shows beside the lines of a pull request.
package annotate

import (
	"fmt"
	"io"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// mostAnnotations of one level are written. GitHub shows ten of a level for each step
// of a job and drops the rest without a word, so that the tenth says how many more
// there are.
const mostAnnotations = 9

// note is one annotation: a place in a file, a title and what is to be said.
type note struct {
	at          cert.Pos
	title, text string
}

// The levels of GitHub.
const (
	errorLevel = iota
	warningLevel
	noticeLevel
)

var levelNames = [...]string{errorLevel: "error", warningLevel: "warning", noticeLevel: "notice"}

// Report writes what GitHub shows beside the lines of a pull request, as commands
// in the log of a job: what is wrong with the manifests and what stopped the run, what
// needs a person, what is worth knowing. Files are named relative to workspace, a
// directory; those outside of it are named in the text. With workspace "" they are
// named as they are.
//
// Source: GitHub, "Workflow commands for GitHub Actions", read 2026-11-22.
func Report(w io.Writer, r report.Report, workspace string) error {
	var b strings.Builder
	for level, notes := range annotated(r) {
		shown := notes[:min(len(notes), mostAnnotations)]
		for _, n := range shown {
			b.WriteString(n.command(levelNames[level], workspace))
		}
		if rest := len(notes) - len(shown); rest > 0 {
			n := note{title: "cpsync", text: fmt.Sprintf("and %d more; the plan names them all", rest)}
			b.WriteString(n.command(levelNames[level], workspace))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// annotated returns the annotations by level, the most severe of each first.
func annotated(r report.Report) [len(levelNames)][]note {
	var all [len(levelNames)][]note
	if f := r.Failure; f != nil {
		all[errorLevel] = append(all[errorLevel], note{title: "cpsync " + f.Code, text: advised(f.Message, f.Hint)})
	}
	for _, p := range r.Problems {
		all[errorLevel] = append(all[errorLevel], note{p.At, "cpsync manifest", advised(p.Message, p.Hint)})
	}
	findings := r.Plan.Findings()
	if r.Base != nil {
		findings = append(findings, r.Base.Guarded...)
	}
	for _, f := range findings {
		all[levelOf(f)] = append(all[levelOf(f)], note{f.At, "cpsync " + f.Code, found(f)})
	}
	for _, n := range r.Notes {
		if w := n.Warning; !w.Accepted {
			all[noticeLevel] = append(all[noticeLevel], note{n.At(), "cpsync " + string(w.Code), advised(w.Text, w.Do)})
		}
	}
	for _, g := range r.Base.Abandoned() {
		all[warningLevel] = append(all[warningLevel], note{title: "cpsync " + string(cert.NothingRenews),
			text: advised(words.GoneName(g)+" ("+g.ID.String()+") has no manifest any more: "+words.GoneEnd(g), words.GoneAction)})
	}
	for _, p := range r.Warnings {
		all[warningLevel] = append(all[warningLevel], note{p.At, "cpsync run", advised(p.Message, p.Hint)})
	}
	return all
}

func levelOf(f plan.Finding) int {
	switch f.Level {
	case plan.Broken:
		return errorLevel
	case plan.Asks:
		return warningLevel
	case plan.Mentions:
		return noticeLevel
	}
	panic("render: unknown level of a finding")
}

// found names the certificate, and the edit where there is one, and says what is the
// matter.
func found(f plan.Finding) string {
	about := words.Title(f.Step) + ": "
	if f.Edit != "" {
		about += f.Edit + ", " + words.VerdictMark(f.Verdict) + ": "
	}
	return advised(about+f.Text, f.Do)
}

func advised(text, do string) string {
	if do == "" {
		return text
	}
	return text + "\n" + "do: " + do
}
