package main

import (
	"context"
	"fmt"

	"github.com/cpsync/cpsync/internal/comment"
)

// read reads the saved plan and its page, and makes sure that they belong together.
func (c commentOptions) read(ctx context.Context) (saved comment.Saved, plan []byte, page string, err error) {
	plan, err = readFile(ctx, c.plan, mostPlan)
	if err != nil {
		return saved, nil, "", fmt.Errorf("--plan: %w", err)
	}
	if saved, err = comment.Read(plan); err != nil {
		return saved, nil, "", fmt.Errorf("--plan %s: %w", c.plan, err)
	}
	data, err := readFile(ctx, c.page(), mostPage)
	if err != nil {
		return saved, nil, "", noPage{err, c}
	}
	if err := saved.Belongs(string(data)); err != nil {
		return saved, nil, "", noPage{fmt.Errorf("%s: %w", c.page(), err), c}
	}
	return saved, plan, string(data), nil
}

// noPage is a page that is missing, or of another run.
type noPage struct {
	error
	of commentOptions
}

func (e noPage) Unwrap() error { return e.error }

func (e noPage) hint() string {
	return fmt.Sprintf("Save both in one run: cpsync --out json=%s --out markdown=%s PATH...", e.of.plan, e.of.page())
}
