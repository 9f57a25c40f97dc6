package html

import (
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

const day = 24 * time.Hour

var now = time.Date(2026, 11, 22, 9, 14, 0, 0, time.UTC)

// planOf is a plan over certificates that end at times; one was never issued.
func planOf(ends ...time.Time) plan.Plan {
	p := plan.Plan{Now: now, Steps: []plan.Step{{}}}
	for i, end := range ends {
		p.Steps = append(p.Steps, plan.Step{Phase: cert.Active, Pair: plan.Pair{Found: true,
			Have: cert.Live{Expires: end, Thumbprint: "ab12", Order: cert.OrderIssued, AutoRenew: i%2 == 0}}})
	}
	return p
}

// Each certificate that was issued is in exactly one bar, at the day it ends.
func TestTimelineHoldsTheFleet(t *testing.T) {
	t.Parallel()
	for _, days := range []int{1, 2, 31, 33, 200, 224, 225, 400, 900, 3000, 20000} {
		var ends []time.Time
		for i := range 50 {
			ends = append(ends, now.Add(time.Duration(i*days/49)*day).Add(-time.Duration(i%3)*day))
		}
		line := timelineOf(planOf(ends...))
		all := 0
		for i, s := range line.Spans {
			all += s.Count()
			if top := s.RenewedY; top < -0.001 || s.LeftY+s.LeftH > timelineHeight {
				t.Errorf("%d days: bar %d leaves the drawing: %+v", days, i, s)
			}
			if s.Ended > 0 && i > 0 {
				t.Errorf("%d days: bar %d holds what has ended", days, i)
			}
		}
		if all != 50 || line.Never != 1 || len(line.Spans) > mostSpans+2 && days < 11000 {
			t.Errorf("%d days: %d certificates in %d bars, %d left out", days, all, len(line.Spans), line.Never)
		}
	}
	if line := timelineOf(planOf()); line != nil {
		t.Error("a time line of nothing that ends")
	}
}
