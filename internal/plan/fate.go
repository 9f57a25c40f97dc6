package plan

import (
	"fmt"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// Fate is what became of a renewal that a plan orders.
type Fate uint8

// The fates.
const (
	FateOpen    Fate = iota // nothing is known of it yet
	FatePlaced              // it was placed, or answered with success
	FateUnclear             // nobody knows whether it was placed
	FateRefused             // the API refused it
	FateUnsent              // it was not placed for another reason
)

// After returns the plan after an apply, with what became of the renewals that it orders:
// that no run has ordered them, and that this plan has to be applied, is over.
func (p Plan) After(fates map[cert.ID]Fate) Plan {
	steps := make([]Step, len(p.Steps))
	for i, s := range p.Steps {
		if fate := fates[s.Want.ID]; fate != FateOpen {
			s.fate = fate
			s.Warnings = s.warningsAfter(p.Now)
		}
		steps[i] = s
	}
	p.Steps = steps
	return p
}

// warningsAfter are those of a step of which one renewal was to be ordered.
func (s Step) warningsAfter(now time.Time) []Warning {
	var left []Warning
	b := builder{Step: s, now: now}
	text, do := s.fate.words(s.Want.ID)
	for _, w := range s.Warnings {
		switch late := w.Code == cert.Expiring || w.Code == cert.RenewalOverdue; {
		case late && s.fate == FatePlaced:
			continue
		case w.Code == cert.RenewalOverdue:
			w.Text, w.Do = "its renewal has been due since "+b.dueSince(s.Want).UTC().Format(Date)+"; "+text, do
		case w.Do.Kind != ApplyRenewal:
		case w.Code == cert.Expiring:
			w.Text, w.Do = text, do
		case w.Code == cert.PastEnd:
			w.Text, w.Do = "the certificate has expired; "+text, do
		default:
			w.Do = do
		}
		left = append(left, w)
	}
	return left
}

// words say what became of the renewal of a request, and what to do about it.
func (f Fate) words(id cert.ID) (text string, do Action) {
	switch f {
	case FatePlaced:
		return "its renewal was ordered", Advise("nothing, until a later plan shows how the renewal goes")
	case FateUnclear:
		return "nobody knows whether its renewal was ordered", Advise(fmt.Sprintf("look at request %s in the portal before running again", id))
	case FateRefused:
		return "the API refused its renewal", settleRefusal
	case FateOpen, FateUnsent:
	}
	return "this run did not order its renewal", Advise("see why in the outcomes, and run again")
}
