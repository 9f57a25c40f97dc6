// Package annotate writes what GitHub shows beside the lines of a pull request.
package annotate

import (
	"errors"
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

// mostAnnotations of one level are written. GitHub shows ten of a level for each step
// of a job and drops the rest without a word, so that the tenth says how many more
// there are.
const mostAnnotations = 9

// levels are what GitHub calls the levels of findings.
var levels = [...]string{view.Broken: "error", view.Asks: "warning", view.Mentions: "notice"}

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
		if len(notes) > mostAnnotations {
			rest := 0
			for _, n := range notes[mostAnnotations:] {
				rest += max(n.more, 1)
			}
			notes = append(notes[:mostAnnotations], note{title: "cpsync", text: fmt.Sprintf("and %d more", rest)})
		}
		for _, n := range notes {
			b.WriteString(n.command(levels[level], workspace))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// note is one annotation: a place in a file, a title and what is to be said.
type note struct {
	at          cert.Pos
	title, text string
	more        int // how many problems it only counts; 0: it is about one
}

// annotated returns the annotations by level, the most severe of each first.
func annotated(r report.Report) (all [len(levels)][]note) {
	add := func(level view.Level, at cert.Pos, about, text, do string) {
		if do != "" {
			text += "\naction: " + do
		}
		all[level] = append(all[level], note{at: at, title: "cpsync " + about, text: text})
	}
	if f := r.Failure; f != nil {
		add(view.Broken, cert.Pos{}, f.Code, f.Message, f.Hint)
	}
	for _, p := range r.Problems {
		add(view.Broken, p.At, "manifest", p.Message, p.Hint)
		broken := all[view.Broken]
		broken[len(broken)-1].more = p.More
	}
	for _, f := range caused(r) {
		about := words.Title(f.Step) + ": "
		if f.Edit != "" {
			about += f.Edit + ", " + words.Verdicts[f.Verdict] + ": "
		}
		add(f.Level, f.At, f.Code, about+f.Text, f.Do.String())
	}
	for _, n := range r.Notes {
		if w := n.Warning; !w.Accepted {
			add(view.Mentions, n.At(), string(w.Code), w.Text, w.Do.String())
		}
	}
	for _, g := range r.Base.Abandoned() {
		add(view.Asks, cert.Pos{}, string(cert.NothingRenews),
			words.GoneName(g)+" ("+g.ID.String()+") is no longer managed: "+words.GoneExpiry(g), words.GoneDo(g))
	}
	if r.Base != nil { // what follows is about the run, and no change causes it
		return all
	}
	for _, p := range r.Warnings {
		add(view.Asks, p.At, "run", p.Message, p.Hint)
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

// command writes the annotation as one line of the log. Only the line breaks between our own
// sentences stay what they are.
func (n note) command(level, workspace string) string {
	text, place := n.text, ""
	file, is := inside(n.at.File, workspace)
	switch is = is && isPlainName(file); {
	case is && n.at.Line > 0:
		place = fmt.Sprintf("file=%s,line=%d,col=%d,", inProperty.Replace(file), n.at.Line, max(n.at.Column, 1))
	case is:
		place = fmt.Sprintf("file=%s,", inProperty.Replace(file))
	case n.at.File != "":
		text = words.Place(n.at) + ": " + text
	}
	title, titleRest := words.Shorten(n.title, mostAnnotation)
	text, textRest := words.Shorten(text, mostAnnotation)
	lines := words.Each(strings.Split(text, "\n"), func(line string) string { return inMessage.Replace(words.Clean(line)) })
	return fmt.Sprintf("::%s %stitle=%s::%s\n", level, place, inProperty.Replace(words.Clean(title)+words.More(titleRest)),
		strings.Join(lines, "%0A")+words.More(textRest))
}

// inside returns a file as it is named from the workspace, and whether it is in there.
func inside(file, workspace string) (string, bool) {
	if file == "" || workspace == "" {
		return filepath.ToSlash(file), file != ""
	}
	root, noRoot := filepath.Abs(workspace)
	full, noFile := filepath.Abs(file)
	rel, apart := filepath.Rel(root, full)
	return filepath.ToSlash(rel), errors.Join(noRoot, noFile, apart) == nil && filepath.IsLocal(rel)
}

// isPlainName reports whether a parameter can hold the name of a file as it is: with an
// escape of ours it would be the name of another. Line breaks have one of the runner's.
func isPlainName(file string) bool {
	rest := strings.NewReplacer("\r", "", "\n", "").Replace(file)
	return words.IsClean(rest) && !strings.Contains(rest, "##[") && len(file) <= mostAnnotation
}

var (
	inMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	inProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
