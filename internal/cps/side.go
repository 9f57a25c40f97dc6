package cps

import "context"

// Each calls work with 0 to n-1, as many at a time as calls may be in flight. The
// first error ends the context of the others and is returned; a panic in work is
// raised again in the caller.
func (c *Client) Each(ctx context.Context, n int, work func(context.Context, int) error) error {
	told := &tally{tell: c.cfg.Progress}
	told.more(n)
	return each(ctx, n, c.cfg.Concurrency, func(ctx context.Context, i int) error {
		err := work(ctx, i)
		told.ended(err)
		return err
	})
}
