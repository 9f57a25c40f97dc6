package render

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// resultWidth is that of the word which a line of the conversation begins with.
const resultWidth = 12

// OutcomeLine returns one line about an operation that ended: "done     renew
// cdn.example.com (11604)".
func OutcomeLine(o report.Outcome) string {
	line := pad(resultWord(o.Result), resultWidth) + "  " + doing(o.Step, o.Operation())
	switch {
	case o.Late:
		return line + ", seen only while waiting"
	case o.Met():
		return line + ", " + metAlready(o)
	case o.Result == report.Done && o.By == report.Reading:
		return line + ", seen in a reading; no answer said so"
	case o.Err != "" && o.Result != report.NotConfirmed: // whose word says it
		return line + ": " + Clean(o.Err)
	default:
		return line
	}
}

// metAlready says of an operation that was not sent that there was nothing left to send.
func metAlready(o report.Outcome) string {
	if o.Operation().Kind == plan.Patch {
		return "as wanted already; nothing was sent"
	}
	return "policy met: under way or done already; nothing was sent"
}

func resultWord(r report.Result) string {
	switch r {
	case report.NotStarted:
		return "not started"
	case report.NotApproved:
		return "not approved"
	case report.DidNotConverge:
		return "did not converge"
	case report.NotConfirmed:
		return "accepted, not visible yet"
	default:
		return r.String()
	}
}

// Outcome returns the block about an operation that takes more than a line to tell:
// unknown, stale, not approved, or answered and not
// shown. It is "" for any other, and ends in a
// line break.
func Outcome(o report.Outcome) string {
	p := newPage(Style{})
	p.outcome(o, 0)
	return p.b.String()
}

// outcome writes the block of Outcome. held is how many operations were not started.
func (p *page) outcome(o report.Outcome, held int) {
	switch o.Result {
	case report.Unknown:
		p.unknown(o, held)
	case report.Stale:
		p.stale(o)
	case report.DidNotConverge:
		p.notShown(o)
	case report.NotApproved:
		p.notApproved(o)
	case report.NotStarted, report.Done, report.Failed, report.NotConfirmed:
	}
}

// notApproved shows what was approved beside what is planned now.
func (p *page) notApproved(o report.Outcome) {
	p.clause("not approved: " + title(o.Step) + " was left alone")
	if len(o.Step.Approved) == 0 {
		p.put("  approved  nothing")
	}
	for _, a := range o.Step.Approved {
		p.hang("  approved  ", a.Text, plain)
	}
	p.hang("  now       ", plans(o.Step, 0), plain)
	p.line(2, "Make a new plan and have it approved.")
}

// stale shows what was planned beside what would be now.
func (p *page) stale(o report.Outcome) {
	what := " changed after this plan was made; nothing sent"
	if o.Op > 0 {
		what = " changed after this plan was made; from here on nothing sent"
	}
	p.clause("stale: " + title(o.Step) + what)
	p.hang("  plan      ", plans(o.Step, o.Op), plain)
	p.hang("  now       ", plansNow(o), plain)
	if moved := since(o); moved != "" {
		p.hang("  since     ", moved, plain)
	}
	p.line(2, "Run again for a new plan.")
}

// notShown tells both values of what a PATCH was to change and did not.
func (p *page) notShown(o report.Outcome) {
	p.clause("did not converge: " + title(o.Step) + " answered with success and does not show it")
	for _, c := range o.Left {
		head := "  " + pad(c.Edit.String(), keyWidth-1) + " "
		if text := summed(c); text != "" {
			p.hang(head, "still to come: "+text, plain)
			continue
		}
		from, to := fromTo(c)
		p.hang(head, "sent "+to+", the request shows "+from, plain)
	}
	if o.Operation().Order() {
		p.line(2, "It may show late. "+settle(o, o.Operation()))
		return
	}
	p.line(2, "Run again: what still differs then is planned anew.")
}

// unknown tells what is known of an operation of which nobody knows whether it
// happened, and how to find out.
func (p *page) unknown(o report.Outcome, held int) {
	op := o.Operation()
	p.clause("UNKNOWN: " + calling(o.Step, op))
	told := []string{sent(o), readings(o, op), "It was not sent again" + stops(op, held) + "."}
	p.line(2, strings.Join(told, " "))
	p.line(2, settle(o, op))
}

func sent(o report.Outcome) string {
	if o.Sent.IsZero() {
		return "It may have been sent: " + o.Err + "."
	}
	often := "once"
	if o.Attempts > 1 {
		often = fmt.Sprintf("%d times, first", o.Attempts)
	}
	why := ""
	if o.Err != "" {
		why = ", " + strings.TrimSuffix(o.Err, ".")
	}
	return "Sent " + often + " at " + o.Sent.UTC().Format("15:04:05 UTC") + why + "."
}
