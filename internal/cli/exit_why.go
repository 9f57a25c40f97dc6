package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// stoppedBy is why a run ends that an error stopped: the error stands in the lines above.
const stoppedBy = "the error above stopped the run"

// Because keeps why the command is going to end with another exit code than 0.
func (w World) Because(why string) {
	if w.Why != nil && why != "" {
		*w.Why = why
	}
}

// ExplainExit writes the last line of stderr: what an exit code other than 0 means here.
func (w World) ExplainExit(code int) {
	if code == OK {
		return
	}
	why := cmp.Or(map[int]string{Usage: "wrong usage", HungUp: "interrupted by SIGHUP", Interrupt: "interrupted by SIGINT", Terminated: "interrupted by SIGTERM"}[code], *w.Why)
	line := fmt.Sprintf("exit %d: %s", code, words.Clean(cmp.Or(why, "see above")))
	if w.Log.Format == "json" {
		w.Log.NewLog(w.Stderr).Error(line, "exit_code", code)
		return
	}
	fmt.Fprintln(w.Stderr, line)
}

// Because says in a line why a plan or an apply ends with a code.
func Because(r report.Report, e Ending, code int) string {
	switch code {
	case Unknown:
		return "look at " + unclear(r) + " before running again"
	case Incomplete:
		return whyIncomplete(r)
	case Refused:
		return whyRefused(r, e)
	case Failed:
		return whyFailed(r, e)
	case ActionRequired:
		if e.Detailed { // the changes alone would end it with 2
			return nonZero(whoMustAct(r, e), whyChanges(r))
		}
		return whoMustAct(r, e)
	case Changes:
		return whyChanges(r)
	default:
		return ""
	}
}

// nonZero lists the counts that are not 0.
func nonZero(counts ...string) string {
	return strings.Join(slices.DeleteFunc(counts, func(s string) bool { return strings.HasPrefix(s, "0 ") }), ", ")
}

// unclear names the requests with an order whose outcome is unknown.
func unclear(r report.Report) string {
	var ids []string
	for _, o := range r.All() {
		if id := o.Step.Want.ID.String(); o.Unclear() && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	const few = 5
	if more := len(ids) - few; more > 0 {
		return fmt.Sprintf("requests %s and %d more", strings.Join(ids[:few], ", "), more)
	}
	if len(ids) == 1 {
		return "request " + ids[0]
	}
	return "requests " + strings.Join(ids, ", ")
}

func whyIncomplete(r report.Report) string {
	counts := nonZero(fmt.Sprintf("%d failed", r.Count(report.Failed)), fmt.Sprintf("%d stale", r.Count(report.Stale)),
		fmt.Sprintf("%d without effect", r.Count(report.NotConverged)), fmt.Sprintf("%d unknown", r.Count(report.Unknown)),
		fmt.Sprintf("%d not started", r.Count(report.NotStarted)), fmt.Sprintf("%d could not be planned", len(view.In(r.Plan, view.Errors))))
	if counts == "" {
		if r.Edges != nil {
			return "what was written is not served yet (--wait, --check-edge)"
		}
		return "what was written is not active yet (--wait)"
	}
	if slices.ContainsFunc(r.Outcomes, func(o report.Outcome) bool { return o.Unauthorized }) {
		counts += "; see what the credentials allow: " + words.Again(r.Flags, nil, "auth")
	}
	return "not everything was applied: " + counts
}

func whyRefused(r report.Report, e Ending) string {
	switch {
	case e.Refused:
		return "the approved plan does not hold any more (--plan-strict)"
	case exceedsLimit(r):
		return "a limit is exceeded"
	case len(r.Plan.OffClock()) > 0:
		return "the clock here and that of the API disagree about what is due"
	default:
		return "changes are not approved (--plan)"
	}
}

func whyFailed(r report.Report, e Ending) string {
	switch {
	case r.Failure != nil:
		return stoppedBy
	case len(r.Problems) > 0:
		return words.Plural(report.Count(r.Problems), "problem", "problems") + " in the manifests"
	case HasFault(r):
		return words.Plural(len(view.In(r.Plan, view.Errors)), "certificate", "certificates") + " could not be planned"
	case e.TimedOut:
		return "the time was up (--timeout)"
	default:
		return "an output could not be written"
	}
}

func whoMustAct(r report.Report, e Ending) string {
	need, wrong := 0, 0
	if e.ActionRequired {
		need = countNeedingAction(r)
	}
	if e.Edge {
		wrong = r.Edges.Wrong()
	}
	return nonZero(servedWrongly(wrong), words.Plural(need, "certificate needs action", "certificates need action")+" (--fail-on-action-required)",
		fmt.Sprintf("%s within %s (--fail-on-expiring)", words.Plural(len(r.Expiring()), "certificate expires", "certificates expire"), words.Duration(r.ExpiringWithin)))
}

// whyChanges counts the certificates that have something to apply, and drift apart.
func whyChanges(r report.Report) string {
	n, drift := 0, 0
	for _, s := range r.Plan.Steps {
		if len(s.Ops) == 0 {
			continue
		}
		n++
		if slices.ContainsFunc(s.Warnings, func(w plan.Warning) bool { return w.Code == cert.ModifiedOutside && !w.Aside }) {
			drift++
		}
	}
	text := nonZero(words.Plural(n, "certificate changes", "certificates change"), words.Plural(len(view.ListedOf(r.Plan).Differing), "other differs", "others differ"))
	if drift > 0 {
		text += fmt.Sprintf(", %d of them modified outside Git", drift)
	}
	return text + " (--detailed-exitcode)"
}
