package main

import (
	"cmp"
	"context"
	"fmt"
	"io"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/openmetrics"
)

// planAlone reads and plans, for a command that says it in another way than the plan does.
// Where that was not possible it has said why: there is no session then, and code is the exit code.
func planAlone(ctx context.Context, w cli.World, command string, a cli.Planning) (_ *session, code int) {
	s := newSession(ctx, w, &cli.Plan{Planning: a})
	limited, end := s.limited()
	defer end()
	if err := s.stages(limited); err != nil {
		return nil, s.w.WrongUsage(command, err)
	}
	if s.run.Report.Failure == nil && len(s.run.Report.Problems) == 0 {
		return s, cli.OK
	}
	s.complain()
	return nil, cmp.Or(cli.Stopped(ctx), cli.Failed)
}

// runMetrics reads what a plan decides from, and writes what monitoring wants to know of it.
// Without a good reading nothing is written: the last file tells its age by itself.
func runMetrics(ctx context.Context, w cli.World, a *cli.Metrics) int {
	s, code := planAlone(ctx, w, "metrics", a.Planning)
	if s == nil {
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
	if len(r.Report.Faults()) > 0 {
		return cli.Failed
	}
	return w.EdgeCode(a.Edge, r.Report.Edges)
}
