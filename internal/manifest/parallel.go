package manifest

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// each calls work with 0 to n-1, as many at a time as there are processors. A panic in
// one of them is raised again in the caller's goroutine, where it can be recovered.
func each(n int, work func(int)) {
	var next atomic.Int64
	var panicked atomic.Pointer[string]
	var all sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		all.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					text := fmt.Sprintf("%v\n\n%s", v, debug.Stack())
					panicked.CompareAndSwap(nil, &text)
				}
			}()
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				work(int(i))
			}
		})
	}
	all.Wait()
	if text := panicked.Load(); text != nil {
		panic("manifest: " + *text)
	}
}
