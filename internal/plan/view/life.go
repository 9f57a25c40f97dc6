package view

import (
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

// LifeOf draws the way to the first certificate; of a request with an order open the
// way from one certificate to the next; and where that ended early, up to there.
func LifeOf(have cert.Live, now time.Time) Life {
	first := way(have, prepared, ordered, control, vetting, rollout, atEdge, onWire)
	again := way(have, atEdge, ordered, control, vetting, rollout, atEdge, onWire)
	switch cert.PhaseOf(have, now) {
	case cert.Processing:
		return first.at(prepared)
	case cert.Ordered:
		return first.at(ordered)
	case cert.DomainControlValidation:
		return first.at(control)
	case cert.OtherValidation:
		return first.at(vetting)
	case cert.Deployment:
		return first.at(rollout)
	case cert.Active:
		return first.at(atEdge)
	case cert.InFlight:
		return again.at(orderAt(have))
	case cert.OrderFailed:
		return stopped(have, first)
	case cert.TimedOut:
		return ended(prepared, ordered, control, "timed out")
	case cert.Rejected:
		return ended(prepared, ordered, "rejected")
	case cert.Expired:
		return ended(atEdge, "expired")
	case cert.Deleted:
		return ended(prepared, "deleted")
	default:
		return first.at("")
	}
}

// way leaves out what a request without an organization does not pass.
func way(have cert.Live, stops ...string) Life {
	vetted := have.ValidationType.Vetted() || have.Status == cert.StatusOtherValidation
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

// orderAt returns the stop of the open order of an active certificate.
func orderAt(have cert.Live) string {
	switch have.Status {
	case cert.StatusDomainControlValidation:
		return control
	case cert.StatusOtherValidation:
		return vetting
	case cert.StatusDeployment:
		return rollout
	default:
		return ordered
	}
}

// stopped is a certificate whose last order failed, or that somebody must look at.
func stopped(have cert.Live, first Life) Life {
	switch {
	case plan.Revoked(have):
		return ended(atEdge, "revoked")
	case have.TimedOut():
		return ended(atEdge, ordered, control, "timed out")
	case have.Order == cert.OrderCanceled, have.Order == cert.OrderDeleted:
		return ended(atEdge, ordered, "canceled")
	case len(have.FailedDomains()) > 0:
		return ended(atEdge, ordered, "rejected")
	case plan.Failure(have) != "":
		return ended(atEdge, ordered, "order failed")
	default:
		return first.at(atEdge)
	}
}
