package run

import (
	"cmp"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/account"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/report"
)

// Base is the manifests as of an older revision. Where those have problems it has none, so
// that everything counts as this change.
type Base struct {
	Revision string
	Problems []report.Problem

	specs  []cert.Spec
	choice Choice
	away   map[cert.ID]string // files outside of the paths that manifests were moved to
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
				AutoRenew: have.AutoRenew, Expires: have.Expires, Accepted: want.Policy.Accepts(cert.NothingRenews), MovedTo: b.away[want.ID]})
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
