package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/comment"
	"github.com/cpsync/cpsync/internal/github"
	"github.com/cpsync/cpsync/internal/jsontext"
	"github.com/cpsync/cpsync/internal/render/markdown"
	"github.com/cpsync/cpsync/internal/render/words"
	stages "github.com/cpsync/cpsync/internal/run"
)

// savedNeeds is what of a saved plan needs action. Nothing of it is trusted.
type savedNeeds struct {
	Steps []struct {
		ID         cert.ID           `json:"id"`
		Name       string            `json:"name"`
		CommonName string            `json:"common_name"`
		Tags       map[string]string `json:"tags"`
		Warnings   []struct {
			Text        string `json:"text"`
			Do          string `json:"do"`
			NeedsAction bool   `json:"action_required"`
			Accepted    bool   `json:"accepted"`
		} `json:"warnings"`
		Withheld []struct {
			Because, Do, Verdict string
			Field                string `json:"field"`
			NextActor            string `json:"next_actor"`
		} `json:"withheld"`
		Operations []struct {
			Kind    string `json:"kind"`
			Outcome string `json:"outcome"`
			Error   string `json:"error"`
		} `json:"operations"`
	} `json:"steps"`
	Errors []struct {
		Message, Hint, Name string
	} `json:"errors"`
}

// need is one reason why somebody has to act, and what to do.
type need struct{ why, do string }

// needing is a certificate, or a file, with its needs.
type needing struct {
	title string
	group string
	needs []need
}

// needsOf reads what needs action, in the order of the plan.
func needsOf(data []byte, groupBy string) ([]needing, error) {
	var saved savedNeeds
	if err := jsontext.Decode(data, &saved); err != nil {
		return nil, fmt.Errorf("it is no plan: %w", err)
	}
	var all []needing
	for _, s := range saved.Steps {
		n := needing{title: fmt.Sprintf("%s (%s)", cmp.Or(s.CommonName, s.Name), s.ID), group: s.Tags[groupBy]}
		for _, w := range s.Warnings {
			if w.NeedsAction && !w.Accepted {
				n.needs = append(n.needs, need{w.Text, w.Do})
			}
		}
		for _, b := range s.Withheld {
			if b.NextActor == "you" && b.Verdict != "protected" {
				n.needs = append(n.needs, need{b.Field + ": " + b.Because, b.Do})
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
	for _, e := range saved.Errors {
		all = append(all, needing{title: cmp.Or(e.Name, "the run"), needs: []need{{e.Message, e.Hint}}})
	}
	return all, nil
}

// maxIssue is how many bytes of certificates an issue lists; GitHub takes 65,536 characters.
const maxIssue = 60_000

// issueTexts makes the text of each group.
func issueTexts(all []needing, key, groupBy string) map[string]comment.IssueText {
	groups, texts := map[string][]needing{}, map[string]comment.IssueText{}
	for _, n := range all {
		groups[n.group] = append(groups[n.group], n)
	}
	for group, members := range groups {
		title := "cpsync: action required for " + stages.Count(len(members), "certificate")
		if group != "" {
			title += fmt.Sprintf(", %s %.80s", groupBy, words.Clean(strings.ReplaceAll(group, "@", "")))
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
			fmt.Fprintf(&b, "- **%s**\n", markdown.Code(n.title))
			for _, d := range n.needs[:min(len(n.needs), 5)] {
				fmt.Fprintf(&b, "  - %s\n", markdown.Prose(d.why))
				if d.do != "" {
					fmt.Fprintf(&b, "    - to do: %s\n", markdown.Prose(d.do))
				}
			}
		}
		b.WriteString("\n---\n\nA daily run keeps this issue: it is updated when something changes, and closed when nothing is left.\n")
		texts[group] = comment.IssueText{Title: title, Text: b.String()}
	}
	return texts
}

// issues keeps the issues of a saved plan.
func (c *commenting) issues(ctx context.Context, data []byte) error {
	needs, err := needsOf(data, c.a.IssueBy)
	if err != nil {
		return fmt.Errorf("--plan %s: %w", c.a.Plan, err)
	}
	texts := issueTexts(needs, c.a.Key, c.a.IssueBy)
	for _, t := range texts {
		if err := comment.CheckIssue(t); err != nil {
			return err
		}
	}
	hub, err := hubOf(c.w)
	if err != nil {
		return err
	}
	did, err := comment.KeepIssues(ctx, hub, c.w.Wait, c.a.Key, c.page.Run, texts)
	if len(did) == 0 && err == nil {
		did = []string{fmt.Sprintf("no issue had to change; %s to act on", stages.Count(len(needs), "certificate"))}
	}
	for _, line := range did {
		fmt.Fprintln(c.w.Stdout, words.Clean(line))
	}
	if errors.Is(err, github.ErrMayNot) {
		return mayNotOpen{err}
	}
	return err
}

// mayNotOpen is a token that may not keep issues, which makes the run fail: nobody would be
// told else.
type mayNotOpen struct{ error }

// Code is what the report calls it.
func (mayNotOpen) Code() string { return "may-not-open-issues" }

// Hint says what the job lacks.
func (mayNotOpen) Hint() string {
	return "The job needs  permissions: issues: write, and the repository needs issues."
}
