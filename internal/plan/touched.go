package plan

import (
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// Touched returns the certificates of which p asks something else than then does, a
// plan for the same account and other manifests, and those that then knows nothing of.
func (p Plan) Touched(then Plan) map[cert.ID]bool {
	before := map[cert.ID]Step{}
	for _, s := range then.Steps {
		before[s.Want.ID] = s
	}
	touched := map[cert.ID]bool{}
	for _, s := range p.Steps {
		if b, known := before[s.Want.ID]; !known || !s.asksLike(b) {
			touched[s.Want.ID] = true
		}
	}
	return touched
}

// Protecting finds what differs and is protected in p, and does not in then, a plan for the
// same account and other manifests: the soonest end first.
func (p Plan) Protecting(then Plan) []Finding {
	before := map[cert.ID][]Blocked{}
	for _, s := range then.Steps {
		before[s.Want.ID] = s.Blocked
	}
	var all []Finding
	for _, s := range p.SoonestFirst() {
		for _, b := range s.Blocked {
			known := func(x Blocked) bool { return sameBlock(x, b) }
			if b.protects() && !slices.ContainsFunc(before[s.Want.ID], known) {
				all = append(all, s.findingOf(Mentions, b))
			}
		}
	}
	return all
}

// Reviewed takes away the note that a request was changed elsewhere where the older
// manifest, as then planned it, agrees with the request, or there was none: what differs is
// the change under review. asked says of which requests there was one.
func (p Plan) Reviewed(then Plan, asked map[cert.ID]bool) Plan {
	agreed := map[cert.ID]bool{}
	for _, s := range then.Steps {
		agreed[s.Want.ID] = s.Fault == nil && len(diff.Fields(s.Want.Patch, s.Have)) == 0
	}
	steps := slices.Clone(p.Steps)
	for i, s := range steps {
		if agreed[s.Want.ID] || !asked[s.Want.ID] {
			steps[i].Warnings = slices.DeleteFunc(slices.Clone(s.Warnings), func(w Warning) bool { return w.Code == cert.ChangedOutside })
		}
	}
	p.Steps = steps
	return p
}

// Digests returns those of all operations of the plan.
func (p Plan) Digests() map[string]bool {
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
// the words it is told in don't count.
func (s Step) asksLike(other Step) bool {
	sameOp := func(a, b Operation) bool { return sameOperation(a, b, s.Want.ID) }
	sameCode := func(a, b Warning) bool { return a.Code == b.Code }
	return slices.EqualFunc(s.Ops, other.Ops, sameOp) &&
		slices.EqualFunc(s.Blocked, other.Blocked, sameBlock) &&
		slices.EqualFunc(s.Asking(), other.Asking(), sameCode) &&
		s.faultCode() == other.faultCode()
}

func sameBlock(a, b Blocked) bool {
	return a.Edit == b.Edit && a.Verdict == b.Verdict && a.Rule == b.Rule && sameChange(a.Change, b.Change)
}

// faultCode is "" of a step that was planned.
func (s Step) faultCode() string {
	if s.Fault == nil {
		return ""
	}
	return s.Fault.Code
}
