package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/comment"
	"github.com/cpsync/cpsync/internal/jsontext"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// What --approve takes.
const (
	approveAll     = "all"
	approveChanges = "changes"
)

// savedPlan is what an approval takes from a plan in JSON: which operations there
// were, by digest, and a few words about each for people. Nothing of it is ever sent.
type savedPlan struct {
	FormatVersion string    `json:"format_version"`
	Mode          string    `json:"mode"`
	Finished      bool      `json:"finished"`
	Now           time.Time `json:"now"`
	API           string    `json:"api"`
	Digest        string    `json:"digest"`
	Steps         []struct {
		ID         cert.ID          `json:"id"`
		Operations []savedOperation `json:"operations"`
	} `json:"steps"`
}

type savedOperation struct {
	Kind    string `json:"kind"`
	Digest  string `json:"digest"`
	Changes []struct {
		Field  string   `json:"field"`
		From   any      `json:"from"`
		To     any      `json:"to"`
		Add    []string `json:"add"`
		Remove []string `json:"remove"`
	} `json:"changes"`
}

// readApproval reads --plan. The file is an approval of a plan made before, with the
// same API; anything else is an error. digest is that of the plan.
func readApproval(ctx context.Context, path string, t *target, maxAge time.Duration) (a plan.Approval, digest string, err error) {
	api := t.api
	data, err := readFile(ctx, path, mostPlan)
	if err != nil {
		return nil, "", fmt.Errorf("--plan: %w", err)
	}
	var saved savedPlan
	if err := jsontext.Decode(data, &saved); err != nil {
		return nil, "", fmt.Errorf("--plan %s: it is not a plan in JSON, as cpsync --out json=FILE writes it: %w", path, err)
	}
	major, _, _ := strings.Cut(saved.FormatVersion, ".")
	switch {
	case major == "":
		return nil, "", fmt.Errorf("--plan %s: it is no plan: it has no format_version", path)
	case major != "1":
		return nil, "", fmt.Errorf("--plan %s: its format_version is %s, and this cpsync reads 1", path, comment.Version(saved.FormatVersion))
	case saved.Steps == nil:
		return nil, "", fmt.Errorf("--plan %s: it is no plan: it has no steps", path)
	case saved.Mode == "apply":
		return nil, "", fmt.Errorf("--plan %s: it is the report of an apply, not a plan", path)
	case saved.Mode != "plan":
		return nil, "", fmt.Errorf("--plan %s: it is no plan: its mode is another", path)
	case saved.API != api:
		return nil, "", fmt.Errorf("--plan %s: it is a plan for another API, and this run talks to %q", path, api)
	case !saved.Finished:
		return nil, "", fmt.Errorf("--plan %s: it does not say that the run that wrote it has finished, so it approves nothing; plan again", path)
	}
	if age := t.instant.Sub(saved.Now); maxAge > 0 && age > maxAge {
		return nil, "", fmt.Errorf("--plan %s: it was made at %s, which is longer ago than --plan-max-age %s, so it approves nothing; plan again",
			path, saved.Now.UTC().Format(time.RFC3339), (*duration)(&maxAge))
	}
	return saved.approval(), words.Clean(saved.Digest), nil
}

func (s savedPlan) approval() plan.Approval {
	approval := plan.Approval{}
	for _, step := range s.Steps {
		for _, o := range step.Operations {
			approval[step.ID] = append(approval[step.ID], plan.Approved{Digest: o.Digest, Text: o.text()})
		}
	}
	return approval
}

// text says what the operation does, in a few words.
func (o savedOperation) text() string {
	if len(o.Changes) == 0 {
		return o.Kind
	}
	var parts []string
	for _, c := range o.Changes {
		part := c.Field
		if c.From != nil || c.To != nil {
			part += fmt.Sprintf(" %q -> %q", fmt.Sprint(c.From), fmt.Sprint(c.To))
		}
		for _, n := range c.Add {
			part += " + " + n
		}
		for _, n := range c.Remove {
			part += " - " + n
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}

// approve reads the approval of --plan, if there is one.
func (s *session) approve(ctx context.Context) (err error) {
	digest := ""
	if s.o.approve == approveChanges {
		s.approval = plan.Approval{}
	}
	if s.o.plan != "" {
		s.approval, digest, err = readApproval(ctx, s.o.plan, s.target, s.o.planMaxAge)
	}
	s.report.Run = s.facts(digest)
	if s.trail.journal != nil {
		s.trail.journal.Of(s.report.Run)
	}
	return err
}

// holds reports whether the run may write at all: with --plan-strict only when all of
// what was approved is still what is planned. When not, nothing was started.
func (s *session) holds() bool {
	if !s.o.planStrict || s.report.Plan.Holds(s.approval) {
		return true
	}
	s.ending.notHolding = true
	for _, step := range s.report.Plan.Steps {
		for i := range step.Ops {
			out := report.Outcome{Step: step, Op: i, Err: "the approved plan does not hold any more, and --plan-strict carries out all of it or nothing"}
			if step.Consent == plan.Refused {
				out.Result = report.NotApproved
			}
			s.report.Outcomes = append(s.report.Outcomes, out)
		}
	}
	s.talk.Error("refused: the approved plan does not hold any more; nothing was sent")
	return false
}

// checkApproval refuses combinations that mean nothing.
func (o options) checkApproval() error {
	switch {
	case o.plan != "" && !o.apply:
		return errors.New("--plan goes with --apply: it says what may be carried out")
	case o.planMaxAge > 0 && o.plan == "":
		return errors.New("--plan-max-age goes with --plan FILE")
	case o.approve == approveChanges && !o.apply:
		return errors.New("--approve goes with --apply: it says what may be carried out")
	case o.planStrict && o.plan == "":
		return errors.New("--plan-strict goes with --plan FILE")
	default:
		return nil
	}
}
