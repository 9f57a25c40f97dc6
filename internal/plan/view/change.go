package view

import (
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
)

// Touched returns the certificates of which p asks something else than then does, a
// plan for the same account and other manifests, and those that then knows nothing of.
func Touched(p, then plan.Plan) map[cert.ID]bool {
	before := map[cert.ID]plan.Step{}
	for _, s := range then.Steps {
		before[s.Want.ID] = s
	}
	touched := map[cert.ID]bool{}
	for _, s := range p.Steps {
		if b, known := before[s.Want.ID]; !s.ListOnly && (!known || !asksLike(s, b)) {
			touched[s.Want.ID] = true
		}
	}
	return touched
}

// Protecting finds what differs and is protected in p, and does not in then, a plan for the
// same account and other manifests: the soonest end first.
func Protecting(p, then plan.Plan) []Finding {
	before := map[cert.ID][]plan.Withheld{}
	for _, s := range then.Steps {
		before[s.Want.ID] = s.Withheld
	}
	var all []Finding
	for _, s := range p.SoonestFirst() {
		for _, b := range s.Withheld {
			known := func(x plan.Withheld) bool { return sameBlock(x, b) }
			if b.Protects() && !slices.ContainsFunc(before[s.Want.ID], known) {
				all = append(all, findingOf(s, Mentions, b))
			}
		}
	}
	return all
}

// Reviewed takes away the note that a request was changed elsewhere where the older
// manifest, as then planned it, agrees with the request, or there was none: what differs is
// the change under review. asked says of which requests there was one.
func Reviewed(p, then plan.Plan, asked map[cert.ID]bool) plan.Plan {
	agreed := map[cert.ID]bool{}
	for _, s := range then.Steps {
		agreed[s.Want.ID] = s.Fault == nil && len(diff.Fields(s.Want.Patch, s.Have)) == 0
	}
	steps := slices.Clone(p.Steps)
	for i, s := range steps {
		if agreed[s.Want.ID] || !asked[s.Want.ID] {
			steps[i].Warnings = slices.DeleteFunc(slices.Clone(s.Warnings), func(w plan.Warning) bool { return w.Code == cert.ModifiedOutside })
		}
	}
	p.Steps = steps
	return p
}

// Digests returns those of all operations of the plan.
func Digests(p plan.Plan) map[string]bool {
	all := map[string]bool{}
	for _, s := range p.Steps {
		for _, o := range s.Ops {
			all[o.Digest(p.API, s.Want.ID)] = true
		}
	}
	return all
}

// asksLike reports whether two steps of one certificate come to the same: what is
// sent, what is not, what needs a person, and why it can't be planned. As in a digest,
// texts don't count.
func asksLike(s, other plan.Step) bool {
	sameOp := func(a, b plan.Operation) bool { return plan.SameOperation(a, b, s.Want.ID) }
	sameCode := func(a, b plan.Warning) bool { return a.Code == b.Code }
	return slices.EqualFunc(s.Ops, other.Ops, sameOp) &&
		slices.EqualFunc(s.Withheld, other.Withheld, sameBlock) &&
		slices.EqualFunc(s.Asking(), other.Asking(), sameCode) &&
		faultCode(s) == faultCode(other)
}

func sameBlock(a, b plan.Withheld) bool {
	return a.Edit == b.Edit && a.Verdict == b.Verdict && a.Rule == b.Rule && plan.SameChange(a.Change, b.Change)
}

// faultCode is "" of a step that was planned.
func faultCode(s plan.Step) string {
	if s.Fault == nil {
		return ""
	}
	return s.Fault.Code
}
