package view

import (
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
)

// Level is how much a finding matters.
type Level uint8

// The levels, the most severe first.
const (
	Broken   Level = iota // the certificate can't be planned
	Asks                  // a person has to act
	Mentions              // worth knowing
)

// Finding is one thing to say of one place in a manifest.
type Finding struct {
	Step    plan.Step
	Level   Level
	At      cert.Pos
	Code    string       // a stable word: of the fault, the rule or the warning
	Edit    string       // the edit that is not made, by the API's word; "" when it is about none
	Verdict plan.Verdict // in which way it is not made
	Text    string       // a clause without a full stop
	Do      plan.Action  // what a person does
}

// FindingKey tells what a finding is about, whatever its text says.
type FindingKey struct {
	ID         cert.ID
	Code, Edit string
}

// Key returns what the finding is about.
func (f Finding) Key() FindingKey { return FindingKey{f.Step.Want.ID, f.Code, f.Edit} }

// Keys returns what the findings of a plan are about.
func Keys(p plan.Plan) map[FindingKey]bool {
	all := map[FindingKey]bool{}
	for _, f := range Findings(p) {
		all[f.Key()] = true
	}
	return all
}

// Findings returns the findings at places in the manifests, the most severe first, then the soonest end
// first. What a manifest accepts or protects is as its author wanted it, and no finding.
func Findings(p plan.Plan) []Finding {
	var all []Finding
	for _, s := range In(p, Errors) {
		f := s.Fault
		all = append(all, Finding{Step: s, Level: Broken, At: Place(s), Code: f.Code, Text: f.Message, Do: plan.Advise(f.Hint)})
	}
	for _, s := range NeedAction(p) {
		for _, w := range s.Asking() {
			all = append(all, warningFinding(s, Asks, w))
		}
		for _, b := range s.Withheld {
			if b.NeedsAction() {
				all = append(all, findingOf(s, Asks, b))
			}
		}
	}
	for _, s := range WithNotes(p) {
		for _, w := range s.Noted() {
			if !w.Accepted && !w.Aside {
				all = append(all, warningFinding(s, Mentions, w))
			}
		}
	}
	return all
}

func warningFinding(s plan.Step, l Level, w plan.Warning) Finding {
	at := w.At
	if at.File == "" {
		at = s.Want.Place("metadata.id")
	}
	return Finding{Step: s, Level: l, At: at, Code: string(w.Code), Text: w.Text, Do: w.Do}
}

func findingOf(s plan.Step, l Level, b plan.Withheld) Finding {
	return Finding{Step: s, Level: l, At: placeOf(s, b.Edit), Code: string(b.Rule), Edit: b.Edit.String(), Verdict: b.Verdict,
		Text: b.Because, Do: b.Do}
}

// keysOf returns the keys of a manifest that an edit is written under. The first that the
// manifest holds is its place.
func keysOf(e cert.Edit) []string {
	switch {
	case e == cert.EditRenew:
		return []string{"policy.renew_if_thumbprint", "policy.renew_before", "policy.renew_if_expires_before"}
	case e == cert.EditRetrigger:
		return []string{"policy.retrigger_until"}
	case e >= cert.NumEdits:
		return []string{"expect." + e.String()}
	default:
		return []string{"spec." + e.String()}
	}
}

// placeOf returns the place of the first of the edits that the manifest's own file asks for, or else
// the place of its id.
func placeOf(s plan.Step, edits ...cert.Edit) cert.Pos {
	for _, e := range edits {
		for _, key := range keysOf(e) {
			if at, ok := s.Want.At[key]; ok && at.File == s.Want.At[""].File {
				return at
			}
		}
	}
	return s.Want.Place("metadata.id")
}

// Place returns where the manifest says what the step is about: the fault, or the first edit that it
// sends or does not send, or else the id.
func Place(s plan.Step) cert.Pos {
	if s.Fault != nil {
		return s.Want.Place(s.Fault.At)
	}
	var edits []cert.Edit
	for _, o := range s.Ops {
		edits = append(edits, o.Edit())
	}
	for _, b := range s.Withheld {
		edits = append(edits, b.Edit)
	}
	return placeOf(s, edits...)
}

// Touched returns the certificates of which p asks something else than then does, a
// plan for the same account and other manifests, and those that then knows nothing of.
func Touched(p, then plan.Plan) map[cert.ID]bool {
	before, touched := then.ByID(), map[cert.ID]bool{}
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
	before := then.ByID()
	var all []Finding
	for _, s := range p.SoonestFirst() {
		for _, b := range s.Withheld {
			known := func(x plan.Withheld) bool { return sameBlock(x, b) }
			if b.Protects() && !slices.ContainsFunc(before[s.Want.ID].Withheld, known) {
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
	before := then.ByID()
	p.Steps = slices.Clone(p.Steps)
	for i, s := range p.Steps {
		was, known := before[s.Want.ID]
		agreed := known && was.Fault == nil && len(diff.Fields(was.Want.Patch, was.Have)) == 0
		if agreed || !asked[s.Want.ID] {
			p.Steps[i].Warnings = slices.DeleteFunc(slices.Clone(s.Warnings), func(w plan.Warning) bool { return w.Code == cert.ModifiedOutside })
		}
	}
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

// asksLike reports whether two steps of one certificate come to the same: what is sent, what is not,
// what needs a person, and why it can't be planned. As in a digest, texts don't count.
func asksLike(s, other plan.Step) bool {
	sameOp := func(a, b plan.Operation) bool { return plan.SameOperation(a, b, s.Want.ID) }
	sameCode := func(a, b plan.Warning) bool { return a.Code == b.Code }
	bothFail := s.Fault != nil && other.Fault != nil && s.Fault.Code == other.Fault.Code
	return slices.EqualFunc(s.Ops, other.Ops, sameOp) &&
		slices.EqualFunc(s.Withheld, other.Withheld, sameBlock) &&
		slices.EqualFunc(s.Asking(), other.Asking(), sameCode) &&
		(s.Fault == other.Fault || bothFail)
}

func sameBlock(a, b plan.Withheld) bool {
	return a.Edit == b.Edit && a.Verdict == b.Verdict && a.Rule == b.Rule && plan.SameChange(a.Change, b.Change)
}
