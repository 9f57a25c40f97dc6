package html

import (
	"fmt"
	"time"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
)

// mostBars is how many weeks, or months, the chart shows; the last bar holds what is later.
const mostBars = 16

// chart counts certificates by when they expire. It is a table with a bar in each row.
type chart struct {
	Never int   // certificates that were never issued
	Scale []int // the marks of the axis
	Bars  []*bar
}

// bar is one span of time.
type bar struct {
	Label                    string
	from                     time.Time
	Out, Act, None, Renewed  int // expired or revoked; action required; no renewal known; renewed
	ActAt, NoneAt, RenewedAt int // where each begins
	top                      int
}

// Sum is how many certificates expire within the span.
func (b bar) Sum() int { return b.Out + b.Act + b.None + b.Renewed }

// Percent is the share of the axis that n certificates take.
func (b bar) Percent(n int) string { return fmt.Sprintf("%.4g%%", 100*float64(n)/float64(b.top)) }

// Parts says in words what the colours say.
func (b bar) Parts() string {
	out := b.Out
	if b.from.IsZero() { // which the label says
		out = 0
	}
	text := words.JoinCounts(fmt.Sprintf("%d revoked", out), fmt.Sprintf("%d action required", b.Act), fmt.Sprintf("%d no renewal known", b.None))
	if text == "" {
		return ""
	}
	return ": " + text
}

// chartOf returns nil for a fleet of which nothing was issued.
func chartOf(p plan.Plan) *chart {
	var issued []plan.Step
	for _, s := range p.SoonestFirst() {
		if s.Fault == nil && s.Have.Issued() && !s.Have.Expires.IsZero() {
			issued = append(issued, s)
		}
	}
	if len(issued) == 0 {
		return nil
	}
	c := &chart{Never: len(p.Steps) - len(issued)}
	c.spans(p.Now.UTC().Truncate(24*time.Hour), issued[len(issued)-1].Have.Expires)
	for _, s := range issued {
		c.bar(s, p.Now).add(s, p.Now)
	}
	if c.Bars[0].Sum() == 0 { // nothing has expired
		c.Bars = c.Bars[1:]
	}
	c.scale()
	return c
}

// spans are what has expired, then weeks or months up to the last expiry, then what is later.
func (c *chart) spans(today, last time.Time) {
	c.Bars = []*bar{{Label: "expired"}}
	weeks := !last.After(today.AddDate(0, 0, 7*mostBars))
	for from := today; !from.After(last); {
		next, label := from.AddDate(0, 0, 7), from.Format(plan.Date)+" to "+from.AddDate(0, 0, 6).Format("01-02")
		if !weeks {
			next, label = time.Date(from.Year(), from.Month()+1, 1, 0, 0, 0, 0, time.UTC), from.Format("2006-01")
		}
		if len(c.Bars) == mostBars && !next.After(last) {
			c.Bars = append(c.Bars, &bar{Label: label + " or later", from: from})
			return
		}
		c.Bars = append(c.Bars, &bar{Label: label, from: from})
		from = next
	}
	if len(c.Bars) == 1 {
		c.Bars = append(c.Bars, &bar{Label: today.Format(plan.Date), from: today})
	}
}

func (c *chart) bar(s plan.Step, now time.Time) *bar {
	at := 0
	for i, b := range c.Bars {
		if i > 0 && !s.Have.Expired(now) && !s.Have.Expires.Before(b.from) {
			at = i
		}
	}
	return c.Bars[at]
}

func (b *bar) add(s plan.Step, now time.Time) {
	_, out := view.OutOfService(s, now)
	switch {
	case out || s.Have.Expired(now):
		b.Out++
	case s.NeedsAction():
		b.Act++
	case s.Renewal(now).Comes():
		b.Renewed++
	default:
		b.None++
	}
}

// scale ends the axis at the first round number that all bars fit below.
func (c *chart) scale() {
	most, top, ten := 0, 2, 1
	for _, b := range c.Bars {
		most = max(most, b.Sum())
	}
	for top < most {
		if top == 10*ten {
			ten, top = 10*ten, 0
		}
		top += 2 * ten
	}
	c.Scale = []int{0, top / 2, top}
	for _, b := range c.Bars {
		b.top, b.ActAt, b.NoneAt, b.RenewedAt = top, b.Out, b.Out+b.Act, b.Out+b.Act+b.None
	}
}
