package markdown

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
)

// top is what is never left out: what this change starts, what ends soon, what stopped
// the run and what is refused.
func (s sheet) top() string {
	return s.unfinished() + "### cpsync" + s.heading() + "\n\n" + s.totals() + s.caution() + s.stopped() + s.refusal()
}

// unfinished begins the page of an apply at work.
func (s sheet) unfinished() string {
	if !s.Unfinished {
		return ""
	}
	return words.Unfinished(words.Mode(s.Report)) + "\n\n"
}

// heading says at one glance what this change starts, or what became of it.
func (s sheet) heading() string {
	switch {
	case len(s.Problems) > 0:
		return ": " + words.Plural(len(s.Problems), "problem", "problems") + " in the manifests, nothing was sent"
	case s.Unfinished:
		return " is applying " + work(view.Summarize(s.Plan), "nothing")
	case s.Apply && len(s.Outcomes) > 0:
		return " applied: " + s.resultCounts() + words.WaitCounts(s.Report)
	case s.Failure != nil:
		return ": stopped by an error"
	case s.Base != nil:
		return ": this change starts " + work(s.Anew(), "nothing") + s.unrenewed()
	default:
		n := view.Summarize(s.Plan)
		return ": " + work(n, strings.ToLower(strings.Trim(words.Nothing(n), " .")))
	}
}

// unrenewed counts the certificates that this change leaves without a renewal.
func (s sheet) unrenewed() string {
	n := len(s.Base.Abandoned()) + len(s.ThisChange().Where(func(step plan.Step) bool { return step.Is(cert.NothingRenews) }).Steps)
	if n == 0 {
		return ""
	}
	return "; nothing will renew " + words.Plural(n, "certificate", "certificates") + " from then on"
}

// work counts operations, or is the word for none.
func work(n view.Summary, none string) string {
	all := words.JoinCounts(
		words.Plural(n.Renewals, "renewal", "renewals"),
		words.Plural(n.Reissues, "reissue", "reissues"),
		words.Plural(n.Retriggers, "retrigger", "retriggers"),
		words.Plural(n.Edits, "edit", "edits"),
	)
	if all == "" {
		return none
	}
	return all
}

func (s sheet) resultCounts() string {
	var parts []string
	for _, line := range words.Results {
		parts = append(parts, fmt.Sprintf("%d %s", s.Count(line.Of), line.Word))
	}
	return words.JoinCounts(parts...)
}

// totals is a line about everything that was looked at.
func (s sheet) totals() string {
	if len(s.Plan.Steps) == 0 {
		return ""
	}
	n := view.Summarize(s.Plan)
	line := words.Plural(n.Total, "certificate", "certificates")
	rest := words.JoinCounts(
		words.Plural(n.Errors, "error", "errors"),
		words.Plural(n.NeedYou, "needs you", "need you"),
		words.Plural(n.Waiting, "waits", "wait"),
		fmt.Sprintf("%d protected", n.Protected),
		fmt.Sprintf("%d in step", n.Unchanged),
	)
	if rest != "" {
		line += ": " + rest
	}
	line += "."
	if n.Overlap > 0 {
		line += " " + words.Plural(n.Overlap, "overlaps", "overlap") + " with other manifests, in names or labels."
	}
	line += s.unmanagedEnding()
	if len(s.Chosen) > 0 {
		line += " Chosen by " + code(words.Paths(s.Chosen)) + "."
	}
	return line + s.compared() + "\n\n"
}

// unmanagedEnding names the first few requests without a manifest that have ended or end
// soon.
func (s sheet) unmanagedEnding() string {
	ending := view.UnwantedEnding(s.Plan)
	if len(ending) == 0 {
		return ""
	}
	const few = 3
	named := words.Few(words.Each(ending, func(step plan.Step) string {
		return title(step) + " " + words.Ending(step, s.Plan.Now)
	}), few)
	return " " + words.Plural(len(ending), "live request", "live requests") + " without a manifest " +
		words.Agree(len(ending), "has ended or ends", "have ended or end") + " soon: " + strings.Join(named, ", ") + "."
}

// compared says which revision the change is told from, and what was pending there.
func (s sheet) compared() string {
	if s.Base == nil {
		return ""
	}
	return fmt.Sprintf(" Compared with %s, this change touches %s; pending anyway: %s.", code(s.Base.Revision),
		words.Plural(len(s.ThisChange().Steps), "certificate", "certificates"),
		work(s.Anyway(), "nothing"))
}

// stopped says what stopped the run.
func (s sheet) stopped() string {
	if s.Failure == nil {
		return ""
	}
	block := "**Stopped by an error:**\n\n" + fence("text", s.Failure.Message) + "\n"
	switch hint := s.Failure.Hint; {
	case strings.Contains(hint, "\n"):
		block += "**Do:**\n\n" + fence("text", hint) + "\n"
	case hint != "":
		block += "**Do:** " + prose(hint) + "\n\n"
	}
	return block
}

// refusal says what is over a limit, how to allow it, and how to take it back.
func (s sheet) refusal() string {
	all := view.Excesses(s.Plan)
	if len(all) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("> [!WARNING]\n")
	for _, e := range all {
		what, flag := words.Excess(e)
		fmt.Fprintf(&b, "> - **Refused: %s, the limit is %d.** %s %s; first %s%s. Meant: `%s: \"%d\"` in the workflow, `%s %d` on a command line. Not meant: revert the commit, there is nothing to undo at the CDN.\n",
			what, e.Limit.Limit, words.LimitEffect(s.Report), prose(words.ExcessFields(e)), title(e.Steps[0]), words.AndMore(len(e.Steps)-1), strings.TrimPrefix(flag, "--"), e.Count, flag, e.Count)
	}
	return b.String() + "\n"
}
