package plan

import "github.com/cpsync/cpsync/internal/cert"

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
	Step    Step
	Level   Level
	At      cert.Pos
	Code    string  // a stable word: of the fault, the rule or the warning
	Edit    string  // the edit that is not made, by the API's word; "" when it is about none
	Verdict Verdict // in which way it is not made
	Text    string  // a clause without a full stop
	Do      string  // what to do; may be ""
}

// Findings returns what is to be said at places in the manifests, the most severe
// first, then the soonest end first. What a manifest accepts or protects is as its
// author wanted it, and no finding.
func (p Plan) Findings() []Finding {
	var all []Finding
	for _, s := range p.In(Errors) {
		f := s.Fault
		all = append(all, Finding{Step: s, Level: Broken, At: s.Place(), Code: f.Code, Text: f.Message, Do: f.Hint})
	}
	for _, s := range p.NeedYou() {
		all = append(all, s.asks()...)
	}
	for _, s := range p.Noted() {
		all = append(all, s.mentions()...)
	}
	return all
}

// asks are the findings that need a person: first of the certificate, then of its
// edits.
func (s Step) asks() []Finding {
	var all []Finding
	for _, w := range s.Asking() {
		all = append(all, s.finding(Asks, w))
	}
	for _, b := range s.Blocked {
		if b.NeedsYou() {
			all = append(all, s.findingOf(Asks, b))
		}
	}
	return all
}

func (s Step) mentions() []Finding {
	var all []Finding
	for _, w := range s.Noted() {
		if !w.Accepted && !w.Aside {
			all = append(all, s.finding(Mentions, w))
		}
	}
	return all
}

func (s Step) finding(l Level, w Warning) Finding {
	at := w.At
	if at.File == "" {
		at = s.Want.Place("metadata.id")
	}
	return Finding{Step: s, Level: l, At: at, Code: string(w.Code), Text: w.Text, Do: w.Do}
}

func (s Step) findingOf(l Level, b Blocked) Finding {
	return Finding{Step: s, Level: l, At: s.placeOf(b.Edit), Code: string(b.Rule),
		Edit: b.Edit.String(), Verdict: b.Verdict, Text: b.Because, Do: b.Do}
}

// placeOf returns where the manifest itself asks for an edit, or else its id.
func (s Step) placeOf(e cert.Edit) cert.Pos {
	for _, key := range keysOf(e) {
		if at, ok := s.Want.At[key]; ok && at.File == s.Want.At[""].File {
			return at
		}
	}
	return s.Want.Place("metadata.id")
}
