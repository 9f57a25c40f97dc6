package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/cpsync/cpsync/internal/account"
	"github.com/cpsync/cpsync/internal/apply"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// heldPercent is how far the memory may grow between two collections once the manifests
// are held; Go's own 100 is for what has much to do meanwhile. From here on a run waits for
// answers, and the time of a collection costs it nothing.
const heldPercent = 40

// stages are the run: read the manifests, read the account, decide, and with
// --apply carry it out. A panic in one of them is an error like any other.
func (s *session) stages(ctx, soft context.Context) (err error) {
	defer s.progress.end()
	defer func() {
		if p := recover(); p != nil {
			s.talk.Error(fmt.Sprintf("internal error: %v\n%s", p, debug.Stack()))
			err = fmt.Errorf("internal error: %v", p)
		}
	}()
	if s.disk, err = openDisk(soft, s.w, s.o, s.o.paths); err != nil {
		return err
	}
	s.report.Top = s.o.topOf(s.disk)
	loaded := manifest.LoadAll(s.disk, s.o.paths, false)
	err = cmp.Or(context.Cause(soft), s.disk.Err())
	debug.SetGCPercent(heldPercent)
	if err := cmp.Or(s.guardOutputs(), err); err != nil {
		return err
	}
	if text := skippedText(loaded.Skipped); text != "" {
		s.warn(text)
	}
	specs := loaded.Specs
	if s.report.Problems = loaded.Problems; len(loaded.Problems) > 0 {
		return nil
	}
	m, err := s.choose(soft, specs)
	if err != nil {
		return err
	}
	s.o.asksNothing = len(m.Chosen) == 0
	before, err := s.readBase(soft, m)
	if err != nil {
		return err
	}
	if s.target, err = connect(soft, s.w, s.o, s.talk); err != nil {
		return err
	}
	s.report.Target, s.report.Commit = s.target.name, s.head(soft)
	s.out.begin(s.report)
	defer func() { err = errors.Join(err, s.target.close()) }()
	if s.trail, err = openTrail(soft, s.o, s.target); err != nil {
		return err
	}
	defer s.closeTrail()
	if err := s.approve(soft); err != nil {
		return err
	}
	defer s.count()
	if err := s.decide(soft, m, before); err != nil {
		return err
	}
	err = s.carryOut(ctx, soft)
	if err == nil && s.trail.journal != nil && soft.Err() == nil && !s.ending.notHolding {
		s.trail.journal.Applied()
	}
	return err
}

// decide reads the account and makes the plan. Where no manifest was chosen there is
// nothing to read.
func (s *session) decide(soft context.Context, m account.Selection, before *baseline) (err error) {
	var l live
	control := &controlReader{client: s.target.client, read: report.Controls{}}
	also := account.Also{Status: s.alsoRead, Expect: s.expect}
	if !s.o.control.skip {
		also.Control = control.one
	}
	if len(m.Chosen) > 0 {
		s.progress.begin("reading", "reads") // loading is over, and has no part in the rate
		l.State, err = account.Read(soft, s.target.client, m, s.target.instant, also)
		if err == nil {
			s.expected(l.State.Expected)
		}
		if s.spent = (spent{kinds: s.target.client.Kinds(), state: l.State}); err != nil {
			return err
		}
	}
	if err := s.settle(soft); err != nil {
		return err
	}
	s.rules = s.planOptions(l.Pairs)
	s.rules.Before = before.manifests()
	s.report.Plan = plan.Build(l.Account, s.target.instant, s.rules)
	if before != nil {
		s.report.Base = s.compare(before, m, l)
	}
	s.finishControl(soft, control)
	s.compareClocks()
	s.count()
	return nil
}

// alsoRead is why the status of a request is read where no decision depends on it; "" when
// it is not.
func (s *session) alsoRead(id cert.ID) string {
	switch {
	case s.trail.names(id):
		return "the journal holds an order"
	case s.o.readStatus == readAll:
		return "--read-status all"
	default:
		return ""
	}
}

// carryOut prints the plan and, with --apply, sends it.
func (s *session) carryOut(ctx, soft context.Context) error {
	s.progress.end()
	s.out.plan(s.report)
	if !s.o.apply || !s.report.Plan.HasOps() || !s.holds() {
		return nil
	}
	if !s.out.files(*s.unfinished()) { // somebody wants the record
		return errors.New("nothing was sent, because an --out file can't be written")
	}
	s.standsAt(s.unfinished())
	s.progress.begin("applying", "operations")
	apply.Run(ctx, s.target.client, s.report.Plan, apply.Options{
		Plan: s.rules, Now: s.target.now, Wait: s.target.wait, Stop: soft.Done(),
		Why: func() error { return context.Cause(soft) }, Journal: s.trail.notes(),
		Each: func(o report.Outcome) {
			s.report.Outcomes = append(s.report.Outcomes, o)
			s.standsAt(s.unfinished())
			s.talk.Info(words.OutcomeLine(o))
			s.progress.reached(len(s.report.Outcomes), s.report.Plan.NumOps())
		},
		Settled: func(o report.Outcome) { s.settled(o); s.standsAt(s.unfinished()) },
		Began:   s.target.client.FirstAnswer(), Self: s.target.self, Spread: s.spread(),
	})
	s.report.Plan = s.report.Plan.After(s.fates())
	s.standsAt(nil)
	s.follow(soft)
	return nil
}

// spread is how long to wait before an order where another run can be at work: one that
// shares no journal.
func (s *session) spread() func() time.Duration {
	if s.trail.journal != nil || s.o.sandbox != "" {
		return nil
	}
	return s.w.spread
}

// fates are what became of the renewals of the plan.
func (s *session) fates() map[cert.ID]plan.Fate {
	all := map[cert.ID]plan.Fate{}
	for _, o := range s.report.All() {
		if o.Operation().Kind == plan.Renew {
			all[o.Step.Want.ID] = fateOf(o)
		}
	}
	return all
}

func fateOf(o report.Outcome) plan.Fate {
	switch {
	case o.Result == report.Done, o.Result == report.NotConfirmed:
		return plan.FatePlaced
	case o.Unclear():
		return plan.FateUnclear
	case o.OneRequest:
		return plan.FateRefused
	default:
		return plan.FateUnsent
	}
}

// count takes over what the requests have cost so far.
func (s *session) count() {
	s.report.Requests = s.counted(s.report.Requests)
}

// counted are the requests so far, and the queries that were counted before.
func (s *session) counted(before report.Requests) report.Requests {
	c := s.target.client.Counts()
	return report.Requests{Reads: c.Reads, Writes: c.Writes, Retries: c.Retries, Waited: c.Waited,
		Queries: before.Queries, Expected: before.Expected}
}

// planOptions are what the plan is made with, and every step of it is made again with.
func (s *session) planOptions(pairs []plan.Pair) plan.Options {
	return plan.Options{
		API: s.target.api, OrderPause: s.o.orderPause,
		MaxEdits: s.o.maxEdits, MaxOrders: s.o.maxOrders, MaxRenewals: s.o.maxRenewals,
		Server: s.serverClock(), Held: s.trail.held(pairs), Refused: s.trail.refused, Approval: s.approval,
		PoliciesApproved: s.o.approve == approveChanges, ApprovalFollows: s.o.approve == approveChanges && s.o.plan == "",
		Self: s.target.self, Own: s.trail.own(s.target.self),
	}
}

// closeTrail gives the journal back. A line that could not be written is a failed
// output: the write it is about was made.
func (s *session) closeTrail() {
	if err := s.trail.close(); err != nil {
		s.ending.outputFailed = true
		s.talk.Error(err.Error())
	}
}
