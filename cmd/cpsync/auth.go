package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	stages "github.com/cpsync/cpsync/internal/run"
)

// runAuth checks the credentials with one token and one read. Nothing secret is printed.
func runAuth(ctx context.Context, w cli.World, a *cli.Auth) int {
	log := a.NewLog(w.Stderr)
	cli.WarnOfUnknown(commands(), w.Environ, log)
	ctx, _, end := cli.Limited(ctx, a.Most(false))
	defer end()
	t, err := w.Connect(ctx, a.Target, false, log)
	if err != nil {
		return w.EndOf(ctx, err)
	}
	defer t.Close()
	found, err := t.Client.Check(ctx)
	if err != nil {
		return w.EndOf(ctx, fmt.Errorf("%s: %w", t.Name, err))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", t.Name)
	if found.Ready {
		b.WriteString("  token     given, and the API takes it; its lifetime and scope are not known\n")
	} else {
		fmt.Fprintf(&b, "  token     granted, lasts %s\n", found.Lifetime.Round(time.Second))
		fmt.Fprintf(&b, "  scope     %s\n", words.Clean(found.Scope))
	}
	if found.Total >= 0 {
		fmt.Fprintf(&b, "  account   %s\n", words.Plural(found.Total, "request"))
	}
	fmt.Fprintf(&b, "  clock     %s there, %s apart\n", t.Now().Add(found.Skew).UTC().Format(plan.Minute), stages.SkewText(found.Skew))
	return w.Print(b.String())
}
