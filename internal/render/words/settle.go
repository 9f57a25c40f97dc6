package words

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// readings tells what readings after a lost answer showed.
func readings(o report.Outcome) string {
	if o.Reads == 0 {
		return "it could not be read since"
	}
	return fmt.Sprintf("read %s until %s: %s, but the CDN may show it late",
		times(o.Reads), o.Until.UTC().Format("15:04:05"), trace(o.Operation()))
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// trace is what would be seen if the operation had happened, and was not.
func trace(op plan.Operation) string {
	switch {
	case op.Kind == plan.Renew:
		return "no renewal visible"
	case op.Kind == plan.Retrigger:
		return "no new order visible"
	case op.Order():
		return "the change of domains is not visible"
	default:
		return "the change is not visible"
	}
}

// stops says that an order with an unknown outcome ends the starting of orders.
func stops(op plan.Operation, held int) string {
	switch {
	case !op.Order():
		return ""
	case held == 0:
		return ", and no other order was sent after it"
	default:
		return fmt.Sprintf(", and no other order was sent after it (%d not started)", held)
	}
}

// settle says how a person finds out what became of an operation, and what to do then.
func settle(r report.Report, o report.Outcome) []Fact {
	id, what, rest := o.Step.Want.ID.String(), "the new value is there", "if it is not, run"
	switch op := o.Operation(); {
	case op.Kind == plan.Renew:
		what, rest = "a renewal is there", "if none is there"
	case op.Kind == plan.Retrigger:
		what, rest = "a new order is there", "if none is there"
	case op.Order():
		what, rest = "the domains are as sent", "if they are not"
	}
	flags := without(r.Flags, "--now") // it is run at another time
	if o.Operation().SentOnce() && o.Operation().Order() {
		rest += " after 24 hours, run"
		if slices.Contains(flags, "--journal") {
			flags = append(flags, "--settle", id)
		}
	}
	return []Fact{{Key: "action", Text: "look at request " + id + " in the portal; if " + what + ", no action is needed; " + rest},
		{Key: "", Text: Again(flags, r.Paths, "--apply"), Command: true}}
}

// Operations sums up what a step sends, from its operation number first on.
func Operations(s plan.Step, first int) string {
	if s.Fault != nil {
		return s.Fault.Message
	}
	var parts []string
	for _, o := range s.Ops[first:] {
		parts = append(parts, shortly(o))
	}
	if len(parts) == 0 {
		return "nothing to send"
	}
	return strings.Join(parts, "; ")
}

func plansNow(o report.Outcome) string {
	if !o.Replanned() {
		return o.Err // the request could not be planned again: it is gone
	}
	now := Operations(o.Now, 0)
	for _, b := range o.Now.Withheld {
		now += "; not " + b.Edit.String() + ": " + b.Because
	}
	return now
}

// shortly is an operation in a few words.
func shortly(o plan.Operation) string {
	if o.Kind == plan.Retrigger && !o.Since.IsZero() {
		return "retrigger of the request as it is since " + o.Since.UTC().Format(plan.Minute)
	}
	if o.Kind != plan.Patch {
		return o.Kind.String()
	}
	parts := make([]string, len(o.Changes))
	for i, c := range o.Changes {
		if parts[i] = summed(c); parts[i] == "" {
			from, to := FromTo(c)
			parts[i] = c.Edit.String() + " " + from + " -> " + to
		}
	}
	return strings.Join(parts, ", ")
}

// summed is a change of names on one line; "" of any other change.
func summed(c diff.Change) string {
	if c.Edit != cert.EditDomains {
		return ""
	}
	var parts []string
	for _, name := range c.Remove {
		parts = append(parts, "REMOVES "+cert.DisplayName(name))
	}
	for _, name := range c.Add {
		parts = append(parts, "+ "+cert.DisplayName(name))
	}
	if c.CommonFrom != c.CommonTo {
		parts = append(parts, CommonName(c))
	}
	return strings.Join(parts, ", ") + fmt.Sprintf(" (%d -> %d)", len(c.Before), len(c.After()))
}

// since says what moved on the server after the plan was made, when, and by whom
// where the API says so.
func since(o report.Outcome) string {
	var parts []string
	for _, c := range o.ChangedFields() {
		parts = append(parts, shortly(plan.Operation{Changes: []diff.Change{c}}))
	}
	if before, after := o.States(o.Until); before != after {
		parts = append(parts, "was: "+before+", is: "+after)
	}
	if at, by := o.LastChange(); !at.IsZero() {
		parts = append(parts, strings.TrimSuffix("modified "+at.UTC().Format(plan.Minute)+" by "+by, " by "))
	}
	return strings.Join(parts, "; ")
}
