package adopt

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// Kind says what becomes of a live request without a manifest.
type Kind uint8

// The kinds. What is neither adopted nor deleted is adopted when asked for.
const (
	Adopted     Kind = iota
	Deleted          // there is nothing to manage
	Rejected         // never issued; the CA said no
	LongExpired      // ended more than ExpiredFor ago, with nothing under way
)

// ExpiredFor is how long after its end a request is still taken for one in use.
const ExpiredFor = 30 * 24 * time.Hour

// KindOf sorts a request. Its status has to be part of l unless it is plainly in
// service.
func KindOf(l cert.Live, now time.Time) Kind {
	switch phase := cert.PhaseOf(l, now); {
	case phase == cert.Deleted:
		return Deleted
	case phase == cert.Rejected:
		return Rejected
	case phase == cert.Expired && now.Sub(l.Expires) > ExpiredFor:
		return LongExpired
	default:
		return Adopted
	}
}
