package words

import (
	"cmp"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/shell"
)

func Mode(r report.Report) string {
	if r.Apply {
		return "apply"
	}
	return "plan"
}

// Cost is what the run took so far: "28 reads, 0 writes."
func Cost(c report.Requests) string {
	queries := JoinCounts(Plural(c.Queries, "query of DNS", "queries of DNS"))
	return Plural(c.Reads, "read") + ", " + Plural(c.Writes, "write") + prefixed(", ", queries) + "."
}

// Next is what can be done with the plan: "" or, after a space, a sentence; after a colon belongs a command.
func Next(r report.Report) string {
	apply, n := r.Plan.ToApply(), view.Going(r.Plan)
	switch {
	case len(r.Problems) > 0:
		return " Correct the files and run again."
	case r.Failure != nil:
		return ""
	case len(apply) == 0 && r.Plan.HasOps():
		return " Nothing is approved."
	case len(apply) == 0 && len(r.Base.Abandoned()) > 0:
		return ""
	case len(apply) == 0 && Differing(r.Plan) != "":
		return " This change has nothing to apply."
	case len(apply) == 0:
		return " Nothing to apply."
	case r.Plan.Limits.Exceeded() && !r.Apply:
		return ""
	case r.AsOf:
		return " It is a plan as of another day: it can't be applied."
	case r.Apply:
		if n.Orders+n.Edits == 0 {
			return " Applying nothing: a limit is exceeded."
		}
		return " Applying " + Plural(n.Orders+n.Edits, "operation") + "."
	default:
		return " To apply:"
	}
}

func Nothing(n view.Summary) string {
	return cmp.Or(prefixed("nothing to apply; ", leftCounts(n)), "nothing to do")
}

// leftCounts is what an apply leaves as it is.
func leftCounts(n view.Summary) string {
	return JoinCounts(number(n.Deferred, "deferred"), Plural(n.ActionRequired, "needs action", "need action"), Plural(n.Errors, "error"))
}

// ApplyCommand is the command that applies the plan, as it can be pasted.
func ApplyCommand(r report.Report) string { return Again(r.Flags, r.Paths, "--apply") }

func onlyCommand(r report.Report, want cert.Spec) string {
	word := want.Name
	for _, s := range r.Plan.Steps {
		if s.Want.ID != want.ID && s.Want.IsNamed(word) {
			word = want.ID.String()
		}
	}
	return Again(without(r.Flags, "--only", "--tag", "--changed-since"), r.Paths, "--apply", "--only", word)
}

func without(flags []string, names ...string) (rest []string) {
	for pair := range slices.Chunk(flags, 2) {
		if !slices.Contains(names, pair[0]) {
			rest = append(rest, pair...)
		}
	}
	return rest
}

// everyFlag is said of a command that makes a plan.
const everyFlag = "*"

// repeats are the flags of a run that another command repeats. Each command is in it.
var repeats = map[string]string{
	"plan": everyFlag, "metrics": everyFlag, "report": everyFlag,
	"auth":     "--sandbox --now --api-url --token-url --scope",
	"list":     "--sandbox --now --api-url --token-url --scope --root",
	"import":   "--sandbox --now --api-url --token-url --scope --root",
	"explain":  "--sandbox --now --api-url --token-url --scope --root --journal --order-cooldown",
	"validate": "--root",
	"sandbox":  "", "schema": "", "completion": "", "comment": "", "version": "", "help": "", "__complete": "",
}

// Again is a command to paste, with the flags, in pairs, and the paths of the run that names it.
func Again(flags, paths []string, command ...string) string {
	line := append([]string{"cpsync"}, command...)
	of, some := repeats[strings.Join(command[:min(len(command), 1)], "")]
	for pair := range slices.Chunk(flags, 2) {
		if !some || of == everyFlag || slices.Contains(strings.Fields(of), pair[0]) {
			line = append(line, pair...)
		}
	}
	return strings.Join(Each(append(line, Each(paths, asPath)...), shell.Word), " ")
}

// asPath is a path as no command takes it for a flag, or for a command.
func asPath(path string) string {
	if _, command := repeats[path]; command || strings.HasPrefix(path, "-") {
		return "./" + path
	}
	return path
}

// Do is what a person does. The command that it names repeats what the run was given.
func Do(a plan.Action, flags, paths []string) string {
	short := a.Command()
	if short == "" {
		return a.String()
	}
	return strings.Replace(a.String(), short, Again(flags, paths, strings.Fields(short)[1:]...), 1)
}

// Unfinished is how a text begins that was written while the run was at work. mode is that of its JSON.
func Unfinished(mode string) string {
	return "This " + mode + " has not finished. It was at work when this was written: an operation that is not listed as done may be in progress, or done too. The log of the run says more."
}

// OutcomesOf are the outcomes: of every operation, or of an apply at work those so far.
func OutcomesOf(r report.Report) []report.Outcome {
	if r.Unfinished {
		return r.Outcomes
	}
	return r.All()
}
