package render

import (
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// here returns the report with the steps of which a page shows the proofs of control itself
// sending nobody elsewhere for them: under names the part of the page.
func here(r report.Report, under string) report.Report {
	r.Plan.Steps = slices.Clone(r.Plan.Steps)
	for i, s := range r.Plan.Steps {
		if c, asked := r.Control.Of(s); asked && c.Err == "" {
			r.Plan.Steps[i] = pointing(s, asUnder(c.Proofs, under))
		}
	}
	return r
}

// selfContained is an explanation that sends nobody to itself.
func selfContained(x report.Explanation) report.Explanation {
	do := asUnder(x.Control, "DOMAIN CONTROL")
	if !x.ControlRead {
		do = plan.ControlDo(x.Step.Have) + "  without --no-dcv"
	}
	have := x.Step.Have
	x.Step = pointing(x.Step, do)
	x.Turn.Do = each(x.Turn.Do, func(text string) string { return pointed(text, have, do) })
	x.Renewal.Do = pointed(x.Renewal.Do, have, do)
	x.Outlooks = slices.Clone(x.Outlooks)
	for i := range x.Outlooks {
		x.Outlooks[i].Why.Do = pointed(x.Outlooks[i].Why.Do, have, do)
	}
	return x
}

// pointing is a step that says do instead of where proofs of control are shown.
func pointing(s plan.Step, do string) plan.Step {
	s.Blocked, s.Warnings = slices.Clone(s.Blocked), slices.Clone(s.Warnings)
	for i := range s.Blocked {
		s.Blocked[i].Do = pointed(s.Blocked[i].Do, s.Have, do)
	}
	for i := range s.Warnings {
		s.Warnings[i].Do = pointed(s.Warnings[i].Do, s.Have, do)
	}
	return s
}

func pointed(text string, have cert.Live, do string) string {
	return strings.ReplaceAll(text, plan.ControlDo(have), do)
}

// asUnder stands for proving control by what stands under a title, where there is any.
func asUnder(proofs []cert.Proof, title string) string {
	if len(proofs) == 0 {
		return allProven
	}
	if !slices.ContainsFunc(proofs, cert.Proof.Ready) {
		return "ask again later: what proves control is there about 20 minutes after the order"
	}
	if setOf(report.Control{Proofs: proofs}).found() {
		return allFound
	}
	return "prove control of each name, as under " + title
}
