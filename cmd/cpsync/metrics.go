package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/openmetrics"
)

// metricsFlags are those of metrics alone.
var metricsFlags = flagGroup{"Output", func(f *pflag.FlagSet, o *options) {
	f.StringVar(&o.metrics, "out", "", "write to `FILE` instead of stdout (also -): in one step, and only after a good reading")
	f.StringArrayVar(&o.seriesLabels, "series-label", nil, "add the label `NAME=VALUE` to every series, such as account=eu, to tell apart the files of several runs on one host; repeatable")
}}

// runMetrics reads what a plan decides from, and writes what monitoring wants to know of it.
// Without a good reading nothing is written: the last file tells its age by itself.
func runMetrics(ctx context.Context, w world, o options) int {
	if len(o.paths) == 0 {
		return usage(w, "metrics", errors.New("name the files or directories that hold the manifests"))
	}
	o.control.skip = true // no metric is about the records to set
	if _, err := o.labels(); err != nil {
		return usage(w, "metrics", err)
	}
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

// labels are those of --series-label.
func (o options) labels() (all []openmetrics.Label, err error) {
	for _, pair := range o.seriesLabels {
		name, value, found := strings.Cut(pair, "=")
		if !found || value == "" {
			return nil, fmt.Errorf("--series-label %.80q: write it as NAME=VALUE", pair)
		}
		if err := openmetrics.CheckLabel(name); err != nil {
			return nil, fmt.Errorf("--series-label %w", err)
		}
		if slices.ContainsFunc(all, func(l openmetrics.Label) bool { return l.Name == name }) {
			return nil, fmt.Errorf("--series-label %s is given twice", name)
		}
		all = append(all, openmetrics.Label{Name: name, Value: value})
	}
	return all, nil
}

// expose writes the metrics, in one piece.
func (s *session) expose() error {
	labels, err := s.o.labels()
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := openmetrics.Report(&text, s.report, openmetrics.Options{At: s.target.now(), Applied: s.trail.past.Applied, Labels: labels}); err != nil {
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
