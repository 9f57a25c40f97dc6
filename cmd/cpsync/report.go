package main

import (
	"bytes"
	"context"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/render/html"
)

// runReport writes one page about the fleet and its plan. Where it can't be made, a page
// that is there stays as it is.
func runReport(ctx context.Context, w cli.World, a *cli.Report) int {
	s := newSession(ctx, w, &cli.Plan{Planning: a.Planning}, a.Writes())
	if code, ok := s.planAlone(ctx, "report"); !ok {
		return code
	}
	var page bytes.Buffer
	err := html.Report(&page, s.run.Report)
	if err == nil {
		err = w.WriteTo(a.HTML, "--html", page.Bytes())
	}
	if err != nil {
		return w.Fail(err)
	}
	if a.HTML != cli.ToStdout {
		if code := w.Print(html.Written(a.HTML, s.run.Report)); code != cli.OK {
			return code
		}
	}
	return w.EdgeCode(a.Edge, s.run.Report.Edges)
}
