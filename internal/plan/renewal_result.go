package plan

import (
	"fmt"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// RenewalResult is what became of a renewal that a plan orders.
type RenewalResult uint8

// The results.
const (
	RenewalPending RenewalResult = iota // nothing is known of it yet
	RenewalPlaced                       // it was placed, or answered with success
	RenewalUnclear                      // unknown whether it was placed
	RenewalRefused                      // the API refused it
	RenewalNotSent                      // it was not placed for another reason
)

// After returns the plan after an apply, with what became of the renewals that it orders:
// that no run has ordered them, and that this plan has to be applied, is over.
func (p Plan) After(results map[cert.ID]RenewalResult) Plan {
	steps := make([]Step, len(p.Steps))
	for i, s := range p.Steps {
		if result := results[s.Want.ID]; result != RenewalPending {
			s.renewalResult = result
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
	text, do := s.renewalResult.words(s.Want.ID)
	for _, w := range s.Warnings {
		switch late := w.Code == cert.Expiring || w.Code == cert.RenewalOverdue; {
		case late && s.renewalResult == RenewalPlaced:
			continue
		case w.Code == cert.RenewalOverdue:
			w.Text, w.Do = "its renewal has been due since "+b.dueSince(s.Want).UTC().Format(Date)+"; "+text, do
		case w.Do.Kind != ApplyRenewal:
		case w.Code == cert.Expiring:
			w.Text, w.Do = text, do
		case w.Code == cert.PastExpiry:
			w.Text, w.Do = "the certificate has expired; "+text, do
		default:
			w.Do = do
		}
		left = append(left, w)
	}
	return left
}

// words say what became of the renewal of a request, and what to do about it.
func (f RenewalResult) words(id cert.ID) (text string, do Action) {
	switch f {
	case RenewalPlaced:
		return "its renewal was ordered", Advise("nothing, until a later plan shows how the renewal goes")
	case RenewalUnclear:
		return "it is unknown whether its renewal was ordered", Advise(fmt.Sprintf("look at request %s in the portal before running again", id))
	case RenewalRefused:
		return "the API refused its renewal", settleRefusal
	case RenewalPending, RenewalNotSent:
	}
	return "this run did not order its renewal", Advise("see why in the outcomes, and run again")
}
