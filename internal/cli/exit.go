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

// The exit codes are part of the interface: `cpsync help exit-codes` describes them, and scripts rely on them.
const (
	OK             = 0
	Failed         = 1
	Changes        = 2
	Incomplete     = 3
	ActionRequired = 4
	Refused        = 5
	Unknown        = 6
	Usage          = 64
	HungUp         = 129
	Interrupt      = 130
	Terminated     = 143
)

const (
	stoppedBy  = "the error above stopped the run" // in the lines above
	notWritten = "an output could not be written"
)

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
	why := map[int]string{Usage: "wrong usage", HungUp: "interrupted by SIGHUP", Interrupt: "interrupted by SIGINT", Terminated: "interrupted by SIGTERM"}[code]
	line := fmt.Sprintf("exit %d: %s", code, words.Clean(cmp.Or(why, *w.Why, "see above")))
	if w.Log.JSON() {
		w.Log.NewLog(w.Stderr).Error(line, "exit_code", code)
		return
	}
	fmt.Fprintln(w.Stderr, line)
}

// EdgeCode is the exit code of a command that looked at the edge and did all else well.
func (w World) EdgeCode(e Edge, found report.Edges) int {
	if n := found.Wrong(); n > 0 && e.FailOnEdge {
		w.Because(servedWrongly(n))
		return ActionRequired
	}
	return OK
}

func servedWrongly(wrong int) string {
	return words.Plural(wrong, "certificate is", "certificates are") + " served wrongly (--fail-on-edge)"
}

// Ending is what an exit code is decided from, besides report and arguments.
type Ending struct {
	OutputFailed bool // a write to stdout failed
	TimedOut     bool
	Refused      bool // --plan-strict, and the plan is another one now
	Stopped      int  // the exit code of the signal; 0 when there was none
}

// ExitCode decides the exit code from the plan and the outcomes, and says in a line why it
// is not 0. The order of the cases is the order of precedence.
func ExitCode(r report.Report, flags *Plan, e Ending) (code int, why string) {
	begun := r.Began()
	if begun && r.Count(report.Done)+r.Count(report.NotConfirmed) == len(r.All()) {
		e.Stopped, e.TimedOut = 0, false // they came when everything was done
	}
	broken := whyBroken(r, e)
	action, changes := whoMustAct(r, flags), ""
	if flags.DetailedExit {
		changes = whyChanges(r)
	}
	switch {
	case slices.ContainsFunc(r.All(), report.Outcome.Unclear):
		return Unknown, "look at " + unclear(r) + " before running again"
	case begun && (broken != "" || e.Stopped != 0), wentWrong(r), !r.Arrived():
		return Incomplete, whyIncomplete(r, broken)
	case e.Stopped != 0:
		return e.Stopped, "" // the code itself says which signal it was
	case e.Refused:
		return Refused, "the approved plan does not hold any more (--plan-strict)"
	case exceedsLimit(r):
		return Refused, "a limit is exceeded"
	case len(r.Plan.OffClock()) > 0:
		return Refused, "the clock here and that of the API disagree about what is due"
	case len(r.Plan.NotCovered(plan.Refused)) > 0:
		return Refused, "changes are not approved (--plan)"
	case broken != "":
		return Failed, broken
	case action != "": // the changes alone would end it with 2
		return ActionRequired, words.JoinCounts(action, changes)
	case changes != "":
		return Changes, changes
	default:
		return OK, ""
	}
}

// exceedsLimit reports whether more is planned than a limit allows, and this run answers for some of it.
func exceedsLimit(r report.Report) bool {
	return slices.ContainsFunc(view.Excesses(r.Plan), func(x view.Excess) bool { return slices.ContainsFunc(x.Steps, r.AnswersFor) })
}

// whyBroken says what went wrong besides the operations, "" when nothing did.
func whyBroken(r report.Report, e Ending) string {
	switch faults := len(r.Faults()); {
	case r.Failure != nil:
		return stoppedBy
	case len(r.Problems) > 0:
		return words.Plural(report.Count(r.Problems), "problem") + " in the manifests"
	case faults > 0:
		return words.Plural(faults, "certificate") + " could not be planned"
	case e.TimedOut:
		return "the time was up (--timeout)"
	case e.OutputFailed:
		return notWritten
	default:
		return ""
	}
}

// wentWrong reports whether an operation of an apply did not come to a good end for another reason than a stop, a
// limit or an approval, which have codes of their own. An order that shows late had kept others from being started.
func wentWrong(r report.Report) bool {
	return r.Count(report.Failed)+r.Count(report.Stale)+r.Count(report.NotConverged)+r.Count(report.Unknown) > 0 ||
		r.LateOrders() || slices.ContainsFunc(r.Outcomes, func(o report.Outcome) bool { return o.OtherRun && o.Result != report.Done })
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

// whyIncomplete says what an apply left undone. Where it left nothing, something else went wrong: what was sent
// is not active yet, or broken says it.
func whyIncomplete(r report.Report, broken string) string {
	n := map[report.Result]int{}
	for _, o := range r.All() {
		n[o.Result]++
	}
	counts := words.JoinCounts(fmt.Sprintf("%d failed", n[report.Failed]), fmt.Sprintf("%d stale", n[report.Stale]),
		fmt.Sprintf("%d without effect", n[report.NotConverged]), fmt.Sprintf("%d unknown", n[report.Unknown]),
		fmt.Sprintf("%d not started", n[report.NotStarted]), fmt.Sprintf("%d not approved", n[report.NotApproved]), fmt.Sprintf("%d could not be planned", len(r.Faults())))
	switch {
	case counts == "" && !r.Arrived():
		return whyNotArrived(r)
	case counts == "":
		return broken
	case slices.ContainsFunc(r.Outcomes, func(o report.Outcome) bool { return o.Unauthorized }):
		counts += "; see what the credentials allow: " + words.Again(r.Flags, nil, "auth")
	}
	return "not everything was applied: " + counts
}

// whyNotArrived says how the waiting ended for what is not active, or not served.
func whyNotArrived(r report.Report) string {
	state, flags := "active", " (--wait)"
	if r.Edges != nil {
		state, flags = "served", " (--wait, --check-edge)"
	}
	gone, unread := len(r.Waited(report.Vanished)), len(r.Waited(report.Unread))
	if gone+unread == 0 {
		return "what was written is not " + state + " yet" + flags
	}
	slow := len(r.Waited(report.OutOfTime)) + len(r.Waited(report.Interrupted))
	return words.JoinCounts(words.Plural(gone, "request is gone, or these credentials may not see it any more", "requests are gone, or these credentials may not see them any more"),
		words.Plural(unread, "could not be read", "could not be read"), words.Plural(slow, "is not "+state+" yet", "are not "+state+" yet")) + flags
}

// whoMustAct counts what a person has to act on, as far as the flags ask for it: after an
// apply by the latest readings. It is "" when there is nothing.
func whoMustAct(r report.Report, flags *Plan) string {
	need, wrong := 0, 0
	if flags.FailOnActionRequired {
		need = len(r.Base.Abandoned()) // by the change, which removes the manifest of what nothing renews
		if r.Left != nil {
			need += r.Left.ActionRequired
		} else {
			need += len(view.NeedAction(r.Plan.Where(r.AnswersFor)))
		}
	}
	if flags.FailOnEdge {
		wrong = r.Edges.Wrong()
	}
	return words.JoinCounts(servedWrongly(wrong), words.Plural(need, "certificate needs action", "certificates need action")+" (--fail-on-action-required)",
		fmt.Sprintf("%s within %s (--fail-on-expiring)", words.Plural(len(r.Expiring()), "certificate is expired or expires", "certificates are expired or expire"), cert.FormatDuration(r.ExpiringWithin)))
}

// whyChanges counts what is left to apply: of a plan all that it has and what the list shows of others, of an
// apply what it left for the next one. It is "" when nothing is.
func whyChanges(r report.Report) string {
	left := map[cert.ID]plan.Step{}
	for _, o := range r.All() {
		if o.Result == report.NotStarted {
			left[o.Step.Want.ID] = o.Step
		}
	}
	drift := 0
	for _, s := range left { // a warning aside is only for readers who ask for all notes
		if slices.ContainsFunc(s.Warnings, func(w plan.Warning) bool { return w.Code == cert.ModifiedOutside && !w.Aside }) {
			drift++
		}
	}
	text := words.JoinCounts(words.Plural(len(left), "certificate changes", "certificates change"), fmt.Sprintf("%d of them modified outside Git", drift),
		words.Plural(len(view.ListedOf(r.Plan).Differing), "other differs", "others differ"))
	if text == "" {
		return ""
	}
	return text + " (--detailed-exitcode)"
}
