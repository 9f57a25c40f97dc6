package cps

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// each calls work with 0 to n-1, at most limit at a time. The first error ends the
// context of the others and is returned. It is the only place in this package that
// starts goroutines: a panic in one of them is raised again in the caller's, where it
// can be recovered.
func each(ctx context.Context, n, limit int, work func(context.Context, int) error) error {
	var panicked atomic.Pointer[string]
	g, shared := errgroup.WithContext(ctx)
	g.SetLimit(limit)
	for i := range n {
		if shared.Err() != nil {
			break
		}
		g.Go(func() error {
			defer func() {
				if v := recover(); v != nil {
					text := fmt.Sprintf("%v\n\n%s", v, debug.Stack())
					panicked.CompareAndSwap(nil, &text)
				}
			}()
			return work(shared, i)
		})
	}
	err := g.Wait()
	if text := panicked.Load(); text != nil {
		panic("cps: " + *text)
	}
	if err == nil {
		err = context.Cause(ctx) // some of it may never have been begun
	}
	return err
}
