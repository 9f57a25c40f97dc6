package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/report"
	stages "github.com/cpsync/cpsync/internal/run"
)

// reading is a command that loads manifests, reads the account and writes nothing to it.
type reading struct {
	command string
	world   cli.World
	target  cli.Target
	log     *slog.Logger
	load    func(context.Context) error
	read    func(context.Context, *stages.Target) error
}

// run returns why the command failed, or nil. done says that the call was wrong: code is the
// exit code then.
func (r reading) run(ctx context.Context, progress *cli.Progress) (failure *report.Failure, code int, done bool) {
	err := r.stages(ctx)
	progress.End()
	switch {
	case errors.As(err, new(stages.UsageError)):
		return nil, r.world.WrongUsage(r.command, err), true
	case err != nil:
		return r.world.FailureOf(err), cli.Failed, false
	default:
		return nil, cli.OK, false
	}
}

func (r reading) stages(ctx context.Context) error {
	ctx, _, end := cli.Limited(ctx, r.target.Most(false))
	defer end()
	if err := r.load(ctx); err != nil {
		return err
	}
	t, err := r.world.Connect(ctx, r.target, false, r.log)
	if err != nil {
		return err
	}
	defer t.Close()
	return r.read(ctx, t)
}

// written is the exit code of a command that has written its output: code, if all went well.
func written(ctx context.Context, out *cli.Stdout, err error, code int) int {
	switch stopped := cli.Stopped(ctx); {
	case stopped != 0:
		return stopped
	case err != nil || out.Err != nil:
		return cli.Failed
	default:
		return code
	}
}
