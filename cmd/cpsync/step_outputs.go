package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// stepFlag is for a step of GitHub Actions.
var stepFlag = flagGroup{"For a step of GitHub Actions", func(f *pflag.FlagSet, o *options) {
	f.StringVar(&o.stepOutput, "github-output", "", "append the outputs of the step to `FILE`, the one that GITHUB_OUTPUT names: exit-code, changes, approval, renewals, json and markdown")
}}

// outputs writes what the step has to say to the steps after it. Of what is written twice
// the runner takes the last.
func (p *printer) outputs(r report.Report, code int) {
	if err := p.o.writeStepOutput(code, r.Plan); err != nil {
		p.failed = true
		p.talk.Error(err.Error())
	}
}

// writeStepOutput appends the outputs to the file of --github-output, if there is one.
//
// Source: GitHub, "Workflow commands for GitHub Actions", setting an output parameter,
// read 2026-11-22.
//
// approval and renewals tell changes apart: those that manifests ask for, and those that
// policies do.
func (o options) writeStepOutput(code int, p plan.Plan) error {
	if o.stepOutput == "" {
		return nil
	}
	manifests, policies := p.Sources()
	text := fmt.Sprintf("exit-code=%d\nchanges=%t\napproval=%t\nrenewals=%t\n", code, p.HasOps(), manifests, policies)
	for _, format := range []string{"json", "markdown"} {
		if path := o.outFile(format); path != "" {
			text += format + "=" + path + "\n"
		}
	}
	f, err := os.OpenFile(o.stepOutput, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return fmt.Errorf("--github-output %s: %w", o.stepOutput, withoutPath(err))
	}
	return nil
}

// outFile is the first file that gets a format; "" when none does.
func (o options) outFile(format string) string {
	for _, f := range o.outFiles {
		if f.format == format {
			return f.path
		}
	}
	return ""
}

// checkStepOutput refuses a name that would be taken for another output.
func (o options) checkStepOutput() error {
	for _, f := range o.outFiles {
		if o.stepOutput != "" && strings.ContainsAny(f.path, "\r\n") {
			return fmt.Errorf("--out %s=%s: with --github-output its name can't hold a line break", f.format, strconv.Quote(f.path))
		}
	}
	return nil
}
