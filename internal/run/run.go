// Package run is one run of cpsync, stage by stage: load manifests, read the account, decide, apply, wait.
// It takes values, and what it comes to stands in a report; it knows no flags, and writes to no stream.
package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/account"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/edge"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/wait"
)

// Options are what a run goes by.
type Options struct {
	Rules       plan.Options // what decisions depend on; the run adds what it reads
	Apply       bool
	ReadAll     bool // the status of every request
	DCV         bool // read the DCV records
	Lookup      Lookup
	Edge        EdgeCheck
	Settle      []cert.ID            // their pending orders were not placed, as a person says
	By          string               // the person; "": unknown
	AllApproved bool                 // nothing is sent unless all of the approval still holds
	Spread      func() time.Duration // before an order, while another run can be at work; nil: none
	Wait        time.Duration        // after an apply, for what it sent; 0: not at all
}

// Target is the API that a run talks to, and its clock.
type Target struct {
	Name    string // what the first line of a run shows
	API     string // address; part of every digest
	Client  *cps.Client
	Self    string // what modified_by says of its writes; "" when not known
	Now     func() time.Time
	Instant time.Time // what decisions use
	Until   time.Time // when the time of the run is over, by Now; no pause goes beyond it
	Pause   func(context.Context, time.Duration) error
	Edge    func() (edge.Network, error) // how its edge is reached
	Close   func() error                 // with an apply also stores the clock of a sandbox; never nil
}

// Events are told while a run goes on. Each may be nil.
type Events struct {
	Warn       func(string)
	Expect     func(report.Expected)
	Ended      func(report.Outcome)               // of an operation
	Settled    func(o report.Outcome, other bool) // a later reading puts it in the place of one before, with another result or not
	Waiting    func(wait.Pause)
	Progressed func(report.Wait)
	Waited     func(report.Wait)
}

func call[T any](f func(T), v T) {
	if f != nil {
		f(v)
	}
}

// Run is one run. The report grows as it goes on, so that there is one to write whatever happens.
type Run struct {
	Options Options
	Events  Events
	Target  *Target
	Journal Journal
	Report  report.Report
	Spent   Spent

	// Refused: with AllApproved, the approval does not hold any more.
	Refused bool
}

// Spent is where the requests of a run went, up to the end of its plan and, where it
// waited for what it sent, up to the end of its apply.
type Spent struct {
	Planned [cps.NumKinds]int
	Applied [cps.NumKinds]int // zero: up to the end of the run
	State   account.State
}

func (r *Run) warn(text string) {
	r.Report.Warnings = append(r.Report.Warnings, report.Problem{Message: text})
	call(r.Events.Warn, text)
}

// Asks reports whether anything is asked of the API: without manifests to look at there is
// no need to reach it.
func (o Options) Asks(m Manifests) bool { return len(m.Chosen) > 0 || len(o.Settle) > 0 }

// Plan reads the account and makes the plan. Where no manifest was chosen there is nothing to read.
func (r *Run) Plan(ctx context.Context, m Manifests) (err error) {
	defer r.Count()
	var s account.State
	control := &dcvReads{client: r.Target.Client, read: report.DCVs{}}
	if len(m.Chosen) > 0 {
		m.Evaluate = r.evaluate(m)
		s, err = account.Read(ctx, r.Target.Client, m.Selection, r.Target.Instant, r.also(control))
		r.Spent = Spent{Planned: r.Target.Client.Kinds(), State: s}
		if errors.Is(err, account.ErrOther) {
			var named []string
			for _, s := range m.Chosen {
				named = append(named, fmt.Sprintf("%s (%s)", s.ID, s.At[""].File))
			}
			return fmt.Errorf("%w: %s", err, strings.Join(words.Few(named, 5), ", "))
		}
		if err != nil {
			return err
		}
		r.Report.Requests.Expected = s.Expected
	}
	r.Journal.Writer.Of(r.Report.Run)
	if err := r.Settle(ctx); err != nil {
		return err
	}
	r.completeRules(s.Pairs, m.Base)
	r.Report.Plan = plan.Build(s.Account, r.Target.Instant, r.Options.Rules)
	if m.Base != nil {
		r.Report.Base = r.compare(m, s)
	}
	r.finishDCV(ctx, control)
	r.Report.Edges, err = r.Options.Edge.check(ctx, r.Target, r.Report.Plan.Steps, r.Journal.thumbprints, r.warn)
	if skew := r.Target.skew(); skew.Abs() > 5*time.Minute {
		r.warn(fmt.Sprintf("the clock of the API and the clock here are %s apart; an apply orders only what is due by both", SkewText(skew)))
	}
	return err
}

// also is what is read beside what the manifests need.
func (r *Run) also(control *dcvReads) account.Also {
	also := account.Also{
		Status: func(id cert.ID) string {
			switch {
			case r.Journal.names(id):
				return "the journal holds an order"
			case r.Options.ReadAll:
				return "--read-status all"
			default:
				return ""
			}
		},
		Expect: func(e report.Expected) {
			r.Report.Requests.Expected = e
			call(r.Events.Expect, e)
		},
	}
	if r.Options.DCV {
		also.Control = control.one
	}
	return also
}

// completeRules adds what target, journal and base say to what the plan is made with, and every
// step of it is made again with.
func (r *Run) completeRules(pairs []plan.Pair, base *Base) {
	o := &r.Options.Rules
	r.Journal.complete(o, r.Target, pairs)
	if base != nil && len(base.Problems) == 0 {
		o.Before = map[cert.ID]cert.Spec{}
		for _, s := range base.specs {
			o.Before[s.ID] = s
		}
	}
	if skew := r.Target.skew(); r.Options.Apply && skew.Abs() > time.Minute { // below that they may agree: answers take their time
		o.Server = r.Target.Instant.Add(skew)
	}
}

// evaluate is the change under review where a plan evaluates nothing else. An apply is about
// every certificate, and so is a plan for which every status is read.
func (r *Run) evaluate(m Manifests) *account.Evaluate {
	if m.Base == nil || len(m.Base.Problems) > 0 || r.Options.Apply || r.Options.ReadAll {
		return nil
	}
	e := &account.Evaluate{Touched: m.Reviewed, Older: map[cert.ID]cert.Spec{}, MaxRenewals: r.Options.Rules.MaxRenewals}
	all := account.IDs(m.All)
	for _, s := range m.Base.specs {
		if m.Reviewed[s.ID] || !all[s.ID] {
			e.Older[s.ID] = s
		}
	}
	return e
}

// compare says what this change is about: one more plan, with the manifests of the
// base and what was read for those of today.
func (r *Run) compare(m Manifests, s account.State) *report.Base {
	b, base := m.Base, &report.Base{Revision: m.Base.Revision}
	then := plan.Account{Unselected: s.Unselected, Unmanaged: s.Unmanaged, Complete: s.Complete}
	all, read := account.IDs(m.All), map[cert.ID]plan.Pair{}
	for _, p := range s.Pairs {
		read[p.Want.ID] = p
	}
	for _, want := range b.specs {
		now, chosen := read[want.ID]
		gone := !all[want.ID] && b.choice.picks(plan.Pair{Want: want})
		if gone {
			now = s.Pair(want)
		}
		if p, known := pairAsOf(s, want, now, r.Target.Instant); known && (chosen || gone) {
			then.Pairs = append(then.Pairs, p)
		}
		have, listed := s.Listed[want.ID]
		deleted := listed && cert.PhaseOf(have, r.Target.Instant) == cert.Deleted || !listed && s.Complete && s.Failed[want.ID] == nil
		if gone && !deleted { // what was deleted needs no manifest
			if !listed {
				have.Label = want.Label.Or("")
			}
			base.Gone = append(base.Gone, report.Gone{ID: want.ID, Name: want.Name, Label: have.Label, Known: listed,
				AutoRenew: have.AutoRenew, Expires: have.Expires, Expired: have.Expired(r.Target.Instant),
				Accepted: want.Policy.Accepts(cert.NothingRenews), MovedTo: b.away[want.ID]})
		}
	}
	slices.SortFunc(base.Gone, func(a, b report.Gone) int { return cmp.Compare(a.ID, b.ID) })
	before := plan.Build(then, r.Target.Instant, r.Options.Rules)
	r.Report.Plan = r.Report.Plan.Since(before)
	base.Touched, base.Before = view.Touched(r.Report.Plan, before), view.Digests(before)
	base.Known = view.Keys(before)
	base.Protected = view.Protecting(r.Report.Plan, before)
	r.Report.Plan = view.Reviewed(r.Report.Plan, before, account.IDs(b.specs))
	return base
}

// pairAsOf pairs a manifest of the past with what was read for that of now. It is not
// known what to plan when the past asks for something that takes another reading.
func pairAsOf(s account.State, want cert.Spec, now plan.Pair, at time.Time) (p plan.Pair, known bool) {
	p = s.Pair(want)
	needs := plan.Needs(p, at)
	switch {
	case now.ListOnly:
		p.ListOnly = true
		return p, true
	case now.Err == nil:
		p.Have = now.Have
		return p, (!needs.Status || p.Have.StatusRead()) && (!needs.Organization || p.Have.OrganizationRead)
	case plan.StatusReason(p, at) == "" && !needs.Organization:
		return p, true // what failed is read for the sake of the change
	default:
		p.Err = now.Err
		return p, true
	}
}

func (t *Target) skew() time.Duration {
	if t.Client == nil {
		return 0
	}
	return t.Client.Skew()
}

// SkewText is how far a clock is off: below an hour to the second.
func SkewText(skew time.Duration) string {
	if skew.Abs() < time.Hour {
		return skew.Abs().Round(time.Second).String()
	}
	return plan.Span(time.Time{}, time.Time{}.Add(skew.Abs().Round(time.Minute)))
}

// Count takes over what the requests have cost so far.
func (r *Run) Count() { r.Report.Requests = r.Target.Counted(r.Report.Requests) }

// Counted are the requests so far, and what was counted otherwise before.
func (t *Target) Counted(before report.Requests) report.Requests {
	if t.Client != nil {
		c := t.Client.Counts()
		before.Reads, before.Writes, before.Retries, before.Waited = c.Reads, c.Writes, c.Retries, c.Waited
	}
	return before
}

// Guard runs a stage. A panic in it is an error like any other, with a trace in the log.
func Guard(log *slog.Logger, stage func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			log.Error(fmt.Sprintf("internal error: %v\n%s", p, debug.Stack()))
			err = fmt.Errorf("internal error: %v", p)
		}
	}()
	return stage()
}

// Until does work that no signal could end, such as opening a file, and leaves it behind
// when ctx ends first. A panic in it passes through.
func Until[T any](ctx context.Context, work func() (T, error)) (T, error) {
	var value, none T
	var err error
	panicked := ""
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				panicked = fmt.Sprintf("%v\n\n%s", p, debug.Stack())
			}
		}()
		value, err = work()
	}()
	select {
	case <-ctx.Done():
		return none, context.Cause(ctx)
	case <-done:
	}
	if panicked != "" {
		panic(panicked)
	}
	return value, err
}
