// Package parallel does work in several goroutines.
package parallel

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// Each calls work with 0 to n-1, at most limit at a time. The first error ends the context
// of the others and is returned. When ctx ends, no more calls begin, and its cause is
// returned. A panic in work is raised again in the caller's goroutine, who can recover it.
func Each(ctx context.Context, n, limit int, work func(context.Context, int) error) error {
	shared, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		next     atomic.Int64
		failed   sync.Once
		first    error
		panicked atomic.Pointer[string]
		all      sync.WaitGroup
	)
	for range min(n, limit) {
		all.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					text := fmt.Sprintf("%v\n\n%s", v, debug.Stack())
					panicked.CompareAndSwap(nil, &text)
				}
			}()
			for i := next.Add(1) - 1; i < int64(n) && shared.Err() == nil; i = next.Add(1) - 1 {
				if err := work(shared, int(i)); err != nil {
					failed.Do(func() { first = err; cancel() })
				}
			}
		})
	}
	all.Wait()
	if text := panicked.Load(); text != nil {
		panic("parallel: " + *text)
	}
	if first != nil {
		return first
	}
	return context.Cause(ctx) // some calls may not have begun
}
