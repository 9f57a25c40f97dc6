package markdown

import (
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// mostResults is how many rows the table of results has of what the change under review does
// not touch. A fold names every operation.
const mostResults = 3

// result is what became of an operation, or of the wait for it.
type result struct {
	word  string
	ops   []plan.Operation
	steps []plan.Step
	what  string // instead of a count of operations
	about string
	quiet bool // needs no row of its own where the change does not touch it
}

// results are a row for each operation of the change under review, and a row for all others
// with the same result and reason; then a fold that names each operation, where the rows do not.
func (s sheet) results() []part {
	var mine, others []result
	for _, r := range s.everyResult() {
		if s.Base.Touches(r.steps[0]) {
			mine = append(mine, r)
		} else {
			others = append(others, r)
		}
	}
	grouped, head := inGroups(others), columnsOf("Result", "Operation", "Certificate", "Reason and action")
	shown := grouped[:min(len(grouped), mostResults)]
	table := part{head: head, rank: cutChanges, entry: "result", entries: words.Each(slices.Concat(mine, shown), result.row)}
	if left := len(grouped) - len(shown); left > 0 {
		table.entries = append(table.entries, cells("and "+words.Plural(left, "more result"), "", "", "see All results"))
	} else if len(grouped) == len(others) {
		return []part{table}
	}
	return []part{table, fold(cutAllResults, "All results", "result", head, words.Each(slices.Concat(mine, others), result.row))}
}

// everyResult returns what became of each operation, the worst first.
func (s sheet) everyResult() []result {
	var all []result
	for _, how := range []report.Result{report.Unknown, report.Failed, report.NotConverged, report.Stale,
		report.NotApproved, report.NotConfirmed, report.NotStarted, report.Done} {
		for _, o := range s.WithResult(how) {
			all = append(all, result{word: resultWord(how), ops: []plan.Operation{o.Operation()}, steps: []plan.Step{o.Step},
				about: s.outcomeAbout(o), quiet: how == report.Done || how == report.NotStarted})
		}
	}
	for _, step := range s.Plan.ToApply() {
		for i, o := range step.Ops {
			if s.Unfinished && len(s.Outcome(step.Want.ID, i).Step.Ops) == 0 {
				all = append(all, result{word: "no result yet", ops: []plan.Operation{o}, steps: []plan.Step{step}, quiet: true})
			}
		}
	}
	for _, how := range report.WaitEnds() {
		for _, w := range s.Waited(how) {
			all = append(all, result{word: words.WaitEnds[how], what: "wait", steps: []plan.Step{w.Step},
				about: proseOf(words.WaitState(w, true), mostReason) + actionClause(w.Do.String(), mostProse), quiet: how.Good()})
		}
	}
	for _, step := range s.ThisChange().Steps {
		for _, b := range step.Withheld {
			if s.Base != nil && !s.Unfinished {
				all = append(all, result{word: verdict(b), what: wanted(b), steps: []plan.Step{step}, about: untilWhy(b)})
			}
		}
	}
	return all
}

// resultWord is a result as the heading counts it, in bold and capitals where somebody must look.
func resultWord(r report.Result) string {
	if r == report.Unknown || r == report.Failed {
		return "**" + strings.ToUpper(words.Results[r].Word) + "**"
	}
	return words.Results[r].Count
}

// inGroups joins results with the same word and reason.
func inGroups(all []result) []result {
	var groups []result
	for _, r := range all {
		i := slices.IndexFunc(groups, func(g result) bool {
			return g.word == r.word && (g.about == r.about || g.quiet && g.word == resultWord(report.Done))
		})
		if i < 0 {
			groups = append(groups, r)
			continue
		}
		g := &groups[i]
		g.ops, g.steps = append(g.ops, r.ops...), append(g.steps, r.steps...)
		if g.about != r.about {
			g.about = ""
		}
	}
	return groups
}

// row is a row of the table of results.
func (r result) row() string {
	const few = 3
	what, certificates := r.what, words.Few(slices.Compact(words.Each(r.steps, title)), few)
	switch {
	case len(r.ops) == 1:
		what = Prose(words.Verb(r.ops[0]))
	case len(r.ops) > 1:
		what = lastAnd(words.KindsOf(r.ops))
	}
	if len(r.steps) == 1 {
		certificates = []string{strings.TrimSpace(title(r.steps[0]) + " " + placeOf(r.steps[0]))}
	}
	return cells(r.word, what, strings.Join(certificates, ", "), r.about)
}

// outcomeAbout says why an operation is not done and what a person does, or what it causes.
func (s sheet) outcomeAbout(o report.Outcome) string {
	effect := Prose(words.Effect(o.Step, o.Operation()))
	switch {
	case o.Late:
		return "visible only while waiting; " + effect
	case o.Met():
		return words.MetAlready(o)
	case o.Result == report.Done && o.By == report.Reading:
		return "visible in a reading, the answer was lost; " + effect
	case o.ResendGuard() == report.GuardedByNothing:
		return "**action:** wait until it is visible before running again; " + effect
	case o.ResendGuard() != "", o.Result == report.Done:
		return effect
	case o.Result == report.Failed:
		return Code(strings.TrimSuffix(o.Err, "."))
	default:
		return strings.ReplaceAll(strings.Join(words.Each(words.OutcomeFacts(s.Report, o), fact), "; "), ", run; ", ", run ")
	}
}

// fact is a row under a result as a clause. A reason needs no word before it.
func fact(f words.Fact) string {
	switch {
	case f.Key == "":
		return codeOf(f.Text, mostReason)
	case f.Key == "reason":
		return Prose(f.Text)
	default:
		return "**" + f.Key + ":** " + Prose(f.Text)
	}
}
