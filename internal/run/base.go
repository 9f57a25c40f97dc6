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

	specs []cert.Spec
	picks func(cert.Spec) bool
	away  map[cert.ID]string // files outside of the paths that manifests were moved to
}

// byID are the manifests of the base by id; nil without one, and where they have problems.
func (b *Base) byID() map[cert.ID]cert.Spec {
	if b == nil || len(b.Problems) > 0 {
		return nil
	}
	all := map[cert.ID]cert.Spec{}
	for _, s := range b.specs {
		all[s.ID] = s
	}
	return all
}

// evaluate is the change under review where a plan evaluates nothing else. An apply is about
// every certificate, and so is a plan for which every status is read.
func (r *Run) evaluate(m Manifests) *account.Evaluate {
	if m.Base == nil || len(m.Base.Problems) > 0 || r.Options.Apply || r.Options.ReadAll {
		return nil
	}
	e := &account.Evaluate{Touched: m.Reviewed, Older: map[cert.ID]cert.Spec{}, MaxRenewals: r.Options.Limits.Renewals}
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
		gone := !all[want.ID] && b.picks(want)
		if gone {
			now = s.Pair(want)
		}
		if p, known := pairAsOf(s, want, now, r.Target.Instant); known && (chosen || gone) {
			then.Pairs = append(then.Pairs, p)
		}
		if gone && isLeft(s, want.ID, r.Target.Instant) {
			g := goneOf(s, want)
			g.MovedTo = b.away[want.ID]
			base.Gone = append(base.Gone, g)
		}
	}
	slices.SortFunc(base.Gone, func(a, b report.Gone) int { return cmp.Compare(a.ID, b.ID) })
	before := plan.Build(then, r.Target.Instant, r.rules)
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

// isLeft reports whether there is, as far as is known, a request that loses its
// manifest: one that was deleted needs none.
func isLeft(s account.State, id cert.ID, at time.Time) bool {
	have, listed := s.Listed[id]
	if !listed {
		return !s.Complete || s.Failed[id] != nil
	}
	return cert.PhaseOf(have, at) != cert.Deleted
}

// goneOf is what is known of a request that loses its manifest.
func goneOf(s account.State, want cert.Spec) report.Gone {
	have, listed := s.Listed[want.ID]
	if !listed {
		have.Label = want.Label.Or("")
	}
	return report.Gone{ID: want.ID, Name: want.Name, Label: have.Label, Known: listed,
		AutoRenew: have.AutoRenew, Expires: have.Expires, Accepted: want.Policy.Accepts(cert.NothingRenews)}
}
