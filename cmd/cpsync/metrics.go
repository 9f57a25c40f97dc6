package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/openmetrics"
)

// metricsFlags are those of metrics alone.
var metricsFlags = flagGroup{"Output", func(f *pflag.FlagSet, o *options) {
	f.StringVar(&o.metrics, "out", "", "write to `FILE` instead of stdout (also -): in one step, and only after a good reading")
}}

// runMetrics reads what a plan decides from, and writes what monitoring wants to know of it.
// Without a good reading nothing is written: the last file tells its age by itself.
func runMetrics(ctx context.Context, w world, o options) int {
	if len(o.paths) == 0 {
		return usage(w, "metrics", errors.New("name the files or directories that hold the manifests"))
	}
	o.control.skip = true // no metric is about the records to set
	s := newSession(w, o)
	if code, ok := s.look(ctx, "metrics"); !ok {
		return code
	}
	for _, broken := range s.report.Plan.In(plan.Errors) {
		s.talk.Error(fmt.Sprintf("%s (%s): %s", broken.Want.Name, broken.Want.ID, broken.Fault.Message))
	}
	if err := s.expose(); err != nil {
		return fail(w, err)
	}
	if hasFault(s.report) {
		return exitError
	}
	return exitOK
}

// expose writes the metrics, in one piece.
func (s *session) expose() error {
	var text bytes.Buffer
	if err := openmetrics.Report(&text, s.report, s.target.now()); err != nil {
		return err
	}
	if s.o.metrics == "" || s.o.metrics == toStdout {
		_, err := s.w.stdout.Write(text.Bytes())
		return err
	}
	if err := replaceFile(s.o.metrics, text.Bytes()); err != nil {
		return fmt.Errorf("--out %s: %w", s.o.metrics, err)
	}
	return nil
}
