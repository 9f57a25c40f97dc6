package plan

import (
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// nothingRenews: this run switches auto_renew off, and nothing renews the certificate then.
func nothingRenews(b *builder) *Warning {
	if !b.Have.AutoRenew || b.autoRenewAfter() {
		return nil
	}
	return unrenewedFromNow(b.renewed(), b.Have, b.now)
}

// unrenewedFromNow is the warning of a change after which nothing renews a certificate.
func unrenewedFromNow(r RenewalState, have cert.Live, now time.Time) *Warning {
	if r.Kind != RenewalNone || have.Expires.IsZero() || have.Ended(now) {
		return nil
	}
	return &Warning{Code: cert.NothingRenews,
		Text: "nothing will renew it from then on; ends " + have.Expires.UTC().Format(Date), Do: r.Do}
}

// Unrenewed says that nothing will renew the certificate, whatever renewed it before.
func (s Step) Unrenewed(now time.Time) (Warning, bool) {
	w := unrenewedFromNow(s.Renewal(now), s.Have, now)
	if w == nil {
		return Warning{}, false
	}
	w.Accepted = s.Want.Policy.Accepts(w.Code)
	return *w, true
}

// Since returns p with a warning for each certificate that nothing renews with the
// manifests of p, and something renewed with those of then, a plan for the same account.
func (p Plan) Since(then Plan) Plan {
	before := map[cert.ID]RenewalState{}
	for _, s := range then.Steps {
		if s.Fault == nil {
			before[s.Want.ID] = s.Renewal(p.Now)
		}
	}
	p.Steps = slices.Clone(p.Steps)
	for i := range p.Steps {
		s := &p.Steps[i]
		was, known := before[s.Want.ID]
		if _, warned := s.warning(cert.NothingRenews); !known || warned || s.Fault != nil || !was.Comes() && was.Kind != RenewalWithheld {
			continue
		}
		if w, is := s.Unrenewed(p.Now); is {
			s.Warnings = append(slices.Clone(s.Warnings), w)
		}
	}
	return p
}
