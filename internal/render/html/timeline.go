package html

import (
	"fmt"
	"time"

	"github.com/cpsync/cpsync/internal/plan"
)

// timeline is the fleet by when its certificates end, in spans of equal length.
type timeline struct {
	Width   int // of the drawing, in its own units: ten for each span
	Spans   []span
	Ticks   []string
	Unit    string // what one bar is
	Never   int    // certificates that were never issued, which the drawing leaves out
	Summary string
}

// span is one bar: what something renews stands on what nothing renews.
type span struct {
	Label                string
	Renewed, Left, Ended int
	X                    int
	RenewedY, RenewedH   float64
	LeftY, LeftH         float64
}

const (
	timelineHeight = 100
	spanWidth      = 10
	leastBar       = 2 // a single certificate among thousands can be seen
)

// scales are how long a bar may be, the finest first that needs no more bars than a phone
// has room for.
var scales = []struct {
	days int
	unit string
}{{1, "day"}, {7, "week"}, {28, "four weeks"}, {91, "quarter"}, {365, "year"}}

const mostSpans = 32

// timelineOf returns nil for a fleet of which nothing was issued.
func timelineOf(p plan.Plan) *timeline {
	today := p.Now.UTC().Truncate(24 * time.Hour)
	last, issued := today, 0
	for _, s := range p.Steps {
		if hasEnd(s) {
			issued++
			if s.Have.Expires.After(last) {
				last = s.Have.Expires
			}
		}
	}
	if issued == 0 {
		return nil
	}
	days := int(last.Sub(today)/(24*time.Hour)) + 1
	scale := scales[0]
	for _, scale = range scales {
		if days <= scale.days*mostSpans {
			break
		}
	}
	t := &timeline{Unit: scale.unit, Never: len(p.Steps) - issued}
	t.spans(today, days, scale.days)
	for _, s := range p.Steps {
		if hasEnd(s) {
			t.count(s, p.Now, today, scale.days)
		}
	}
	t.scale()
	t.ticks()
	return t
}

func hasEnd(s plan.Step) bool { return s.Fault == nil && s.Have.Issued() && !s.Have.Expires.IsZero() }

// spans are the bars: one for what has ended, then one for each length of time.
func (t *timeline) spans(today time.Time, days, length int) {
	t.Spans = []span{{Label: "ended"}}
	for from := 0; from < days; from += length {
		first, last := today.AddDate(0, 0, from), today.AddDate(0, 0, from+length-1)
		label := first.Format(plan.Date)
		if length > 1 {
			label += " to " + last.Format(plan.Date)
		}
		t.Spans = append(t.Spans, span{Label: label, X: len(t.Spans) * spanWidth})
	}
	t.Width = len(t.Spans) * spanWidth
}

func (t *timeline) count(s plan.Step, now, today time.Time, length int) {
	if s.Have.Expired(now) {
		t.Spans[0].Ended++
		return
	}
	at := 1 + int(s.Have.Expires.Sub(today)/(24*time.Hour))/length
	if s.Renewal(now).Comes() {
		t.Spans[at].Renewed++
	} else {
		t.Spans[at].Left++
	}
}

// scale gives the bars their heights.
func (t *timeline) scale() {
	most := 1
	for _, s := range t.Spans {
		most = max(most, s.Renewed+s.Left+s.Ended)
	}
	height := func(n int) float64 {
		if n == 0 {
			return 0
		}
		return max(leastBar, float64(n)/float64(most)*(timelineHeight-leastBar))
	}
	ended, left, renewed := 0, 0, 0
	for i := range t.Spans {
		s := &t.Spans[i]
		s.LeftH, s.RenewedH = height(s.Left+s.Ended), height(s.Renewed)
		s.LeftY = timelineHeight - s.LeftH
		s.RenewedY = s.LeftY - s.RenewedH
		ended, left, renewed = ended+s.Ended, left+s.Left, renewed+s.Renewed
	}
	t.Summary = fmt.Sprintf("Certificates by the %s in which they end: %d have ended, %d end with nothing to renew them, %d are renewed by CPS or by cpsync",
		t.Unit, ended, left, renewed)
}

// ticks are the days under the drawing: its beginning, middle and end.
func (t *timeline) ticks() {
	first := func(i int) string { return t.Spans[i].Label[:len(plan.Date)] }
	last := len(t.Spans) - 1
	t.Ticks = []string{"ended, then " + first(1)}
	if last > 2 {
		t.Ticks = append(t.Ticks, first((last+1)/2))
	}
	if last > 1 {
		t.Ticks = append(t.Ticks, first(last))
	}
}

// Count is how many certificates end within the span.
func (s span) Count() int { return s.Renewed + s.Left + s.Ended }
