package main

import (
	"context"
	"io"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/render/html"
)

// runReport writes one page about the fleet and its plan. Where it can't be made, a page
// that is there stays as it is.
func runReport(ctx context.Context, w cli.World, a *cli.Report) int {
	s, code := planAlone(ctx, w, "report", a.Planning)
	if s == nil {
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
