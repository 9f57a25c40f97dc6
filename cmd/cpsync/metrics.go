package main

import (
	"bytes"
	"context"
	"fmt"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/openmetrics"
)

// runMetrics reads what a plan decides from, and writes what monitoring wants to know of it.
// Without a good reading nothing is written: the last file tells its age by itself.
func runMetrics(ctx context.Context, w cli.World, a *cli.Metrics) int {
	s := newSession(ctx, w, &cli.Plan{Planning: a.Planning}, a.Writes())
	if code, ok := s.planAlone(ctx, "metrics"); !ok {
		return code
	}
	for _, broken := range view.In(s.run.Report.Plan, view.Errors) {
		s.log.Error(fmt.Sprintf("%s (%s): %s", broken.Want.Name, broken.Want.ID, broken.Fault.Message))
	}
	var text bytes.Buffer
	err := openmetrics.Report(&text, s.run.Report, openmetrics.Options{At: s.run.Target.Now(), Applied: s.run.Journal.Applied(), Labels: a.Labels})
	if err == nil {
		err = w.WriteTo(a.Out, "--out", text.Bytes())
	}
	if err != nil {
		return w.Fail(err)
	}
	if cli.HasFault(s.run.Report) {
		return cli.Failed
	}
	return w.EdgeCode(a.Edge, s.run.Report.Edges)
}
