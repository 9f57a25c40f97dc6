package run

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/apply"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/comment"
	"github.com/cpsync/cpsync/internal/jsontext"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/wait"
)

// MayApply reports whether there is something to send, and the approval allows it: with AllApproved only
// when all of what was approved is still what is planned. When not, nothing was started.
func (r *Run) MayApply() bool {
	if !r.Options.Apply || !r.Report.Plan.HasOps() {
		return false
	}
	if !r.Options.AllApproved || r.Report.Plan.Holds(r.Options.Rules.Approval) {
		return true
	}
	r.Refused = true
	for _, step := range r.Report.Plan.Steps {
		for i := range step.Ops {
			out := report.Outcome{Step: step, Op: i, Err: "the approved plan does not hold any more, and --plan-strict applies all of it or nothing"}
			if step.Consent == plan.Refused {
				out.Result = report.NotApproved
			}
			r.Report.Outcomes = append(r.Report.Outcomes, out)
		}
	}
	return false
}

// Apply carries the plan out. Nothing new is begun when ctx ends; what is in flight ends
// with inFlight alone.
func (r *Run) Apply(ctx, inFlight context.Context) {
	o := apply.Options{
		Plan: r.Options.Rules, Now: r.Target.Now, Wait: r.Target.Pause, InFlight: inFlight,
		Each: func(o report.Outcome) {
			r.Report.Outcomes = append(r.Report.Outcomes, o)
			call(r.Events.Ended, o)
		},
		Settled: r.replace, Journal: r.Journal.Writer,
		Began: r.Target.Client.FirstAnswer(), Self: r.Target.Self,
	}
	if r.Journal.Path == "" {
		o.Spread = r.Options.Spread // runs that share a journal are never at work together
	}
	apply.Run(ctx, r.Target.Client, r.Report.Plan, o)
	r.Report.Plan = r.Report.Plan.After(r.renewalResults())
	r.countLeft()
}

func (r *Run) renewalResults() map[cert.ID]plan.RenewalResult {
	all := map[cert.ID]plan.RenewalResult{}
	for _, o := range r.Report.All() {
		if id := o.Step.Want.ID; o.Operation().Kind == plan.Renew {
			switch {
			case o.Result == report.Done, o.Result == report.NotConfirmed:
				all[id] = plan.RenewalPlaced
			case o.Unclear():
				all[id] = plan.RenewalUnclear
			case o.OnlyThisRequest:
				all[id] = plan.RenewalRefused
			default:
				all[id] = plan.RenewalNotSent
			}
		}
	}
	return all
}

func (r *Run) replace(o report.Outcome) {
	r.Report.Outcomes = slices.Clone(r.Report.Outcomes) // a signal may be writing those of before
	other := false
	for i, known := range r.Report.Outcomes {
		if known.Step.Want.ID == o.Step.Want.ID && known.Op == o.Op {
			r.Report.Outcomes[i] = o
			other = other || known.Result != o.Result
		}
	}
	if r.Events.Settled != nil {
		r.Events.Settled(o, other)
	}
}

// MayWait reports whether there is something to wait for.
func (r *Run) MayWait() bool {
	return r.Options.Wait > 0 && slices.ContainsFunc(r.Report.Outcomes, report.Outcome.NeedsWait)
}

// Wait looks at what was sent, until each request is in service or needs a person, or time is up.
func (r *Run) Wait(ctx context.Context) {
	r.Count()
	r.Spent.Applied = r.Target.Client.Kinds()
	r.Target.Until = r.Target.Now().Add(r.Options.Wait)
	o := wait.Options{
		For: r.Options.Wait, Now: r.Target.Now, Wait: r.Target.Pause,
		Settled: r.replace,
		Pausing: func(p wait.Pause) { call(r.Events.Waiting, p) },
		Changed: func(w report.Wait) { call(r.Events.Progressed, w) },
		Ended: func(w report.Wait) {
			r.Report.Waits = append(r.Report.Waits, w)
			call(r.Events.Waited, w)
		},
	}
	if r.Options.Edge.On {
		o.Edge = r.edges
	}
	wait.Run(ctx, r.Target.Client, r.Report.Outcomes, o)
	r.countLeft()
}

// countLeft counts the certificates after the apply: those that it wrote to by their latest
// readings, the others as planned.
func (r *Run) countLeft() {
	outcomes := map[cert.ID][]report.Outcome{}
	for _, o := range r.Report.All() {
		outcomes[o.Step.Want.ID] = append(outcomes[o.Step.Want.ID], o)
	}
	again := func(s plan.Step, have cert.Live) plan.Step { // as the next run decides
		return plan.Rebuild(s, have, r.Target.Now(), r.Options.Rules, plan.Progress{})
	}
	var n view.Summary
	for _, s := range r.Report.Plan.Steps {
		all := outcomes[s.Want.ID]
		w, waited := r.Report.Wait(s.Want.ID)
		ended := func(results ...report.Result) bool {
			return slices.ContainsFunc(all, func(o report.Outcome) bool { return slices.Contains(results, o.Result) })
		}
		switch {
		case waited && w.Ended == report.Vanished:
			n.Errors++
			continue
		case waited && w.Ended == report.NeedsAction, slices.ContainsFunc(all, report.Outcome.Unclear):
			n.ActionRequired++
			continue
		case ended(report.NotConfirmed): // the next run waits for it
			n.Deferred++
			continue
		case ended(report.Failed, report.NotStarted, report.NotApproved): // the next run plans it again
		case !w.At.IsZero():
			s = again(s, w.Have)
		case len(all) > 0 && all[len(all)-1].Last.ID != 0:
			s = again(s, all[len(all)-1].Last)
		}
		n.CountStep(s)
	}
	r.Report.Left = &n
}

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
		Changed    *bool            `json:"changed_by_base"`
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

// ReadApproval reads the plan that a file holds. It is an approval of a plan made before,
// with the same API; anything else is an error. The report names the plan.
func (r *Run) ReadApproval(data []byte, path string, maxAge time.Duration) (plan.Approval, error) {
	var saved savedPlan
	if err := jsontext.Decode(data, &saved); err != nil {
		return nil, fmt.Errorf("--plan %s: it is not a plan in JSON, as cpsync --out json=FILE writes it: %w", path, err)
	}
	major, _, _ := strings.Cut(saved.FormatVersion, ".")
	switch {
	case major == "":
		return nil, fmt.Errorf("--plan %s: it is no plan: it has no format_version", path)
	case major != "2":
		return nil, fmt.Errorf("--plan %s: its format_version is %s, and this cpsync reads 2: save the plan again", path, comment.Version(saved.FormatVersion))
	case saved.Steps == nil:
		return nil, fmt.Errorf("--plan %s: it is no plan: it has no steps", path)
	case saved.Mode == "apply":
		return nil, fmt.Errorf("--plan %s: it is the report of an apply, not a plan", path)
	case saved.Mode != "plan":
		return nil, fmt.Errorf("--plan %s: it is no plan: its mode is another", path)
	case saved.API != r.Target.API:
		return nil, fmt.Errorf("--plan %s: it is a plan for another API, and this run talks to %q", path, r.Target.API)
	case !saved.Finished:
		return nil, fmt.Errorf("--plan %s: it does not say that the run finished, so it approves nothing; plan again", path)
	}
	if age := r.Target.Instant.Sub(saved.Now); maxAge > 0 && age > maxAge {
		return nil, fmt.Errorf("--plan %s: it was made at %s, which is longer ago than --plan-max-age %s, so it approves nothing; plan again",
			path, saved.Now.UTC().Format(time.RFC3339), cert.FormatDuration(maxAge))
	}
	if digest := words.Clean(saved.Digest); digest != "" {
		r.Report.Run = maps.Clone(r.Report.Run)
		r.Report.Run["approved_plan"] = digest
	}
	approval := plan.Approval{}
	for _, step := range saved.Steps {
		if step.Changed != nil && !*step.Changed {
			continue // a plan of a change approves the change alone
		}
		for _, o := range step.Operations {
			approval[step.ID] = append(approval[step.ID], plan.Approved{Digest: o.Digest, Text: o.text()})
		}
	}
	return approval, nil
}

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
