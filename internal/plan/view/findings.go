package view

import (
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Level is how much a finding matters.
type Level uint8

// The levels, the most severe first.
const (
	Broken   Level = iota // the certificate can't be planned
	Asks                  // a person has to act
	Mentions              // worth knowing

	// NumLevels counts the levels.
	NumLevels = iota
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

// Findings returns the findings at places in the manifests, the most severe
// first, then the soonest end first. What a manifest accepts or protects is as its
// author wanted it, and no finding.
func Findings(p plan.Plan) []Finding {
	var all []Finding
	for _, s := range In(p, Errors) {
		f := s.Fault
		all = append(all, Finding{Step: s, Level: Broken, At: Place(s), Code: f.Code, Text: f.Message, Do: plan.Advise(f.Hint)})
	}
	for _, s := range NeedAction(p) {
		all = append(all, actionFindings(s)...)
	}
	for _, s := range WithNotes(p) {
		all = append(all, noteFindings(s)...)
	}
	return all
}

// actionFindings are the findings that need a person: first of the certificate, then of its
// edits.
func actionFindings(s plan.Step) []Finding {
	var all []Finding
	for _, w := range s.Asking() {
		all = append(all, warningFinding(s, Asks, w))
	}
	for _, b := range s.Withheld {
		if b.NeedsAction() {
			all = append(all, findingOf(s, Asks, b))
		}
	}
	return all
}

func noteFindings(s plan.Step) []Finding {
	var all []Finding
	for _, w := range s.Noted() {
		if !w.Accepted && !w.Aside {
			all = append(all, warningFinding(s, Mentions, w))
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
	return Finding{Step: s, Level: l, At: placeOf(s, b.Edit), Code: string(b.Rule),
		Edit: b.Edit.String(), Verdict: b.Verdict, Text: b.Because, Do: b.Do}
}

// placeOf returns where the manifest itself asks for an edit, or else its id.
func placeOf(s plan.Step, e cert.Edit) cert.Pos {
	for _, key := range keysOf(e) {
		if at, ok := s.Want.At[key]; ok && at.File == s.Want.At[""].File {
			return at
		}
	}
	return s.Want.Place("metadata.id")
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

// Place returns where the manifest says what the step is about: the fault, the first
// edit, or else the id. What the manifest inherits from another file is not a place
// of its own.
func Place(s plan.Step) cert.Pos {
	if s.Fault != nil {
		return s.Want.Place(s.Fault.At)
	}
	for _, e := range editsOf(s) {
		for _, key := range keysOf(e) {
			if at, ok := s.Want.At[key]; ok && at.File == s.Want.At[""].File {
				return at
			}
		}
	}
	return s.Want.Place("metadata.id")
}

// editsOf returns what the step is about: what it sends, then what it does not.
func editsOf(s plan.Step) []cert.Edit {
	var all []cert.Edit
	for _, o := range s.Ops {
		all = append(all, o.Edit())
	}
	for _, b := range s.Withheld {
		all = append(all, b.Edit)
	}
	return all
}
