package markdown

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// top is what is never left out: what this change starts, what stopped the run, what the
// merge also applies, and what would be refused.
func (s sheet) top() string {
	return s.unfinished() + "### cpsync" + s.heading() + "\n\n" + s.stopped() + s.warning() + s.wholeCounts()
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
	n := view.Summarize(s.Plan)
	switch {
	case len(s.Problems) > 0:
		return ": " + words.Plural(report.Count(s.Problems), "problem", "problems") + " in the manifests, nothing was sent"
	case s.Unfinished:
		return " is applying " + work(n, "nothing")
	case s.Apply && len(s.Outcomes) > 0:
		return " applied: " + words.ResultCounts(s.Report) + words.WaitCounts(s.Report)
	case s.Failure != nil:
		return ": stopped by an error"
	case s.Apply, s.Base == nil && n.Orders+n.Edits == 0:
		return ": " + strings.ToLower(strings.Trim(words.Nothing(n), " ."))
	case s.Base == nil:
		return ": " + work(n, "")
	default:
		return ": " + s.starts()
	}
}

// starts says what this change starts. It never says "nothing" of a change after which
// nothing renews a certificate.
func (s sheet) starts() string {
	n, none := words.LeftUnrenewed(s.Report), "this change starts nothing"
	starts := work(s.NewOperations(), "")
	if n == 0 {
		if starts == "" {
			return none
		}
		return "this change starts " + starts
	}
	unrenewed := "nothing will renew " + words.Plural(n, "certificate", "certificates") + " from then on"
	if starts == "" {
		return "with this change, " + unrenewed
	}
	return "this change starts " + starts + "; " + unrenewed
}

// work counts operations, or is the word for none.
func work(n view.Summary, none string) string {
	return counted(none, words.Plural(n.Renewals, "renewal", "renewals"), words.Plural(n.Reissues, "reissue", "reissues"),
		words.Plural(n.Retriggers, "retrigger", "retriggers"), words.Plural(n.Edits, "edit", "edits"))
}

// counted joins counts with commas and a last "and", or is the word for none.
func counted(none string, parts ...string) string {
	text := words.JoinCounts(parts...)
	if text == "" {
		return none
	}
	if i := strings.LastIndex(text, ", "); i >= 0 {
		text = text[:i] + " and " + text[i+2:]
	}
	return text
}

// stopped says what stopped the run.
func (s sheet) stopped() string {
	if s.Failure == nil {
		return ""
	}
	block := "**Stopped by an error:**\n\n" + fence("text", s.Failure.Message) + "\n"
	switch hint := s.Failure.Hint; {
	case strings.Contains(hint, "\n"):
		block += "**Action:**\n\n" + fence("text", hint) + "\n"
	case hint != "":
		block += "**Action:** " + Prose(hint) + "\n\n"
	}
	return block
}

// warning says what the merge also applies, and what of it would be refused. It is never
// left out.
func (s sheet) warning() string {
	var lines []string
	if also := s.also(); !s.Apply && also != "" {
		lines = append(lines, "Merging also applies "+also+".")
	}
	for _, e := range view.Excesses(s.Plan) {
		what, flag := words.Excess(e)
		refused := "It would be refused"
		switch {
		case s.Apply:
			refused = "Refused"
		case !e.Certain():
			refused = "It may be refused"
		}
		lines = append(lines, fmt.Sprintf("**%s: %s, limit %d** (input `%s`).", refused, what, e.Limit.Limit, strings.TrimPrefix(flag, "--")))
	}
	if s.Plan.Limits.Exceeded() {
		lines = append(lines, words.LimitEffect(s.Report))
	}
	if len(lines) == 0 {
		return ""
	}
	return "> [!WARNING]\n> " + strings.Join(lines, "\n> ") + "\n\n"
}

// also is what the merge also applies.
func (s sheet) also() string {
	n, rest := s.PendingOperations(), words.Differing(s.Plan)
	also := counted("", words.Plural(n.Orders, "CA order", "CA orders"), words.Plural(n.Edits, "edit", "edits"))
	switch {
	case also == "":
		return rest
	case rest != "":
		rest = ", and " + rest
	}
	return also + ", pending before this change" + rest
}

// wholeCounts are the counts on top of a plan of everything.
func (s sheet) wholeCounts() string {
	if s.Apply || s.Base != nil || len(s.Plan.Steps) == 0 {
		return ""
	}
	return s.counts() + ".\n\n"
}
