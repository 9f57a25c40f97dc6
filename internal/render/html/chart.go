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
	Never   int   // certificates that have no expiry yet
	Unknown int   // certificates that could not be planned, which are in no bar
	Scale   []int // the marks of the axis
	Bars    []bar
}

// bar is one span of time.
type bar struct {
	Label    string
	from     time.Time // zero of what has expired
	counts   [4]int    // by kind
	Segments []segment
}

// segment is the certificates of one kind.
type segment struct{ Class, At, Width string }

// kinds are what a colour means, in the order of a bar, and the word for it in a count.
var kinds = [4][2]string{{"out", "expired or revoked"}, {"act", "action required"}, {"none", "no renewal known"}, {"renewed", ""}}

func kindOf(s plan.Step, now time.Time) int {
	switch {
	case words.OutOfService(s) || s.Have.Expired(now):
		return 0
	case s.NeedsAction():
		return 1
	case !s.Renewal(now).Comes():
		return 2
	default:
		return 3
	}
}

// chartOf returns nil for a fleet of which nothing was issued.
func chartOf(p plan.Plan) *chart {
	issued := p.Where(func(s plan.Step) bool { return s.Fault == nil && s.Have.Issued() && !s.Have.Expires.IsZero() }).SoonestFirst()
	if len(issued) == 0 {
		return nil
	}
	faults := len(view.In(p, view.Errors))
	c := &chart{Never: len(p.Steps) - len(issued) - faults, Unknown: faults, Bars: bars(p.Now.UTC().Truncate(24*time.Hour), issued[len(issued)-1].Have.Expires)}
	at := 0
	for _, s := range issued {
		for !s.Have.Expired(p.Now) && at+1 < len(c.Bars) && (at == 0 || !s.Have.Expires.Before(c.Bars[at+1].from)) {
			at++
		}
		c.Bars[at].counts[kindOf(s, p.Now)]++
	}
	if c.Bars[0].Sum() == 0 { // nothing has expired
		c.Bars = c.Bars[1:]
	}
	c.draw()
	return c
}

// bars are what has expired, then weeks or months up to the last expiry, then what is later.
func bars(today, last time.Time) []bar {
	all := []bar{{Label: "expired"}}
	weeks := !last.After(today.AddDate(0, 0, 7*mostBars))
	for from := today; len(all) == 1 || !from.After(last); {
		next, label := from.AddDate(0, 0, 7), from.Format(plan.Date)+" to "+from.AddDate(0, 0, 6).Format("01-02")
		if !weeks {
			next, label = time.Date(from.Year(), from.Month()+1, 1, 0, 0, 0, 0, time.UTC), from.Format("2006-01")
		}
		if len(all) == mostBars && !next.After(last) {
			return append(all, bar{Label: label + " or later", from: from})
		}
		all, from = append(all, bar{Label: label, from: from}), next
	}
	return all
}

// draw ends the axis at the first round number that all bars fit below.
func (c *chart) draw() {
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
	share := func(n int) string { return fmt.Sprintf("%.4g%%", 100*float64(n)/float64(top)) }
	for i := range c.Bars {
		at := 0
		for kind, n := range c.Bars[i].counts {
			if n > 0 {
				c.Bars[i].Segments = append(c.Bars[i].Segments, segment{kinds[kind][0], share(at), share(n)})
			}
			at += n
		}
	}
}

// Sum is how many certificates expire within the span.
func (b bar) Sum() int { return b.counts[0] + b.counts[1] + b.counts[2] + b.counts[3] }

// Parts says in words what the colours say, but for the label and for what is renewed.
func (b bar) Parts() string {
	var parts []string
	for kind, n := range b.counts[:3] {
		if n > 0 && !b.from.IsZero() {
			parts = append(parts, fmt.Sprintf("%d %s", n, kinds[kind][1]))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + words.JoinCounts(parts...)
}
