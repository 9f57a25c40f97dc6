package view

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Listed are the certificates that were not evaluated, by what the list says of them, the
// soonest expiry first. One whose manifest accepts its expiry is in Differing alone.
type Listed struct {
	Differing []plan.Step // from the manifest, in what would be sent
	Expired   []plan.Step
	Expiring  []plan.Step // within 30 days
}

// ListedOf returns what the list says of the certificates that were not evaluated.
func ListedOf(p plan.Plan) Listed {
	var l Listed
	for _, s := range p.NotEvaluated() {
		if len(s.Counted()) > 0 {
			l.Differing = append(l.Differing, s)
		}
		switch left := s.Have.Expires.Sub(p.Now); {
		case s.Have.Expires.IsZero() || s.Want.Policy.Accepts(cert.Expiring):
		case left <= 0 && !s.Want.Policy.Accepts(cert.PastExpiry):
			l.Expired = append(l.Expired, s)
		case left > 0 && left < 30*24*time.Hour:
			l.Expiring = append(l.Expiring, s)
		}
	}
	for _, group := range []*[]plan.Step{&l.Differing, &l.Expired, &l.Expiring} {
		*group = plan.Plan{Steps: *group}.SoonestFirst()
	}
	return l
}
