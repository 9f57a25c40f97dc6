package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/cpsync/cpsync/internal/render/html"
)

// reportFlags are those of report alone.
var reportFlags = flagGroup{"What to write", func(f *pflag.FlagSet, o *options) {
	f.StringVar(&o.html, "html", "", "write the page to `FILE`, in one step; - is stdout")
}}

// runReport writes one page about the fleet and its plan. Where it can't be made, a page
// that is there stays as it is.
func runReport(ctx context.Context, w world, o options) int {
	switch {
	case o.html == "":
		return usage(w, "report", errors.New("say where the page goes: --html FILE"))
	case len(o.paths) == 0:
		return usage(w, "report", errors.New("name the files or directories that hold the manifests"))
	}
	s := newSession(w, o)
	if code, ok := s.look(ctx, "report"); !ok {
		return code
	}
	var page bytes.Buffer
	if err := html.Report(&page, s.report); err != nil {
		return fail(w, err)
	}
	if o.html == toStdout {
		if _, err := w.stdout.Write(page.Bytes()); err != nil {
			return fail(w, err)
		}
		return exitOK
	}
	if err := replaceFile(o.html, page.Bytes()); err != nil {
		return fail(w, fmt.Errorf("--html %s: %w", o.html, err))
	}
	return print(w, html.Written(o.html, s.report))
}
