package main

import (
	"context"
	"fmt"
	"io"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/html"
	"github.com/cpsync/cpsync/internal/render/openmetrics"
)

// runMetrics reads what a plan decides from, and writes what monitoring wants to know of it.
// Without a good reading nothing is written: the last file tells its age by itself.
func runMetrics(ctx context.Context, w cli.World, a *cli.Metrics) int {
	s := newSession(ctx, w, &cli.Plan{Planning: a.Planning})
	if code, ok := s.planAlone("metrics"); !ok {
		return code
	}
	r := s.run
	for _, broken := range view.In(r.Report.Plan, view.Errors) {
		s.log.Error(fmt.Sprintf("%s (%s): %s", broken.Want.Name, broken.Want.ID, broken.Fault.Message))
	}
	if err := w.WriteTo("--out", a.Out, func(to io.Writer) error {
		return openmetrics.Report(to, r.Report, openmetrics.Options{At: r.Target.Now(), Applied: r.Journal.Applied(), Labels: a.Labels})
	}); err != nil {
		return w.Fail(err)
	}
	if cli.HasFault(r.Report) {
		return cli.Failed
	}
	return w.EdgeCode(a.Edge, r.Report.Edges)
}

// runReport writes one page about the fleet and its plan. Where it can't be made, a page
// that is there stays as it is.
func runReport(ctx context.Context, w cli.World, a *cli.Report) int {
	s := newSession(ctx, w, &cli.Plan{Planning: a.Planning})
	if code, ok := s.planAlone("report"); !ok {
		return code
	}
	r := s.run.Report
	if err := w.WriteTo("--html", a.HTML, func(to io.Writer) error { return html.Report(to, r) }); err != nil {
		return w.Fail(err)
	}
	if a.HTML != cli.ToStdout {
		if code := w.Print(html.Written(a.HTML, r)); code != cli.OK {
			return code
		}
	}
	return w.EdgeCode(a.Edge, r.Edges)
}
