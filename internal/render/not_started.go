package render

import (
	"fmt"

	"github.com/cpsync/cpsync/internal/report"
)

// notStarted names the operations that were not started, under each reason why.
func (p *page) notStarted(all []report.Outcome) {
	for _, group := range reasons(all) {
		p.blank()
		p.line(2, fmt.Sprintf("not started: %s", group.why))
		p.operations(group.of)
	}
}

// operations names a few operations, or with -v all of them.
func (p *page) operations(all []report.Outcome) {
	shown := all
	if len(shown) > fewNames && !p.style.Verbose {
		shown = shown[:fewNames-1]
	}
	for _, o := range shown {
		p.line(4, doing(o.Step, o.Operation()))
	}
	if rest := len(all) - len(shown); rest > 0 {
		p.line(4, fmt.Sprintf("and %d more (-v)", rest))
	}
}

// reason is why operations were not started.
type reason struct {
	why string
	of  []report.Outcome
}

// reasons gathers what was not started by its reason, each where it first comes up.
func reasons(all []report.Outcome) []reason {
	var groups []reason
	at := map[string]int{}
	for _, o := range all {
		if o.Result != report.NotStarted {
			continue
		}
		why := o.Err
		if why == "" {
			why = "the run ended before"
		}
		i, known := at[why]
		if !known {
			i, at[why] = len(groups), len(groups)
			groups = append(groups, reason{why: why})
		}
		groups[i].of = append(groups[i].of, o)
	}
	return groups
}
