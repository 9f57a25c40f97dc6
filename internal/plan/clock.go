package plan

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// there is b by the clock of the API, where that is another one than ours.
func (b *builder) there() (*builder, bool) {
	if b.o.Server.IsZero() {
		return nil, false
	}
	other := *b
	other.now, other.o.Server = b.o.Server, time.Time{}
	other.Phase = cert.PhaseOf(b.Have, other.now)
	return &other, true
}

// byBoth decides about an order by our clock and by that of the API. It goes out only
// where both let it go: a clock that is off must not start anything.
func (b *builder) byBoth(e cert.Edit, due func(*builder) string, decide func(*builder) decision) decision {
	there, differ := b.there()
	switch {
	case !differ, b.done.ordered(), b.Have.Renewing(), b.Want.Policy.Protects(e):
		return decide(b)
	case (due(b) == "") != (due(there) == ""):
		return decision{due: true, blocked: b.dueByOne(e, due(b) != "")}
	}
	if d := decide(b); !d.goes() {
		return d
	}
	return decide(there)
}

// dueByOne blocks what one of the clocks asks for and the other does not.
func (b *builder) dueByOne(e cert.Edit, byOurs bool) *Withheld {
	ours, theirs := b.now.UTC().Format(Minute), b.o.Server.UTC().Format(Minute)
	by := "it is due by the clock here, " + ours + ", and not by that of the API, " + theirs
	if !byOurs {
		by = "it is due by the clock of the API, " + theirs + ", and not by that here, " + ours
	}
	return &Withheld{Edit: e, Verdict: Deferred, Rule: RuleClock, Next: NextRun,
		Because: by, Until: "it is due by both", Do: Advise("correct the wrong clock")}
}

// OffClock returns the steps with an order that one of two clocks asks for and the
// other does not.
func (p Plan) OffClock() []Step {
	return p.Where(func(s Step) bool {
		for _, b := range s.Withheld {
			if b.Rule == RuleClock {
				return true
			}
		}
		return false
	}).Steps
}
