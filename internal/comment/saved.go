package comment

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/cpsync/cpsync/internal/jsontext"
	"github.com/cpsync/cpsync/internal/render/markdown"
	"github.com/cpsync/cpsync/internal/render/words"
)

// The modes of a run.
const (
	Plan  = "plan"
	Apply = "apply"
)

// Saved is what a comment needs to know of a saved plan.
type Saved struct {
	Mode           string // Plan or Apply
	Finished       bool   // the run came to its end
	Digest         string
	Empty          bool // about no certificate at all
	Changes        bool // this change, or the apply, does something, or something stands in its way
	ActionRequired []ActionRequired
}

// document is the part of a saved plan that is read. It is described by
// schemas/plan.v2.schema.json. Nothing of it is trusted.
type document struct {
	FormatVersion *string `json:"format_version"`
	Mode          string  `json:"mode"`
	Finished      bool    `json:"finished"` // missing: unknown, so it is not
	Digest        string  `json:"digest"`
	Errors        []struct {
		Message string `json:"message"`
		Hint    string `json:"hint"`
		Name    string `json:"name"`
	} `json:"errors"`
	Steps []struct {
		ID            json.Number       `json:"id"`
		Name          string            `json:"name"`
		CommonName    string            `json:"common_name"`
		Tags          map[string]string `json:"tags"`
		ChangedByBase *bool             `json:"changed_by_base"`
		Operations    []struct {
			Kind    string `json:"kind"`
			Outcome string `json:"outcome"`
			Error   string `json:"error"`
		} `json:"operations"`
		Withheld []struct {
			Field     string `json:"field"`
			Verdict   string `json:"verdict"`
			Reason    string `json:"reason"`
			Action    string `json:"action"`
			NextActor string `json:"next_actor"`
		} `json:"withheld"`
		Warnings []struct {
			Text        string `json:"text"`
			Action      string `json:"action"`
			NeedsAction bool   `json:"action_required"`
		} `json:"warnings"`
	} `json:"steps"`
	Base *struct { // the revision that the change under review starts at
		Gone []json.RawMessage `json:"gone"`
	} `json:"base"`
}

// Read reads a plan that a run saved as JSON.
func Read(data []byte) (Saved, error) {
	var d document
	if err := jsontext.Decode(data, &d); err != nil {
		return Saved{}, fmt.Errorf("it is no plan: %w", err)
	}
	switch {
	case d.FormatVersion == nil:
		return Saved{}, errors.New("it is no plan: it has no format_version")
	case *d.FormatVersion != "2" && !strings.HasPrefix(*d.FormatVersion, "2."):
		return Saved{}, fmt.Errorf("it is a plan of version %s, and this cpsync reads version 2: save the plan again", Version(*d.FormatVersion))
	case d.Mode != Plan && d.Mode != Apply:
		return Saved{}, errors.New("it is no plan: its mode is another")
	}
	saved := Saved{Mode: d.Mode, Finished: d.Finished, Digest: d.Digest, Empty: len(d.Steps) == 0, ActionRequired: d.toDo()}
	// To remove a manifest is a change, although nothing is done to the certificate.
	saved.Changes = len(d.Errors) > 0 || d.Base != nil && len(d.Base.Gone) > 0
	for _, s := range d.Steps {
		pendingBefore := s.ChangedByBase != nil && !*s.ChangedByBase // the change under review does not touch it
		if !pendingBefore && len(s.Operations)+len(s.Withheld) > 0 {
			saved.Changes = true
		}
	}
	return saved, nil
}

// Version returns the version that a file says it has, in quotes; "another" if that is no version. Other text of
// the file must not be shown.
func Version(written string) string {
	if isVersion.MatchString(written) {
		return strconv.Quote(written)
	}
	return "another"
}

var isVersion = regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{1,3})?$`)

// title is how a page begins.
const title = "### cpsync"

// Belongs returns an error if a Markdown page is not that of the saved plan. A page that was written while the
// run was at work begins with words.Unfinished.
func (s Saved) Belongs(page string) error {
	unfinished := strings.HasPrefix(page, "This "+s.Mode+" has not finished") && strings.Contains(page, "\n\n"+title)
	switch {
	case !strings.HasPrefix(page, title) && !unfinished:
		return errors.New("it is no page of cpsync")
	case !s.Empty && !strings.Contains(page, s.Digest):
		return errors.New("it is of another run than the plan")
	}
	return nil
}

// ActionRequired is a certificate, or an error of the run, and why a person must act.
type ActionRequired struct {
	title string // "" for an error that is about no certificate
	tags  map[string]string
	needs []need
}

// need is one reason, and what a person does about it; do may be "".
type need struct{ why, do string }

// toDo lists what needs action, in the order of the plan. It says the same of a step as plan.Step.NeedsAction,
// and adds its error and the operations of an apply that went wrong. The errors of the run come last.
func (d document) toDo() []ActionRequired {
	var all []ActionRequired
	ofStep, ofRun := map[string][]need{}, []ActionRequired(nil)
	for _, s := range d.Steps {
		ofStep[s.Name] = nil
	}
	for _, e := range d.Errors {
		n := need{e.Message, e.Hint}
		if _, known := ofStep[e.Name]; known {
			ofStep[e.Name] = append(ofStep[e.Name], n)
		} else {
			ofRun = append(ofRun, ActionRequired{needs: []need{n}})
		}
	}
	for _, s := range d.Steps {
		n := ActionRequired{title: fmt.Sprintf("%s (%s)", cmp.Or(s.CommonName, s.Name), s.ID), tags: s.Tags, needs: ofStep[s.Name]}
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
	return append(all, ofRun...)
}

// ofRun reports whether it is an error that is about no certificate: what the run could not evaluate is not known.
func (n ActionRequired) ofRun() bool { return n.title == "" }

// maxIssue is how many bytes of certificates an issue lists; GitHub takes 65,536 characters.
const maxIssue = 60_000

// issueTexts returns the issues to keep by the value of a tag. Without a tag there is one, under "".
func issueTexts(all []ActionRequired, key, tag string) map[string]issueText {
	groups, texts := map[string][]ActionRequired{}, map[string]issueText{}
	for _, n := range all {
		value := n.tags[tag]
		groups[value] = append(groups[value], n)
	}
	for value, members := range groups {
		texts[groupOf(value)] = issueText{issueTitle(members, key, tag, value), issueBody(members)}
	}
	return texts
}

// issueTitle counts what needs action, and names the value of the tag and the key of the plan.
func issueTitle(all []ActionRequired, key, tag, value string) string {
	text := "cpsync: action required for " + counted(all)
	if value != "" {
		text += fmt.Sprintf(", %s %.80s", tag, words.Clean(strings.ReplaceAll(value, "@", ""))) // GitHub notifies whom an @ names
	}
	if key != "default" {
		text += " (" + key + ")"
	}
	return text
}

// counted counts what needs action; "" where nothing does.
func counted(all []ActionRequired) string {
	certificates, runErrors := 0, 0
	for _, n := range all {
		if n.ofRun() {
			runErrors++
		} else {
			certificates++
		}
	}
	return words.JoinCounts(words.Plural(certificates, "certificate"), words.Plural(runErrors, "error"))
}

// issueBody lists what needs action, with at most five reasons each.
func issueBody(all []ActionRequired) string {
	var b strings.Builder
	for i, n := range all {
		if b.Len() > maxIssue {
			fmt.Fprintf(&b, "\nAnd %d more: see the summary of the run.\n", len(all)-i)
			break
		}
		fmt.Fprintf(&b, "- **%s**\n", markdown.Code(cmp.Or(n.title, "the run")))
		for _, reason := range n.needs[:min(len(n.needs), 5)] {
			fmt.Fprintf(&b, "  - %s\n", markdown.Prose(reason.why))
			if reason.do != "" {
				fmt.Fprintf(&b, "    - action: %s\n", markdown.Prose(reason.do))
			}
		}
	}
	b.WriteString("\n---\n\nA daily run keeps this issue: it is updated when something changes, and closed when nothing is left.\n")
	return b.String()
}
