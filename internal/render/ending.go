package render

import (
	"fmt"
	"time"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// endingCount counts what ends within the time that fails the run.
func (p *page) endingCount(r report.Report) {
	if n := len(r.Ending()); n > 0 {
		p.count(n, "ends", "end", "within "+howLong(r.Within)+", whatever is under way", "")
	}
}

// endingSoon names them, a line each: each stands with what is to be said of it elsewhere.
func (p *page) endingSoon(r report.Report) {
	steps := r.Ending()
	if len(steps) == 0 {
		return
	}
	p.title("ENDING", "within "+howLong(r.Within)+"; why --fail-on-expiring fails the run")
	p.blank()
	for _, s := range steps {
		p.listed(p.lead(s), title(s), endOf(s, r.Plan.Now))
	}
}

// ending are the same as a table.
func (s sheet) ending() part {
	steps := s.Ending()
	return part{title: "Ending within " + howLong(s.Within) + " (" + plural(len(steps), "certificate", "certificates") + ")",
		about: "Why `--fail-on-expiring` fails the run.", rank: cutAsks,
		head: columnsOf("Certificate", "Ends"), one: "certificate", many: "certificates",
		entries: each(steps, func(step plan.Step) string {
			return cells(called(step), prose(endOf(step, s.Plan.Now)))
		})}
}

// endsWithin is nil where nobody asked.
func endsWithin(r report.Report) *jsonEndsWithin {
	if r.Within == 0 {
		return nil
	}
	return &jsonEndsWithin{
		Seconds: int64(r.Within / time.Second),
		Certificates: each(r.Ending(), func(s plan.Step) jsonEnding {
			return jsonEnding{Name: s.Want.Name, ID: s.Want.ID, CommonName: s.Have.Common,
				Expires: instant(s.Have.Expires), Days: plan.DaysUntil(s.Have.Expires, r.Plan.Now)}
		}),
	}
}

// endOf says when a certificate ends, and what is under way for it.
func endOf(s plan.Step, now time.Time) string {
	end := s.Have.Expires
	if s.Have.Ended(now) {
		return ended(end, now)
	}
	text := "ends in " + plan.Until(end, now)
	if s.Have.Renewing() {
		return text + ", renewal at the CA"
	}
	return text
}

// howLong writes a duration in the largest unit that holds it: 14d, 36h, 90m.
func howLong(d time.Duration) string {
	const day = 24 * time.Hour
	for _, u := range []struct {
		of   time.Duration
		name string
	}{{day, "d"}, {time.Hour, "h"}, {time.Minute, "m"}} {
		if d%u.of == 0 {
			return fmt.Sprintf("%d%s", d/u.of, u.name)
		}
	}
	return fmt.Sprintf("%ds", d/time.Second)
}
