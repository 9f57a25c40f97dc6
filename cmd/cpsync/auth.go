package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
)

// runAuth checks the credentials with one token and one read. Nothing secret is
// printed.
func runAuth(ctx context.Context, w world, o options) int {
	talk := newTalk(w.stderr, o.logFormat, o.quiet, o.verbose)
	warnOfUnknown(w.environ, talk)
	soft, cancel := softly(ctx, w.stop, o.wholeTimeout(), func() {})
	defer cancel()
	t, err := connect(soft, w, o, talk)
	if err != nil {
		return fail(w, err)
	}
	defer t.close()
	found, err := t.client.Check(soft)
	if err != nil {
		return fail(w, fmt.Errorf("%s: %w", t.name, err))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", t.name)
	if found.Ready {
		b.WriteString("  token     given, and the API takes it; its lifetime and scope are not known\n")
	} else {
		fmt.Fprintf(&b, "  token     granted, lasts %s\n", found.Lifetime.Round(time.Second))
		fmt.Fprintf(&b, "  scope     %s\n", words.Clean(found.Scope))
	}
	if found.Total >= 0 {
		fmt.Fprintf(&b, "  account   %s\n", count(found.Total, "request"))
	}
	fmt.Fprintf(&b, "  clock     %s there, %s apart\n", t.now().Add(found.Skew).UTC().Format(plan.Minute), apart(found.Skew))
	return print(w, b.String())
}

// apart is how far a clock is off: below an hour to the second.
func apart(skew time.Duration) string {
	if skew.Abs() < time.Hour {
		return skew.Abs().Round(time.Second).String()
	}
	return plan.Span(time.Time{}, time.Time{}.Add(skew.Abs().Round(time.Minute)))
}
