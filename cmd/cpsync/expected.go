package main

import (
	"fmt"
	"time"

	"github.com/cpsync/cpsync/internal/account"
	"github.com/cpsync/cpsync/internal/report"
)

// expect takes over what the reading costs, and says it with -v: once the first page is
// there, and once the list is.
func (s *session) expect(e account.Expected) {
	s.expected(e)
	switch {
	case !s.o.verbose:
	case e.Listed:
		s.talk.Info(fmt.Sprintf("the list takes %s, the rest %s and %s",
			count(e.List, "page"), count(e.Single, "single read"), count(e.Status, "status read")))
	default:
		s.talk.Info(fmt.Sprintf("the list takes %s", count(e.List, "page")))
	}
}

// expected notes what is known, and what is not.
func (s *session) expected(e account.Expected) {
	var r report.Expected
	if e.List > 0 {
		r.List = &e.List
	}
	if e.Listed {
		r.Single, r.Status = &e.Single, &e.Status
	}
	if e.Read {
		r.Control = &e.Control
	}
	s.report.Requests.Expected = r
}

// outlasts says, once, that at the pace of the run its reads take longer than it may.
func (s *session) outlasts(done, total int) {
	if s.target == nil || s.target.until.IsZero() || s.outlasting {
		return
	}
	takes, left := s.target.client.Estimate(total-done), s.target.until.Sub(s.target.now())
	if takes <= left {
		return
	}
	s.outlasting = true
	enough := int((s.o.wholeTimeout() - left + 2*takes).Minutes()) + 1 // more reads may turn out to be needed
	text := fmt.Sprintf("the %d reads that are left take about %s at the pace of this API, and --timeout leaves %s: --timeout %dm gives time",
		total-done, spell(takes), spell(left), enough)
	if s.o.readStatus == readAll {
		text += "; without --read-status all fewer are read"
	}
	s.warn(text)
}

// spell writes a time in the unit that people count it in.
func spell(d time.Duration) string {
	if d < 2*time.Minute {
		return fmt.Sprintf("%ds", int(d.Seconds()))
	}
	return fmt.Sprintf("%dm", int(d.Minutes()))
}
