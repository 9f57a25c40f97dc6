package view

import (
	"cmp"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Life is the way of a request, stop after stop, and the stop where the request is.
type Life struct {
	Stops []string
	At    int // place in Stops, from 0; -1 when the API does not tell
}

// The stops, as the vendor's workflow makes them. Source: cps-api, section 6.
const (
	prepared = "prepared"
	ordered  = "ordered"
	control  = "DCV"
	vetting  = "vetting" // of the organization; OV and EV only
	rollout  = "deployment"
	atEdge   = "active"
	onWire   = "served" // by the CDN: seen, and not what the API says
)

// The stops of a first request by its phase, and of the open order of an active certificate.
var (
	firstStops = map[cert.Phase]string{cert.Processing: prepared, cert.Ordered: ordered, cert.DomainControlValidation: control,
		cert.OtherValidation: vetting, cert.Deployment: rollout, cert.Active: atEdge}
	orderStops = map[cert.Status]string{cert.StatusDomainControlValidation: control, cert.StatusOtherValidation: vetting,
		cert.StatusDeployment: rollout}
	orderEnds = map[cert.OrderStatus]string{cert.OrderCanceled: "canceled", cert.OrderDeleted: "deleted", cert.OrderRevoked: "revoked"}
)

// LifeOf draws the way to the first certificate; of a request with an order open the
// way from one certificate to the next; and where that ended early, up to there.
func LifeOf(have cert.Live, now time.Time) Life {
	switch phase := cert.PhaseOf(have, now); {
	case phase == cert.InFlight:
		return way(have, atEdge).at(cmp.Or(orderStops[have.Status], ordered))
	case phase == cert.TimedOut:
		return ended(prepared, ordered, control, "timed out")
	case phase == cert.Rejected && len(have.FailedDomains()) == 0, phase == cert.DomainControlValidation && have.Order == cert.OrderDeleted:
		return ended(prepared, ordered, cmp.Or(orderEnds[have.Order], "rejected"))
	case phase == cert.Rejected:
		return ended(prepared, ordered, "rejected")
	case phase == cert.Expired:
		return ended(atEdge, "expired")
	case phase == cert.Deleted:
		return ended(prepared, "deleted")
	case phase != cert.OrderFailed:
		return way(have, prepared).at(firstStops[phase])
	case plan.Revoked(have):
		return ended(atEdge, "revoked")
	case have.TimedOut():
		return ended(atEdge, ordered, control, "timed out")
	case len(have.FailedDomains()) > 0:
		return ended(atEdge, ordered, "rejected")
	case orderEnds[have.Order] != "":
		return ended(atEdge, ordered, orderEnds[have.Order])
	case plan.Failure(have) != "":
		return ended(atEdge, ordered, "order failed")
	default: // somebody must look at it
		return way(have, prepared).at(atEdge)
	}
}

// way leaves out what a request without an organization does not pass.
func way(have cert.Live, first string) Life {
	vetted := have.ValidationType.Vetted() || have.Status == cert.StatusOtherValidation
	stops := []string{first, ordered, control, vetting, rollout, atEdge, onWire}
	return Life{Stops: slices.DeleteFunc(stops, func(s string) bool { return s == vetting && !vetted })}
}

// at marks the last stop of that name.
func (l Life) at(stop string) Life {
	l.At = -1
	for i, s := range l.Stops {
		if s == stop {
			l.At = i
		}
	}
	return l
}

// Served returns the life of a certificate that the CDN was seen to serve: where it is active,
// that is the last stop.
func (l Life) Served() Life {
	if l.At >= 0 && l.Stops[l.At] == atEdge {
		return l.at(onWire)
	}
	return l
}

func ended(stops ...string) Life { return Life{Stops: stops, At: len(stops) - 1} }

// NextActor says who acts next so that a request goes on.
type NextActor struct {
	Nobody bool // nothing is in progress and nothing is to be done; Next then means nothing
	Next   plan.Actor
	Do     []plan.Action // what a person does, or what is waited for
}

// WhoActs returns who acts next: a person if one is needed, then the next apply, then
// whoever works on the request.
func WhoActs(s plan.Step, now time.Time) NextActor {
	until := func(next plan.Actor, what string) NextActor {
		return NextActor{Next: next, Do: []plan.Action{plan.Advise("until " + what)}}
	}
	w, waits := plan.WordsOf(s.Phase, s.Have, now), slices.IndexFunc(s.Withheld, plan.Withheld.Waits)
	switch {
	case s.Fault != nil:
		return NextActor{Next: plan.Person, Do: actions(plan.Advise(s.Fault.Hint))}
	case s.NeedsAction():
		return NextActor{Next: plan.Person, Do: asked(s)}
	case len(s.Ops) > 0:
		return NextActor{Next: plan.NextRun, Do: actions(plan.Advise("run cpsync --apply"))}
	case waits >= 0:
		return until(s.Withheld[waits].Next, s.Withheld[waits].Until)
	case s.Phase == cert.Active:
		return NextActor{Nobody: true}
	case w.Next == plan.Person:
		return NextActor{Next: plan.Person, Do: actions(w.Do)}
	case w.Next == plan.CDN && s.Have.Order.Queued():
		return until(plan.CDN, "it has placed the order at the CA")
	default:
		return until(w.Next, w.Until)
	}
}

// Before returns who acts next where it was seen what is served: that counts where nothing
// else is to be done, and an expired certificate comes before everything else.
func (n NextActor) Before(v plan.Served) NextActor {
	if v.Do.None() || !n.Nobody && v.Worst.Finding != cert.EdgeExpired {
		return n
	}
	all := []plan.Action{v.Do}
	if n.Next == v.Next {
		all = append(all, n.Do...)
	}
	return NextActor{Next: v.Next, Do: all}
}

// asked is what a person is asked to do, each action once.
func asked(s plan.Step) []plan.Action {
	var all []plan.Action
	for _, w := range s.Asking() {
		all = append(all, w.Do)
	}
	for _, b := range s.Withheld {
		if b.NeedsAction() {
			all = append(all, b.Do)
		}
	}
	return actions(all...)
}

// actions returns each action once, without those of nobody.
func actions(all ...plan.Action) []plan.Action {
	var once []plan.Action
	for _, a := range all {
		if !a.None() && !slices.Contains(once, a) {
			once = append(once, a)
		}
	}
	return once
}
