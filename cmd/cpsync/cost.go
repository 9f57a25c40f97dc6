package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/account"
	"github.com/cpsync/cpsync/internal/cps"
)

// spent is where the requests of a run went, up to the end of its plan and, where it
// followed what it sent, up to the end of its apply.
type spent struct {
	kinds   [cps.NumKinds]int
	state   account.State
	applied [cps.NumKinds]int // nothing: up to the end of the run
}

// explainCost says with -v where the requests of the run went.
func (s *session) explainCost() {
	if !s.o.verbose || s.target == nil {
		return
	}
	for _, line := range s.spent.lines(s.target.client.Kinds(), s.target.client.Counts()) {
		s.talk.Info(line)
	}
}

// lines is a table: how many of what, and why. What the run sent beyond the plan was
// sent by the apply, and what beyond that while it waited for the end.
func (p spent) lines(all [cps.NumKinds]int, total cps.Counts) []string {
	if p.applied == ([cps.NumKinds]int{}) {
		p.applied = all
	}
	lines := []string{"where the requests went"}
	row := func(n int, what, why string) {
		if n > 0 {
			lines = append(lines, strings.TrimRight(fmt.Sprintf("%6d  %-13s %s", n, what, why), " "))
		}
	}
	row(all[cps.KindToken], "token", "")
	row(all[cps.KindList], "list", "20 requests a page")
	row(p.kinds[cps.KindStatus], "status", "")
	lines = append(lines, p.because()...)
	row(p.state.Organizations, "organization", "expected, and names or a retrigger wanted")
	row(p.kinds[cps.KindSingle]-p.state.Organizations, "single read", p.singly())
	row(all[cps.KindControl], "control", "of names that wait for it: the records to set")
	row(p.applied[cps.KindSingle]-p.kinds[cps.KindSingle], "single read", "before and after writes")
	row(p.applied[cps.KindStatus]-p.kinds[cps.KindStatus], "status", "with these, while an order was to come or just sent")
	row(all[cps.KindWrite], "write", "")
	row(all[cps.KindSingle]-p.applied[cps.KindSingle], "single read", "of what was sent, until it had ended")
	row(all[cps.KindStatus]-p.applied[cps.KindStatus], "status", "of what was sent, until it had ended")
	if total.Retries > 0 {
		row(total.Retries, "of them again", fmt.Sprintf("after a failure or a limit; %s of waiting in all", total.Waited.Round(time.Second)))
	}
	return lines
}

// because lists the reasons for reading a status, the most frequent first.
func (p spent) because() []string {
	reasons := slices.SortedFunc(maps.Keys(p.state.Reasons), func(a, b string) int {
		return cmp.Or(p.state.Reasons[b]-p.state.Reasons[a], strings.Compare(a, b))
	})
	for i, r := range reasons {
		reasons[i] = fmt.Sprintf("%25d %s", p.state.Reasons[r], r)
	}
	return reasons
}

// singly says why requests were read one by one.
func (p spent) singly() string {
	if p.state.Complete {
		return "not in the list"
	}
	return "instead of the rest of the list"
}
