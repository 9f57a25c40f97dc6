// Package annotate writes what GitHub shows beside the lines of a pull request.
package annotate

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// mostAnnotation is how much of a text is shown, in characters.
const mostAnnotation = 1000

// command writes the annotation as one line of the log.
func (n note) command(level, workspace string) string {
	text := n.text
	properties := ""
	file, is := inside(n.at.File, workspace)
	switch is = is && isPlainName(file); {
	case is && n.at.Line > 0:
		properties = fmt.Sprintf("file=%s,line=%d,col=%d,", inProperty.Replace(file), n.at.Line, max(n.at.Column, 1))
	case is:
		properties = fmt.Sprintf("file=%s,", inProperty.Replace(file))
	case n.at.File != "":
		text = words.Place(n.at) + ": " + text
	}
	return fmt.Sprintf("::%s %stitle=%s::%s\n", level, properties, property(n.title), message(text))
}

// inside returns a file as it is named from the workspace, and whether it is in there.
func inside(file, workspace string) (string, bool) {
	if file == "" || workspace == "" {
		return filepath.ToSlash(file), file != ""
	}
	root, err := filepath.Abs(workspace)
	if err != nil {
		return "", false
	}
	full, err := filepath.Abs(file)
	if err != nil {
		return "", false
	}
	rel, err := filepath.Rel(root, full)
	return filepath.ToSlash(rel), err == nil && filepath.IsLocal(rel)
}

// isPlainName reports whether a parameter can hold the name of a file as it is: with an
// escape of ours it would be the name of another. Line breaks have one of the runner's.
func isPlainName(file string) bool {
	rest := strings.NewReplacer("\r", "", "\n", "").Replace(file)
	return words.IsClean(rest) && !strings.Contains(rest, "##[") && len(file) <= mostAnnotation
}

// message is text for the end of a command. Only the line breaks between our own
// sentences stay what they are.
func message(text string) string {
	kept, rest := words.Shorten(text, mostAnnotation)
	lines := strings.Split(kept, "\n")
	for i, line := range lines {
		lines[i] = inMessage.Replace(words.Clean(line))
	}
	return strings.Join(lines, "%0A") + words.More(rest)
}

// property is text for a parameter of a command.
func property(text string) string {
	kept, rest := words.Shorten(text, mostAnnotation)
	return inProperty.Replace(words.Clean(kept) + words.More(rest))
}

var (
	inMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	inProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
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
// named as they are. Of a change under review it only writes what that change causes, at
// manifests that it touches.
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
	for _, f := range caused(r) {
		all[levelOf(f)] = append(all[levelOf(f)], note{f.At, "cpsync " + f.Code, found(f)})
	}
	for _, n := range r.Notes {
		if w := n.Warning; !w.Accepted {
			all[noticeLevel] = append(all[noticeLevel], note{n.At(), "cpsync " + string(w.Code), advised(w.Text, w.Do.String())})
		}
	}
	for _, g := range r.Base.Abandoned() {
		all[warningLevel] = append(all[warningLevel], note{title: "cpsync " + string(cert.NothingRenews),
			text: advised(words.GoneName(g)+" ("+g.ID.String()+") is no longer managed: "+words.GoneExpiry(g), words.GoneAction)})
	}
	if r.Base != nil { // what follows is about the run, and no change causes it
		return all
	}
	for _, p := range r.Warnings {
		all[warningLevel] = append(all[warningLevel], note{p.At, "cpsync run", advised(p.Message, p.Hint)})
	}
	return all
}

// caused are the findings of the plan, or of the change under review those that it causes at
// manifests that it touches.
func caused(r report.Report) []view.Finding {
	all := view.Findings(r.Plan)
	if r.Base == nil {
		return all
	}
	return slices.DeleteFunc(append(all, r.Base.Protected...), func(f view.Finding) bool {
		return r.Base.Known[f.Key()] || !r.Reviewed[f.Step.Want.ID]
	})
}

func levelOf(f view.Finding) int {
	switch f.Level {
	case view.Broken:
		return errorLevel
	case view.Asks:
		return warningLevel
	case view.Mentions:
		return noticeLevel
	}
	panic("render: unknown level of a finding")
}

// found names the certificate, and the edit where there is one, and says what is the
// matter.
func found(f view.Finding) string {
	about := words.Title(f.Step) + ": "
	if f.Edit != "" {
		about += f.Edit + ", " + words.VerdictMark(f.Verdict) + ": "
	}
	return advised(about+f.Text, f.Do.String())
}

func advised(text, do string) string {
	if do == "" {
		return text
	}
	return text + "\n" + "action: " + do
}
