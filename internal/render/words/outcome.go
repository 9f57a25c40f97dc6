package words

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
	line := progressLine(resultWord(o.Result)) + VerbPhrase(o.Step, o.Operation())
	switch {
	case o.Late:
		return line + ", visible only while waiting"
	case o.Met():
		return line + ", " + MetAlready(o)
	case o.Result == report.Done && o.By == report.Reading:
		return line + ", seen in a reading; no answer said so"
	case o.Err != "" && o.Result != report.NotConfirmed: // whose word says it
		return line + ": " + Clean(o.Err)
	default:
		return line
	}
}

// progressLine begins a line of the conversation with a word.
func progressLine(word string) string { return fmt.Sprintf("%-*s  ", resultWidth, word) }

// MetAlready says of an operation that was not sent that there was nothing left to send.
func MetAlready(o report.Outcome) string {
	if o.Operation().Kind == plan.Patch {
		return "already as wanted; nothing was sent"
	}
	return "already in progress or done; nothing was sent"
}

func resultWord(r report.Result) string {
	switch r {
	case report.NotStarted:
		return "not started"
	case report.NotApproved:
		return "not approved"
	case report.NotConverged:
		return "without effect"
	case report.NotConfirmed:
		return "accepted, not visible yet"
	default:
		return r.String()
	}
}

// Block is what takes more than a line to tell: a title, then rows.
type Block struct {
	Title string
	Rows  []BlockRow
}

// BlockRow is a text and what stands before it.
type BlockRow struct{ Head, Text string }

const noHead = "  "

// OutcomeBlock returns the block about an operation that is unknown, stale, not approved,
// or answered without an effect. It has no title for any other. held is how many operations
// were not started.
func OutcomeBlock(o report.Outcome, held int) Block {
	switch o.Result {
	case report.Unknown:
		return unknown(o, held)
	case report.Stale:
		return stale(o)
	case report.NotConverged:
		return notShown(o)
	case report.NotApproved:
		return notApproved(o)
	case report.NotStarted, report.Done, report.Failed, report.NotConfirmed:
	}
	return Block{}
}

// notApproved shows what was approved beside what is planned now.
func notApproved(o report.Outcome) Block {
	b := Block{Title: "not approved: " + Title(o.Step) + " was left alone"}
	if len(o.Step.Approved) == 0 {
		b.add("  approved  ", "nothing")
	}
	for _, a := range o.Step.Approved {
		b.add("  approved  ", a.Text)
	}
	b.add("  now       ", Operations(o.Step, 0))
	b.add(noHead, "Make a new plan and have it approved.")
	return b
}

func (b *Block) add(head, text string) { b.Rows = append(b.Rows, BlockRow{head, text}) }

// stale shows what was planned beside what would be now.
func stale(o report.Outcome) Block {
	what := " changed after this plan was made; nothing sent"
	if o.Op > 0 {
		what = " changed after this plan was made; from here on nothing sent"
	}
	b := Block{Title: "stale: " + Title(o.Step) + what}
	b.add("  plan      ", Operations(o.Step, o.Op))
	b.add("  now       ", plansNow(o))
	if moved := since(o); moved != "" {
		b.add("  since     ", moved)
	}
	b.add(noHead, "Run again for a new plan.")
	return b
}

// notShown shows both values of what a PATCH was to change and did not.
func notShown(o report.Outcome) Block {
	b := Block{Title: "NO EFFECT: " + Title(o.Step) + " was answered with success and does not show the change"}
	for _, c := range o.Left {
		head := fmt.Sprintf("  %-9s ", c.Edit)
		if text := summed(c); text != "" {
			b.add(head, "still to come: "+text)
			continue
		}
		from, to := FromTo(c)
		b.add(head, "sent "+to+", the request shows "+from)
	}
	if o.Operation().Order() {
		b.add(noHead, "It may show late. "+settle(o, o.Operation()))
	} else {
		b.add(noHead, "Run again: what still differs is planned again.")
	}
	return b
}

// unknown says what is known of an operation of which nobody knows whether it happened,
// and how to find out.
func unknown(o report.Outcome, held int) Block {
	op := o.Operation()
	b := Block{Title: "UNKNOWN: " + NounPhrase(o.Step, op)}
	b.add(noHead, strings.Join([]string{sent(o), readings(o, op), "It was not sent again" + stops(op, held) + "."}, " "))
	b.add(noHead, settle(o, op))
	return b
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

// Results are the lines of the counts after an apply, in order.
var Results = []struct {
	Of          report.Result
	Word, About string
}{
	{report.Done, "done", ""},
	{report.Unknown, "unknown", "it may have happened; see below"},
	{report.Failed, "failed", "it did not happen"},
	{report.Stale, "stale", "the request changed after the plan was made; not sent"},
	{report.NotConverged, "without effect", "answered with success, and the request does not show it"},
	{report.NotConfirmed, "accepted, not visible yet", ""},
	{report.NotApproved, "not approved", "left alone; see below"},
	{report.NotStarted, "not started", ""},
}
