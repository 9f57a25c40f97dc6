package render_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// awaited is an apply with --wait, in which the waiting ended in every way.
func awaited() report.Report {
	var pairs []plan.Pair
	for i := range cert.ID(8) {
		name := fmt.Sprintf("w%d.example.com", i)
		p := pair(spec(19000+i, "certs/"+name+".yaml"), live(19000+i, "2026-12-14", name))
		p.Want.Policy.RenewBefore = cert.Some(23 * day)
		if i == 7 {
			p.Want.Policy, p.Want.Description = cert.Policy{}, cert.Some("new")
		}
		pairs = append(pairs, p)
	}
	r := finished(of(pairs, nil, true), func(o *report.Outcome) {
		if o.Step.Want.ID == 19000 {
			*o = report.Outcome{Step: o.Step, Result: report.Unknown, Attempts: 1, Sent: now, Err: "no answer within 30s"}.ShownAt(now.Add(time.Hour))
		}
	})
	for _, s := range r.Plan.Steps {
		r.Waits = append(r.Waits, waitEnd(s))
	}
	return r
}

// someWaits is that apply with two certificates.
func someWaits() report.Report {
	r := awaited()
	keep := func(id cert.ID) bool { return id == 19000 || id == 19007 }
	r.Plan = r.Plan.Where(func(s plan.Step) bool { return keep(s.Want.ID) })
	r.Outcomes = slices.DeleteFunc(r.Outcomes, func(o report.Outcome) bool { return !keep(o.Step.Want.ID) })
	r.Waits = slices.DeleteFunc(r.Waits, func(w report.Wait) bool { return !keep(w.Step.Want.ID) })
	return r
}

func waitEnd(s plan.Step) report.Wait {
	at := now.Add(4 * time.Hour)
	w := report.Wait{Step: s, Have: s.Have, Phase: cert.InFlight, At: at, State: "renewal in progress", Reads: 29}
	w.Have.Thumbprint = "AB12"
	switch s.Want.ID {
	case 19000:
		w.Ended, w.Phase, w.State, w.Have.Expires = report.Active, cert.Active, "active", date("2027-06-09")
	case 19001:
		w.Ended, w.State, w.Do = report.NeedsAction, "renewal at the CA, domain control validation (DCV) pending", plan.DCVAction(s.Have)
	case 19002:
		w.Ended, w.Do, w.Err = report.Vanished, plan.Advise("remove the manifest"), "GET request 19002: 404 Not Found"
	case 19003:
		w.Ended, w.Err = report.OutOfTime, "GET request 19003: 500: \x1b[2J| `@octocat` <!-- --> ::error::\n# head"
	case 19004:
		w = report.Wait{Step: s, Ended: report.Unread, Err: "GET request 19004: 403 Forbidden"}
	case 19005:
		w.Ended = report.Interrupted
	case 19006:
		w.Ended, w.Phase, w.State, w.Have.Thumbprint = report.Active, cert.Active, "active", "CD34"
	case 19007:
		w.Ended, w.Phase, w.State, w.Have.Thumbprint = report.Active, cert.Active, "active", s.Have.Thumbprint
		w.Undone = s.Ops[0].Changes
	}
	return w
}

// TestLinesOfWaiting: what is told on the way has one line each, and nothing
// from outside gets loose.
func TestLinesOfWaiting(t *testing.T) {
	t.Parallel()
	text := ""
	for _, w := range awaited().Waits {
		text += words.WaitEnded(w) + "\n" + words.WaitMoved(w) + "\n"
	}
	golden(t, "wait-lines.txt", []byte(text))
}
